"""Starting the Chromium that a worker's shops live in; the only module of `bots/` that touches playwright."""

from __future__ import annotations

import asyncio
import math
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from loguru import logger
from playwright.async_api import Browser, BrowserContext, CDPSession, Error, Frame, Page, async_playwright

from base.clock import Clock
from base.errors import BrowserGone, ConfigError, ConsoleError, ConsoleNotReady, Problem
from bots.chromium import VARIABLE, find_chromium, find_windowed
from bots.processes import Birth, kill, started_by
from bots.splice import splice
from flows.breakage import unreachable
from flows.gate import Sure, always
from flows.line import Line, LineError
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
# Chromium goes by the last list that it is given: this is Playwright's own, which a test holds it against, and the
# feature that keeps whatever else a page has to do waiting for a frame after a press or a key. Where none is drawn
# it waits in vain: 50 ms for each.
_PLAYWRIGHT_DISABLES = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
)
# Nothing is drawn unless asked for, which is most of what a page costs.
UNPAINTED = (
    "--enable-begin-frame-control",
    "--run-all-compositor-stages-before-draw",
    f"--disable-features={','.join((*_PLAYWRIGHT_DISABLES, 'DeferRendererTasksAfterInput'))}",
)
_VIEW = (1280, 800)
_LAUNCH_MS = 30_000
_SETTLE_MS = 10_000
# The same call takes a millisecond or two on a machine that is at ease.
_PING_SECONDS, _DRIVER_EVERY = 3.0, 3.0
_CLOSE_SECONDS = 5.0
_CLOSED = "closed"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a page that is pointed at tells: `page` describes it; `direct`: a press, no button of the bar."""

    what: str
    page: Mapping[str, Any] = field(default_factory=dict)
    direct: bool = False
    frame: Any = None


class PlainPage:
    """A page without a pack, for its author to point at."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._heard: asyncio.Queue[Heard] = asyncio.Queue()
        page.on("close", lambda _page: self._heard.put_nowait(Heard(what=_CLOSED)))

    @classmethod
    async def open(cls, browser: Browser, pointer: str | None, *, windowed: bool) -> PlainPage:
        """A new page; `pointer`: a script for every frame that calls `__nightdesk_point`."""
        size = {"no_viewport": True} if windowed else {"viewport": {"width": _VIEW[0], "height": _VIEW[1]}}
        context = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **size)
        page = cls(await context.new_page())
        if pointer is not None:
            await context.expose_binding("__nightdesk_point", page._hear)
            await context.add_init_script(pointer)
        return page

    async def goto(self, url: str) -> None:
        """Open `url`; raises `ConsoleNotReady` when it does not answer."""
        await self._do(self._page.goto(url, wait_until="domcontentloaded", timeout=20_000))

    async def heard(self) -> Heard:
        """What the page tells next; raises `BrowserGone` when its window is closed."""
        heard = await self._heard.get()
        if heard.what == _CLOSED:
            raise BrowserGone("窗口关掉了，什么都没有写")
        return heard

    async def show(self, said: Mapping[str, Any]) -> None:
        """Say in every frame what is wanted now."""
        for frame in self._page.frames:
            with suppress(Error):  # a frame that is just loading asks for itself
                await frame.evaluate("(said) => window.__nightdesk_pointer?.show(said)", dict(said))

    async def call(self, frame: Frame, name: str, argument: object) -> None:
        """Call a function of the pointer in the frame that was heard."""
        await self._do(frame.evaluate(f"(given) => window.__nightdesk_pointer.{name}(given)", argument))

    async def run(self, script: str, argument: object) -> Any:
        """What a script of ours, a function of one argument, finds on the page."""
        return await self._do(self._page.evaluate(script, argument))

    async def press(self, x: float, y: float) -> None:
        """A press at a place of the page."""
        await self._do(self._page.mouse.click(x, y))

    async def write(self, text: str) -> None:
        """Put text where the cursor is."""
        await self._do(self._page.keyboard.insert_text(text))

    async def settled(self, gone: str | None = None) -> None:
        """Return once what `gone` finds is out of sight and nothing more loads, or after a while."""
        with suppress(Error):  # the page went on: that is what was waited for
            if gone is not None:
                await self._page.wait_for_selector(gone, state="hidden", timeout=_SETTLE_MS)
        with suppress(Error):
            await self._page.wait_for_load_state("networkidle", timeout=_SETTLE_MS)

    async def state(self) -> Mapping[str, Any]:
        """Cookies and storage, to look again with the same session."""
        return dict(await self._do(self._page.context.storage_state(indexed_db=True)))

    def _hear(self, source: Any, told: object) -> None:
        # The page's own scripts could call this too: the author sees what was chosen before it is taken.
        if not isinstance(told, dict) or not isinstance(page := told.get("page", {}), dict):
            return
        what, direct = str(told.get("what")), told.get("direct") is True
        if what != _CLOSED:
            self._heard.put_nowait(Heard(what=what, page=page, direct=direct, frame=source["frame"]))

    async def _do(self, act: Awaitable[T]) -> T:
        try:
            return await act
        except Error as error:
            raise _translated(error, self._page) from None


def _translated(error: Error, page: Page) -> ConsoleError:
    said = error.message.splitlines()[0][:200]
    if page.is_closed():
        return BrowserGone(f"窗口关掉了：{said}")
    return ConsoleNotReady(unreachable(said) if "net::" in said else f"页面出错：{said}")


