"""A shop's place without a browser: its console's door, a clock that is set, desks that only note what is done."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from base.errors import BrowserGone, ConsoleError, ConsoleNotReady
from base.places import shared
from bots.evidence import Evidence
from bots.settings import Settings, Shop
from bots.station import Station
from bots.vault import Vault
from flows.inbox import Waiter
from flows.mind import Mind
from flows.pack import Pack, load_pack
from flows.page import ConsolePage
from knowledge.model import Knowledge
from storage.ledger import Ledger
from storage.records import ShopState
from storage.thread import LedgerThread
from tests.flows.paper import Set
from tests.fresh import fresh

KNOWLEDGE = Knowledge.model_validate({"entries": [{"id": "发货", "questions": "几时发", "answer": "两天内"}]})


@dataclass(slots=True)
class Door:
    """A console's door that is shut: each attempt meets the error that stands there."""

    error: ConsoleError
    clock: Set
    knocks: list[float] = field(default_factory=list)

    async def open_page(self, _pack: Pack, _state: Any, _on_change: Any) -> ConsolePage:
        self.knocks.append(self.clock.steady())
        raise self.error


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
    answered_at: float = -math.inf
    has_news: bool = False
    drift: Any = field(default_factory=lambda: SimpleNamespace(key=""))
    pack: Any = field(default_factory=lambda: SimpleNamespace(login=SimpleNamespace(afresh=False)))
    freshness: Any = field(default_factory=lambda: SimpleNamespace(due=lambda _now: False, doubted=False))

    @property
    def page(self) -> Calm:
        return self

    @property
    def answerer(self) -> Calm:
        return self

    def look_again(self) -> None:
        pass

    async def state(self) -> None:
        raise ConsoleNotReady("没有")

    async def run(self, _script: str, _argument: object) -> None:
        raise ConsoleNotReady("正在打开")

    async def close(self) -> None:
        self.closed = True

    async def begin(self) -> None:
        pass

    async def heed(self, _why: str) -> None:
        pass

    async def refresh(self) -> None:
        if self.hangs:
            raise BrowserGone("卡住了")

    async def stay_online(self) -> None:
        self.stayed += 1

    async def leave_to_people(self) -> None:
        self.recorded.set()

    async def note_spoken(self) -> None:
        pass

    def waiting(self) -> list[Waiter]:
        return []

    async def set_state(self, _state: ShopState, _why: str = "", *, picture: str | None = None) -> None:
        pass

    async def tell_state(self) -> None:
        pass


@dataclass(slots=True)
class Place:
    """A station in front of a door."""

    station: Station
    door: Door
    ledger: LedgerThread
    clock: Set

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

    async def turns(self) -> None:
        """Long enough for whatever is to happen by itself."""
        for _time in range(20):
            await self.ledger(Ledger.shop_row, "shop")


@asynccontextmanager
async def stationed(folder: Path, shift: Any = "09:00-13:00") -> AsyncIterator[Place]:
    """A shop attended in its shifts, as `shops.yaml` may say them, with people from nine to six."""
    clock = Set()
    door = Door(ConsoleNotReady("还没有"), clock)
    ledger = await LedgerThread.open(fresh(folder / "ledger.db"), clock)
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
        vault=Vault(folder=folder, shop="shop"),
        evidence=Evidence(folder),
        open_page=door.open_page,
        on_waiting=lambda: None,
        delay=0.0,
    )
    yield Place(station, door, ledger, clock)
    await station.stop()
    await ledger.close()


def waiting(*, left: float = 180.0, clock: bool = False, mark: str = "new") -> Waiter:
    """Somebody who waits since the clock was set."""
    return Waiter(
        key="k", since=1000.0, changed=1000.0, late_at=1000.0 + left, due_at=1000.6, clock=clock, mark=mark
    )
