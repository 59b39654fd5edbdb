"""Where a person wants silence: all is read and handed over, and nothing is said."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser

from flows.landing import Landing
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import ReplyKind, ReplyState, Sender, ShopState, TurnState
from tests.flows.paper import AWAY, BEYOND, KNOWN, STAFFED, Room
from tests.flows.stage import staged
from tests.flows.watch import watching

QUIET = replace(AWAY, paused=True)


@pytest.mark.parametrize("said", [KNOWN, BEYOND])
async def test_what_comes_in_is_a_persons_with_its_deadline(room: Room, said: str) -> None:
    room.paper.say(Sender.buyer, said)
    await room.visit(QUIET, left=170)
    (handoff,) = await room.handoffs()
    assert handoff.deadline_at == room.clock.now() + timedelta(seconds=170)
    turn = await room.turn()
    assert (turn.state, turn.text) == (TurnState.handed, said)
    room.clock.go(160)
    await room.visit(QUIET, left=10)
    assert (room.paper.sent, room.paper.draft, await room.replies()) == ([], "", [])


async def test_not_even_a_clock_makes_it_speak_where_a_person_is(room: Room) -> None:
    room.paper.say(Sender.shop, "我是小李，帮您查一下")
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(QUIET, left=30)
    assert room.paper.sent == []
    assert [handoff.urgent for handoff in await room.handoffs()] == [True]


async def test_what_was_handed_over_stays_with_its_person_but_its_clock_is_watched_again(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(QUIET, left=170)
    await room.visit(STAFFED, left=100)
    assert room.paper.sent == []
    room.clock.go(75)
    await room.visit(STAFFED, left=25)
    assert [reply.kind for reply in await room.replies()] == [ReplyKind.hold]


@pytest.mark.parametrize("step", ["take_up", "begin"])
async def test_a_reply_in_hand_is_dropped(room: Room, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    go = getattr(Ledger, step)

    def told_just_before(ledger: Ledger, *given: object, **more: object) -> object:
        ledger.pause(shop="shop", by="小王")
        return go(ledger, *given, **more)

    monkeypatch.setattr(Ledger, step, told_just_before)
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(AWAY)
    assert [reply.state for reply in await room.replies()] == [ReplyState.stale]
    assert (room.paper.sent, room.paper.draft) == ([], "")
    assert room.comes_back_in == pytest.approx(0.5)


async def test_an_event_that_was_called_off_is_no_failure(room: Room) -> None:
    room.paper.landings = [Landing(passed=False, landed="", why="paused")]
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(AWAY)
    assert [reply.state for reply in await room.replies()] == [ReplyState.confirmed, ReplyState.stale][::-1]


@pytest.mark.parametrize(("told", "why"), [("k1", "paused"), (None, "paused"), ("k2", "")])
async def test_the_gate_lets_nothing_more_through_of_what_is_called_off(
    browser: Browser, told: str | None, why: str
) -> None:
    async with staged(browser) as stage:
        await stage.console.press_row("k1")
        await stage.arm({"kind": "type", "id": "k1", "before": None})
        await stage.console.call_off(told)
        await stage.click(stage.css("input"))
        assert {stopped for _type, _region, stopped in await stage.report()} == {why}


async def test_nothing_begins_once_all_are_told_and_it_holds_over_a_restart(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyers = [
        (await practice.say("shop-1", "什么时候发货", buyer=f"q{number}"))["conversation"] for number in range(6)
    ]
    async with watching(practice, browser, tmp_path, monkeypatch, start=False) as now:
        served: list[str] = []

        async def stop_at_the_third(_shop: str, conversation: str) -> None:
            served.append(conversation)
            if len(served) == 3:
                await now.ledger(Ledger.pause, shop=None, by="店长")

        now.pace.hook = stop_at_the_third

        async def handed() -> bool:
            return len(await now.ledger(Ledger.handoffs)) == len(buyers) - 2

        await now.until(handed)
        assert [buyer for buyer in served if await now.got(buyer)] == served[:2]
        begun = [reply for reply in await now.ledger(Ledger.all_replies) if reply.typing_at is not None]
        assert [reply.conversation_key for reply in begun] == served[:2]
        row = await now.ledger(Ledger.shop_row, "shop-1")
        assert (row.state, "店长" in row.why) == (ShopState.paused, True)
    async with watching(practice, browser, tmp_path, monkeypatch, start=False) as now:

        async def read_only() -> bool:
            return (await now.ledger(Ledger.shop_row, "shop-1")).state is ShopState.paused

        await now.until(read_only)
        new = (await practice.say("shop-1", "可以开发票吗", buyer="q99"))["conversation"]

        async def with_a_person() -> bool:
            return bool(await now.handoffs(new))

        await now.until(with_a_person)
        await now.ledger(Ledger.resume, shop=None, by="店长")
        await now.ready()
        await now.say("在不在，可以开发票吗", "q100")
        await now.replied("q100")
        assert await now.got(new) == []


async def test_one_conversation_is_silent_while_the_others_are_served(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(practice, browser, tmp_path, monkeypatch) as now:
        await now.ledger(Ledger.pause, shop="shop-1", conversation="p1", by="小王")
        await asyncio.gather(*(now.say("什么时候发货", buyer) for buyer in ("p1", "p2")))
        await now.replied("p2")

        async def with_a_person() -> bool:
            return bool(await now.handoffs("p1"))

        await now.until(with_a_person)
        assert await now.got("p1") == []
        assert (await now.ledger(Ledger.shop_row, "shop-1")).state is ShopState.ready
