"""A list that is in the page only where it is in sight: read as a whole, pressed anywhere, no row missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from base.clock import SystemClock
from flows.login import Credentials, enter
from flows.pack import load_pack
from flows.page import ConsolePage
from practice.client import Practice
from tests.lines import line_of
from tests.nursery import practising

PACK = Path(__file__).parents[2] / "selectors" / "jd.yaml"
HEARD: list[frozenset[str]] = []


class LaterClock(SystemClock):
    """The machine's clock, which a test may put forward by seconds."""

    ahead = 0.0

    def steady(self) -> float:
        return super().steady() + self.ahead


CLOCK = LaterClock()


@pytest.fixture
async def practice() -> AsyncIterator[Practice]:
    """A console with a virtual list."""
    console = await practising("--dialect", "jd", "--shops", "1")
    yield console
    await console.stop()


@pytest.fixture
async def console(practice: Practice, browser: Browser) -> AsyncIterator[ConsolePage]:
    """The bots' own page on it, logged in."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, timezone_id="Asia/Shanghai")
    HEARD.clear()
    page = await ConsolePage.open(context, line_of(context.browser), load_pack(PACK), CLOCK, HEARD.append)
    shop = practice.shops[0]
    await enter(page, shop["url"], Credentials(user=shop["user"], password=lambda: str(shop["password"])))
    yield page
    await page.close()


async def keys(console: ConsolePage) -> set[str]:
    rows = (await console.read()).rows
    assert rows is not None
    return {row.key for row in rows}


async def test_all_rows_are_read_and_any_is_opened(practice: Practice, console: ConsolePage) -> None:
    filled = await practice.control("fill", shop="shop-1", conversations=120, messages=2, waiting=60)
    expected = set(filled["conversations"])
    await console.reload()
    await console.wait_signal(["logged_in"], timeout=5)
    async with asyncio.timeout(10):
        while await keys(console) != expected:
            pass
    in_page = await console.run("() => document.querySelectorAll('.alluser-item').length", None)
    assert 0 < in_page < 40
    for key in (filled["conversations"][0], filled["conversations"][-1], filled["conversations"][50]):
        opened = await console.press_row(key)
        assert opened.thread is not None and opened.thread.key == key, opened
    assert await keys(console) == expected


async def test_rolling_of_our_own_is_no_news(practice: Practice, console: ConsolePage) -> None:
    await practice.control("fill", shop="shop-1", conversations=60, messages=2)
    await console.reload()
    await console.wait_signal(["logged_in"], timeout=5)
    await console.read()
    await console.run("() => new Promise((done) => setTimeout(done, 300))", None)
    HEARD.clear()
    rolled = "() => (window.rolled ??= 0, addEventListener('scroll', () => (window.rolled += 1), true))"
    await console.run(rolled, None)
    CLOCK.ahead += 60
    await console.read()
    await console.run("() => new Promise((done) => setTimeout(done, 300))", None)
    assert await console.run("() => window.rolled", None) > 3
    assert HEARD == []
