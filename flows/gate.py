"""The gate in the page, as the bots handle it: armed for one act at a time, and asked afterwards what passed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from base.clock import Clock
from base.errors import ConsoleError
from flows.breakage import Loading
from flows.landing import PAGE_GONE, Landing, Place, landing_of
from flows.tab import Act as TabAct
from flows.tab import Tab

Act = Mapping[str, object]
Sure = Callable[[], Awaitable[None]]
# Puts on record what is about to be done to the page; False where that is not wanted any more.
Commit = Callable[[], Awaitable[bool]]

_ACT_MS = 2_000
# What the gate is armed for ahead is not begun when so little of its time is left.
_READY_SECONDS = 1.0


async def always() -> None:
    """Where nobody else can drive the shop."""


async def freely() -> bool:
    """Where there is nothing to put on record."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """What the gate was armed for as a thread came, where to press, and until when by the steady clock."""

    act: Act
    place: Place
    until: float


class Gate:
    """The gate of one page; `sure` is awaited before each arming, and returns while the shop is ours to drive."""

    def __init__(self, tab: Tab, clock: Clock, sure: Sure) -> None:
        self._tab, self._clock, self._sure = tab, clock, sure
        self._ready: _Ready | None = None

    async def arm(self, act: Act, longer_ms: float = 0) -> Place:
        """Arm for `act`, for so much longer than for a press; where to press."""
        self._ready = None
        place: Place = await self._tab.call("arm", act, *await self.until(longer_ms))
        return place

    async def until(self, longer_ms: float = 0) -> tuple[float, float]:
        """For how long the gate is armed, in ms, and until when; nobody else may drive the shop so long."""
        await self._sure()  # the gate's deadline begins here: this process or the browser may be frozen later
        ms = _ACT_MS + longer_ms
        return ms, self._clock.now().timestamp() * 1000 + ms

    async def arm_beside(self, act: Act, commit: Commit, longer_ms: float = 0) -> tuple[Place, Landing | None]:
        """Arm, unless that was done ahead, and commit at once: arming changes nothing in the page, and need not
        wait for the record. Where to press, and what there is to tell where nothing may be or can be.
        """
        done: Sequence[Any] = await asyncio.gather(self._armed(act, longer_ms), commit(), return_exceptions=True)
        if error := next((one for one in done if isinstance(one, BaseException)), None):
            raise error  # only now: neither goes on behind the caller's back
        place, wanted = done
        return place, await self.unreachable(place) if wanted else await self.paused()

    async def after(
        self, name: str, *args: object, longer: float = 0.0, act: TabAct | None = None
    ) -> tuple[Landing, Any]:
        """Disarm once `act` has come: what became of it, and what the page shows after it; nothing of a page that
        went away.
        """
        armed_until = self._clock.steady() + _ACT_MS / 1000
        try:
            report = await self._tab.call(name, *args, longer=longer, act=act)
        except Loading:
            return PAGE_GONE, None
        shows = report["shows"]
        if ready := shows and shows.get("ready"):
            self._ready = _Ready(**ready, until=armed_until)
        return landing_of(report["log"]), shows

    async def disarm(self) -> None:
        """Have it armed for nothing, if it was armed ahead."""
        if self._ready is not None:
            self._ready = None
            await self._tab.call("disarm")

    async def unreachable(self, place: Place) -> Landing | None:
        """What there is to tell of a place that cannot be pressed."""
        if "x" in place:
            return None
        await self._tab.call("disarm")
        covered = place.get("covered")
        return Landing(passed=False, landed=covered or "", why="covered" if covered else "missing")

    async def paused(self) -> Landing:
        """What there is to tell where a person wants silence."""
        await self._tab.call("disarm")
        return Landing(passed=False, landed="", why="paused")

    async def stopped(self, commit: Commit, *, alive: bool) -> Landing | None:
        """Commit; what then forbids the press. A page that answers no more before it has sent nothing; `alive`: it
        has just answered.
        """
        if not await commit():
            return await self.paused()
        try:
            if not alive:
                await self._tab.check_alive()
        except ConsoleError as error:
            return Landing(passed=False, landed=str(error), why="gone")
        return None

    async def _armed(self, act: Act, longer_ms: float) -> Place:
        ready, self._ready = self._ready, None
        soon_over = self._clock.steady() + _READY_SECONDS
        # An input may get its focus only after its thread has come.
        if ready is not None and ready.act == act and ready.until > soon_over and ready.place["focused"]:
            return ready.place
        return await self.arm(act, longer_ms)
