"""A person logs a shop in, in a window of their own; what comes of it is saved for the bots."""

from __future__ import annotations

import asyncio

from base.clock import Clock
from base.errors import ConfigError, Problem
from bots.browser import Chromium
from bots.vault import Vault
from flows.pack import Pack

_SECONDS = 900.0
_LOOK_SECONDS = 30.0


async def sign_in(browser: Chromium, pack: Pack, url: str, vault: Vault, clock: Clock) -> None:
    """Open the console and wait until a person is in, for a quarter of an hour at most; then save the session.

    Raises `ConfigError` when the time is over, and `ConsoleError` when the console does not load or the window is
    closed: then nothing is saved.
    """
    page = await browser.console(pack, await asyncio.to_thread(vault.load), clock, lambda _changed: None)
    await page.goto(url)
    until = clock.steady() + _SECONDS
    while not await page.wait_signal(["logged_in"], timeout=_LOOK_SECONDS):
        if clock.steady() >= until:
            hint = "登录后要停在客服工作台的页面上；选择器包的 logged_in 对不上时，运行 nightdesk selectors check"
            raise ConfigError(Problem(message="一刻钟里没有看到登录成功，什么都没有保存", hint=hint))
    await asyncio.to_thread(vault.save, await page.state())
