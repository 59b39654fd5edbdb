"""`shops.yaml` edited while bots run: right edits count at once, wrong ones change nothing and are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from base.clock import SystemClock
from bots.roll import Roll, read_roll
from bots.rollkeeper import RollKeeper
from storage.ledger import Ledger
from storage.records import Event
from storage.thread import LedgerThread
from tests.attending import eventually
from tests.bots.cli.conftest import PACK, SHOPS, Place
from tests.bots.cli.conftest import place as place

TWO = SHOPS + "  - {id: milk, console: pack.yaml}\n"


@dataclass(slots=True)
class Kept:
    """A keeper at work, what it called with, and what is to be told."""

    place: Place
    keeper: RollKeeper
    ledger: LedgerThread
    taken: list[Roll] = field(default_factory=list)
    in_charge: bool = True

    async def shops(self, *wanted: str) -> None:
        async def known() -> bool:
            return list(self.keeper.roll().shops) == list(wanted)

        await eventually(known)

    async def told(self, *wanted: str) -> list[Event]:
        """The events, once they are of these states."""

        async def seen() -> bool:
            return [event.detail["state"] for event in await self.events()] == list(wanted)

        await eventually(seen)
        return await self.events()

    async def events(self) -> list[Event]:
        return [event for event in await self.ledger(Ledger.events) if event.kind == "shops"]


@pytest.fixture
async def kept(place: Place) -> AsyncIterator[Kept]:
    place.home.prepare()
    ledger = await LedgerThread.open(place.home.ledger, SystemClock())
    found: list[Kept] = []
    keeper = RollKeeper(
        place.home,
        read_roll(place.home),
        ledger,
        SystemClock(),
        changed=lambda roll: found[0].taken.append(roll),
        in_charge=lambda: found[0].in_charge,
    )
    found.append(Kept(place, keeper, ledger))
    keeper.start()
    yield found[0]
    await keeper.stop()
    await ledger.close()


async def test_a_right_edit_counts_and_is_told_with_what_changed(kept: Kept) -> None:
    kept.place.write("shops.yaml", TWO)
    await kept.shops("tea", "milk")
    (event,) = await kept.told("live")
    assert (event.severity, event.detail["why"]) == ("info", "店铺清单有改动，已经启用：新增 milk")
    assert [list(roll.shops) for roll in kept.taken] == [["tea", "milk"]]


async def test_a_wrong_edit_keeps_the_last_good_list_and_says_where(kept: Kept) -> None:
    kept.place.write("shops.yaml", TWO.replace("id: milk", "id: tea"))
    (event,) = await kept.told("broken")
    assert (event.severity, event.detail["line"]) == ("alert", 8)
    # Of the folder a part may be masked: a test before this one may have had a word of its name for a password.
    assert event.detail["file"].endswith("/home/shops.yaml")
    assert event.detail["why"] == "店铺清单第 8 行改错了，先用改动以前的：店铺 id “tea”重复"
    assert "每家店的 id 不能相同" in await kept.ledger(Ledger.roll_trouble)
    assert (kept.taken, list(kept.keeper.roll().shops)) == ([], ["tea"])
    kept.place.write("shops.yaml", SHOPS)
    mended = (await kept.told("broken", "live"))[-1]
    assert (mended.severity, mended.detail["why"]) == ("info", "店铺清单改好了，已经启用：和出错以前一样")
    assert await kept.ledger(Ledger.roll_trouble) == ""
    assert kept.taken == []


async def test_a_pack_of_the_operators_own_counts_too(kept: Kept) -> None:
    kept.place.write("pack.yaml", PACK.replace("#enter", "#go"))
    (event,) = await kept.told("live")
    assert event.detail["changes"] == "改动 tea（console）"
    assert kept.taken[0].packs["tea"].login.kind == "password"
    kept.place.write("pack.yaml", PACK.replace("inbox:", "inbax:"))
    assert "pack.yaml" in (await kept.told("live", "broken"))[-1].detail["file"]


async def test_knowledge_that_is_not_there_is_a_wrong_edit(kept: Kept) -> None:
    kept.place.write("shops.yaml", TWO.replace("id: milk,", "id: milk, knowledge: milk.yaml,"))
    (event,) = await kept.told("broken")
    assert "milk.yaml" in str(event.detail["file"])
    kept.place.write("milk.yaml", "extends: knowledge.yaml\nentries: []\n")
    await kept.shops("tea", "milk")


async def test_an_edit_of_the_knowledge_alone_is_none_of_the_list(kept: Kept) -> None:
    kept.place.write("knowledge.yaml", "entries: 不对\n")
    kept.place.write("shops.yaml", TWO)
    await kept.shops("tea", "milk")
    await kept.told("live")


async def test_who_stands_by_goes_by_the_edit_and_tells_it_once_it_is_in_charge(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.in_charge = False
    kept.place.write("shops.yaml", TWO)
    await kept.shops("tea", "milk")
    assert await kept.events() == []
    kept.in_charge = True
    await kept.told("live")


async def test_what_was_wrong_before_the_start_is_over(kept: Kept) -> None:
    await kept.ledger(Ledger.roll_broken, "改错了", "shops.yaml:3: 不对", "shops.yaml", 3)
    again = RollKeeper(
        kept.place.home,
        read_roll(kept.place.home),
        kept.ledger,
        SystemClock(),
        changed=kept.taken.append,
        in_charge=lambda: True,
    )
    again.start()
    try:
        await kept.told("broken", "live")
    finally:
        await again.stop()
