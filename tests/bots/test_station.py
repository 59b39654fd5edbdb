"""What a shop's place does when its console does not let it in: how it is shown, and when it tries again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from base.errors import (
    BrowserGone,
    ConsoleError,
    ConsoleNotReady,
    LedgerUnavailable,
    NeedsPerson,
    PageChanged,
)
from base.places import shared
from bots.evidence import Evidence
from bots.settings import Settings, Shop
from bots.station import Station
from bots.vault import Vault
from flows.desk import Desk
from flows.duty import Duty, ShopCard
from flows.inbox import Waiter
from flows.mind import Mind
from flows.pack import Pack, load_pack
from flows.page import ConsolePage
from knowledge.model import Knowledge
from storage.ledger import Ledger
from storage.records import ShopState
from storage.thread import LedgerThread

KNOWLEDGE = Knowledge.model_validate({"entries": [{"id": "发货", "questions": "几时发", "answer": "两天内"}]})


@dataclass(slots=True)
class Hand:
    """A clock that goes when told to."""

    moment: datetime = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    count: float = 1000.0

    def now(self) -> datetime:
        return self.moment

    def steady(self) -> float:
        return self.count

    def go(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.count += seconds


@dataclass(slots=True)
class Door:
    """A console's door that is shut: each attempt meets the error that stands there."""

    error: ConsoleError
    clock: Hand
    knocks: list[float] = field(default_factory=list)

    async def open_page(self, _pack: Pack, _state: Any, _on_change: Any) -> ConsolePage:
        self.knocks.append(self.clock.steady())
        raise self.error


@dataclass(slots=True)
class Seen:
    """A desk that only shows who waits, and notes how they are to be served."""

    waiters: list[Waiter]
    duties: list[Duty] = field(default_factory=list)
    cards: list[ShopCard] = field(default_factory=list)
    settled: bool = False

    def adopt(self, card: ShopCard) -> None:
        self.cards.append(card)

    def waiting(self) -> list[Waiter]:
        return self.waiters

    async def serve(self, _waiter: Waiter, duty: Duty) -> None:
        self.duties.append(duty)


@dataclass(slots=True)
class Calm:
    """A desk at work where all is well; notes each time that those who wait are put on record."""

    recorded: asyncio.Event = field(default_factory=asyncio.Event)
    stayed: int = 0
    at_work: bool = True
    calm: bool = False
    astray: bool = False
    hangs: bool = False
    closed: bool = False
    settled: bool = False
    drift: Any = field(default_factory=lambda: SimpleNamespace(key=""))
    freshness: Any = field(default_factory=lambda: SimpleNamespace(due=lambda _now: False, doubted=False))

    @property
    def page(self) -> Calm:
        return self

    @property
    def answerer(self) -> Calm:
        return self

    async def state(self) -> None:
        raise ConsoleNotReady("没有")

    async def run(self, _script: str, _argument: object) -> None:
        raise BrowserGone("卡住了") if self.hangs else ConsoleNotReady("正在打开")

    async def close(self) -> None:
        self.closed = True

    async def refresh(self) -> None:
        pass

    async def stay_online(self) -> None:
        self.stayed += 1

    async def leave_to_people(self) -> None:
        self.recorded.set()

    def waiting(self) -> list[Waiter]:
        return []

    async def set_state(self, _state: ShopState) -> None:
        pass


@dataclass(slots=True)
class Place:
    """A station in front of a door."""

    station: Station
    door: Door
    ledger: LedgerThread
    clock: Hand

    async def knocked(self, times: int) -> None:
        async with asyncio.timeout(5):
            while len(self.door.knocks) < times:
                self.station.poke()
                await asyncio.sleep(0.005)

    async def shown(self, state: ShopState) -> str:
        """Wait until the ledger shows the state; gives the reason."""
        async with asyncio.timeout(5):
            while (row := await self.ledger(Ledger.shop_row, "shop")).state is not state:
                self.station.poke()
        return row.why

    async def poked(self) -> None:
        """Poke until anything that a poke sets off has happened."""
        for _time in range(5):
            self.station.poke()
            await self.ledger(Ledger.shop_row, "shop")


