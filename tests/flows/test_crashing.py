"""A page that crashes: one conversation's own doing is a person's affair, and the shop goes on; else it waits."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from base.errors import BrowserGone
from flows.crashes import Crashes
from flows.desk import Desk
from flows.gate import Gate
from flows.inbox import Inbox, Waiter
from flows.views import Row
from flows.visit import Visitor
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import ShopState
from tests.flows.paper import AWAY, KNOWN, MIND, OTHER, NoLimit, Room
from tests.flows.stage import made_up, pack_for
from tests.flows.watch import Watch, watching

Strike = Callable[[Page], Awaitable[object]]


async def kill(page: Page) -> None:
    """The renderer dies; nothing answers to that."""
    session = await page.context.new_cdp_session(page)
    async with page.expect_event("crash"):
        asyncio.ensure_future(session.send("Page.crash")).add_done_callback(lambda sent: sent.exception())


async def hang(page: Page) -> None:
    """A script of the page's never ends."""
    await page.evaluate("() => void setTimeout(() => { for (;;); })")


# --- what is made of it -----------------------------------------------------------------------------------------


def test_twice_running_is_a_conversations_own_doing() -> None:
    crashes = Crashes()
    assert [crashes.note("a", 0), crashes.note("b", 0), crashes.note("a", 0)] == [False, False, True]
    crashes.came_through("b")
    assert not crashes.note("b", 0)  # of its own two visits one came through
    assert crashes.note("a", 0)


def test_what_crashes_in_conversation_after_conversation_is_the_page() -> None:
    crashes = Crashes()
    crashes.note("a", 0)
    crashes.leave_alone("a", 0)
    assert [crashes.note(key, 1) for key in ("b", "c", "b", "c", "a", "a")] == [False] * 6
    assert list(crashes.over(1)) == ["a"] and not crashes.bars("a")
    crashes.came_through("c")
    assert [crashes.note("a", 2), crashes.note("a", 2)] == [False, True]


def test_who_is_left_alone_waits_again_when_more_is_said_and_is_looked_at_after_half_an_hour() -> None:
    box = Inbox(pack_for(made_up(2)).inbox, 180.0)
    row = Row(key="a", name="", preview=KNOWN, time="", unread="1", waiting=None, group="")
    box.update([row], 0)
    box.done("a", 0)
    box.crashes.leave_alone("a", 0)
    box.add("a", 0)  # what is open of it is found again with each new page

    def waits(now: float, shown: Row) -> bool:
        box.update([shown], now)
        return any(True for _ in box.waiting())

    assert [waits(now, row) for now in (1, 60, 600)] == [False] * 3
    more = replace(row, preview=OTHER, unread="2")
    assert waits(601, more)
    box.done("a", 602)
    assert not waits(603, more) and box.calm([more]) == []
    read = replace(more, unread=None)
    assert not waits(1799, read) and box.calm([read]) == []
    assert waits(1800, read)


def test_who_is_left_alone_is_looked_at_at_once_where_a_person_says_so_and_left_again_by_one_crash() -> None:
    box = Inbox(pack_for(made_up(2)).inbox, 180.0)
    row = Row(key="a", name="", preview=KNOWN, time="", unread=None, waiting=None, group="")
    box.crashes.note("a", 0)
    assert box.crashes.note("a", 0)
    box.crashes.leave_alone("a", 0)
    box.update([row], 1)
    assert not list(box.waiting())
    box.crashes.lift(2)
    box.update([row], 2)
    assert [waiter.key for waiter in box.waiting()] == ["a"] and not box.crashes.bars("a")
    assert box.crashes.suspects("a") and box.crashes.note("a", 3)


