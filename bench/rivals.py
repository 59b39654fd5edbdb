"""Three other ways to sit in the practice console, for `bench.fleet` to measure ours beside.

`python -m bench.rivals naive|floor|bare`: reads the shops as one line of JSON, says `ready`, and serves until its
standard input is closed. `naive` is the usual way of public bots. `floor` is the least that a browser allows:
nothing is checked, nothing is recorded, nothing is understood, and nothing is painted. `bare` is the same without
Playwright's way to the browser, over a line as ours is.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from playwright.async_api import BrowserContext, Page, async_playwright
from playwright.async_api import TimeoutError as PlaywrightTimeout

from bots.browser import UNPAINTED
from bots.chromium import find_chromium
from bots.splice import splice
from flows.line import Line, Target

# The text says whom it is meant for: one that reached somebody else tells.
ANSWER = "亲，付款后48小时内发出哦（{key}）"
_ARGS = ["--disable-gpu"]
_POLL_SECONDS, _AT_ONCE = 3.0, 5
_WAIT_MS = 5_000
_OPENS_SECONDS = 1.0
_OBSERVER = """(() => {
  const told = new Map();
  const tell = (what) =>
    window.__nightdesk_push ? window.__nightdesk_push(JSON.stringify(what)) : window.bench_tell(what);
  let open = null;
  const look = () => {
    for (const row of document.querySelectorAll(".row")) {
      const mark = row.querySelector(".row-unread")?.textContent ?? "", key = row.dataset.uid;
      if (mark && told.get(key) !== mark) tell({ waits: key });
      mark ? told.set(key, mark) : told.delete(key);
    }
    const loaded = document.querySelector('.thread[data-conversation] .messages[data-loaded="true"]');
    const now = loaded?.closest(".thread").dataset.conversation ?? null;
    if (now !== open && now !== null) tell({ open: now });
    open = now;
  };
  window.bench_place = (key) => {
    const row = document.querySelector(`.row[data-uid="${CSS.escape(key)}"]`);
    row.scrollIntoView({ block: "nearest" });
    const { x, y, width, height } = row.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  };
  const all = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(look).observe(document, all);
})();"""


async def naive(context: BrowserContext, url: str, turn: asyncio.Semaphore) -> None:
    """A page that is looked at every few seconds, five shops at a time, by Playwright's locators."""
    page = await context.new_page()
    await page.goto(url)
    while True:
        # What a busy page did not do in time is tried at the next look: one shop's is not the end of all.
        async with turn:
            with suppress(PlaywrightTimeout):
                await _look_through(page)
        await asyncio.sleep(_POLL_SECONDS)


async def _look_through(page: Page) -> None:
    unread = page.locator(".row:has(.row-unread)")
    for key in await unread.evaluate_all("(rows) => rows.map((row) => row.dataset.uid)"):
        await page.locator(f'.row[data-uid="{key}"]').click(timeout=_WAIT_MS)
        thread = page.locator(f'.thread[data-conversation="{key}"]')
        await thread.locator('.messages[data-loaded="true"]').wait_for(timeout=_WAIT_MS)
        await thread.locator(".from-buyer .msg-text").last.inner_text()
        own = thread.locator(".from-shop")
        before = await own.count()
        await page.locator(".composer-input").fill(ANSWER.format(key=key))
        await page.locator(".composer-input").press("Enter")
        await own.nth(before).wait_for(timeout=_WAIT_MS)


class _Hands(Protocol):
    """What it takes to answer: where a row is, a press, words and Enter."""

    async def place(self, key: str) -> tuple[float, float]: ...
    def click(self, x: float, y: float) -> Awaitable[object]: ...
    async def insert(self, text: str) -> None: ...
    def enter(self) -> Awaitable[object]: ...


class _Playwrights:
    """By Playwright's own calls."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.click, self.insert = page.mouse.click, page.keyboard.insert_text

    async def place(self, key: str) -> tuple[float, float]:
        x, y = await self._page.evaluate("(key) => window.bench_place(key)", key)
        return x, y

    async def enter(self) -> None:
        await self._page.keyboard.press("Enter")


class _Ours:
    """Over a line of our own."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.click, self.insert, self.enter = target.click, target.insert, target.enter

    async def place(self, key: str) -> tuple[float, float]:
        x, y = await (await self._target.world()).call("(key) => window.bench_place(key)", key)
        return x, y


async def floor(context: BrowserContext, url: str, line: Line | None) -> None:
    """A page that tells who waits: press the row, put the text in, press Enter; over `line` if there is one."""
    waiting: asyncio.Queue[str] = asyncio.Queue()
    opened: dict[str, asyncio.Event] = {}

    def tell(told: Mapping[str, str]) -> None:
        if "waits" in told:
            waiting.put_nowait(told["waits"])
        elif told["open"] in opened:
            opened[told["open"]].set()

    await context.add_init_script(_OBSERVER)
    hands: _Hands
    if line is None:
        await context.expose_binding("bench_tell", lambda _source, told: tell(told))
        page = await context.new_page()
        hands = _Playwrights(page)
    else:
        page = await context.new_page()
        hands = _Ours(await _on_line(line, page, tell))
    await page.goto(url, wait_until="domcontentloaded")
    while True:
        key = await waiting.get()
        opened[key] = asyncio.Event()
        await hands.click(*await hands.place(key))
        try:
            async with asyncio.timeout(_OPENS_SECONDS):
                await opened[key].wait()
        except TimeoutError:  # the list moved under the press: once more, after the others
            waiting.put_nowait(key)
            continue
        finally:
            del opened[key]
        await hands.insert(ANSWER.format(key=key))
        await hands.enter()


async def _on_line(line: Line, page: Page, tell: Callable[[Mapping[str, str]], None]) -> Target:
    session = await page.context.new_cdp_session(page)
    known = await session.send("Target.getTargetInfo")
    await session.detach()
    target = await line.attach(
        known["targetInfo"]["targetId"], lambda _world, text: tell(json.loads(text)), whole=False
    )
    await target.hush()
    return target


async def serve(kind: str, shops: list[dict[str, Any]]) -> None:
    """Serve all shops, each in a context of its own, until standard input is closed."""
    args = [*_ARGS, *([] if kind == "naive" else UNPAINTED), *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    turn = asyncio.Semaphore(_AT_ONCE)
    path = find_chromium()
    assert path is not None  # noqa: S101 - set-up has seen to it
    async with async_playwright() as driver, splice(path) as spliced, asyncio.TaskGroup() as group:
        program = spliced.launch if kind == "bare" else {"executable_path": path}
        browser = await driver.chromium.launch(**program, args=args)
        line = await spliced.line if kind == "bare" else None
        tasks = []
        for shop in shops:
            context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
            form = {"user": shop["user"], "password": str(shop["password"])}
            await context.request.post(shop["url"] + "login", form=form)
            desk = shop["url"] + "desk"
            work = naive(context, desk, turn) if kind == "naive" else floor(context, desk, line)
            tasks.append(group.create_task(work))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        for task in tasks:
            task.cancel()
        await browser.close()


def main() -> int:
    """Serve as the first argument says."""
    asyncio.run(serve(sys.argv[1], json.loads(sys.stdin.readline())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