@pytest.fixture
def shift() -> Any:
    """As `shops.yaml` may say it."""
    return "09:00-13:00"


@pytest.fixture
async def place(tmp_path: Path, shift: Any) -> AsyncIterator[Place]:
    """A shop attended in its shifts, with people from nine to six."""
    clock = Hand()
    door = Door(ConsoleNotReady("还没有"), clock)
    ledger = await LedgerThread.open(tmp_path / "ledger.db", clock)
    await ledger(Ledger.put_shop, "shop", title="店", console="practice-plain", platform="practice")
    shop = Shop.model_validate({"id": "shop", "console": "practice-plain", "shift": shift})
    mind = Mind.of(KNOWLEDGE)
    station = Station(
        shop=shop,
        settings=Settings(shops=[shop], people="09:00-18:00"),
        pack=load_pack(shared("selectors") / "practice-plain.yaml"),
        ledger=ledger,
        clock=clock,
        mind=lambda: mind,
        credentials=None,
        vault=Vault(folder=tmp_path, shop="shop"),
        evidence=Evidence(tmp_path),
        open_page=door.open_page,
        on_waiting=lambda: None,
        delay=0.0,
    )
    yield Place(station, door, ledger, clock)
    await station.stop()
    await ledger.close()


@pytest.mark.parametrize(
    ("error", "state", "pauses"),
    [
        (ConsoleNotReady("连不上"), ShopState.degraded, [2, 5, 8, 8, 8]),
        (NeedsPerson("needs_login", "密码不对"), ShopState.needs_login, [30, 60, 300, 900, 900]),
        (NeedsPerson("captcha", "要验证码"), ShopState.captcha, [30, 60, 300, 900, 900]),
        (PageChanged("inbox.id", "改版了"), ShopState.drift, [30, 60, 300, 900, 900]),
    ],
)
async def test_a_shut_door_is_tried_ever_more_rarely(
    place: Place, error: ConsoleError, state: ShopState, pauses: list[float]
) -> None:
    place.door.error = error
    place.station.start()
    await place.knocked(1)
    assert await place.shown(state) == str(error)
    assert place.station.waiting() == []
    for times, pause in enumerate(pauses, 2):
        place.clock.go(pause - 1)
        await place.poked()
        assert len(place.door.knocks) == times - 1
        place.clock.go(1)
        await place.knocked(times)
    assert not place.station.entered


async def test_a_browser_that_is_gone_ends_the_place(place: Place) -> None:
    place.door.error = BrowserGone("浏览器没了")
    place.station.start()
    with pytest.raises(BrowserGone):
        await asyncio.wait_for(place.station.wait(), 5)


async def test_a_page_that_hangs_between_two_readings_is_given_up(place: Place) -> None:
    station, desk = place.station, Calm()
    station.desk = cast(Desk, desk)
    await station._glance()  # it is only loading
    desk.hangs = station.busy = True
    await station._glance()  # the visit in hand finds out by itself
    assert not desk.closed
    station.busy = False
    await station._glance()
    assert desk.closed and station.desk is None
    assert await place.shown(ShopState.degraded) == "卡住了"


async def test_nobody_knocks_out_of_hours(place: Place) -> None:
    place.clock.go(2 * 3600)  # two in the afternoon in Shanghai
    place.station.start()
    await place.poked()
    assert place.door.knocks == []
    assert place.station.failure is None


@dataclass(slots=True)
class Queue(Calm):
    """A desk before which two wait; each visit takes a while."""

    clock: Hand = field(default_factory=Hand)
    takes: float = 0.0
    fails: bool = False

    async def refresh(self) -> None:
        if self.fails:
            raise LedgerUnavailable("写不进去")

    def waiting(self) -> list[Waiter]:
        return [_waiter(), _waiter()]

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
    await station.serve(_waiter())
    assert bool(station.waiting()) is not read_first
    await asyncio.wait_for(told.wait(), 5)  # nobody pokes: the station sees to it by itself
    assert station.waiting()


