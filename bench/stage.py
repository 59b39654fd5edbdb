"""A practice console with a long past, open in a browser as the bots open theirs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Page, async_playwright

from base.clock import SystemClock
from base.places import shared
from bots.chromium import find_chromium
from bots.splice import splice
from flows.login import Credentials, enter
from flows.pack import load_pack
from flows.page import ConsolePage
from practice.client import Practice

PACK = "selectors/practice-plain.yaml"
# Some rows show a mark and a clock, as they would.
_WAITING_SHARE = 0.1
_OPEN_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One page, as the bots hold it and as Playwright gives it."""

    console: ConsolePage
    page: Page


@asynccontextmanager
async def stage(rows: int, messages: int) -> AsyncIterator[Stage]:
    """The desk of a shop with so many rows, whose open thread holds so many messages; gone when the block ends."""
    practice = await Practice.start("--shops", "1", "--seed", "7")
    try:
        shop = practice.shops[0]
        filled = await practice.control(
            "fill", shop=shop["id"], conversations=rows, messages=messages, waiting=round(rows * _WAITING_SHARE)
        )
        credentials = Credentials(user=shop["user"], password=lambda: str(shop["password"]))
        path = find_chromium()
        assert path is not None  # noqa: S101 - set-up has seen to it
        async with async_playwright() as driver, splice(path) as spliced:
            args = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
            browser = await driver.chromium.launch(**spliced.launch, args=args)
            context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
            console = await ConsolePage.open(
                context, await spliced.line, load_pack(shared(PACK)), SystemClock(), lambda _changed: None
            )
            await _enter(console, shop["url"], credentials, filled["conversations"][0], messages)
            yield Stage(console=console, page=context.pages[0])
            await browser.close()
    finally:
        await practice.stop()


async def _enter(console: ConsolePage, url: str, credentials: Credentials, key: str, messages: int) -> None:
    """Log in, open conversation `key` and load it back to its first message."""
    await enter(console, url, credentials)
    thread = (await console.press_row(key, timeout=_OPEN_SECONDS)).thread
    async with asyncio.timeout(_OPEN_SECONDS):
        while thread is None or len(thread.messages) < messages:
            await console.press(console.pack.thread.earlier, key="thread.earlier")
            thread = await console.wait_thread(key, timeout=_OPEN_SECONDS)
