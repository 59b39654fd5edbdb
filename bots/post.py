"""One worker's place: started, listened to, and started anew when it dies or falls silent."""

from __future__ import annotations

import asyncio
import math
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from loguru import logger

from base.clock import Clock
from bots.hang import FILE
from bots.processes import birth, kill
from bots.roll import Roll
from bots.sign import Sign

# A worker gives a sign twice a second; one that starts its browser is given time.
_SILENT_SECONDS = 4.0
_BEGIN_SECONDS = 60.0
DRAIN_SECONDS = 25.0
_PAUSES = (0.0, 0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_SHORT_SECONDS = 10.0
# After three that died young people are to know, until one has lived for so long.
_RESTLESS, _CALM_SECONDS = 1.0, 60.0
# So many deaths in so many seconds are no accident.
_MOST_DEATHS, _DEATHS_SECONDS = 3, 600.0
# A worker that gave fewer signs than that in so many seconds, instead of two a second, is slow.
_FEWEST_SIGNS, _SIGNS_SECONDS = 20, 30.0
# A worker's threads leave holes of what they have freed, which nobody else gets. Few arenas, and what is big
# mapped by itself and given back at once, keep it small; smaller limits make matching dear.
_BIG = str(4 * 1024 * 1024)
_MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": _BIG, "MALLOC_TRIM_THRESHOLD_": _BIG}
# What has been well for so long may be trusted with other shops again.
_WELL_SECONDS = 1800.0


def pause_after(lives: Sequence[float]) -> float:
    """Seconds until a worker is started anew, from how long it lived each time: it waits who dies young again."""
    young = next((number for number, life in enumerate(reversed(lives)) if life >= _SHORT_SECONDS), len(lives))
    return _PAUSES[min(young, len(_PAUSES) - 1)]


class Post:
    """One worker's place: the process that stands there now, the shops it is to attend, and what it told last."""

    def __init__(
        self, number: int, command: Sequence[str], roll: Roll, clock: Clock, on_sign: Callable[[], None]
    ) -> None:
        self.number = number
        self.roll = roll
        self.sign: Sign | None = None
        self.problems: Sequence[str] = ()
        self.draining = False
        self.restarts = 0
        self.memory = 0.0
        self._command = command
        self._clock = clock
        self._on_sign = on_sign
        self._process: Process | None = None
        self._begun_at = self._heard_at = clock.steady()
        self._lives: list[float] = []
        self._deaths: list[float] = []
        self._signs: deque[float] = deque()
        self._listened_since = clock.steady()
        self._unwell_at = -math.inf
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return None if self._process is None else self._process.pid

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return self._clock.steady() - self._begun_at

    @property
    def restless(self) -> bool:
        """Whether workers die here young, again and again."""
        return pause_after(self._lives) >= _RESTLESS and self.age < _CALM_SECONDS

    @property
    def shops(self) -> list[str]:
        """The shops that it is to attend."""
        return list(self.roll.shops)

    @property
    def dying(self) -> bool:
        """Whether its workers have died again and again of late."""
        since = self._clock.steady() - _DEATHS_SECONDS
        return sum(moment > since for moment in self._deaths) >= _MOST_DEATHS

    @property
    def slow(self) -> bool:
        """Whether its worker's signs have come too rarely of late."""
        since = self._clock.steady() - _SIGNS_SECONDS
        return self._listened_since < since and sum(moment > since for moment in self._signs) < _FEWEST_SIGNS

    @property
    def well(self) -> bool:
        """Whether nothing has been wrong here for a long time."""
        begun = self.sign is not None and not self.sign.begins
        since = max([self._unwell_at, self._begun_at, *self._deaths[-1:]])
        return begun and self._clock.steady() - since > _WELL_SECONDS

    def holds(self, shop: str) -> bool:
        """Whether the worker that runs now has the shop, or may still have it."""
        return self._process is not None and self.sign is not None and shop in self.sign.shops

    def suspect(self, of: Post | None = None) -> None:
        """It, or the worker `of` whose shops it gets, was sick: one more death, and it is called so again."""
        source = of or self
        self._deaths = source._deaths[1 - _MOST_DEATHS :]
        self._lives = []
        self._unwell_at = self._clock.steady()
        self.memory = 0.0  # weighed anew with the shops that it has left
        self._listen_anew()

    def give(self, roll: Roll) -> None:
        """Have it attend the shops of `roll` from now on, by what that says."""
        self.roll = roll
        self._say()

    async def keep(self) -> None:
        """Have a worker running until `stop`."""
        while not self._stopping.is_set():
            code = await self._run()
            if self._stopping.is_set():
                return
            self.restarts += 1
            if self.draining:
                continue
            if not self.problems:  # what it could say itself is no shop's doing
                self._deaths = [*self._deaths[-_MOST_DEATHS:], self._clock.steady()]
            self._lives = [*self._lives[1 - len(_PAUSES) :], self.age]
            pause = pause_after(self._lives)
            why = "；".join(self.problems) or f"exit code {code}"
            logger.error("a worker has ended ({}); it is started anew in {:g} s", why, pause)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()

    def drain(self) -> None:
        """Let the worker finish what is in hand and end."""
        self.draining = True
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    async def stop(self) -> None:
        """Drain it and wait for its end; what does not end by itself is killed."""
        self._stopping.set()
        process = self._process
        if process is None:
            return
        self.drain()
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await process.wait()
        except TimeoutError:
            logger.error("worker {} does not end and is killed", process.pid)
            await self._kill(process)

    async def check(self, *, awake: bool) -> None:
        """Kill a worker that has been silent for too long; not one that could not be heard."""
        process, now = self._process, self._clock.steady()
        if process is None or not awake:
            self._heard_at = now
            self._listen_anew()
            return
        limit = _BEGIN_SECONDS if self.sign is None or self.sign.begins else _SILENT_SECONDS
        if now - self._heard_at > limit:
            told = "worker {} gave no sign of life for {:.0f} s and is killed; where it hung: logs/{}"
            logger.error(told, process.pid, limit, FILE)
            await self._kill(process)

    async def _run(self) -> int:
        """Start a worker and listen to it until it ends; its exit code."""
        self.sign, self.problems, self.draining, self.memory = None, (), False, 0.0
        # A session of its own: Ctrl-C is for us, and a worker ends when we say so.
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, env={**_MEMORY, **os.environ}, stdin=PIPE, stdout=PIPE, start_new_session=True
            )
        except OSError as error:  # no memory, no process left: tried again like one that died young
            self.problems, self._begun_at = [f"值守进程起不来：{error.strerror}"], self._clock.steady()
            return error.errno or 1
        self._process = process
        self._begun_at = self._heard_at = self._clock.steady()
        self._say()
        if self._stopping.is_set():
            self.drain()
        listening = asyncio.create_task(self._listen(process))
        try:
            return await process.wait()
        finally:
            self._process = None
            await asyncio.wait([listening], timeout=1)
            listening.cancel()

    def _say(self) -> None:
        """Tell the worker its shops; one that is dying hears nothing, the next one is told when it starts."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(self.roll.line())

    async def _listen(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        async for line in process.stdout:
            try:
                self.sign = Sign.of(line)
            except (ValueError, TypeError):
                logger.warning("a worker said what is no sign: {}", line)
                continue
            self._heard_at = self._clock.steady()
            if self.sign.begins:
                self._listen_anew()
            self._signs.append(self._heard_at)
            while self._signs[0] < self._heard_at - _SIGNS_SECONDS:
                self._signs.popleft()
            if self.sign.problems:
                self.problems = self.sign.problems
            self._on_sign()

    def _listen_anew(self) -> None:
        self._signs.clear()
        self._listened_since = self._clock.steady()

    async def _kill(self, process: Process) -> None:
        found = birth(process.pid)
        if found is not None and not await asyncio.to_thread(kill, [found]):
            logger.error("processes of worker {} do not go", process.pid)
