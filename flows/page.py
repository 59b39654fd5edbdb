"""One shop's page: reading through the injected script, writing through trusted mouse and keys behind the gate.

The only module of `flows/` that touches playwright. Element handles are never kept.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from playwright.async_api import BrowserContext, Dialog, Error, Frame, Page
from playwright.async_api import TimeoutError as Late

from base.clock import Clock
from base.errors import BrowserGone, ConsoleError, ConsoleNotReady, PageChanged
from flows.breakage import Loading, first_line, meaning
from flows.landing import Landing, landing_of
from flows.pack import Mark, Pack
from flows.rolling import Rolling
from flows.views import Latest, OpenThread, Reader, Snapshot

_READER = Path(__file__).with_name("reader.js").read_text("utf-8").strip().removesuffix(";")
_FILES = ("form.js", "gate.js", "roller.js", "wall.js")
_SCRIPTS = [Path(__file__).with_name(name).read_text("utf-8") for name in _FILES]
# Answers travel as one text: Playwright's own way of carrying a value costs many times the reading itself.
_CALL = """async ([name, args]) => {
  if (!window.__nightdesk) throw new Error("no __nightdesk here yet");
  return JSON.stringify((await window.__nightdesk[name](...args)) ?? null);
}"""
T = TypeVar("T")
Sure = Callable[[], Awaitable[None]]
_ACT_MS, _KEY_MS = 2_000, 20
_FRAME_SECONDS, _LOADING_PAUSE = 0.5, 0.02
_STILL_MS = 60
# The longest wait for a form that is still loading or moving; then it is pressed where it is.
_STEADY_MS = 3_000
# A page that has not answered a call for so long is stuck in a script or frozen, and answers no more.
_STUCK_SECONDS = 5.0
_STATE_SECONDS = 25.0
_FOCUS_TRIES, _ROLL_MS = 3, 400


async def always() -> None:
    """Where nobody else can drive the shop."""


class ConsolePage:
    """A console in one browser context, driven by its pack."""

    def __init__(self, page: Page, pack: Pack, clock: Clock, sure: Sure) -> None:
        self.pack = pack
        self._sure, self._page, self._clock = sure, page, clock
        self._reader = Reader(ZoneInfo(pack.meter.time_zone), pack.inbox.skip.ids)
        # One mouse: rolling the list and pressing take turns, and a press goes first.
        self._mouse = asyncio.Lock()
        self._presses = 0
        self._rolling = Rolling(self._roll, clock, lambda: self._presses > 0)
        self._inner: Frame | None = None

    @classmethod
    async def open(
        cls,
        context: BrowserContext,
        pack: Pack,
        clock: Clock,
        on_change: Callable[[frozenset[str]], None],
        sure: Sure = always,
    ) -> ConsolePage:
        """A new page in `context`; `on_change` hears what the page says changed: inbox, thread, signals; `sure`
        is awaited before every act and returns while nobody else may drive this shop.
        """

        def pushed(_source: object, payload: object) -> None:
            # The page's own scripts could call this too: it is never more than a hint to read again.
            changed = payload.get("changed") if isinstance(payload, dict) else None
            if isinstance(changed, list):
                on_change(frozenset(changed) & {"inbox", "thread", "signals"})

        await context.expose_binding("__nightdesk_push", pushed)
        await context.add_init_script("\n".join([f"{_reader_of(pack)};", *_SCRIPTS]))
        page = await context.new_page()
        page.on("dialog", _answer)
        page.on("crash", lambda _page: on_change(frozenset({"signals"})))
        return cls(page, pack, clock, sure)

    # --- going and looking ---------------------------------------------------------------------------------

    async def goto(self, url: str, *, timeout: float = 20) -> None:
        """Open `url`; raises `ConsoleNotReady` when the console does not answer within `timeout` seconds."""
        await self._check_alive()
        await self._do(self._page.goto(url, wait_until="domcontentloaded", timeout=timeout * 1000), longer=timeout)

    async def reload(self) -> None:
        """Load the page anew."""
        await self._check_alive()
        await self._do(self._page.reload(wait_until="domcontentloaded", timeout=20_000), longer=20)

    async def read(self) -> Snapshot:
        """The list, the open thread and the signals, in one call; a list with parts out of sight is rolled."""
        raw = await self._call("read")
        if self.pack.inbox.virtual and raw["inbox"] is not None:
            raw["inbox"] = await self._all_rows(raw["inbox"])
        return self._reader.snapshot(raw, self._clock.now())

    async def signals(self) -> frozenset[str]:
        """What the page tells of its state, and nothing else."""
        return frozenset(await self._call("signals"))

    async def thread(self) -> OpenThread | None:
        """The open thread, or None when none is ready."""
        raw = await self._call("thread")
        return None if raw is None else self._reader.thread(raw, self._clock.now())

    async def wait_signal(self, names: Sequence[str], *, timeout: float) -> frozenset[str]:
        """The signals among `names` that show first; none when `timeout` seconds are over."""
        return frozenset(await self._wait("waitSignal", list(names), timeout) or ())

    async def wait_mark(self, marks: Sequence[Mark], *, timeout: float) -> bool:
        """Whether one of `marks` shows within `timeout` seconds."""
        return bool(await self._wait("waitMark", [mark.model_dump(mode="json") for mark in marks], timeout))

    async def run(self, script: str, argument: object, *, trial: Pack | None = None) -> Any:
        """What a script of ours, a function of one argument that only reads, finds where the chat is.

        `trial`: another pack through whose reader it looks; that reader is its second argument.
        """
        if trial is not None:
            script = f"(given) => ({script.strip().removesuffix(';')})(given, {_reader_of(trial)})"
        frame = await self._frame() if self.pack.frames else self._page.main_frame
        return await self._do(frame.evaluate(script, argument))

    async def state(self) -> Mapping[str, Any]:
        """Cookies and storage of the context, as saved at login."""
        return dict(await self._do(self._page.context.storage_state(indexed_db=True), longer=_STATE_SECONDS))

    async def picture(self, of: Sequence[str] = (), *, timeout: float = 3) -> bytes:
        """What the page shows, as PNG; raises `ConsoleError` when it cannot be taken within `timeout` seconds.

        `of` signals: only the element that gives them, or if that is too small the page, conversations covered.
        """
        box = await self._call("boxOf", list(of)) if of else None
        covered = [self._page.locator(f"css={css}") for css in self.pack.private] if of and box is None else []
        shot = self._page.screenshot(timeout=timeout * 1000, clip=box, mask=covered)
        return await self._do(shot, longer=timeout)

    async def close(self) -> None:
        """Close the page and its context."""
        await self._do(self._page.context.close())

    # --- writing, behind the gate --------------------------------------------------------------------------

    async def press_row(self, key: str) -> Landing:
        """Press the row of conversation `key`."""
        return await self._press({"kind": "open", "id": key}, row=key)

    async def wait_thread(self, key: str, *, timeout: float) -> OpenThread | None:
        """The thread of `key` once it is open and has stood still; None when `timeout` seconds are over."""
        raw = await self._wait("waitThread", key, timeout, _STILL_MS)
        return None if raw is None else self._reader.thread(raw, self._clock.now())

    async def write(self, key: str, text: str, *, before: str) -> Landing:
        """Put `text` into the input of conversation `key`, which must hold `before` (our own rest, or nothing)."""
        landing = await self._press({"kind": "type", "id": key, "before": None})
        if not landing.passed:
            return landing
        await self._arm({"kind": "type", "id": key, "before": before}, _ACT_MS + _KEY_MS * len(text))
        if before:
            await self._do(self._page.keyboard.press("ControlOrMeta+a"))
            await self._do(self._page.keyboard.press("Delete"))
        # Typing a line break would be pressing Enter.
        as_is = self.pack.composer.kind == "fill" and self.pack.composer.lines != "shift_enter"
        lines = [text] if as_is else text.split("\n")
        for number, line in enumerate(lines):
            if number:
                await self._do(self._page.keyboard.press("Shift+Enter"))
            if self.pack.composer.kind == "type":
                await self._do(self._page.keyboard.type(line), longer=_KEY_MS * len(line) / 1000)
            elif line:
                await self._do(self._page.keyboard.insert_text(line))
        return await self._landed()

    async def composed(self) -> tuple[str | None, Latest | None]:
        """What the input holds, and who said what last in the open thread."""
        raw = await self._call("composed")
        return raw["draft"], raw["latest"] and Latest(**raw["latest"])

    async def send(self, key: str, text: str, *, latest: Latest, commit: Callable[[], Awaitable[bool]]) -> Landing:
        """Send what the input holds, if it is `text`, `key` is open and nobody has said anything since `latest`.

        `commit` is awaited last before the press, and may forbid it (`why`: paused): whatever goes wrong earlier
        has sent nothing. `passed` means that an event reached the console: from there on the text may have been
        sent; so it may after an error. `gone`: the page answered no more before the press.
        """
        act = {"kind": "send", "id": key, "latest": asdict(latest), "text": text}
        if self.pack.composer.key is None:
            return await self._press(act, commit=commit)
        await self._arm(act, _ACT_MS)
        if stopped := await self._stopped(commit):
            return stopped
        await self._do(self._page.keyboard.press(self.pack.composer.key))
        return await self._landed()

    async def call_off(self, key: str | None) -> None:
        """Let nothing more through of the act in hand on conversation `key`, or (None) on any."""
        await self._call("callOff", key)

    async def wait_own(self, known: Sequence[str], *, timeout: float) -> tuple[OpenThread | None, str]:
        """The thread once it holds an own message beyond `known`, and the refusal that the console showed:
        `blocked` (it will not have this message), `offline` or `expired` (its server has not got it), or nothing.
        """
        raw = await self._wait("waitOwn", list(known), timeout)
        if raw is None or raw["thread"] is None:
            return None, str(raw["refused"]) if raw else ""
        return self._reader.thread(raw["thread"], self._clock.now()), str(raw["refused"])

    # --- outside the gate: login form, layers ---------------------------------------------------------------

    async def press(self, selectors: Sequence[str], *, key: str) -> None:
        """Press the first element that `selectors` find, once it stands still; `key` names them in the error."""
        point = await self._call("steadyPoint", list(selectors), _STEADY_MS, _STILL_MS, longer=_STEADY_MS / 1000)
        if "x" not in point:
            raise PageChanged(key, f"页面上按不到 {key}：{point.get('covered') or '没有找到'}")
        await self._click(point)

    async def press_if_there(self, selectors: Sequence[str]) -> None:
        """Press the first element that `selectors` find, if there is one in sight."""
        if "missing" not in await self._call("point", list(selectors)):
            await self.press(selectors, key="login.before")

    async def enter(self, selectors: Sequence[str], text: str, *, key: str) -> None:
        """Replace what a form's field holds by `text`; raises `ConsoleNotReady` if the field does not take it."""
        for _attempt in range(_FOCUS_TRIES):
            await self.press(selectors, key=key)
            # A form that moves while it loads lets a press land beside it: no password into another field.
            if await self._call("focused", list(selectors)):
                await self._do(self._page.keyboard.press("ControlOrMeta+a"))
                await self._do(self._page.keyboard.insert_text(text))
                if await self._call("holds", list(selectors), text):
                    return
        raise ConsoleNotReady(f"填不进 {key}：光标不在那里")

    async def dismiss_overlays(self) -> bool:
        """Press away the layers that the pack knows; False when there was none."""
        found = False
        for number in range(len(self.pack.signals.overlay)):
            point = await self._call("dismissal", number)
            if "x" in point:
                await self._click(point)
                found = True
        return found

    # --- inside ---------------------------------------------------------------------------------------------

    async def _press(
        self,
        act: Mapping[str, object],
        *,
        row: str | None = None,
        commit: Callable[[], Awaitable[bool]] | None = None,
    ) -> Landing:
        async with self._pressing():
            if row is not None and self.pack.inbox.virtual:
                await self._rolling.show(row)
            point = await self._arm(act, _ACT_MS)
            if "x" not in point:
                await self._call("disarm")
                covered = point.get("covered")
                return Landing(passed=False, landed=covered or "", why="covered" if covered else "missing")
            if commit is not None and (stopped := await self._stopped(commit)):
                return stopped
            await self._do(self._page.mouse.click(point["x"], point["y"]))
            return await self._landed()

    async def _arm(self, act: Mapping[str, object], ms: float) -> Any:
        await self._sure()  # the gate's deadline begins here: this process or the browser may be frozen later
        return await self._call("arm", act, ms, self._clock.now().timestamp() * 1000 + ms)

    async def _click(self, point: Mapping[str, float]) -> None:
        async with self._pressing():
            await self._do(self._page.mouse.click(point["x"], point["y"]))

    @asynccontextmanager
    async def _pressing(self) -> AsyncIterator[None]:
        self._presses += 1
        try:
            async with self._mouse:
                yield
        finally:
            self._presses -= 1

    async def _all_rows(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]] | None:
        if self._presses:
            return self._rolling.known(rows)
        async with self._mouse:
            await self._call("hush", True)
            try:
                return await self._rolling.rows()
            finally:
                await self._call("hush", False)

    async def _roll(self, by: float) -> Mapping[str, Any]:
        """Turn the wheel over the list; gives where it stands and which rows are in the page."""
        view = await self._call("listView")
        if by and "x" in view:
            await self._do(self._page.mouse.move(view["x"], view["y"]))
            await self._do(self._page.mouse.wheel(0, by))
            view = await self._call("rolled", _ROLL_MS)
        return dict(view)

    async def _check_alive(self) -> None:
        """Raises `BrowserGone` for a page that is stuck: it could not be left either, and that takes longer."""
        await self._do(self._page.evaluate("0"))

    async def _stopped(self, commit: Callable[[], Awaitable[bool]]) -> Landing | None:
        """Commit; what then forbids the press. A page that answers no more before it has sent nothing."""
        if not await commit():
            await self._call("disarm")
            return Landing(passed=False, landed="", why="paused")
        try:
            await self._check_alive()
        except ConsoleError as error:
            return Landing(passed=False, landed=str(error), why="gone")
        return None

    async def _landed(self) -> Landing:
        try:
            return landing_of(await self._call("disarm"))
        except Loading:
            return landing_of(None)

    async def _frame(self) -> Frame:
        """The frame that holds the chat: the end of the pack's chain of iframes, as far as they are there.

        A login page may stand where they will be, and a page that is loading does not have them yet. A whole chain
        is kept until its end leaves the page: going through it at every call would take most of a visit.
        """
        if self._inner is not None and not self._inner.is_detached():
            return self._inner
        self._inner = None
        frame = self._page.main_frame
        for css in self.pack.frames:
            element = await self._do(frame.query_selector(css))
            inner = await self._do(element.content_frame()) if element else None
            if element:
                await self._do(element.dispose())
            if inner is None:
                return frame
            frame = inner
        self._inner = frame
        return frame

    async def _wait(self, name: str, wanted: object, timeout: float, *more: object) -> Any:
        """Wait in the page for what is wanted, over as many loadings of the page as come in between."""
        until = self._clock.steady() + timeout
        while (left := until - self._clock.steady()) > 0:
            # A frame that comes only now would not be looked into: wait in small spans.
            span = min(left, _FRAME_SECONDS) if self.pack.frames else left
            try:
                found = await self._call(name, wanted, span * 1000, *more, longer=span)
            except Loading:
                loaded = self._page.wait_for_load_state("domcontentloaded", timeout=left * 1000)
                await self._do(loaded, longer=left)
                await asyncio.sleep(_LOADING_PAUSE)
            else:
                if found is not None:
                    return found
        return None

    async def _call(self, name: str, *args: object, longer: float = 0.0) -> Any:
        frame = await self._frame() if self.pack.frames else self._page.main_frame
        return json.loads(await self._do(frame.evaluate(_CALL, [name, list(args)]), longer=longer))

    async def _do(self, act: Awaitable[T], *, longer: float = 0.0) -> T:
        """Await a call to the page; `longer`: seconds that it may well take, before it begins to look stuck."""
        try:
            async with asyncio.timeout(_STUCK_SECONDS + longer):
                return await act
        except Late as error:
            raise ConsoleNotReady(f"页面没有及时响应：{first_line(error.message)}") from None
        except TimeoutError:
            raise BrowserGone("页面卡住了，一直没有反应：关掉它，重新打开") from None
        except Error as error:
            raise meaning(error.message, closed=self._page.is_closed()) from None


def _reader_of(pack: Pack) -> str:
    """The page's reader for a pack, as an expression."""
    return _READER.replace("__PACK__", json.dumps(pack.compiled(), ensure_ascii=False))


async def _answer(dialog: Dialog) -> None:
    """Leave a page that asks to be stayed on, refuse whatever else is asked."""
    with suppress(Error):  # it was gone before it was answered
        await (dialog.accept() if dialog.type == "beforeunload" else dialog.dismiss())
