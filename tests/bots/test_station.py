"""What a shop's place does when its console does not let it in: how it is shown, and when it tries again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from base.errors import (
    BrowserGone,
    ConsoleError,
    ConsoleNotReady,
    LoginLost,
    NeedsPerson,
    PageChanged,
)
from bots.settings import Settings, Shop
from flows.desk import Desk
from flows.duty import Duty, ShopCard
from flows.inbox import Waiter
from flows.page import ConsolePage
from storage.records import ShopState
from tests.bots.stationed import Calm, Place, stationed, waiting


@dataclass(slots=True)
class Seen:
    """A desk that only shows who waits, and notes how they are to be served."""

    waiters: list[Waiter]
    duties: list[Duty] = field(default_factory=list)
    cards: list[ShopCard] = field(default_factory=list)
    settled: bool = False
    page: Any = field(default_factory=lambda: SimpleNamespace(has_news=False))

    def adopt(self, card: ShopCard) -> None:
        self.cards.append(card)

    def waiting(self) -> list[Waiter]:
        return self.waiters

    async def serve(self, _waiter: Waiter, duty: Duty) -> None:
        self.duties.append(duty)


@pytest.fixture
def shift() -> Any:
    """As `shops.yaml` may say it."""
    return "09:00-13:00"


@pytest.fixture
async def place(tmp_path: Path, shift: Any) -> AsyncIterator[Place]:
    """A shop attended in that shift."""
    async with stationed(tmp_path, shift) as found:
        yield found


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


async def test_a_session_lost_while_the_pack_does_not_fit_is_thought_of_before_the_password_is_used(
    place: Place,
) -> None:
    class Adrift(Calm):
        def __init__(self) -> None:
            super().__init__()
            self.drift.key = "inbox.id"
            self.known: list[bool] = []

        async def look_anew(self, _credentials: None, *, known: bool) -> None:
            self.known.append(known)
            raise LoginLost("后台的登录已经失效")

    desk = Adrift()
    place.station._reactions.entered(place.clock.steady(), fresh=True)
    place.station.desk = cast(Desk, desk)
    await place.station._step()
    assert desk.known == [True]
    assert isinstance(place.station.failure, LoginLost)


async def test_a_browser_that_is_gone_ends_the_place(place: Place) -> None:
    place.door.error = BrowserGone("浏览器没了")
    place.station.start()
    with pytest.raises(BrowserGone):
        await asyncio.wait_for(place.station.wait(), 5)


async def test_a_page_that_hangs_is_given_up_at_the_next_reading(place: Place) -> None:
    station, desk = place.station, Calm(hangs=True)
    station.desk = cast(Desk, desk)
    station.busy = True
    await station._step()  # the visit in hand finds out by itself
    assert not desk.closed
    station.busy = False
    await station._step()
    assert desk.closed and station.desk is None
    assert await place.shown(ShopState.degraded) == "卡住了"


async def test_a_page_that_crashes_after_every_entry_is_opened_ever_more_rarely(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crashing(Calm):
        async def enter(self, _credentials: None, *, known: bool, inside: bool) -> bool:
            return False

        async def refresh(self) -> None:
            raise BrowserGone("页面崩溃了")

    opened = list[float]()

    async def open_page(*_given: object) -> ConsolePage:
        opened.append(place.clock.steady())
        return cast(ConsolePage, Crashing())

    monkeypatch.setattr("bots.station.Desk", lambda *_given: Crashing())
    monkeypatch.setattr(place.station, "_open_page", open_page)
    for pause in (0, 0, 2, 5, 30, 60):
        await place.station._step()
        known = len(opened)
        if pause:
            place.clock.go(pause - 1)
            await place.station._step()
            assert len(opened) == known
            place.clock.go(1)
    assert len(opened) == 6 and await place.shown(ShopState.degraded) == "页面崩溃了"
    place.station.come_back()
    await place.station._step()
    assert len(opened) == 7


async def test_a_shop_that_is_called_back_opens_also_the_conversations_that_crashed_its_page(place: Place) -> None:
    place.station._inbox.crashes.leave_alone("b1", place.clock.steady())
    place.station.come_back()
    assert list(place.station._inbox.crashes.over(place.clock.steady())) == ["b1"]


async def test_no_page_is_loaded_anew_under_a_visit_that_has_just_begun(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    station, desk, loaded = place.station, Calm(), list[bool]()

    async def tell(_desk: Calm) -> None:
        """What the ledger could not take before is told now, and somebody falls due meanwhile."""
        station.busy = True

    async def load(_desk: Calm) -> None:
        loaded.append(True)

    monkeypatch.setattr(Calm, "tell_state", tell)
    monkeypatch.setattr(Calm, "reload", load, raising=False)
    desk.freshness.due = lambda _now: True
    station.desk = cast(Desk, desk)
    await station._step()
    assert (loaded, station.busy) == ([], True)


async def test_nobody_knocks_out_of_hours(place: Place) -> None:
    place.clock.go(2 * 3600)  # two in the afternoon in Shanghai
    place.station.start()
    await place.poked()
    assert place.door.knocks == []
    assert place.station.failure is None


# --- what a shift does ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shift", "waiter", "live", "due"),
    [
        ([{"do": "人工优先", "after": 30}], waiting(), True, 1030.0),
        ([{"do": "人工优先", "after": 30}], waiting(left=65, clock=True), True, 1025.0),
        ([{"do": "人工优先", "after": 30}], waiting(left=20, clock=True), True, 1000.6),
        ([{"do": "人工优先", "after": 600}], waiting(), True, 1140.0),
        ([{"do": "人工优先", "after": 30}], waiting(mark=""), True, 1000.6),
        ([{"do": "人工优先", "after": 30}], waiting(), False, 1000.6),  # nothing is said anyway
        ([{"do": "回答"}], waiting(), True, 1000.6),
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
    desk = Seen([waiting()])
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
    station, desk = place.station, Seen([waiting()])
    station.set_live(True)
    station.desk = cast(Desk, desk)
    shop = Shop.model_validate({"id": "shop", "console": "practice-plain", "mode": "hold", "title": "新名字"})
    station.adopt(shop, Settings(shops=[shop], people="00:00-00:01", silence=3))
    await station.serve(waiting())
    assert [(duty.mode, duty.staffed) for duty in desk.duties] == [("hold", False)]
    assert [(card.title, card.silence) for card in desk.cards] == [("新名字", 180.0)]
    assert place.door.knocks == []
    station.leave()
    assert station.waiting() == []
    station.desk = None