class Chromium:
    """One running browser; `line`: our own to it; `started`: its processes and its driver's; `painted`: whether it
    draws its pages.
    """

    def __init__(
        self, browser: Browser, line: Line, started: Sequence[Birth] = (), *, painted: bool = True
    ) -> None:
        self.line, self.started, self.painted = line, started, painted
        self._browser = browser
        self._session: CDPSession | None = None
        self._driver_at = -math.inf

    async def ping(self, *, heard: bool = False) -> None:
        """Return once the browser has answered a real call, unless it was `heard` just now: a frozen one gives no
        event. Every few seconds its driver has to answer as well, which replies alone would not miss. Raises
        `BrowserGone`.
        """
        now = asyncio.get_running_loop().time()
        driver = now - self._driver_at >= _DRIVER_EVERY
        if heard and not driver:
            return
        try:
            async with asyncio.timeout(_PING_SECONDS):
                if not driver:
                    await self.line.send("Browser.getVersion")
                    return
                if self._session is None:
                    self._session = await self._browser.new_browser_cdp_session()
                await self._session.send("Browser.getVersion")
                self._driver_at = now
        except TimeoutError:
            raise BrowserGone("浏览器没有反应") from None
        except LineError as error:
            raise BrowserGone(f"浏览器已经关闭：{error}") from None
        except Error as error:
            raise BrowserGone(f"浏览器已经关闭：{error.message.splitlines()[0][:200]}") from None

    async def plain(self, pointer: str | None = None, *, windowed: bool = False) -> PlainPage:
        """A page that belongs to no shop, to make a pack on."""
        return await PlainPage.open(self._browser, pointer, windowed=windowed)

    async def console(
        self,
        pack: Pack,
        state: Mapping[str, Any] | None,
        clock: Clock,
        on_change: Callable[[frozenset[str]], None],
        sure: Sure = always,
    ) -> ConsolePage:
        """A page for one shop in a context of its own, with its saved session, or with what of that a browser
        takes; raises `BrowserGone`.

        `sure` is awaited before each act on the page: it returns while the shop is ours to drive.
        """
        try:
            context = await self._context(pack, state)
            page = await ConsolePage.open(context, self.line, pack, clock, on_change, sure, painted=self.painted)
        except Error as error:
            raise BrowserGone(f"浏览器已经关闭：{error.message.splitlines()[0][:200]}") from None
        await page.hush()
        return page

    async def _context(self, pack: Pack, state: Mapping[str, Any] | None) -> BrowserContext:
        for part in _parts(state):
            try:
                return await self._browser.new_context(
                    storage_state=part,  # type: ignore[arg-type] # what `storage_state()` gave
                    viewport={"width": _VIEW[0], "height": _VIEW[1]},
                    locale="zh-CN",
                    timezone_id=pack.meter.time_zone,
                    service_workers=pack.service_workers,
                )
            except Error as error:
                if part is None:
                    raise
                await self.ping()  # else it is the browser that is gone, with all the shops in it
                why = error.message.splitlines()[0]
                logger.warning("{}: a saved session goes into no browser as it is: {}", pack.name, why)
        raise AssertionError  # without a session it has returned or raised


def _parts(state: Mapping[str, Any] | None) -> list[Mapping[str, Any] | None]:
    """A session, then what may be left of one that no browser takes: a lost file may have held its own key."""
    if state is None:
        return [None]
    origins = [{name: part for name, part in one.items() if name != "indexedDB"} for one in state["origins"]]
    return [state, {**state, "origins": origins}, None]


@asynccontextmanager
async def open_browser(*, windowed: bool = False, painted: bool = True) -> AsyncIterator[Chromium]:
    """A Chromium, headless or with a window, gone with its driver when the block ends.

    `painted`: false where no console needs to be drawn, which only a headless shell can do without. Raises
    `ConfigError` when none can start.
    """
    path = find_windowed() if windowed else find_chromium()
    if path is None:
        hint = "运行 make setup，或安装 Chromium 后设置环境变量 NIGHTDESK_CHROMIUM"
        raise ConfigError(Problem(message="这台机器上找不到 Chromium 浏览器", hint=hint))
    painted = painted or "headless" not in path.name
    # Chromium refuses to run its sandbox as root.
    args = [*_ARGS, *([] if painted else UNPAINTED), *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    before = set(await asyncio.to_thread(started_by, os.getpid()))
    async with async_playwright() as driver, splice(path) as spliced:
        try:
            browser = await driver.chromium.launch(
                **spliced.launch, args=args, headless=not windowed, timeout=_LAUNCH_MS
            )
        except Error as error:
            hint = f"运行 make setup；设了环境变量 {VARIABLE} 的，看看它指的浏览器"
            raise ConfigError(
                Problem(message=f"Chromium 启动失败（{path}）：{_fault(error)}", hint=hint)
            ) from None
        started = [one for one in await asyncio.to_thread(started_by, os.getpid()) if one not in before]
        try:
            yield Chromium(browser, await spliced.line, started, painted=painted)
        except BrowserGone:  # what hangs is not asked to end, and a dead driver may leave its browser behind
            await asyncio.to_thread(kill, started)
            raise
        finally:
            await _close(browser, started)


def _fault(error: Error) -> str:
    """What the browser itself said as it ended, such as which library is missing: the driver only says it did."""
    said = re.findall(r"(?m)^\[pid=\d+\]\[err\] (.+)$", error.message)
    code = re.search(r"did exit: exitCode=(\d+)", error.message)
    told = said[0] if said else f"一启动就退出了（退出码 {code[1]}）" if code else error.message.splitlines()[0]
    return told[:200]


async def _close(browser: Browser, started: Sequence[Birth]) -> None:
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await browser.close()
    except Error:  # it is gone already, which is what was wanted
        return
    except TimeoutError:
        await asyncio.to_thread(kill, started)
