"""`make pictures`: the pictures of the README, taken while bots serve the practice console for twenty seconds."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from io import StringIO
from pathlib import Path
from typing import Any

from loguru import logger
from playwright.async_api import Browser, Page, async_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI

from base.clock import SystemClock
from base.places import shared
from bots.chromium import find_chromium
from bots.demo.run import workplace
from bots.logs import start_log
from bots.table import figures_table
from bots.worker import Worker
from knowledge.model import load_knowledge
from practice.client import Practice
from scripts.running import ROOT
from storage.ledger import Ledger
from storage.records import ShopFigures, ShopState
from storage.thread import LedgerThread

FOLDER = ROOT / "docs/pictures"
_CONSOLE = "practice-plain"
_SECONDS = 22.0
_RATE = 2.0
# One buyer says this, each burst after a pause: what the knowledge answers, then what it does not.
_BURSTS = (
    ("在吗", "亲", "啥时侯能发货呀"),
    ("能开发票不", "发什么快递"),
    ("能在杯身上刻我女儿的名字吗", "字要楷体的那种"),
)
_BURST_SECONDS = 5.0
_READY_SECONDS = 30.0
_WIDTH = 92
# As a terminal sets it: lines that join, and a Chinese character as wide as two letters.
_TERMINAL = """
<style>
  main {{ display: inline-block; padding: 18px 22px; border-radius: 10px; background: #16181d; color: #d8dade; }}
  pre {{ margin: 0; font: 16px/19px "DejaVu Sans Mono", Menlo, monospace; }}
  i {{ font: normal 16px/19px "WenQuanYi Zen Hei", "Noto Sans CJK SC", "PingFang SC"; letter-spacing: 0.204em; }}
</style>
<main><pre>{code}</pre></main>
"""
_WIDE = re.compile(r"[\u2e80-\uffef]+")


async def main() -> int:
    """Take both pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nightdesk-pictures-")))
        start_log(folder, terminal=False)
        stack.callback(logger.remove)
        practice = await Practice.start("--shops", "3", "--seed", "11")
        stack.push_async_callback(practice.stop)
        ledger = await LedgerThread.open(folder / "ledger.db", SystemClock())
        stack.push_async_callback(ledger.close)
        for row in practice.shops:
            await ledger(Ledger.put_shop, row["id"], title=row["title"], console=_CONSOLE, platform="practice")
            await ledger(Ledger.go_live, row["id"])
        worker = Worker(workplace(practice, ledger, load_knowledge(shared("knowledge.yaml")), folder))
        task = asyncio.create_task(worker.run())
        driver = await stack.enter_async_context(async_playwright())
        args = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = await driver.chromium.launch(executable_path=find_chromium(), args=args)
        try:
            await _play(practice, ledger, browser)
        finally:
            worker.stop()
            await task
    return 0


async def _play(practice: Practice, ledger: LedgerThread, browser: Browser) -> None:
    await _all_ready(ledger)
    shop = practice.shops[2]  # it sells what the buyer asks about
    page = await _desk(browser, shop)
    await practice.control("buyers", run=True, rate=_RATE, seconds=_SECONDS)
    buyer = (await practice.say(shop["id"], _BURSTS[0][0], name="晚***风"))["conversation"]
    for burst in (_BURSTS[0][1:], *_BURSTS[1:]):
        for text in burst:
            await asyncio.sleep(0.3)
            await practice.say(shop["id"], text, buyer=buyer)
        await asyncio.sleep(_BURST_SECONDS)
    await page.click(f'.row[data-uid="{buyer}"]')
    await page.wait_for_selector('.messages[data-loaded="true"]')
    await page.evaluate("Promise.all(Array.from(document.images, (image) => image.decode()))")
    await page.screenshot(path=FOLDER / "console.png")
    await asyncio.sleep(_SECONDS - len(_BURSTS) * _BURST_SECONDS)
    await _table(browser, await ledger(Ledger.figures))


async def _all_ready(ledger: LedgerThread) -> None:
    async with asyncio.timeout(_READY_SECONDS):
        while True:
            if all(row.state is ShopState.ready for row in await ledger(Ledger.shop_rows)):
                return
            await asyncio.sleep(0.2)


async def _desk(browser: Browser, shop: dict[str, Any]) -> Page:
    """The shop's desk as somebody who watches sees it."""
    context = await browser.new_context(viewport={"width": 1280, "height": 860}, locale="zh-CN")
    page = await context.new_page()
    await page.goto(shop["url"])
    await page.fill("#login-user", shop["user"])
    await page.fill("#login-password", shop["password"])
    await page.click(".login-submit")
    await page.wait_for_selector(".desk .inbox")
    return page


async def _table(browser: Browser, figures: Sequence[ShopFigures]) -> None:
    recorder = Console(record=True, file=StringIO(), width=_WIDTH, force_terminal=True)
    recorder.print(figures_table(figures, "Nightdesk 演示：机器人正在练习台值守"))
    text = recorder.export_html(theme=MONOKAI, inline_styles=True, code_format="{code}")
    page = await browser.new_page(viewport={"width": 1200, "height": 600}, device_scale_factor=2)
    await page.set_content(_TERMINAL.format(code=_WIDE.sub(r"<i>\g<0></i>", text)))
    await page.locator("main").screenshot(path=FOLDER / "table.png", omit_background=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
