"""When a shop's page is read: between visits, and after one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from base.errors import LedgerUnavailable
from flows.desk import Desk
from flows.duty import Duty
from flows.inbox import Waiter
from tests.bots.stationed import Calm, Place, stationed, waiting
from tests.flows.paper import Set


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A shop attended in its shift."""
    async with stationed(tmp_path) as found:
        yield found


@dataclass(slots=True)
class Queue(Calm):
    """A desk before which two wait; each visit takes a while."""

    clock: Set = field(default_factory=Set)
    takes: float = 0.0
    fails: bool = False

    async def refresh(self) -> None:
        if self.fails:
            raise LedgerUnavailable("写不进去")

    def waiting(self) -> list[Waiter]:
        return [waiting(), waiting()]

    async def serve(self, _waiter: Waiter, _duty: Duty) -> None:
        self.clock.go(self.takes)


@pytest.mark.parametrize(("takes", "read_first"), [(0.3, False), (0.7, True)])
async def test_while_many_wait_the_list_is_read_between_visits(
    place: Place, monkeypatch: pytest.MonkeyPatch, takes: float, read_first: bool
) -> None:
    station, desk, told = place.station, Queue(clock=place.clock, takes=takes), asyncio.Event()
    station.desk = cast(Desk, desk)
    monkeypatch.setattr(station, "_on_waiting", told.set)
    station.start()
    await asyncio.wait_for(told.wait(), 5)
    told.clear()
    await station.serve(waiting())
    assert bool(station.waiting()) is not read_first
    await asyncio.wait_for(told.wait(), 5)  # nobody pokes: the station sees to it by itself
    assert station.waiting()


@dataclass(slots=True)
class Told(Calm):
    """A desk that counts its readings; `told`: what the page tells of while it is visited."""

    read: int = 0
    told: Callable[[], Awaitable[None]] | None = None

    async def refresh(self) -> None:
        self.read += 1

    async def serve(self, _waiter: Waiter, _duty: Duty) -> None:
        if self.told is not None:
            await self.told()


@pytest.mark.parametrize(
    ("settled", "news", "readings"), [(False, False, 2), (True, False, 1), (True, True, 2), (False, True, 2)]
)
async def test_the_page_is_read_after_a_visit_unless_it_tells_by_itself_what_comes(
    place: Place, monkeypatch: pytest.MonkeyPatch, settled: bool, news: bool, readings: int
) -> None:
    monkeypatch.setattr("bots.station._AFTER_VISIT", 0.0)
    station, desk = place.station, Told(settled=settled, told=place.poked if news else None)
    station.desk = cast(Desk, desk)
    station.start()
    await place.turns()
    assert desk.read == 1
    station.busy = True
    await station.serve(waiting())
    await place.turns()
    assert desk.read == readings


async def test_what_the_page_has_told_by_then_is_taken_in_before_anybody_is_chosen(place: Place) -> None:
    station, desk = place.station, Queue(clock=place.clock, takes=0.1, has_news=True)
    station.desk = cast(Desk, desk)
    await station._read()
    assert station.waiting()
    await station.serve(waiting())
    assert not station.waiting()
    await station._read()
    assert station.waiting()


async def test_a_reading_that_fails_keeps_nobody_waiting(place: Place) -> None:
    station, desk = place.station, Queue(clock=place.clock, takes=0.7, fails=True)
    station.desk = cast(Desk, desk)
    await station.serve(waiting())
    assert not station.waiting()
    with pytest.raises(LedgerUnavailable):
        await station._step()
    assert station.waiting()