async def test_a_reading_that_fails_keeps_nobody_waiting(place: Place) -> None:
    station, desk = place.station, Queue(clock=place.clock, takes=0.7, fails=True)
    station.desk = cast(Desk, desk)
    await station.serve(_waiter())
    assert not station.waiting()
    with pytest.raises(LedgerUnavailable):
        await station._step()
    assert station.waiting()


# --- what a shift does ------------------------------------------------------------------------------------------


def _waiter(*, left: float = 180.0, clock: bool = False, mark: str = "new") -> Waiter:
    return Waiter(
        key="k", since=1000.0, changed=1000.0, late_at=1000.0 + left, due_at=1000.6, clock=clock, mark=mark
    )


@pytest.mark.parametrize(
    ("shift", "waiter", "live", "due"),
    [
        ([{"do": "人工优先", "after": 30}], _waiter(), True, 1030.0),
        ([{"do": "人工优先", "after": 30}], _waiter(left=65, clock=True), True, 1025.0),
        ([{"do": "人工优先", "after": 30}], _waiter(left=20, clock=True), True, 1000.6),
        ([{"do": "人工优先", "after": 600}], _waiter(), True, 1140.0),
        ([{"do": "人工优先", "after": 30}], _waiter(mark=""), True, 1000.6),
        ([{"do": "人工优先", "after": 30}], _waiter(), False, 1000.6),  # nothing is said anyway
        ([{"do": "回答"}], _waiter(), True, 1000.6),
    ],
)
async def test_people_come_first_as_long_as_the_clock_allows(
    place: Place, waiter: Waiter, live: bool, due: float
) -> None:
    place.station.set_live(live)
    place.station.desk = cast(Desk, Seen([waiter]))
    assert [each.due_at for each in place.station.waiting()] == [due]
    place.clock.go(7 * 3600)  # nobody is there in the evening
    assert [each.due_at for each in place.station.waiting()] == [1000.6]
    place.station.desk = None


@pytest.mark.parametrize(
    ("shift", "modes"),
    [
        ("00:00-24:00", ["answer", "answer"]),
        ([{"do": "只安抚"}, {"days": "每天", "hours": "18:00-24:00"}], ["hold", "answer"]),
    ],
)
async def test_each_shift_says_what_is_done(place: Place, modes: list[str]) -> None:
    place.station.set_live(True)
    desk = Seen([_waiter()])
    place.station.desk = cast(Desk, desk)
    for hours in (0, 7):
        place.clock.go(hours * 3600)
        await place.station.serve(desk.waiters[0])
    assert [duty.mode for duty in desk.duties] == modes
    assert [(duty.staffed, duty.resume) for duty in desk.duties] == [(True, None), (False, "明天9点")]
    place.station.desk = None


@pytest.mark.parametrize(
    ("shift", "live", "left"),
    [
        ([{"do": "人工优先", "after": 30}], True, True),
        ([{"do": "人工优先", "after": 30}], False, False),
        ("00:00-24:00", True, False),
    ],
)
async def test_who_is_left_to_people_is_on_record(place: Place, live: bool, left: bool) -> None:
    desk = Calm()
    place.station.set_live(live)
    place.station.desk = cast(Desk, desk)
    place.station.start()
    await place.poked()
    async with asyncio.timeout(5):
        while not desk.recorded.is_set() if left else live and not desk.stayed:
            await place.poked()
    assert desk.recorded.is_set() is left


async def test_other_settings_count_in_the_page_that_is_open(place: Place) -> None:
    station, desk = place.station, Seen([_waiter()])
    station.set_live(True)
    station.desk = cast(Desk, desk)
    shop = Shop.model_validate({"id": "shop", "console": "practice-plain", "mode": "hold", "title": "新名字"})
    station.adopt(shop, Settings(shops=[shop], people="00:00-00:01", silence=3))
    await station.serve(_waiter())
    assert [(duty.mode, duty.staffed) for duty in desk.duties] == [("hold", False)]
    assert [(card.title, card.silence) for card in desk.cards] == [("新名字", 180.0)]
    assert place.door.knocks == []
    station.leave()
    assert station.waiting() == []
    station.desk = None
