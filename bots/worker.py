"""A worker: one process, one browser, several shops; it always serves who is most urgent over all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from loguru import logger

from base.beat import Beat
from base.clock import Clock
from base.errors import BrowserGone, ConfigError, LedgerUnavailable
from bots.browser import Chromium, open_browser
from bots.commands import Orders
from bots.evidence import Evidence
from bots.jobs import each_minute
from bots.roll import Roll
from bots.seat import Seats
from bots.settings import Settings, Shop
from bots.sign import Sign
from bots.station import Station
from bots.vault import Vault
from flows.inbox import Waiter
from flows.login import Credentials
from flows.mind import Mind
from flows.pack import Pack
from flows.page import ConsolePage
from storage.ledger import Ledger
from storage.thread import LedgerThread

_STAGGER = 0.2
_DRAIN_SECONDS = 15.0
_LAST_WORD = 1.0
_RESTART_SECONDS = 0.5
_COMMANDS_EVERY = 1.0
_NOTE_EVERY = 1.0
_WATCH_EVERY = 0.5
_SEATS_EVERY = 1.0
_LOOK_EVERY = 1.0
# A visit that lasts longer waits for its console, and keeps no other from beginning.
_OWN_SECONDS = 2.0
_FAIR_EACH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """All that a worker needs, built in one place by the command that starts it."""

    settings: Settings
    packs: Mapping[str, Pack]
    credentials: Mapping[str, Credentials | None]
    states: Path
    seats: Path
    evidence: Path
    ledger: LedgerThread
    mind: Callable[[], Mind]
    clock: Clock
    zone: ZoneInfo
    tell: Callable[[Sign], None] = lambda _sign: None

    @property
    def roll(self) -> Roll:
        """The shops with their packs."""
        return Roll(settings=self.settings, packs=self.packs)


class Worker:
    """Attends those shops of a workplace whose seats it can take, until told to stop."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._seats = Seats(place.seats, place.roll.shops, place.clock)
        self._seating: Beat | None = None
        self._stations: list[Station] = []
        self._ends: list[asyncio.Future[None]] = []
        # Each visit, and when it began.
        self._visits: dict[asyncio.Task[None], float] = {}
        self._begun = 0
        self._wake = asyncio.Event()
        self._stop = asyncio.Event()
        self._entered = False

    def stop(self) -> None:
        """Begin no new visit, finish those in hand, and come to an end."""
        self._stop.set()
        self._wake.set()

    async def take(self, place: Workplace) -> None:
        """Go by another list of shops. A shop that is gone, or has to be opened anew, is left when no visit is on;
        what else is said of one counts at once, in the page that is open.
        """
        await self._enroll(place)
        before, new = self._place.roll, place.roll
        self._place = place
        for station in self._stations:
            shop = new.shops.get(station.shop.id)
            if shop is None or station.leaving or not before.same_page(shop.id, new):
                station.leave()
            else:
                station.adopt(shop, place.settings)
        if self._seating is not None:
            self._seating.poke()

    async def run(self) -> None:
        """Attend the shops; a browser that dies is started again."""
        place = self._place
        await self._enroll(place)
        orders = Orders(place.ledger, self._stations)
        beats = [Beat("note", _NOTE_EVERY, self._note), Beat("commands", _COMMANDS_EVERY, orders.poll)]
        for beat in beats:
            beat.start()
        try:
            with each_minute(place.zone, self._shifts):
                while not self._stop.is_set():
                    await self._session()
        finally:
            for beat in beats:
                await beat.stop()
            self._seats.release()

    def sign(self) -> Sign:
        """How it goes."""
        stations, shops = self._stations, self._seats.shops
        self._entered = self._entered or any(station.entered for station in stations)
        held = self._seats.held
        return Sign(
            shops=shops,
            others=[shop for shop in shops if shop not in held],
            entered=self._entered,
            refused={station.shop.id: str(station.failure) for station in stations if station.failure is not None},
        )

    async def _enroll(self, place: Workplace) -> None:
        for shop in place.settings.shops:
            pack = place.packs[shop.id]
            await place.ledger(
                Ledger.put_shop,
                shop.id,
                title=shop.title or shop.id,
                console=pack.name,
                platform=pack.platform,
                url=shop.url or pack.url,
                account=shop.login.user if shop.login else "",
            )

    # --- one browser's life -----------------------------------------------------------------------------------

    async def _session(self) -> None:
        self._place.tell(Sign(begins=True))
        try:
            async with open_browser(painted=self._painted) as browser:
                beats = [
                    Beat("watch", _WATCH_EVERY, partial(self._watch, browser), fatal=(BrowserGone,)),
                    Beat("seats", _SEATS_EVERY, partial(self._take_seats, browser), fatal=(ConfigError,)),
                ]
                self._seating = beats[-1]
                for beat in beats:
                    beat.start()
                self._ends[:] = [self._end_of(beat.wait()) for beat in beats]
                try:
                    await self._attend(browser)
                    await self._drain()
                finally:
                    for beat in beats:
                        await beat.stop()
                    # One that hung took most of the time that is borne without a sign, and leaving it takes more.
                    self._place.tell(Sign(begins=True))
                    await self._leave()
        except BrowserGone as error:
            logger.error("{}; starting the browser again", error)
            # Not `_wake`: what was ended just now may set it only once the wait has begun.
            await _until(self._stop, _RESTART_SECONDS)

    async def _watch(self, browser: Chromium) -> None:
        """Give a sign of life: the loop runs, and the browser has answered a call, or passed on a page's word."""
        since = self._place.clock.steady() - _WATCH_EVERY
        await browser.ping(heard=any(one.desk and one.desk.page.heard_at > since for one in self._stations))
        if not self._seats.renew(browser.started):
            raise BrowserGone("值守锁的文件被人删掉了")  # who else drives these shops cannot be known
        self._place.tell(self.sign())

    async def _take_seats(self, browser: Chromium) -> None:
        """Take the seats that are free or whose holders are silent, and attend the shops that are ours."""
        if self._stop.is_set() or not self._fits(browser):
            return
        await self._part()
        self._seats.cover([*self._place.roll.shops, *(station.shop.id for station in self._stations)])
        await self._seats.take()
        shops = self._place.roll.shops  # as they are by now
        attended = {station.shop.id for station in self._stations}
        mine = [shop for shop in self._seats.held if shop in shops and shop not in attended]
        for number, shop in enumerate(mine):
            station = self._station(browser, shops[shop], number * _STAGGER)
            self._stations.append(station)
            station.start()
            self._ends.append(self._end_of(station.wait()))

    @property
    def _painted(self) -> bool:
        """Whether a console of these shops needs its page to be drawn."""
        return any(pack.painted for pack in self._place.packs.values())

    def _fits(self, browser: Chromium) -> bool:
        return browser.painted or not self._painted

    async def _part(self) -> None:
        """Leave the shops that are to be left and have no visit on."""
        for station in [station for station in self._stations if station.leaving and not station.busy]:
            await station.part()
            self._stations.remove(station)

    def _station(self, browser: Chromium, shop: Shop, delay: float) -> Station:
        place = self._place

        async def open_page(
            pack: Pack, state: Mapping[str, Any] | None, on_change: Callable[[frozenset[str]], None]
        ) -> ConsolePage:
            return await browser.console(pack, state, place.clock, on_change, partial(self._seats.sure, shop.id))

        return Station(
            shop=shop,
            settings=place.settings,
            pack=place.packs[shop.id],
            ledger=place.ledger,
            clock=place.clock,
            mind=place.mind,
            credentials=place.credentials[shop.id],
            vault=Vault.of(shop, place.states),
            evidence=Evidence(place.evidence),
            open_page=open_page,
            on_waiting=self._wake.set,
            delay=delay,
        )

    def _end_of(self, waiting: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        end = asyncio.ensure_future(waiting)
        end.add_done_callback(lambda _end: self._wake.set())
        return end

    async def _drain(self) -> None:
        """Let the visits in hand finish; what cannot is on record and is settled at the next start."""
        if self._visits:
            await asyncio.wait(self._visits, timeout=_DRAIN_SECONDS)

    async def _leave(self) -> None:
        # Where the browser has gone each visit meets that itself and puts on record what became of it: cut off
        # between its commit and its press, it would leave a person to look.
        if self._visits:
            await asyncio.wait(self._visits, timeout=_LAST_WORD)
        ending = [*self._visits, *self._ends]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        for station in self._stations:
            await station.stop()
        self._stations.clear()

    # --- who is next --------------------------------------------------------------------------------------------

    async def _attend(self, browser: Chromium) -> None:
        """Serve until told to stop, or a shop comes that needs another kind of browser."""
        while not self._stop.is_set() and self._fits(browser):
            self._wake.clear()
            for end in [end for end in self._ends if end.done()]:
                self._ends.remove(end)
                end.result()
            await _until(self._wake, self._serve_due())

    def _serve_due(self) -> float:
        """Begin the most urgent visits that are due; returns the seconds until the next may be."""
        now = self._place.clock.steady()
        waiting = [(waiter, station) for station in self._stations for waiter in station.waiting()]
        free = self._place.settings.visits - sum(now - begun < _OWN_SECONDS for begun in self._visits.values())
        due = [(waiter, station) for waiter, station in waiting if waiter.due_at <= now]
        while due and free > 0:
            waiter, station = next_of(due, now, self._begun)
            station.busy = True
            task = asyncio.create_task(self._visit(station, waiter), name=f"visit {station.shop.id}")
            self._visits[task] = now
            self._begun += 1
            free -= 1
            due = [pair for pair in due if pair[1] is not station]
        later = [waiter.due_at - now for waiter, _station in waiting if waiter.due_at > now]
        freed = [begun + _OWN_SECONDS - now for begun in self._visits.values() if now - begun < _OWN_SECONDS]
        return min([*later, *freed, _LOOK_EVERY])

    async def _visit(self, station: Station, waiter: Waiter) -> None:
        task = asyncio.current_task()
        try:
            await station.serve(waiter)
        except (BrowserGone, LedgerUnavailable) as error:
            logger.bind(shop=station.shop.id).error("visit ended: {}", error)
        finally:
            if task is not None:
                self._visits.pop(task, None)
            self._wake.set()

    # --- beats and jobs -----------------------------------------------------------------------------------------

    async def _note(self) -> None:
        stations = {station.shop.id: station for station in self._stations}
        read_at = {shop: one.desk.read_at if one.desk else None for shop, one in stations.items()}
        live = await self._place.ledger(Ledger.shop_beat, read_at)
        for shop, station in stations.items():
            if shop in live:
                station.set_live(live[shop])

    async def _shifts(self) -> None:
        for station in self._stations:
            station.poke()


def next_of(due: Sequence[tuple[Waiter, Station]], now: float, begun: int) -> tuple[Waiter, Station]:
    """Who is served next over all shops, of those who are due, after `begun` visits: the most urgent.

    Every eighth visit is for whoever has waited longest: a stream of urgent ones must starve nobody who is late.
    """
    if begun % _FAIR_EACH == _FAIR_EACH - 1:
        return min(due, key=lambda pair: pair[0].since)
    return min(due, key=lambda pair: pair[0].urgency(now))


async def _until(event: asyncio.Event, seconds: float) -> None:
    """Until the event, so many seconds at most."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        return
