"""The page that bots hold of a console on paper: as slow as a real one was measured to be, and as fallible."""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, cast

from base.errors import ConsoleNotReady
from bench.night.console import Door, PaperConsole, Talk
from flows.gate import Commit, freely
from flows.landing import Opened, Place, Sent, Written
from flows.pack import Mark, Pack
from flows.page import ConsolePage
from flows.views import Latest, OpenThread, Row, Snapshot
from storage.records import Sender

# What part of a reply's time each step takes.
_OPENS, _WRITES, _SENDS, _SHOWS = 0.35, 0.25, 0.25, 0.15
_LOADS = 0.6
# What a look through a pack finds where there are no elements: nothing to remember, nothing to miss.
_BLANK = json.dumps(
    {"nodes": [], "found": {}, "held": {}, "inbox": [], "thread": None, "open": None, "signals": []}
)
# The 99th percentile of a normal distribution, in standard deviations.
_P99 = 2.326


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowness:
    """How long a reply takes a page, from pressing its row to seeing its bubble, in milliseconds."""

    p50_ms: float
    p99_ms: float

    def seconds(self, throw: random.Random) -> float:
        """One reply's."""
        return throw.lognormvariate(log(self.p50_ms / 1000), log(self.p99_ms / self.p50_ms) / _P99)


