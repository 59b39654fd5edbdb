"""One class for every background beat: named, stoppable, logs an error and goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from loguru import logger

# Short beats of one process strike at the same moments, so that it wakes once for several.
_SHORT, _BEGUN = 1.0, time.monotonic()


class Beat:
    """Runs `work` every `seconds`, at once when `poke`d; an error is logged and the beat goes on.

    `fatal` names the errors that must end the beat: they are raised from `wait` instead.
    """

    def __init__(
        self,
        name: str,
        seconds: float,
        work: Callable[[], Awaitable[None]],
        *,
        delay: float = 0.0,
        fatal: tuple[type[BaseException], ...] = (),
    ) -> None:
        self.name = name
        self.seconds = seconds
        self._work = work
        self._delay = delay
        self._fatal = fatal
        self._poked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._soon: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin beating; the first beat comes after the delay given."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=self.name)

    def poke(self) -> None:
        """Beat now instead of at the next tick; many pokes before it are one."""
        self._poked.set()

    def poke_in(self, seconds: float) -> None:
        """Beat in so many seconds at the latest; a beat that begins before serves as well."""
        loop = asyncio.get_running_loop()
        moment = loop.time() + seconds
        if self._soon is None or moment < self._soon.when():
            self._forget_soon()
            self._soon = loop.call_at(moment, self.poke)

    async def stop(self) -> None:
        """End the beat, waiting for it to be gone."""
        task, self._task = self._task, None
        self._forget_soon()
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # seen, so that asyncio does not call it lost

    async def wait(self) -> None:
        """Until the beat ends; raises the fatal error that ended it."""
        # Waiting on the task itself would cancel it along with whoever waits, and the other way round.
        task = self._task
        if task is not None:
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()

    async def _run(self) -> None:
        await self._pause(self._delay)
        while True:
            self._poked.clear()
            self._forget_soon()
            await self._do(self._work)
            await self._pause(self._left())

    def _left(self) -> float:
        """Seconds until the next beat: never less than half of what is between two, however long the last took."""
        if self.seconds > _SHORT:
            return self.seconds
        left = self.seconds - (asyncio.get_running_loop().time() - _BEGUN) % self.seconds
        return left if 2 * left >= self.seconds else left + self.seconds

    async def _do(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except self._fatal:
            raise
        except Exception as error:  # the beat outlives any one failure of its work
            logger.opt(exception=error).error("beat {} failed: {}", self.name, error)

    def _forget_soon(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None

    async def _pause(self, seconds: float) -> None:
        # Python 3.11's wait_for loses a cancellation that comes together with what was waited for.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._poked.wait()