async def test_it_is_opened_only_for_somebody_and_only_where_the_page_was_alive(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = list[str]()

    async def crash(_visitor: Visitor, waiter: Waiter, *_given: object) -> None:
        opened.append(waiter.preview)
        raise BrowserGone("页面崩溃了")

    monkeypatch.setattr(Visitor, "visit", crash)
    act = room.visitor.answerer
    desk = Desk(act.card, act.page, act.inbox, room.ledger, NoLimit(), room.clock, lambda: MIND, act.shelf)
    row = Row(key="k", name="", preview=KNOWN, time="", unread="1", waiting=None, group="")

    async def after(seconds: float) -> tuple[int, int]:
        """Serve whoever is due then; how often it was opened so far, and how many handoffs wait."""
        room.clock.go(seconds)
        room.inbox.update([row], room.clock.steady())
        desk._rows = (row,)
        for waiter in list(room.inbox.waiting()):
            with suppress(BrowserGone):
                await desk.serve(waiter, AWAY)
        return len(opened), len(await room.handoffs())

    assert [await after(1), await after(1), await after(1)] == [(1, 0), (2, 0), (3, 0)]  # it was dead before
    room.paper.answered_at = math.inf
    assert [await after(1), await after(1)] == [(4, 0), (5, 1)]
    assert [await after(20), await after(900), await after(880)] == [(5, 1), (5, 1), (6, 1)]
    (handoff,) = await room.handoffs()
    assert handoff.urgent
    await room.ledger(Ledger.finish, handoff.id, "小李")
    assert [await after(1800), await after(1800)] == [(6, 0), (6, 0)]
    row = replace(row, preview=OTHER)
    assert [await after(1), await after(1)] == [(7, 1), (7, 1)]


# --- at a console -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Poison:
    """Conversations in which the page crashes at a step: as they open, or as words are typed there."""

    strike: Strike = kill
    step: str = "opened"
    keys: set[str] = field(default_factory=set)
    opened: list[str] = field(default_factory=list)


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Poison:
    """None yet; the pauses of a page that crashes over and over are short."""
    poison, after = Poison(), Gate.after

    async def opened(gate: Gate, name: str, *args: Any, **more: Any) -> Any:
        if name == "opened":
            poison.opened.append(args[0])
        if name == poison.step and (args[0] if name == "opened" else args[0]["id"]) in poison.keys:
            await poison.strike(gate._tab._page)
        return await after(gate, name, *args, **more)

    monkeypatch.setattr(Gate, "after", opened)
    monkeypatch.setattr("flows.tab._STUCK_SECONDS", 2.0)
    monkeypatch.setattr("bots.reactions._RELAPSES", (0.0, 0.0, 0.3, 0.6, 1.0))
    return poison


@pytest.fixture
async def now(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, poison: Poison
) -> AsyncIterator[Watch]:
    """Bots that have served a buyer."""
    async with watching(practice, browser, tmp_path, monkeypatch) as at_work:
        await at_work.replied((await at_work.say(KNOWN, "u1"))["conversation"])
        yield at_work


@pytest.mark.parametrize(("strike", "step"), [(kill, "opened"), (hang, "opened"), (kill, "typed")])
async def test_whose_conversation_crashes_the_page_is_a_persons_and_the_others_are_served(
    now: Watch, poison: Poison, strike: Strike, step: str
) -> None:
    poison.strike, poison.step, poison.keys = strike, step, {"u2"}
    await now.say(OTHER, "u2")
    await now.say(KNOWN, "u3")
    await now.until(lambda: now.handoffs("u2"))
    (handoff,) = await now.handoffs("u2")
    assert handoff.urgent and "崩溃" in handoff.reason
    await now.replied("u3")
    assert poison.opened.count("u2") == 2
    # What its buyer says more is put before a person too, once somebody has seen to it, and unread.
    await now.ledger(Ledger.finish, handoff.id, "小李")
    await now.say(KNOWN, "u2")
    await now.until(lambda: now.handoffs("u2"))
    await now.replied((await now.say(KNOWN, "u4"))["conversation"])
    assert poison.opened.count("u2") == 2
    assert await now.got("u2") == []
    await now.ready()


async def test_a_page_that_crashes_whatever_is_opened_is_opened_ever_more_rarely_and_then_serves_all(
    now: Watch, poison: Poison
) -> None:
    buyers = ["u2", "u3", "u4"]
    poison.keys = set(buyers)
    for buyer in buyers:
        await now.say(OTHER, buyer)

    async def crashing() -> bool:
        row = await now.ledger(Ledger.shop_row, "shop-1")
        return len(poison.opened) > 7 and row.state is ShopState.degraded and "crashed" in row.why

    await now.until(crashing)
    # Until the third was tried, each of the others may have been taken for one of that kind.
    handed = [buyer for buyer in buyers if await now.handoffs(buyer)]
    assert len(handed) < len(buyers) == len(set(poison.opened[1:]))
    poison.keys = set()
    for buyer in buyers:
        await now.replied(buyer)
    await now.ready()
