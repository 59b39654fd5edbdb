"""A page that goes while something is on in it: no shop is left busy for ever, and no other page goes with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from base.errors import BrowserGone, ConsoleError, LedgerUnavailable, NeedsPerson
from bots.settings import Settings
from bots.worker import Worker
from flows.duty import Duty
from flows.inbox import Waiter
from flows.views import Row
from flows.wall import Way
from storage.ledger import Ledger
from storage.records import ShopState
from tests.bots.stationed import Calm, Place, stationed, waiting


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with stationed(tmp_path, "00:00-24:00") as there:
        there.station.set_live(True)
        yield there
        there.station.desk = None


class Asked(Calm):
    """At work, with somebody who waits."""

    def waiting(self) -> list[Waiter]:
        return [waiting()]


async def test_a_visit_whose_page_has_just_gone_frees_the_shop(place: Place) -> None:
    place.station.busy = True  # as the worker leaves it as it begins the visit
    await place.station.serve(waiting())
    assert not place.station.busy


async def test_nobody_is_served_in_a_page_that_is_closing(place: Place) -> None:
    served: list[list[Waiter]] = []

    class Closing(Asked):
        async def close(self) -> None:
            served.append(place.station.waiting())

    place.station.desk = cast(Any, Closing())
    await place.station._react(BrowserGone("页面没了"))
    assert served == [[]]


async def test_what_an_old_page_met_does_not_close_the_new_one(place: Place) -> None:
    station, new = place.station, Calm()

    class Old(Calm):
        async def serve(self, _waiter: Waiter, _duty: Duty) -> None:
            station.desk = cast(Any, new)
            raise BrowserGone("页面没了")

    station.desk = cast(Any, Old())
    await station.serve(waiting())
    assert not new.closed


async def test_a_page_that_goes_under_a_reading_and_a_visit_alike_ends_no_browser(place: Place) -> None:
    station = place.station

    class Gone(Calm):
        async def refresh(self) -> None:
            await station._drop_page()  # a visit beside it has met the same
            raise BrowserGone("页面没了")

        at_work = True

    station.desk = cast(Any, Gone())
    await station._step()
    with pytest.raises(BrowserGone):  # a page that cannot be opened tells of the browser
        place.door.error = BrowserGone("浏览器没了")
        await station._step()


async def test_a_page_is_not_renewed_under_a_visit(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    station, asked = place.station, list[list[Waiter]]()

    async def over(_desk: object) -> bool:
        asked.append(station.waiting())  # as at any await, the worker looks for who is due
        return False

    monkeypatch.setattr(station._wear, "over", over)
    desk = Asked()
    station.desk = cast(Any, desk)
    await station._renew(cast(Any, desk))
    assert (asked, station.busy, desk.closed) == ([[]], False, False)


@pytest.mark.parametrize("left", [ShopState.degraded, ShopState.needs_login, ShopState.stopped, ShopState.ready])
async def test_off_shift_shows_for_a_worker_that_begins_then(tmp_path: Path, left: ShopState) -> None:
    async with stationed(tmp_path) as there:
        await there.ledger(Ledger.set_shop_state, "shop", left, "连不上")
        there.clock.go(2 * 3600)
        there.station.start()
        assert "再值守" in await there.shown(ShopState.off_shift)


async def test_off_shift_nobody_is_served_not_even_where_it_only_observes(tmp_path: Path) -> None:
    async with stationed(tmp_path) as there:
        there.clock.go(2 * 3600)
        there.station.desk = cast(Any, Asked())
        assert there.station.waiting() == []
        there.station.desk = None


async def test_what_a_locked_ledger_did_not_take_is_told_when_it_is_back(place: Place) -> None:
    station, locked = place.station, [True]

    class Walled(Calm):
        untold: Any = None

        async def refresh(self) -> None:
            raise NeedsPerson("captcha", "要验证码")

        async def set_state(self, state: ShopState, why: str = "", *, picture: str | None = None) -> None:
            self.untold = (state, why)
            await self.tell_state()

        async def tell_state(self) -> None:
            if self.untold is not None:
                if locked[0]:
                    raise LedgerUnavailable("账本被锁住了")
                await place.ledger(Ledger.set_shop_state, "shop", *self.untold)

    class Wall:
        stands, picture = True, None

        async def meet(self, _desk: object, _error: ConsoleError) -> None:
            pass

        async def look(self) -> tuple[Way, bool]:
            return Way.shut, False

    station._wall = cast(Any, Wall())
    station.desk = cast(Any, Walled())
    with pytest.raises(LedgerUnavailable):
        await station._step()
    locked[0] = False
    await station._step()
    assert (await place.ledger(Ledger.shop_row, "shop")).state is ShopState.captcha


async def test_a_shop_that_moves_leaves_no_page_open_though_the_ledger_is_locked(place: Place) -> None:
    class Untold(Calm):
        async def set_state(self, _state: ShopState, _why: str = "", *, picture: str | None = None) -> None:
            raise LedgerUnavailable("账本被锁住了")

    desk, worker = Untold(), object.__new__(Worker)
    place.station.desk = cast(Any, desk)
    worker._stations = [place.station]
    place.station.leave()
    await worker._part()
    assert (worker._stations, desk.closed) == ([], True)


async def test_who_was_only_observed_is_looked_at_once_the_list_says_otherwise(place: Place) -> None:
    station, now = place.station, place.clock.steady()
    row = Row(key="k", name="", preview="在吗", time="", unread="1", waiting=None, group="")
    inbox = station._inbox
    inbox.update([row], now)
    inbox.done("k", now)
    inbox.update([row], now + 1)
    assert list(inbox.waiting()) == []
    station.adopt(
        station.shop.model_copy(update={"mode": "hold"}), Settings(shops=[station.shop], people="09:00-18:00")
    )
    inbox.update([row], now + 2)
    assert [waiter.key for waiter in inbox.waiting()] == ["k"]
