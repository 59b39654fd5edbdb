"""What a shop's place does when its console does not let it in: how it is shown, and when it tries again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from base.errors import BrowserGone, ConsoleError, ConsoleNotReady, NeedsPerson, PageChanged
from base.places import shared
from bots.evidence import Evidence
from bots.settings import Settings, Shop
from bots.station import Station
from bots.vault import Vault
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
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A shop attended from nine to noon."""
    clock = Hand()
    door = Door(ConsoleNotReady("还没有"), clock)
    ledger = await LedgerThread.open(tmp_path / "ledger.db", clock)
    await ledger(Ledger.put_shop, "shop", title="店", console="practice-plain", platform="practice")
    shop = Shop(id="shop", console="practice-plain", shift="09:00-13:00")
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


async def test_nobody_knocks_out_of_hours(place: Place) -> None:
    place.clock.go(2 * 3600)  # two in the afternoon in Shanghai
    place.station.start()
    await place.poked()
    assert place.door.knocks == []
    assert place.station.failure is None
