"""Starting the Chromium that a worker's shops live in; the only module of `bots/` that touches playwright."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from playwright.async_api import Browser, Error, async_playwright

from base.clock import Clock
from base.errors import BrowserGone, ConfigError, Problem
from bots.chromium import find_chromium
from flows.pack import Pack
from flows.page import ConsolePage

_ARGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_VIEW = (1280, 800)
_LAUNCH_MS = 30_000


class Chromium:
    """One running browser."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    async def console(
        self,
        pack: Pack,
        state: Mapping[str, Any] | None,
        clock: Clock,
        on_change: Callable[[frozenset[str]], None],
    ) -> ConsolePage:
        """A page for one shop in a context of its own, with its saved session; raises `BrowserGone`."""
        try:
            context = await self._browser.new_context(
                storage_state=state,  # type: ignore[arg-type] # what `storage_state()` gave
                viewport={"width": _VIEW[0], "height": _VIEW[1]},
                locale="zh-CN",
                timezone_id=pack.meter.time_zone,
                service_workers=pack.service_workers,
            )
            return await ConsolePage.open(context, pack, clock, on_change)
        except Error as error:
            raise BrowserGone(f"浏览器已经关闭：{error.message.splitlines()[0][:200]}") from None


@asynccontextmanager
async def open_browser() -> AsyncIterator[Chromium]:
    """A headless Chromium, gone with its driver when the block ends; raises `ConfigError` when none can start."""
    path = find_chromium()
    if path is None:
        hint = "运行 make setup，或安装 Chromium 后设置环境变量 NIGHTDESK_CHROMIUM"
        raise ConfigError(Problem(message="这台机器上找不到 Chromium 浏览器", hint=hint))
    # Chromium refuses to run its sandbox as root.
    args = [*_ARGS, "--no-sandbox"] if os.geteuid() == 0 else _ARGS
    async with async_playwright() as driver:
        try:
            browser = await driver.chromium.launch(executable_path=path, args=args, timeout=_LAUNCH_MS)
        except Error as error:
            message = f"Chromium 启动失败（{path}）：{error.message.splitlines()[0][:200]}"
            raise ConfigError(Problem(message=message, hint="运行 make setup")) from None
        try:
            yield Chromium(browser)
        finally:
            with suppress(Error):  # one that is gone already is what was wanted
                await browser.close()
