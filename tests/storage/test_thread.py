"""The ledger's own thread, as asyncio code uses it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from base.errors import LedgerUnavailable
from storage.ledger import Ledger
from storage.records import Turn
from storage.thread import LedgerThread
from tests.fresh import fresh
from tests.storage.hands import HandClock


@pytest.fixture
async def thread(path: Path, clock: HandClock) -> AsyncIterator[LedgerThread]:
    """The thread's ledger, which knows the shop `tea`."""
    opened = await LedgerThread.open(fresh(path), clock)
    await opened(Ledger.put_shop, "tea", title="茶叶店", console="plain", platform="practice")
    yield opened
    await opened.close()


async def test_calls_have_the_types_of_their_methods(thread: LedgerThread, clock: HandClock) -> None:
    turn: Turn = await thread(Ledger.open_turn, "tea", "b1", seen_at=clock.now())
    turns: list[Turn] = await thread(Ledger.open_turns, "tea")
    assert turns == [turn]


async def test_calls_run_in_order_in_one_thread(thread: LedgerThread) -> None:
    def where(ledger: Ledger, number: int) -> tuple[int, int]:
        ledger.event("tick", number=number)
        return number, threading.get_ident()

    found = await asyncio.gather(*(thread(where, number) for number in range(20)))
    assert [number for number, _ in found] == list(range(20))
    assert len({ident for _, ident in found}) == 1
    assert threading.get_ident() not in {ident for _, ident in found}
    assert [event.detail["number"] for event in await thread(Ledger.events)] == list(range(20))


async def test_loop_goes_on_meanwhile(thread: LedgerThread) -> None:
    inside, go_on, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()

    def wait(ledger: Ledger) -> None:
        loop.call_soon_threadsafe(inside.set)
        go_on.wait(10)

    waiting = asyncio.create_task(thread(wait))
    await inside.wait()
    assert not waiting.done()
    go_on.set()
    await waiting


async def test_errors_arrive(thread: LedgerThread) -> None:
    with pytest.raises(ValueError, match="没有店铺"):
        await thread(Ledger.shop_row, "cup")
    assert (await thread(Ledger.shop_row, "tea")).shop == "tea"


async def test_cancelled_caller_leaves_the_thread_working(thread: LedgerThread) -> None:
    inside, go_on, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()

    def slow(ledger: Ledger) -> None:
        loop.call_soon_threadsafe(inside.set)
        go_on.wait(10)
        ledger.event("slow")

    caller = asyncio.create_task(thread(slow))
    await inside.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    assert [event.kind for event in await thread(Ledger.events)] == ["slow"]


def ledger_threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name.startswith("ledger")]


async def test_close_ends_the_thread_and_the_file(path: Path, clock: HandClock) -> None:
    thread = await LedgerThread.open(path, clock)
    assert len(ledger_threads()) == 1
    await thread.close()
    assert ledger_threads() == []
    assert sorted(each.name for each in path.parent.iterdir()) == ["ledger.db"]


async def test_ledger_that_cannot_be_opened(tmp_path: Path, clock: HandClock) -> None:
    with pytest.raises(LedgerUnavailable, match="打不开账本"):
        await LedgerThread.open(tmp_path, clock)
    for each in ledger_threads():
        each.join(10)
    assert ledger_threads() == []
