"""The week itself: consoles and people on paper, and beside them the real bots, ledger, roster and alerts."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from loguru import logger

from base.places import shared
from base.yamlfile import read_yaml
from bench.night.buyers import Campaign, Crowd
from bench.night.console import Asked, Door, PaperConsole
from bench.night.crew import Crew
from bench.night.fast import FastClock, FastLoop
from bench.night.mishaps import Mishap, Strike, strikes
from bench.night.page import PaperPage, Slowness
from bench.night.people import People, Telephone
from bots.alerts.caller import Caller
from bots.alerts.channel import Channel
from bots.alerts.delivery import Delivery
from bots.evidence import Evidence
from bots.home import Home
from bots.settings import Login, Settings, Shop, load_shop_pack
from bots.shifts.roster import Roster
from bots.station import Station
from bots.vault import Vault
from flows.login import Credentials
from flows.mind import Mind
from flows.pack import Pack
from flows.page import ConsolePage
from knowledge.model import load_knowledge
from practice.plan import Ask, Visit
from storage.ledger import Ledger
from storage.records import Handoff, HandoffState, ShopFigures
from storage.thread import LedgerThread

ZONE = ZoneInfo("Asia/Shanghai")
# Monday to Sunday: three days of 国庆, two workdays, a Saturday that is worked for it, an ordinary Sunday.
START = datetime(2026, 10, 5, tzinfo=ZONE)
CAMPAIGN = Campaign(
    start=datetime(2026, 10, 10, 20, tzinfo=ZONE), end=datetime(2026, 10, 10, 22, tzinfo=ZONE), times=10
)
DAILY = 20.0
# 53 shops on two cores for half an hour of the campaign, by `--real 30`: docs/performance.md.
PAGES = Slowness(p50_ms=48, p99_ms=132)
TRADES = ("toothpaste", "towel", "cup")
CONSOLE = "practice-plain"
_PER_WORKER = 10
_PEOPLE_FIRST_EACH = 3
CLERKS = 6
# Pages tell of what changes; beside that they are read so often, the roster is asked, and the ledger looked at.
READ_EVERY, LOOK_EVERY, _NOTE_EVERY, _RING_EVERY = 240.0, 30.0, 25.0, 30.0
_WORK_EVERY = 15.0
# From a worker's death until its shops are attended again: the slowest of the killed workers of docs/failures.md.
REPLACED_AFTER = 8.0
_REST = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a run is about. `slowness`: of the pages, as measured on real ones."""

    shops: int = 53
    hours: int = 168
    daily: float = DAILY
    seed: int = 1
    slowness: Slowness = PAGES

    @property
    def end(self) -> datetime:
        """When nobody new comes any more."""
        return START + timedelta(hours=self.hours)

    @property
    def days(self) -> int:
        """The days of which it is made, the last one perhaps not whole."""
        return ceil(self.hours / 24)


@dataclass(slots=True, kw_only=True)
class Lived:
    """What the week left behind. `attended`: for each hour of the week how many looks at shops found a bot
    at work, of how many; `rang`: letters, when and to whom, and whether they called.
    """

    given: Given
    turns: list[Asked]
    twice: int
    figures: Sequence[ShopFigures]
    handoffs: Sequence[Handoff]
    rang: Sequence[tuple[datetime, str, bool]]
    strikes: Sequence[Strike]
    attended: Mapping[int, tuple[int, int]]
    rosters: Mapping[str, Roster]
    settings: Settings
    errors: Counter[str] = field(default_factory=Counter)


async def live(loop: FastLoop, given: Given, folder: Path) -> Lived:
    """Live through it; `folder` holds the ledger and what else bots keep."""
    clock = FastClock(loop, START)
    home = Home(folder)
    home.prepare()
    errors: Counter[str] = Counter()
    logger.remove()
    logger.add(lambda message: errors.update([message.record["message"]]), level="ERROR")
    ledger = await LedgerThread.open(home.ledger, clock)
    try:
        week = _Week(given, home, ledger, clock)
        return await week.live(errors)
    finally:
        await ledger.close()
        logger.remove()


