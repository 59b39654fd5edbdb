"""A worker draws pages only where a console needs it, and has another browser when one comes that does."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from bots import worker
from bots.browser import Chromium, open_browser
from bots.settings import Login, Shop
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import ShopState
from tests.attending import attending, eventually

ASKED = "什么时候发货"


async def test_a_shop_that_must_be_drawn_gets_a_browser_that_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bool] = []

    def noted(*, painted: bool) -> AbstractAsyncContextManager[Chromium]:
        opened.append(painted)
        return open_browser(painted=painted)

    monkeypatch.setattr(worker, "open_browser", noted)
    practice = await Practice.start("--shops", "1")
    row = practice.shops[0]
    shop = Shop(id=row["id"], console="practice-plain", url=row["url"], login=Login(user=row["user"]))
    try:
        async with attending(tmp_path, [shop], str(row["password"])) as there:

            async def ready() -> bool:
                found = await there.ledger(Ledger.shop_rows)
                return [one.state for one in found] == [ShopState.ready]

            async def answered() -> bool:
                turns = (await practice.truth())["turns"]
                return bool(turns) and all(turn["got"] for turn in turns)

            await eventually(ready)
            await practice.say(shop.id, ASKED)
            await eventually(answered)
            place = there.worker._place
            pack = place.packs[shop.id].model_copy(update={"painted": True})
            await there.worker.take(replace(place, packs={shop.id: pack}))
            await practice.say(shop.id, ASKED)
            await eventually(answered)
            assert opened == [False, True]
    finally:
        await practice.stop()
