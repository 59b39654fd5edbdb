"""When a turn goes to a colleague in the console, beside what its buyer is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from base.errors import ConsoleNotReady
from flows.page import ConsolePage
from storage.records import Sender
from tests.flows.paper import AWAY, BEYOND, STAFFED, Room


def with_colleagues(room: Room, monkeypatch: pytest.MonkeyPatch, why: str = "") -> list[str]:
    """The shop transfers; gives what was said to the buyer before each attempt, which ends in `why`."""
    act, before = room.visitor.answerer, []

    async def attempt(_page: ConsolePage, key: str, _names: Sequence[str]) -> str:
        before.append(" ".join([key, *room.paper.sent]))
        return why

    monkeypatch.setattr("flows.answer.transfer", attempt)
    act.card = replace(act.card, transfer=True)
    return before


async def test_a_colleague_gets_it_before_the_buyer_need_be_held(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = with_colleagues(room, monkeypatch)
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED, left=170)
    assert (tries, room.paper.sent, await room.handoffs()) == (["k"], [], [])
    assert room.comes_back_in is None
    # The row still shows its clock: the colleague is left alone until it runs short.
    room.clock.go(50)
    await room.visit(STAFFED, left=120)
    assert len(tries) == 1
    assert room.comes_back_in == pytest.approx(30)
    room.clock.go(30)
    await room.visit(STAFFED, left=90)
    (handoff,) = await room.handoffs()
    assert handoff.urgent
    room.clock.go(50)
    await room.visit(STAFFED, left=40)
    assert room.paper.sent == ["亲，稍等"]


async def test_a_short_clock_comes_before_the_transfer(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = with_colleagues(room, monkeypatch)
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED, left=20)
    assert (tries, await room.handoffs()) == (["k 亲，稍等"], [])


async def test_where_nobody_takes_it_all_is_as_without(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    with_colleagues(room, monkeypatch, "没有看到在线的同事")
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED, left=170)
    assert (room.paper.sent, len(await room.handoffs())) == ([], 1)
    assert room.comes_back_in == pytest.approx(140)


async def test_whom_the_colleague_forgets_is_not_lost(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    with_colleagues(room, monkeypatch)
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED)
    room.clock.go(700)
    await room.visit(STAFFED, left=-530, clock=False)
    assert room.paper.sent == ["亲，稍等"]
    assert [(handoff.urgent, handoff.reason) for handoff in await room.handoffs()] == [
        (True, "转接以后还没有人回复")
    ]


async def test_a_page_that_goes_away_under_it_does_not_make_the_bot_repeat_itself(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_colleagues(room, monkeypatch)

    async def broken(_page: ConsolePage, _key: str, _names: Sequence[str]) -> str:
        raise ConsoleNotReady("页面没有及时响应")

    monkeypatch.setattr("flows.answer.transfer", broken)
    room.paper.say(Sender.buyer, BEYOND)
    with pytest.raises(ConsoleNotReady):
        await room.visit(AWAY)
    await room.visit(AWAY)
    assert room.paper.sent == ["亲，已记下，明天9点回复您"]
    assert len(await room.handoffs()) == 1
