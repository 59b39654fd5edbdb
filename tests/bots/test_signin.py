"""A person who logs a shop in by hand: what they reach is saved, and a shop that waits for it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from base.clock import SystemClock
from base.errors import BrowserGone, ConfigError
from base.places import shared
from bots import signin
from bots.browser import Chromium
from bots.signin import sign_in
from bots.vault import Vault
from flows.pack import load_pack
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import ShopState
from tests.attending import eventually
from tests.flows.test_presence import pack_in
from tests.flows.watch import watching
from tests.lines import line_of
from tests.nursery import practising

PACK = load_pack(shared("selectors") / "practice-plain.yaml")


@pytest.fixture
async def practice() -> AsyncIterator[Practice]:
    """A console with one shop."""
    console = await practising("--shops", "1")
    yield console
    await console.stop()


async def window(browser: Browser, before: int) -> Page:
    """The window that opens, with its form."""

    async def opened() -> bool:
        return len(browser.contexts) > before and bool(browser.contexts[-1].pages)

    await eventually(opened)
    page = browser.contexts[-1].pages[0]
    await page.wait_for_selector("#login-form")
    return page


async def test_a_shop_whose_password_is_wrong_goes_on_once_a_person_has_logged_it_in(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = practice.shops[0]
    vault = Vault(folder=tmp_path, shop="shop-1")
    console = pack_in(tmp_path)
    async with watching(
        practice, browser, tmp_path, monkeypatch, password="not this one", start=False, console=console
    ) as now:

        async def refused() -> bool:
            return (await now.ledger(Ledger.shop_row, "shop-1")).state is ShopState.needs_login

        await now.until(refused)
        before = len(browser.contexts)
        waiting = asyncio.create_task(
            sign_in(Chromium(browser, line_of(browser)), PACK, row["url"], vault, SystemClock())
        )
        page = await window(browser, before)
        assert vault.load() is None
        await page.fill("#login-user", row["user"])
        await page.fill("#login-password", row["password"])
        await page.click(".login-submit")
        await asyncio.wait_for(waiting, 15)
        await page.context.close()
        saved = vault.load()
        assert saved is not None and [cookie["name"] for cookie in saved["cookies"]] == ["desk_session"]
        await now.ready()
        said = await now.say("什么时候发货")
        assert len(await now.replied(said["conversation"])) == 1


async def test_a_window_that_is_closed_saves_nothing(practice: Practice, browser: Browser, tmp_path: Path) -> None:
    vault, url = Vault(folder=tmp_path, shop="shop-1"), practice.shops[0]["url"]
    before = len(browser.contexts)
    waiting = asyncio.create_task(sign_in(Chromium(browser, line_of(browser)), PACK, url, vault, SystemClock()))
    page = await window(browser, before)
    await page.context.close()
    with pytest.raises(BrowserGone):
        await asyncio.wait_for(waiting, 10)
    assert vault.load() is None


async def test_nobody_waits_for_ever(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signin, "_SECONDS", 0.0)
    monkeypatch.setattr(signin, "_LOOK_SECONDS", 0.2)
    vault, url = Vault(folder=tmp_path, shop="shop-1"), practice.shops[0]["url"]
    with pytest.raises(ConfigError, match="没有看到登录成功"):
        await sign_in(Chromium(browser, line_of(browser)), PACK, url, vault, SystemClock())
    assert vault.load() is None
