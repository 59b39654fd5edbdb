"""Shops come, change, go and move under a real `nightdesk up`, and no buyer notices."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest

from bench.house import House, house
from bots.processes import Birth
from bots.seat import Holder
from storage.ledger import Ledger
from storage.records import ShopState

ASKED = "什么时候发货"


def listed(there: House) -> dict[str, Any]:
    return dict(json.loads(there.home.shops.read_text("utf-8")))


def save(there: House, written: dict[str, Any], *shops: dict[str, Any]) -> None:
    there.home.shops.write_text(json.dumps({**written, "shops": shops}), encoding="utf-8")


async def states(there: House) -> dict[str, ShopState]:
    return {row.shop: row.state for row in await there.ledger(Ledger.shop_rows)}


async def live(there: House) -> dict[str, bool]:
    """Which shops may answer."""
    return {row.shop: row.live_since is not None for row in await there.ledger(Ledger.shop_rows)}


async def told(there: House) -> list[str]:
    return [str(event.detail["state"]) for event in await there.ledger(Ledger.events) if event.kind == "shops"]


async def entered(there: House, shop: str) -> list[str]:
    """The states that a shop has been in."""
    found = await there.ledger(Ledger.events)
    return [str(one.detail["new"]) for one in found if (one.kind, one.shop) == ("shop_state", shop)]


def held(there: House, shop: str) -> Holder:
    holder = there.holder(shop)
    assert holder is not None
    return holder


@pytest.mark.timeout(240)
async def test_shops_come_change_and_go_while_the_others_are_attended() -> None:
    async with house(3) as there:
        written = listed(there)
        first, second, third = written.pop("shops")
        save(there, written, first, second)
        await there.up()

        async def ready() -> bool:
            found = await states(there)
            return [found["shop-1"], found["shop-2"]] == [ShopState.ready] * 2

        await there.until(ready)
        worker = held(there, "shop-1").process

        save(there, written, first, second, third)
        asked = await there.practice.say("shop-3", ASKED)
        await there.answered(asked["conversation"])

        save(there, written, first, second | {"mode": "hold", "title": "新名字"}, third)

        async def renamed() -> bool:
            return "新名字" in [row.title for row in await there.ledger(Ledger.shop_rows)]

        await there.until(renamed)
        held_back = await there.practice.say("shop-2", ASKED)
        await there.answered(held_back["conversation"])
        assert [one.shop for one in await there.ledger(Ledger.handoffs)] == ["shop-2"]

        there.home.shops.write_text(json.dumps({**written, "shops": [first, first]}), encoding="utf-8")

        async def wrong() -> bool:
            return (await told(there))[-1] == "broken"

        await there.until(wrong)
        again = await there.practice.say("shop-3", ASKED)
        await there.answered(again["conversation"])

        save(there, written, first, third | {"url": f"{third['url']}#again"})

        async def gone() -> bool:
            return there.holder("shop-2") is None and (await states(there))["shop-2"] is ShopState.stopped

        await there.until(gone)
        elsewhere = await there.practice.say("shop-3", ASKED)
        last = await there.practice.say("shop-1", ASKED)
        await there.answered(last["conversation"])

        async def observed() -> bool:
            return [turn.shop for turn in await there.ledger(Ledger.open_turns, "shop-3")] == ["shop-3"]

        await there.until(observed)
        # Nobody has tried it there: it says nothing until somebody does.
        assert await live(there) == {"shop-1": True, "shop-2": True, "shop-3": False}
        await there.ledger(Ledger.go_live, "shop-3")
        await there.answered(elsewhere["conversation"])
        assert held(there, "shop-1").process == held(there, "shop-3").process == worker
        assert await entered(there, "shop-1") == ["ready"]
        assert await entered(there, "shop-3") == ["ready", "stopped", "ready"]
        await there.close()


@pytest.mark.timeout(240)
async def test_shops_of_a_worker_that_keeps_dying_are_divided_and_nobody_is_missed_or_told_twice() -> None:
    async with house(2) as there:
        await there.up()
        await there.ready()
        said = []
        for _death in range(3):
            worker = held(there, "shop-1").process
            assert held(there, "shop-2").process == worker
            said += [await there.practice.say(shop, ASKED) for shop in there.shops]
            os.kill(worker.pid, signal.SIGKILL)

            async def again(worker: Birth = worker) -> bool:
                holders = [there.holder(shop) for shop in there.shops]
                return all(holder is not None and holder.process != worker for holder in holders)

            await there.until(again)

        async def divided() -> bool:
            holders = [there.holder(shop) for shop in there.shops]
            return len({holder.process for holder in holders if holder is not None}) == 2

        await there.until(divided)
        said += [await there.practice.say(shop, ASKED) for shop in there.shops]
        for one in said:
            await there.answered(one["conversation"])
        await there.until(there.seen_to)
        truth = await there.practice.truth()
        assert [len(turn["got"]) for turn in truth["turns"]] == [1] * len(said)

        async def moved() -> list[str]:
            return [str(one.detail["why"]) for one in await there.ledger(Ledger.events) if one.kind == "moved"]

        async def moved_on_record() -> bool:
            return bool(await moved())

        await there.until(moved_on_record)
        assert await moved() == ["值守进程反复退出，把 shop-2 移到另一个值守进程"]
        await there.close()
