"""Buyers who are with a person: on record, and seen to be answered, however long the bot keeps quiet there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows.views import Row
from storage.ledger import Ledger
from storage.records import Sender, TurnState
from tests.flows.paper import AWAY, BEYOND, KNOWN, OTHER, STAFFED, Room


def row(room: Room, *, preview: str | None = None) -> Row:
    """The conversation's row: no mark, since it is open, and the newest words."""
    newest = room.paper.messages[-1].text
    return Row(key="k", name="", preview=preview or newest, time="", unread=None, waiting=None, group="")


async def with_a_person(room: Room) -> None:
    """A person talks with a buyer, who asks on a moment later."""
    room.paper.say(Sender.buyer, BEYOND)
    room.paper.say(Sender.shop, "亲，可以的")
    room.clock.go(30)
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(STAFFED, clock=False)
    assert room.paper.sent == []


async def test_who_is_with_a_person_is_on_record(room: Room) -> None:
    await with_a_person(room)
    turn = await room.turn()
    assert (turn.state, turn.text) == (TurnState.open, KNOWN)
    (left,) = await room.ledger(Ledger.unanswered, room.clock.now() + timedelta(seconds=1))
    assert left.buyers == 1


async def test_a_draft_that_nobody_sends_leaves_its_buyer_on_record(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    room.paper.draft = "同事写到一半"
    for _time in range(60):
        await room.visit(STAFFED, clock=False)
        assert room.comes_back_in is not None
        room.clock.go(room.comes_back_in)
    assert room.paper.sent == []
    assert len(await room.ledger(Ledger.unanswered, room.clock.now() - timedelta(minutes=4))) == 1


async def test_the_persons_answer_is_seen_when_it_comes(room: Room) -> None:
    await with_a_person(room)
    room.inbox.update([row(room)], room.clock.steady())
    assert room.comes_back_in == pytest.approx(570)
    room.clock.go(60)
    answered = room.paper.say(Sender.shop, "今天就发")
    room.inbox.update([row(room)], room.clock.steady())
    assert room.comes_back_in == 0
    await room.visit(STAFFED, clock=False)
    turn = await room.turn()
    assert (turn.state, turn.reply_by, turn.reply_at) == (TurnState.answered, "person", answered.at)
    assert room.comes_back_in is None


async def test_what_the_list_words_otherwise_is_looked_at_once(room: Room) -> None:
    await with_a_person(room)
    for due in (0, 570, 570):
        room.inbox.update([row(room, preview="[图片]")], room.clock.steady())
        assert room.comes_back_in == pytest.approx(due)
        if not due:
            await room.visit(STAFFED, clock=False)


async def test_what_is_asked_after_the_persons_answer_is_another_turn(room: Room) -> None:
    await with_a_person(room)
    room.clock.go(60)
    room.paper.say(Sender.shop, "今天就发")
    room.clock.go(30)
    room.paper.say(Sender.buyer, OTHER)
    await room.visit(STAFFED, clock=False)
    turn = await room.turn()
    assert (turn.state, turn.text) == (TurnState.open, OTHER)
    (first, second) = [await room.ledger(Ledger.turn, number) for number in (turn.id - 1, turn.id)]
    assert (first.state, first.reply_by, second.id) == (TurnState.answered, "person", turn.id)


async def test_who_was_told_to_be_patient_is_on_record_already(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(AWAY, clock=False)
    before = await room.turn()
    assert before.state is TurnState.handed and before.holding_at is not None
    room.paper.draft = "同事写到一半"
    await room.visit(AWAY, clock=False)
    assert await room.turn() == before


@pytest.mark.parametrize("more", [False, True])
async def test_a_console_that_tells_no_seconds(room: Room, more: bool) -> None:
    minute = room.clock.now().replace(second=0)
    room.paper.say(Sender.buyer, BEYOND, at=minute)
    room.paper.say(Sender.shop, "亲，可以的", at=minute)
    room.clock.go(20)
    room.paper.say(Sender.buyer, KNOWN, at=minute)
    await room.visit(STAFFED, clock=False)
    room.clock.go(20)
    room.paper.say(Sender.shop, "今天就发", at=minute)
    if more:
        room.paper.say(Sender.buyer, OTHER, at=minute)
    for _time in range(2):
        await room.visit(STAFFED, clock=False)
        room.clock.go(20)
    first = await room.ledger(Ledger.turn, 1)
    assert (first.state, first.reply_by, first.text) == (TurnState.answered, "person", KNOWN)
    assert [turn.text for turn in await room.ledger(Ledger.open_turns, "shop")] == [OTHER] * more
    assert (room.paper.sent, await room.handoffs()) == ([], [])
