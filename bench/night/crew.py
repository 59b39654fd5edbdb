"""The bots of some shops, as in a worker process: real stations, whoever is most urgent served first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from bots.settings import Shop
from bots.station import Station
from bots.worker import next_of
from flows.inbox import Waiter

_STAGGER = 0.2  # as a worker's


class Crew:
    """Attends its shops with stations that `hire` makes; at most `visits` at a time."""

    def __init__(
        self, shops: Sequence[Shop], hire: Callable[[Shop, float, Callable[[], None]], Station], visits: int
    ) -> None:
        self.shops = shops
        self._hire = hire
        self._most = visits
        self._wake = asyncio.Event()
        self._stations: list[Station] = []
        self._visits: set[asyncio.Task[None]] = set()
        self._work: asyncio.Task[None] | None = None
        self._begun = 0

    def start(self) -> None:
        """A new process begins to attend the shops."""
        self._stations = [
            self._hire(shop, number * _STAGGER, self._wake.set) for number, shop in enumerate(self.shops)
        ]
        for station in self._stations:
            station.start()
        self._work = asyncio.create_task(self._attend())

    async def die(self) -> None:
        """End in the middle of whatever it is, writing nothing down, as a killed process does."""
        for station in self._stations:
            station.desk = None  # so that nobody can say how the shop was left
        ending = [*self._visits, *([self._work] if self._work else [])]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        for station in self._stations:
            await station.stop()
        self._stations = []
        self._visits.clear()

    def states(self) -> Mapping[str, bool]:
        """Each attended shop, with whether its bot is at work."""
        return {station.shop.id: station.ready for station in self._stations}

    async def _attend(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            now = loop.time()
            waiting = [(waiter, station) for station in self._stations for waiter in station.waiting()]
            due = [(waiter, station) for waiter, station in waiting if waiter.due_at <= now]
            while due and len(self._visits) < self._most:
                waiter, station = next_of(due, now, self._begun)
                self._begun += 1
                station.busy = True
                self._visits.add(asyncio.create_task(self._visit(station, waiter)))
                due = [pair for pair in due if pair[1] is not station]
            later = [waiter.due_at - now for waiter, _station in waiting if waiter.due_at > now]
            # Where nobody waits, only a reading brings somebody, and that wakes us.
            with suppress(TimeoutError):
                async with asyncio.timeout(min(later, default=None)):
                    await self._wake.wait()

    async def _visit(self, station: Station, waiter: Waiter) -> None:
        try:
            await station.serve(waiter)
        finally:
            self._visits.discard(cast(Any, asyncio.current_task()))
            self._wake.set()