class PaperPage:
    """One page. What it shows of a console that is cut off stays as it was."""

    # It is asked for its life whenever that is wanted.
    answered_at = heard_at = -math.inf
    has_news = False

    def __init__(self, console: PaperConsole, pack: Pack, slowness: Slowness, throw: random.Random) -> None:
        self.pack, self.clock = pack, console.clock
        self._console = console
        self._slowness = slowness
        self._throw = throw
        self._open: Talk | None = None
        self._draft = ""
        self._takes = 0.0
        self._rows: tuple[Row, ...] | None = None

    @classmethod
    def open(
        cls,
        console: PaperConsole,
        pack: Pack,
        slowness: Slowness,
        throw: random.Random,
        on_change: Callable[[frozenset[str]], None],
    ) -> ConsolePage:
        """A page of that console, in the place of a browser's."""
        console.heard = on_change
        return cast(ConsolePage, cast(Any, cls(console, pack, slowness, throw)))

    # --- going and looking -------------------------------------------------------------------------------------

    async def goto(self, _url: str, *, timeout: float = 20) -> None:
        """Load it; there is nothing to load from a console that is cut off."""
        if not self._console.connected:
            await asyncio.sleep(timeout)
            raise ConsoleNotReady("后台打不开")
        await asyncio.sleep(_LOADS)
        self._open, self._draft = None, ""
        if self._console.door is Door.kicked:  # who put the bot out has gone; their dialog goes with the page
            self._console.door = Door.login

    async def reload(self) -> None:
        """The same."""
        await self.goto("")

    async def read(self, *, told: bool = False) -> Snapshot:
        """The list and the signals. Each word of a buyer's raises a mark there: nobody misses the thread."""
        console = self._console
        if console.connected:
            self._rows = console.rows() if console.door is Door.open else None
        return Snapshot(rows=self._rows, unparsed=0, thread=None, signals=console.signals)

    async def signals(self) -> frozenset[str]:
        """Only what it tells of its state."""
        return self._console.signals

    async def thread(self) -> OpenThread | None:
        """The open conversation."""
        return None if self._open is None else self._open.thread(self._draft)

    async def wait_signal(self, names: Sequence[str], *, timeout: float) -> frozenset[str]:
        """The signals of these that show, or none when the time is over."""
        found = self._console.signals & {*names}
        if not found:
            await asyncio.sleep(timeout)
        return found or self._console.signals & {*names}

    async def wait_mark(self, _marks: Sequence[Mark], *, timeout: float) -> bool:
        """No password is refused here."""
        await asyncio.sleep(timeout)
        return False

    async def run(self, _script: str, _argument: object, *, trial: Pack | None = None) -> object:
        """There is no document in which a script of ours could find anything, nor any memory that it takes."""
        return 0 if trial is None else _BLANK

    async def state(self) -> Mapping[str, Any]:
        """A session like any other."""
        return {"cookies": [{"name": "session", "value": self._console.shop}], "origins": []}

    async def picture(self, _of: Sequence[str] = (), *, timeout: float = 3) -> bytes:
        """What stands in a bot's way looks always the same."""
        return self._console.door.value.encode()

    async def close(self) -> None:
        """It hears no more of its console."""
        self._console.heard = lambda _changed: None

    # --- writing -----------------------------------------------------------------------------------------------

    async def press_row(
        self, key: str, *, timeout: float, to_write: bool = False, commit: Commit = freely
    ) -> Opened:
        """Open a conversation."""
        self._check()
        await commit()
        self._takes = self._slowness.seconds(self._throw)
        talk = self._console.seen(key)
        if talk is None:
            return Opened(passed=False, landed="", why="missing")
        self._open, self._draft = talk, ""
        await asyncio.sleep(min(timeout, self._takes * _OPENS))
        self._check()
        return Opened(passed=True, landed="", why="", thread=await self.thread())

    async def write(
        self,
        _key: str,
        text: str,
        *,
        before: str,
        latest: Latest | None = None,
        commit: Commit = freely,
        sending: Commit = freely,
    ) -> Written:
        """Put a text into the input, which holds `before`, unless somebody has spoken since `latest`."""
        if not await commit():
            return Written(passed=False, landed="", why="paused")
        await asyncio.sleep(self._takes * _WRITES)
        self._check()
        why = "draft" if self._draft != before else self._spoken(latest)
        if not why:
            self._draft = text
        if not await sending():
            return Written(passed=False, landed="", why="paused")
        now = None if self._open is None else self._open.latest
        return Written(passed=not why, landed="", why=why, draft=self._draft, latest=now)

    async def composed(self) -> str | None:
        """What the input holds."""
        return self._draft

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
        """Send what the input holds, unless somebody has spoken meanwhile, as the gate would see."""
        await asyncio.sleep(self._takes * _SENDS)
        self._check()
        if self._open is None or self._open.key != key or self._draft != text:
            return Sent(passed=False, landed="", why="other conversation")
        if not await commit():
            return Sent(passed=False, landed="", why="paused")
        if why := self._spoken(latest):
            return Sent(passed=False, landed="", why=why)
        self._draft = ""
        self._console.answer(key, text, "bot")
        thread, refused = await self.wait_own(known, timeout=timeout)
        return Sent(passed=True, landed="", why="", thread=thread, refused=refused)

    async def call_off(self, _key: str | None) -> None:
        """Nobody orders silence in this week."""

    async def wait_own(self, known: Sequence[str], *, timeout: float) -> tuple[OpenThread | None, str]:
        """The conversation with a bubble of ours beyond `known`."""
        await asyncio.sleep(min(timeout, self._takes * _SHOWS))
        self._check()
        thread = await self.thread()
        own = {said.key for said in thread.messages if said.sender is Sender.shop} if thread else set()
        return (thread, "") if own - {*known} else (None, "")

    def _spoken(self, since: Latest | None) -> str:
        """Who has spoken since then, in the gate's words; empty where nobody has."""
        now = None if self._open is None else self._open.latest
        if since is None or now is None or now == since:
            return ""
        return "newer message" if now.buyer != since.buyer else "answered"

    # --- its login form -----------------------------------------------------------------------------------------

    async def press(self, _selectors: Sequence[str], *, key: str) -> None:
        """The form's button lets the bot in, but past a captcha only a person gets."""
        if key == "login.submit" and self._console.door is not Door.captcha:
            self._console.door = Door.open

    async def press_if_there(self, _selectors: Sequence[str]) -> None:
        """Nothing stands before the form."""

    async def enter(self, _selectors: Sequence[str], _text: str, *, key: str) -> None:
        """The form takes whatever is typed."""

    async def dismiss_overlays(self) -> bool:
        """No layer lies over anything."""
        return False

    def _check(self) -> None:
        """Nothing can be done on a page whose console is out of reach or has put the bot out."""
        if not self._console.connected:
            raise ConsoleNotReady("后台断线了")
        if self._console.door is not Door.open:
            raise ConsoleNotReady("会话列表不见了")