class _Week:
    def __init__(self, given: Given, home: Home, ledger: LedgerThread, clock: FastClock) -> None:
        self._given = given
        self._ledger = ledger
        self._clock = clock
        self._home = home
        self._throw = random.Random(f"pages {given.seed}")  # noqa: S311 - play that must repeat
        self._settings = settings_of(given.shops)
        self._mind = _shipped_mind()
        pack = load_shop_pack(self._settings.shops[0], home.folder)
        refresh = pack.inbox.refresh.model_copy(update={"every": READ_EVERY})
        self._pack = pack.model_copy(update={"inbox": pack.inbox.model_copy(update={"refresh": refresh})})
        shops = self._settings.shops
        self._consoles = {shop.id: PaperConsole(shop.id, clock, replied=self._follow) for shop in shops}
        self._rosters = {shop.id: self._settings.roster(shop, ZONE) for shop in shops}
        self._crews = [
            Crew(shops[first : first + _PER_WORKER], self._hire, self._settings.visits)
            for first in range(0, len(shops), _PER_WORKER)
        ]
        self._follows: dict[tuple[str, str], Visit] = {}
        self._attended: Counter[int] = Counter()
        self._looked: Counter[int] = Counter()
        self._tasks = asyncio.TaskGroup()

    async def live(self, errors: Counter[str]) -> Lived:
        people = People(
            consoles=self._consoles,
            rosters=self._rosters,
            settings=self._settings,
            ledger=self._ledger,
            clock=self._clock,
            zone=ZONE,
            throw=random.Random(f"people {self._given.seed}"),  # noqa: S311 - play that must repeat
            clerks=CLERKS,
        )
        for shop in self._settings.shops:
            title = shop.title or shop.id
            await self._ledger(Ledger.put_shop, shop.id, title=title, console=CONSOLE, platform="practice")
            await self._ledger(Ledger.go_live, shop.id)
        caller = self._caller()
        async with self._tasks as tasks:
            for crew in self._crews:
                crew.start()
            beats = [
                tasks.create_task(_every(seconds, work))
                for seconds, work in (
                    (_NOTE_EVERY, self._note),
                    (LOOK_EVERY, caller.look),
                    (LOOK_EVERY, caller.send),
                    (_WORK_EVERY, lambda: people.work(tasks)),
                    (_RING_EVERY, lambda: people.ring(tasks)),
                )
            ]
            befalls = strikes(list(self._consoles), self._given.hours * 3600.0, self._given.seed)
            for strike in befalls:
                tasks.create_task(self._befall(strike))
            await self._let_come()
            end = self._given.end + _REST
            await asyncio.sleep((end - self._clock.now()).total_seconds())
            for beat in beats:
                beat.cancel()
            for crew in self._crews:
                await crew.die()
        await caller.delivery.stop()
        return Lived(
            given=self._given,
            turns=sorted(
                (turn for one in self._consoles.values() for turn in one.turns), key=lambda turn: turn.at
            ),
            twice=sum(one.twice for one in self._consoles.values()),
            figures=await self._ledger(Ledger.figures),
            handoffs=await self._ledger(Ledger.handoffs, states=tuple(HandoffState)),
            rang=people.rang,
            strikes=befalls,
            attended={hour: (self._attended[hour], self._looked[hour]) for hour in sorted(self._looked)},
            rosters=self._rosters,
            settings=self._settings,
            errors=errors,
        )

    # --- bots ------------------------------------------------------------------------------------------------

    def _hire(self, shop: Shop, delay: float, wake: Callable[[], None]) -> Station:
        console = self._consoles[shop.id]

        async def open_page(
            pack: Pack, _state: Mapping[str, Any] | None, on_change: Callable[[frozenset[str]], None]
        ) -> ConsolePage:
            return PaperPage.open(console, pack, self._given.slowness, self._throw, on_change)

        return Station(
            shop=shop,
            settings=self._settings,
            pack=self._pack,
            ledger=self._ledger,
            clock=self._clock,
            mind=lambda: self._mind,
            credentials=Credentials(user=shop.id, password=lambda: "paper"),
            vault=Vault.of(shop, self._home.states),
            evidence=Evidence(self._home.evidence),
            open_page=open_page,
            on_waiting=wake,
            delay=delay,
        )

    def _caller(self) -> Caller:
        alerts = self._settings.alerts
        assert alerts is not None  # noqa: S101 - week.yaml names who is called
        caller = Caller(self._home, self._settings, alerts, self._ledger, self._clock, ZONE, lambda: True)
        telephone = cast(Channel, cast(Any, Telephone()))
        channels = dict.fromkeys(alerts.channels, telephone)
        caller.delivery = Delivery(alerts, channels, self._ledger, self._clock)
        return caller

    async def _note(self) -> None:
        """What each worker tells the ledger every second, and how many shops have a bot at work."""
        states = {shop: at_work for crew in self._crews for shop, at_work in crew.states().items()}
        await self._ledger(Ledger.shop_beat, dict.fromkeys(states, self._clock.now()))
        hour = int(self._clock.steady() // 3600)
        self._looked[hour] += len(self._consoles)
        self._attended[hour] += sum(states.values())

    # --- buyers ----------------------------------------------------------------------------------------------

    async def _let_come(self) -> None:
        crowd = crowd_of(self._given)
        trades = {shop: TRADES[number % len(TRADES)] for number, shop in enumerate(self._consoles)}
        for number, visit in enumerate(crowd.visits(START, self._given.hours, trades, self._given.seed)):
            await asyncio.sleep(max(0.0, visit.at - self._clock.steady()))
            key = f"b{number}"
            if visit.thanks or visit.second:
                self._follows[visit.shop, key] = visit
            self._tasks.create_task(self._ask(visit.shop, key, visit.ask))

    async def _ask(self, shop: str, key: str, ask: Ask, pause: float = 0.0) -> None:
        await asyncio.sleep(pause)
        for gap, text in ask.says:
            await asyncio.sleep(gap)
            self._consoles[shop].ask(key, text, ask.topic)

    def _follow(self, turn: Asked) -> None:
        """What a buyer says once there was a reply."""
        visit = self._follows.pop((turn.shop, turn.key), None)
        if visit is None:
            return
        if visit.second:
            self._tasks.create_task(self._ask(turn.shop, turn.key, visit.second, visit.pause))
        elif visit.thanks:
            console = self._consoles[turn.shop]
            asyncio.get_running_loop().call_later(visit.pause, console.thank, turn.key, visit.thanks)

    # --- mishaps ---------------------------------------------------------------------------------------------

    async def _befall(self, strike: Strike) -> None:
        await asyncio.sleep(strike.at)
        befallen = [self._consoles[strike.shop]] if strike.shop else list(self._consoles.values())
        if strike.kind is Mishap.worker:
            crew = next(crew for crew in self._crews if strike.shop in {shop.id for shop in crew.shops})
            await crew.die()
            await asyncio.sleep(REPLACED_AFTER)
            crew.start()
        elif strike.kind in (Mishap.console, Mishap.network):
            for console in befallen:
                console.change(connected=False)
            await asyncio.sleep(strike.seconds)
            for console in befallen:
                console.change(connected=True)
        else:
            for console in befallen:
                console.change(door=_DOORS[strike.kind])


_DOORS = {Mishap.login: Door.login, Mishap.kicked: Door.kicked, Mishap.captcha: Door.captcha}


@cache
def _shipped_mind() -> Mind:
    """It takes seconds to learn."""
    return Mind.of(load_knowledge(shared("knowledge.yaml")))


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await work()
        await asyncio.sleep(seconds)


def crowd_of(given: Given) -> Crowd:
    """The buyers of all its shops."""
    return Crowd(daily=given.daily * given.shops, zone=ZONE, campaign=CAMPAIGN)


def settings_of(shops: int) -> Settings:
    """What the operator has written: every third shop leaves its buyers to people first on workdays."""
    written = read_yaml(Path(__file__).with_name("week.yaml")).data
    listed = [
        Shop(
            id=f"shop-{number:02d}",
            title=f"{number:02d} 号店",
            console=CONSOLE,
            login=Login(user=f"bot-{number:02d}"),
            shift="人工优先" if number % _PEOPLE_FIRST_EACH == 0 else "00:00-24:00",
        )
        for number in range(1, shops + 1)
    ]
    return Settings.model_validate({**written, "shops": listed})
