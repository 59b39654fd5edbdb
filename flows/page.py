"""One shop's console: read through the injected script, written to by trusted mouse and keys behind the gate."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from loguru import logger

from base.clock import Clock
from base.errors import ConsoleError, ConsoleNotReady, PageChanged
from flows.gate import Commit, Gate, Sure, always, freely
from flows.landing import PAGE_GONE, Opened, Place, Sent, Written
from flows.line import Line
from flows.pack import Mark, Pack
from flows.rolling import Rolling
from flows.tab import Context, Tab
from flows.views import Latest, OpenThread, Reader, Snapshot

_READER = Path(__file__).with_name("reader.js").read_text("utf-8").strip().removesuffix(";")
_FILES = ("watch.js", "form.js", "gate.js", "roller.js", "wall.js")
_SCRIPTS = [Path(__file__).with_name(name).read_text("utf-8") for name in _FILES]
_KEY_MS, _STILL_MS = 20, 60
# How long an input may take after a press until it has the focus.
_AIM_MS = 300
# The longest wait for a form that is still loading or moving; then it is pressed where it is.
_STEADY_MS = 3_000
_FOCUS_TRIES, _ROLL_MS = 3, 400


class ConsolePage:
    """A console in one browser context, driven by its pack."""

    def __init__(self, tab: Tab, pack: Pack, clock: Clock, sure: Sure) -> None:
        self.pack, self.clock = pack, clock
        self._tab = tab
        self._gate = Gate(tab, clock, sure)
        self._reader = Reader(ZoneInfo(pack.meter.time_zone), pack.inbox.skip.ids)
        # One mouse: rolling the list and pressing take turns, and a press goes first.
        self._mouse = asyncio.Lock()
        self._presses = 0
        self._rolling = Rolling(self._roll, clock, lambda: self._presses > 0)

    @classmethod
    async def open(
        cls,
        context: Context,
        line: Line,
        pack: Pack,
        clock: Clock,
        on_change: Callable[[frozenset[str]], None],
        sure: Sure = always,
        *,
        painted: bool = True,
    ) -> ConsolePage:
        """A new page in `context`, whose browser is on `line`; `on_change` hears what the page says changed:
        inbox, thread, signals, or nothing where it only tells how it stands; `sure` is awaited before every act
        and returns while nobody else may drive this shop; `painted`: whether its browser draws pages without
        being asked.
        """

        def pushed(payload: object) -> None:
            # The page's own scripts could call this too: it is never more than a hint to read again.
            changed = payload.get("changed") if isinstance(payload, dict) else None
            if isinstance(changed, list):
                on_change(frozenset(name for name in ("inbox", "thread", "signals") if name in changed))

        tab = await Tab.open(
            context,
            line,
            pack.frames,
            clock,
            painted=painted,
            script="\n".join([f"{_reader_of(pack)};", *_SCRIPTS]),
            on_push=pushed,
            on_crash=lambda: on_change(frozenset({"signals"})),
        )
        return cls(tab, pack, clock, sure)

    async def hush(self) -> None:
        """Have the driver told nothing of what the page loads, which no part of ours listens to."""
        await self._tab.hush()

    @property
    def answered_at(self) -> float:
        """When the page last answered a call, by the steady clock."""
        return self._tab.answered_at

    @property
    def heard_at(self) -> float:
        """When the page last answered, or told something by itself, by the steady clock."""
        return self._tab.heard_at

    @property
    def has_news(self) -> bool:
        """Whether the page has told all of itself, and nobody has read that."""
        return self._tab.has_news

    # --- going and looking ---------------------------------------------------------------------------------

    async def goto(self, url: str, *, timeout: float = 20) -> None:
        """Open `url`; raises `ConsoleNotReady` when the console does not answer within `timeout` seconds."""
        await self._tab.goto(url, timeout=timeout)

    async def reload(self) -> None:
        """Load the page anew."""
        await self._tab.reload()

    async def read(self, *, told: bool = False) -> Snapshot:
        """The list, the open thread and the signals, in one call; a list with parts out of sight is rolled.

        `told`: what the page has just told of itself will do, which may be some hundredths of a second old.
        """
        if told and (heard := self._tab.told()) is not None:
            try:
                return self._reader.snapshot(heard, self.clock.now())
            except (LookupError, TypeError, ValueError):  # the page's own scripts could have told it
                logger.warning("what the page told of itself has no sense; it is read")
        raw = await self._tab.call("read")
        if self.pack.inbox.virtual and raw["inbox"] is not None:
            raw["inbox"] = await self._all_rows(raw["inbox"])
        return self._reader.snapshot(raw, self.clock.now())

    async def signals(self) -> frozenset[str]:
        """What the page tells of its state, and nothing else."""
        return frozenset(await self._tab.call("signals"))

    async def thread(self) -> OpenThread | None:
        """The open thread, or None when none is ready."""
        return self._thread_of(await self._tab.call("thread"))

    async def wait_signal(self, names: Sequence[str], *, timeout: float) -> frozenset[str]:
        """The signals among `names` that show first; none when `timeout` seconds are over."""
        return frozenset(await self._tab.wait("waitSignal", list(names), timeout) or ())

    async def wait_mark(self, marks: Sequence[Mark], *, timeout: float) -> bool:
        """Whether one of `marks` shows within `timeout` seconds."""
        return bool(await self._tab.wait("waitMark", [mark.model_dump(mode="json") for mark in marks], timeout))

    async def run(self, script: str, argument: object, *, trial: Pack | None = None) -> Any:
        """What a script of ours, a function of one argument that only reads, finds where the chat is.

        `trial`: another pack through whose reader it looks; that reader is its second argument.
        """
        if trial is not None:
            script = f"(given) => ({script.strip().removesuffix(';')})(given, {_reader_of(trial)})"
        return await self._tab.run(script, argument)

    async def state(self) -> Mapping[str, Any]:
        """Cookies and storage of the context, as saved at login."""
        return await self._tab.state()

    async def picture(self, of: Sequence[str] = (), *, timeout: float = 3) -> bytes:
        """What the page shows, as PNG; raises `ConsoleError` when it cannot be taken within `timeout` seconds.

        `of` signals: only the element that gives them, or if that is too small the page, conversations covered.
        """
        box = await self._tab.call("boxOf", list(of)) if of else None
        box = box if box and "x" in box else None  # covered: then the page shows by what
        return await self._tab.picture(box, self.pack.private if of and box is None else (), timeout=timeout)

    async def close(self) -> None:
        """Close the page and its context."""
        await self._tab.close()

    # --- writing, behind the gate --------------------------------------------------------------------------

    async def press_row(
        self, key: str, *, timeout: float = 3, to_write: bool = False, commit: Commit = freely
    ) -> Opened:
        """Press the row of conversation `key`, and wait for its thread to be open and stand still; nothing is
        pressed before `commit` is done.

        `thread` is None where nothing was pressed, and when `timeout` seconds are over. `to_write`: the gate is
        armed at once for writing there what is decided on soon.
        """
        async with self._pressing():
            if self.pack.inbox.virtual:
                await self._rolling.show(key)
            point, stopped = await self._gate.arm_beside({"kind": "open", "id": key}, commit)
            if stopped:
                return Opened(**asdict(stopped))
            # How long typing key by key takes shows only by the text.
            write = await self._gate.until() if to_write and self.pack.composer.kind == "fill" else ()
            asked = ("opened", key, timeout * 1000, self.pack.thread.still, *write)
            landing, raw = await self._gate.after(*asked, longer=timeout, act=self._tab.clicking(point))
        gone = landing == PAGE_GONE
        thread = await self.wait_thread(key, timeout=timeout) if gone else self._thread_of(raw)
        return Opened(**asdict(landing), thread=thread)

    async def wait_thread(self, key: str, *, timeout: float) -> OpenThread | None:
        """The thread of `key` once it is open and has stood still; None when `timeout` seconds are over."""
        return self._thread_of(await self._tab.wait("waitThread", key, timeout, self.pack.thread.still))

    async def write(
        self,
        key: str,
        text: str,
        *,
        before: str,
        latest: Latest | None = None,
        commit: Commit = freely,
        sending: Commit = freely,
    ) -> Written:
        """Put `text` into the input of conversation `key`, which must hold `before` (our own rest, or nothing);
        not where anybody has said something since `latest`. With that and all as it must be, the gate is armed
        for the send at once, `sending` being on record by then: who answers to that is alive and has sent nothing.

        Nothing is pressed or typed before `commit` is done, nor if that forbids it (`why`: paused); no more so if
        `sending` does. `gone`: the page answered no more after the words.
        """
        act = {"kind": "type", "id": key, "before": before, "latest": latest and asdict(latest)}
        async with self._pressing():
            point, stopped = await self._gate.arm_beside(act, commit, _KEY_MS * len(text))
            if stopped:
                return Written(**asdict(stopped))
            if aimed := await self._aim(point):
                await self._fill(text, before)
            # Before it is on record that the words may leave: whether this shop is still ours may take a while.
            send = [_sending(key, text, latest), *await self._gate.until()] if aimed and latest else []
            if aimed and not await sending():
                return Written(**asdict(await self._gate.paused()))
            try:
                landing, raw = await self._gate.after("typed", *send)
            except ConsoleError as error:
                return Written(passed=False, landed=str(error), why="gone")
        if not (aimed or landing.why):
            landing = replace(landing, why="no focus")
        if raw is None:
            return Written(**asdict(landing))
        raw["latest"] = raw["latest"] and Latest(**raw["latest"])
        return Written(**asdict(landing), **raw)

    async def composed(self) -> str | None:
        """What the input holds."""
        held = await self._tab.call("draft")
        return None if held is None else str(held)

    async def send(
        self,
        key: str,
        text: str,
        *,
        latest: Latest,
        known: Sequence[str],
        timeout: float,
        commit: Commit,
        armed: Place | None = None,
        goes_on: bool = False,
    ) -> Sent:
        """Send what the input holds, if it is `text`, `key` is open and nobody has said anything since `latest`;
        then wait as `wait_own` does. `armed`: what `write` told, if it armed the gate for this just now.
        `goes_on`: the page is read after this in any case, and tells all of itself with the answer.

        `commit` is awaited last before the press, and may forbid it (`why`: paused): whatever goes wrong earlier
        has sent nothing; a page that `write` has not armed gives another sign of life after it. `passed` means
        that an event reached the console: from there on the text may have been sent; so it may after an error.
        `gone`: the page answered no more before the press.
        """
        enter = self.pack.composer.key
        async with self._pressing():
            point = armed or await self._gate.arm(_sending(key, text, latest))
            stopped = await self._gate.unreachable(point) if enter is None else None
            if stopped := stopped or await self._gate.stopped(commit, alive=armed is not None):
                return Sent(**asdict(stopped))
            press = self._tab.clicking(point) if enter is None else self._tab.pressing(enter)
            asked = ("sent", list(known), timeout * 1000, {"id": key, "latest": asdict(latest), "goesOn": goes_on})
            landing, raw = await self._gate.after(*asked, longer=timeout, act=press)
        if raw is not None:
            self._tab.note(raw.pop("read"))
        return Sent(**asdict(landing), **self._own_of(raw))

    async def call_off(self, key: str | None) -> None:
        """Let nothing more through of the act in hand on conversation `key`, or (None) on any."""
        await self._tab.call("callOff", key)

    async def wait_own(self, known: Sequence[str], *, timeout: float) -> tuple[OpenThread | None, str]:
        """The thread once it holds an own message beyond `known`, and the refusal that the console showed:
        `blocked` (it will not have this message), `offline` or `expired` (its server has not got it), or nothing.
        """
        own = self._own_of(await self._tab.wait("waitOwn", list(known), timeout))
        return own["thread"], own["refused"]

    # --- outside the gate: login form, layers ---------------------------------------------------------------

    async def press(self, selectors: Sequence[str], *, key: str) -> None:
        """Press the first element that `selectors` find, once it stands still; `key` names them in the error."""
        point = await self._tab.call(
            "steadyPoint", list(selectors), _STEADY_MS, _STILL_MS, longer=_STEADY_MS / 1000
        )
        if "x" not in point:
            raise PageChanged(key, f"页面上按不到 {key}：{point.get('covered') or '没有找到'}")
        await self._click(point)

    async def press_if_there(self, selectors: Sequence[str]) -> None:
        """Press the first element that `selectors` find, if there is one in sight."""
        if "missing" not in await self._tab.call("point", list(selectors)):
            await self.press(selectors, key="login.before")

    async def enter(self, selectors: Sequence[str], text: str, *, key: str) -> None:
        """Replace what a form's field holds by `text`; raises `ConsoleNotReady` if the field does not take it."""
        for _attempt in range(_FOCUS_TRIES):
            await self.press(selectors, key=key)
            # A form that moves while it loads lets a press land beside it: no password into another field.
            if await self._tab.call("focused", list(selectors)):
                await self._tab.key("ControlOrMeta+a")
                await self._tab.insert(text)
                if await self._tab.call("holds", list(selectors), text):
                    return
        raise ConsoleNotReady(f"填不进 {key}：光标不在那里")

    async def dismiss_overlays(self) -> bool:
        """Press away the layers that the pack knows; False when there was none."""
        found = False
        for number in range(len(self.pack.signals.overlay)):
            point = await self._tab.call("dismissal", number)
            if "x" in point:
                await self._click(point)
                found = True
        return found

    # --- inside ---------------------------------------------------------------------------------------------

    def _thread_of(self, raw: Any) -> OpenThread | None:
        return None if raw is None else self._reader.thread(raw, self.clock.now())

    def _own_of(self, raw: Any) -> Any:
        told = {"thread": None, "refused": ""} if raw is None else raw
        return {**told, "thread": self._thread_of(told["thread"])}

    async def _aim(self, point: Mapping[str, Any]) -> bool:
        """See to it that the input has the focus; without it the words would go into another field."""
        if point["focused"]:
            return True
        await self._tab.click(point)
        return bool(await self._tab.call("aimed", _AIM_MS))

    async def _fill(self, text: str, before: str) -> None:
        if before:
            await self._tab.key("ControlOrMeta+a")
            await self._tab.key("Delete")
        # Typing a line break would be pressing Enter.
        as_is = self.pack.composer.kind == "fill" and self.pack.composer.lines != "shift_enter"
        lines = [text] if as_is else text.split("\n")
        for number, line in enumerate(lines):
            if number:
                await self._tab.key("Shift+Enter")
            if self.pack.composer.kind == "type":
                await self._tab.type(line, longer=_KEY_MS * len(line) / 1000)
            elif line:
                await self._tab.insert(line)

    async def _click(self, point: Mapping[str, float]) -> None:
        """A press outside of what the gate guards, which is armed for nothing then."""
        async with self._pressing():
            await self._gate.disarm()
            await self._tab.click(point)

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
            await self._tab.call("hush", True)
            try:
                return await self._rolling.rows()
            finally:
                await self._tab.call("hush", False)

    async def _roll(self, by: float) -> Mapping[str, Any]:
        """Turn the wheel over the list; gives where it stands and which rows are in the page."""
        view = await self._tab.call("listView")
        if by and "x" in view:
            await self._tab.wheel(view, by)
            view = await self._tab.call("rolled", _ROLL_MS)
        return dict(view)


def _sending(key: str, text: str, latest: Latest) -> Mapping[str, object]:
    """The act of sending that, for the gate."""
    return {"kind": "send", "id": key, "latest": asdict(latest), "text": text}


def _reader_of(pack: Pack) -> str:
    """The page's reader for a pack, as an expression."""
    return _READER.replace("__PACK__", json.dumps(pack.compiled(), ensure_ascii=False))
