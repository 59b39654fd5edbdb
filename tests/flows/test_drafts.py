"""Words in an input: a rest of ours is no person, and a person's words are not a rest of ours."""

from __future__ import annotations

from typing import Any

import pytest

from flows.landing import Landing, Sent
from flows.transcript import plain
from storage.records import ReplyState, Sender
from tests.flows.paper import AWAY, KNOWN, OTHER, STAFFED, Paper, Room


async def stale(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """A colleague answers just before our press: what we have typed is taken out again."""
    paper, send = room.paper, Paper.send

    async def quicker(self: Paper, *given: Any, **more: Any) -> Sent:
        sent = await send(self, *given, **more)
        self.say(Sender.shop, "明天就发")
        return sent

    paper.say(Sender.buyer, KNOWN)
    paper.landings = [Landing(passed=False, landed="x", why="answered")]
    with monkeypatch.context() as patch:
        patch.setattr(Paper, "send", quicker)
        await room.visit(AWAY)
    assert [reply.state for reply in await room.replies()] == [ReplyState.stale]
    assert (paper.sent, paper.draft) == ([], "")


async def test_a_colleague_who_begins_as_we_did_is_a_person(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await stale(room, monkeypatch)
    room.clock.go(3600)
    room.paper.say(Sender.buyer, OTHER)
    room.paper.draft = "亲"
    await room.visit(STAFFED)
    assert (room.paper.sent, room.paper.draft) == ([], "亲")


async def test_in_another_conversation_only_the_whole_text_is_ours(room: Room) -> None:
    composer = room.visitor.answerer.composer
    composer._left["other"] = plain("亲，两天内发出")
    assert composer.is_ours("k", "亲，两天内发出")
    assert not composer.is_ours("k", "亲，两天")
    assert composer.is_ours("other", "亲，两天")
    assert composer.is_ours("k", " \n")
