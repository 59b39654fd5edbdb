"""A worker: one process, one browser, several shops; it always serves who is most urgent over all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from loguru import logger

from base.beat import Beat
from base.clock import Clock
from base.errors import BrowserGone, ConfigError, LedgerUnavailable, Problem
from bots.browser import Chromium, open_browser
from bots.commands import Orders
from bots.evidence import KEPT, Evidence
from bots.jobs import calendar
from bots.settings import Settings, Shop
from bots.station import Station
from flows.inbox import Waiter
from flows.login import Credentials
from flows.mind import Mind
from flows.pack import Pack
from flows.page import ConsolePage
from storage.ledger import Ledger
from storage.thread import LedgerThread

_STAGGER = 0.2
_DRAIN_SECONDS = 15.0
_RESTART_SECONDS = 2.0
_COMMANDS_EVERY = 0.2
_SIGN_EVERY = 1.0
_LOOK_EVERY = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """All that a worker needs, built in one place by the command that starts it."""

    settings: Settings
    packs: Mapping[str, Pack]
    credentials: Mapping[str, Credentials | None]
    states: Path
    backups: Path
    evidence: Path
    ledger: LedgerThread
    mind: Callable[[], Mind]
    clock: Clock
    zone: ZoneInfo


class Worker:
    """Attends the shops of a workplace until told to stop."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._stations: list[Station] = []
        self._visits: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stop = asyncio.Event()
        self._entered = False

    def stop(self) -> None:
        """Begin no new visit, finish those in hand, and come to an end."""
        self._stop.set()
        self._wake.set()

    async def run(self) -> None:
        """Attend the shops; a browser that dies is started again. Raises `ConfigError` when no shop lets us in."""
        place = self._place
        for shop in place.settings.shops:
            pack = place.packs[shop.id]
            title = shop.title or shop.id
            await place.ledger(Ledger.put_shop, shop.id, title=title, console=pack.name, platform=pack.platform)
        orders = Orders(place.ledger, self._stations)
        beats = [Beat("sign of life", _SIGN_EVERY, self._sign), Beat("commands", _COMMANDS_EVERY, orders.poll)]
        for beat in beats:
            beat.start()
        try:
            with calendar(place.zone, shifts=self._shifts, nightly=self._nightly):
                while not self._stop.is_set():
                    await self._session()
        finally:
            for beat in beats:
                await beat.stop()

    # --- one browser's life -----------------------------------------------------------------------------------

    async def _session(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                browser = await stack.enter_async_context(open_browser())
                self._stations[:] = [
                    self._station(browser, number) for number in range(len(self._place.settings.shops))
                ]
                stack.push_async_callback(self._close)
                for station in self._stations:
                    station.start()
                await self._attend()
        except BrowserGone as error:
            logger.error("{}; starting the browser again", error)
            await self._pause(_RESTART_SECONDS)

    def _station(self, browser: Chromium, number: int) -> Station:
        place = self._place
        shop: Shop = place.settings.shops[number]

        async def open_page(
            pack: Pack, state: Mapping[str, Any] | None, on_change: Callable[[frozenset[str]], None]
        ) -> ConsolePage:
            return await browser.console(pack, state, place.clock, on_change)

        return Station(
            shop=shop,
            settings=place.settings,
            pack=place.packs[shop.id],
            ledger=place.ledger,
            clock=place.clock,
            mind=place.mind,
            credentials=place.credentials[shop.id],
            state_file=place.states / f"{shop.id}.json",
            evidence=Evidence(place.evidence),
            open_page=open_page,
            on_waiting=self._wake.set,
            delay=number * _STAGGER,
        )

    async def _close(self) -> None:
        """Let the visits in hand finish; what cannot is on record and is settled at the next start."""
        if self._visits:
            await asyncio.wait(self._visits, timeout=_DRAIN_SECONDS)
        for task in self._visits:
            task.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)
        for station in self._stations:
            await station.stop()

    # --- who is next --------------------------------------------------------------------------------------------

    async def _attend(self) -> None:
        deaths = [asyncio.ensure_future(station.wait()) for station in self._stations]
        try:
            while not self._stop.is_set():
                self._wake.clear()
                self._check_entered()
                for death in deaths:
                    if death.done():
                        death.result()
                await self._pause(self._serve_due())
        finally:
            for death in deaths:
                death.cancel()
            await asyncio.gather(*deaths, return_exceptions=True)

    def _serve_due(self) -> float:
        """Begin the most urgent visits that are due; returns the seconds until the next may be."""
        now = self._place.clock.steady()
        waiting = [(waiter, station) for station in self._stations for waiter in station.waiting()]
        for waiter, station in in_order(waiting, now):
            if len(self._visits) >= self._place.settings.visits:
                break
            if not station.busy:
                station.busy = True
                task = asyncio.create_task(self._visit(station, waiter), name=f"visit {station.shop.id}")
                self._visits.add(task)
        later = [waiter.due_at - now for waiter, _station in waiting if waiter.due_at > now]
        return min([*later, _LOOK_EVERY])

    async def _visit(self, station: Station, waiter: Waiter) -> None:
        task = asyncio.current_task()
        try:
            await station.serve(waiter)
        except (BrowserGone, LedgerUnavailable) as error:
            logger.bind(shop=station.shop.id).error("visit ended: {}", error)
        finally:
            if task is not None:
                self._visits.discard(task)
            self._wake.set()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._wake.wait()
        except TimeoutError:
            return

    def _check_entered(self) -> None:
        """At the start somebody watches: if not one shop lets us in, say why and give up."""
        if self._entered:
            return
        self._entered = any(station.entered for station in self._stations)
        failures = [(station.shop, station.failure) for station in self._stations if station.failure is not None]
        if not self._entered and len(failures) == len(self._stations):
            raise ConfigError(*(Problem(message=f"店铺 {shop.id}：{failure}") for shop, failure in failures))

    # --- beats and jobs -----------------------------------------------------------------------------------------

    async def _sign(self) -> None:
        stations = {station.shop.id: station for station in self._stations}
        await self._place.ledger(Ledger.shop_beat, list(stations))
        for row in await self._place.ledger(Ledger.shop_rows):
            if row.shop in stations:
                stations[row.shop].set_live(row.live_since is not None)

    async def _shifts(self) -> None:
        for station in self._stations:
            station.poke()

    async def _nightly(self) -> None:
        day = self._place.clock.now().astimezone(self._place.zone).strftime("%Y-%m-%d")
        await self._place.ledger(Ledger.backup, self._place.backups / f"ledger-{day}.db")
        before = self._place.clock.now() - KEPT
        await self._place.ledger(Ledger.forget_seen, before)
        await asyncio.to_thread(Evidence(self._place.evidence).sweep, before)


def in_order(waiting: Sequence[tuple[Waiter, Station]], now: float) -> list[tuple[Waiter, Station]]:
    """Those who are due, the most urgent first."""
    due = [(waiter, station) for waiter, station in waiting if waiter.due_at <= now]
    return sorted(due, key=lambda pair: pair[0].urgency(now))
