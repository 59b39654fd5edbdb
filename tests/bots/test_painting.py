"""A worker draws pages only where a console needs it, and has another browser when one comes that does."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from playwright.async_api import async_playwright

from bots import worker
from bots.browser import UNPAINTED, Chromium, open_browser
from bots.chromium import find_chromium
from bots.settings import Login, Shop
from storage.ledger import Ledger
from storage.records import ShopState
from tests.attending import attending, eventually
from tests.flows.stage import staged
from tests.nursery import practising

ASKED = "什么时候发货"
_FEATURES = "--disable-features="


async def _disabled(args: Sequence[str]) -> set[str]:
    """The features that a browser of Playwright's goes without, given these switches: those of the last list."""
    async with async_playwright() as driver:
        before = set(psutil.Process().children(recursive=True))
        browser = await driver.chromium.launch(executable_path=find_chromium(), args=[*args, "--no-sandbox"])
        started = [one for one in psutil.Process().children(recursive=True) if one not in before]
        lines = [one.cmdline() for one in started]
        await browser.close()
    lists = [[arg for arg in line if arg.startswith(_FEATURES)] for line in lines if not _is_part(line)]
    return set(next(found for found in lists if found)[-1].removeprefix(_FEATURES).split(","))


def _is_part(line: Sequence[str]) -> bool:
    return any(arg.startswith("--type=") for arg in line)


async def test_a_browser_that_draws_nothing_goes_without_what_playwrights_does_and_waits_for_no_frame() -> None:
    """Chromium goes by the last list of features alone: a newer Playwright's must be taken over."""
    assert await _disabled(UNPAINTED) == {*await _disabled(()), "DeferRendererTasksAfterInput"}


async def test_a_press_keeps_an_undrawn_page_from_nothing() -> None:
    async with (
        open_browser(painted=False) as chromium,
        staged(chromium._browser, line=chromium.line, painted=False) as stage,
    ):
        # What a press sets off, and what comes after it as a task of its own.
        await stage.js(
            "void addEventListener('click', () => { const began = performance.now(); const { port1, port2 } ="
            " new MessageChannel(); port1.onmessage = () => { app.took = performance.now() - began };"
            " port2.postMessage(0) }, true)"
        )
        assert (await stage.console.press_row("k1")).thread is not None

        async def came() -> bool:
            return bool(await stage.js("'took' in app"))

        await eventually(came)
        assert await stage.js("app.took") < 40


async def test_a_shop_that_must_be_drawn_gets_a_browser_that_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bool] = []

    def noted(*, painted: bool) -> AbstractAsyncContextManager[Chromium]:
        opened.append(painted)
        return open_browser(painted=painted)

    monkeypatch.setattr(worker, "open_browser", noted)
    practice = await practising("--shops", "1")
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
