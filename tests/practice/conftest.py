"""A practice console in a process of its own, and desks open in a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from practice.client import Practice
from tests.nursery import practising

OpenDesk = Callable[..., Awaitable[Page]]


@pytest.fixture
async def practice() -> AsyncIterator[Practice]:
    """A console with three shops and no buyers of its own."""
    console = await practising("--seed", "7")
    yield console
    await console.stop()


@pytest.fixture
async def open_desk(practice: Practice, browser: Browser) -> AsyncIterator[OpenDesk]:
    """Opens shop-1's desk in a context of its own, logged in as the bot or with the login given."""
    contexts = []

    async def open_one(login: dict[str, Any] | None = None) -> Page:
        shop = practice.shops[0]
        login = login or shop
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(5_000)
        await page.goto(shop["url"])
        await page.fill("#login-user", login["user"])
        await page.fill("#login-password", login["password"])
        await page.click(".login-submit")
        await page.wait_for_selector(".desk .inbox")
        return page

    yield open_one
    for context in contexts:
        await context.close()


@pytest.fixture
async def desk(open_desk: OpenDesk) -> Page:
    """Shop-1's desk, logged in."""
    return await open_desk()
