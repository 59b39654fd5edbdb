"""One shop's trouble is its own: a page that hangs keeps nobody waiting in the other shops of its worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.settings import Login, Shop
from bots.station import Station
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import ShopState
from tests.attending import Attended, attending, eventually
from tests.nursery import practising

ASKED = "什么时候发货"
PASSWORD = "the same for all"
# Two seconds until a visit that waits for its page keeps no other from beginning, and time for two usual ones on a
# busy machine; a page that hangs is given up only long after.
BOUND, STUCK = 12.0, 25.0


def station_of(bots: Attended, shop: str) -> Station:
    return next(station for station in bots.worker._stations if station.shop.id == shop)


async def answered_after(practice: Practice, conversation: str) -> float:
    """Seconds until a buyer got a word, by the console's own record."""
    got: list[float] = []

    async def told() -> bool:
        turns = [one for one in (await practice.truth())["turns"] if one["conversation"] == conversation]
        got[:] = [(reply["at"] - turns[0]["asked_first"]) / 1000 for reply in turns[0]["got"]]
        return bool(got)

    await eventually(told)
    return got[0]


async def test_a_page_that_hangs_keeps_no_other_shop_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRACTICE_PASSWORD", PASSWORD)
    monkeypatch.setattr("flows.tab._STUCK_SECONDS", STUCK)
    monkeypatch.setattr("bots.worker._DRAIN_SECONDS", 1.0)
    practice = await practising("--shops", "3")
    shops = [
        Shop(id=row["id"], console="practice-plain", url=row["url"], login=Login(user=row["user"]))
        for row in practice.shops
    ]
    try:
        # With room for one visit at a time, one that hangs would stop all.
        async with attending(tmp_path, shops, PASSWORD, visits=1) as bots:

            async def ready() -> bool:
                return {row.state for row in await bots.ledger(Ledger.shop_rows)} == {ShopState.ready}

            await eventually(ready)
            hangs = station_of(bots, "shop-1")
            await practice.say("shop-1", ASKED)

            async def noticed() -> bool:
                return hangs.busy or bool(hangs.waiting())

            await eventually(noticed)
            await practice.control("disturb", shop="shop-1", how="stuck")

            async def visited() -> bool:
                return hangs.busy

            await eventually(visited)
            said = [await practice.say(shop, ASKED) for shop in ("shop-2", "shop-3")]
            waits = [await answered_after(practice, one["conversation"]) for one in said]
            assert max(waits) < BOUND
    finally:
        await practice.stop()
