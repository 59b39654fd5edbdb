"""A session that is dead behind a page that looks healthy: found by a probe, and not fought for."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from practice.client import Practice
from storage.ledger import Ledger
from storage.records import ShopState
from tests.flows.test_presence import pack_in
from tests.flows.watch import watching


async def test_a_probe_finds_it_while_nobody_asks_and_a_second_loss_may_be_a_persons(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.freshness._IDLE", 1.0)
    async with watching(practice, browser, tmp_path, monkeypatch, console=pack_in(tmp_path)) as now:

        async def states() -> list[str]:
            events = await now.ledger(Ledger.events)
            return [event.detail["new"] for event in events if event.kind == "shop_state"]

        async def back() -> bool:
            return (await states())[-2:] == [ShopState.needs_login, ShopState.ready]

        async def yields() -> bool:
            row = await now.ledger(Ledger.shop_row, "shop-1")
            return row.state is ShopState.kicked and "可能有人在用这个账号" in row.why

        await practice.control("expire", shop="shop-1", silently=True)
        await now.until(back)
        said = await now.say("什么时候发货")
        assert len(await now.replied(said["conversation"])) == 1
        await practice.control("expire", shop="shop-1", silently=True)
        await now.until(yields)
