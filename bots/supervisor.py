"""The supervisor starts the workers, listens to their signs of life, and starts anew what dies or falls silent."""

from __future__ import annotations

import asyncio
import math
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from loguru import logger

from base.beat import Beat
from base.clock import Clock
from base.errors import ConfigError, Problem
from bots.processes import birth, kill, memory
from bots.sign import Sign, refusals

# When a Chromium dies, all its shops go at once.
MOST_SHOPS = 10
# A worker gives a sign twice a second; one that starts its browser is given time.
_SILENT_SECONDS = 4.0
_BEGIN_SECONDS = 60.0
# Who looks again only now was frozen itself, and has heard nothing meanwhile.
_AWAKE_SECONDS = 2.0
_DRAIN_SECONDS = 25.0
_LOOK_EVERY = 0.5
_WEIGH_EVERY = 10.0
# One that is as heavy again so soon would only be started anew for ever.
_YOUNG_SECONDS = 300.0
_PAUSES = (0.0, 0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_SHORT_SECONDS = 10.0
# After three that died young people are to know, until one has lived for so long.
_RESTLESS, _CALM_SECONDS = 1.0, 60.0


def groups(shops: Sequence[str]) -> list[list[str]]:
    """The shops of each worker: as few workers as can be, of about the same size."""
    count = math.ceil(len(shops) / MOST_SHOPS)
    return [list(shops[number::count]) for number in range(count)]


def pause_after(lives: Sequence[float]) -> float:
    """Seconds until a worker is started anew, from how long it lived each time: it waits who dies young again."""
    young = next((number for number, life in enumerate(reversed(lives)) if life >= _SHORT_SECONDS), len(lives))
    return _PAUSES[min(young, len(_PAUSES) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFigures:
    """How often a worker was started anew, and what it took with its browser when last weighed, in MiB."""

    restarts: int
    memory: float


class Post:
    """One worker's place: the process that stands there now, and what it told last."""

    def __init__(self, command: Sequence[str], clock: Clock, on_sign: Callable[[], None]) -> None:
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

    async def keep(self) -> None:
        """Have a worker running until `stop`."""
        while not self._stopping.is_set():
            code = await self._run()
            if self._stopping.is_set():
                return
            self.restarts += 1
            if self.draining:
                continue
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
            async with asyncio.timeout(_DRAIN_SECONDS):
                await process.wait()
        except TimeoutError:
            logger.error("worker {} does not end and is killed", process.pid)
            await self._kill(process)

    async def check(self, *, awake: bool) -> None:
        """Kill a worker that has been silent for too long; not one that could not be heard."""
        process, now = self._process, self._clock.steady()
        if process is None or not awake:
            self._heard_at = now
            return
        limit = _BEGIN_SECONDS if self.sign is None or self.sign.begins else _SILENT_SECONDS
        if now - self._heard_at > limit:
            logger.error("worker {} gave no sign of life for {:.0f} s and is killed", process.pid, limit)
            await self._kill(process)

    async def _run(self) -> int:
        """Start a worker and listen to it until it ends; its exit code."""
        self.sign, self.problems, self.draining = None, (), False
        # A session of its own: Ctrl-C is for us, and a worker ends when we say so.
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, start_new_session=True
            )
        except OSError as error:  # no memory, no process left: tried again like one that died young
            self.problems, self._begun_at = [f"值守进程起不来：{error.strerror}"], self._clock.steady()
            return error.errno or 1
        self._process = process
        self._begun_at = self._heard_at = self._clock.steady()
        if self._stopping.is_set():
            self.drain()
        listening = asyncio.create_task(self._listen(process))
        try:
            return await process.wait()
        finally:
            self._process = None
            await asyncio.wait([listening], timeout=1)
            listening.cancel()

    async def _listen(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        async for line in process.stdout:
            try:
                self.sign = Sign.of(line)
            except (ValueError, TypeError):
                logger.warning("a worker said what is no sign: {}", line)
                continue
            self._heard_at = self._clock.steady()
            if self.sign.problems:
                self.problems = self.sign.problems
            self._on_sign()

    async def _kill(self, process: Process) -> None:
        found = birth(process.pid)
        if found is not None and not await asyncio.to_thread(kill, [found]):
            logger.error("processes of worker {} do not go", process.pid)


class Supervisor:
    """Keeps one worker running for each group of shops; `limit`: the MiB that one may take with its browser."""

    def __init__(self, commands: Sequence[Sequence[str]], clock: Clock, *, limit: float) -> None:
        self._changed = asyncio.Event()
        self._posts = [Post(command, clock, self._changed.set) for command in commands]
        self._clock = clock
        self._limit = limit
        self._looked_at = clock.steady()
        self._stopping = False
        self._begun = False

    @property
    def others(self) -> list[str]:
        """The shops that another `nightdesk up` drives."""
        return [shop for post in self._posts if post.sign is not None for shop in post.sign.others]

    @property
    def entered(self) -> bool:
        """Whether a shop of a worker that runs now has let its bot in."""
        return any(post.sign is not None and post.sign.entered for post in self._posts)

    @property
    def restless(self) -> bool:
        """Whether some worker dies young again and again."""
        return any(post.restless for post in self._posts)

    @property
    def workers(self) -> list[WorkerFigures]:
        """Figures of each worker."""
        return [WorkerFigures(restarts=post.restarts, memory=post.memory) for post in self._posts]

    def stop(self) -> None:
        """Let every worker finish what is in hand, and come to an end."""
        self._stopping = True
        self._changed.set()

    async def run(self) -> None:
        """Keep the workers running until told to stop; then all their processes are gone.

        Raises `ConfigError` when there is something to put right at the start, or not one shop lets its bot in.
        """
        keeping = [asyncio.create_task(post.keep()) for post in self._posts]
        beats = [Beat("look", _LOOK_EVERY, self._look), Beat("weigh", _WEIGH_EVERY, self._weigh)]
        for beat in beats:
            beat.start()
        try:
            while not self._stopping:
                await self._changed.wait()
                self._changed.clear()
                self._check_begin()
        finally:
            for beat in beats:
                await beat.stop()
            await asyncio.gather(*(post.stop() for post in self._posts))
            await asyncio.gather(*keeping)

    def _check_begin(self) -> None:
        """At the start somebody watches: say what is wrong and give up. Later on the workers go on trying."""
        signs = [post.sign for post in self._posts]
        self._begun = self._begun or self.entered or bool(self.others)
        if self._begun:
            return
        problems = [Problem(message=said) for post in self._posts for said in post.problems]
        if found := problems[:1] or refusals(signs):
            raise ConfigError(*found)

    async def _look(self) -> None:
        now = self._clock.steady()
        awake, self._looked_at = now - self._looked_at < _AWAKE_SECONDS, now
        for post in self._posts:
            await post.check(awake=awake)

    async def _weigh(self) -> None:
        """Weigh the workers, and start one anew that has grown too heavy; one at a time."""
        for post in self._posts:
            post.memory = 0.0 if post.pid is None else await asyncio.to_thread(memory, post.pid)
        if any(post.draining or post.sign is None or post.sign.begins for post in self._posts):
            return
        for post in self._posts:
            if post.age >= _YOUNG_SECONDS and post.memory > self._limit:
                logger.warning("worker {} takes {:.0f} MiB and is started anew", post.pid, post.memory)
                post.drain()
                return
