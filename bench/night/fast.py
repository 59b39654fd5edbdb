"""Time that waits for nobody: a loop that goes straight to whatever is due next, and the clock that shows it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class _Leaping(selectors.DefaultSelector):
    """Nothing comes from outside: instead of waiting for a file it has the loop's time pass."""

    passed: Callable[[float], None]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits for something that nothing will bring about")
        if timeout > 0:
            self.passed(timeout)
        return super().select(0)


class FastLoop(asyncio.SelectorEventLoop):
    """A loop whose seconds begin at nought and pass only while nothing is left to do.

    What would go to a thread is done at once: no thread could say how long it takes by this clock.
    """

    def __init__(self) -> None:
        self._seconds = 0.0
        leaping = _Leaping()
        leaping.passed = self._pass
        super().__init__(leaping)

    def time(self) -> float:
        """The seconds that have passed."""
        return self._seconds

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Call `func` now."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    def _pass(self, seconds: float) -> None:
        self._seconds += seconds


@dataclass(frozen=True, slots=True)
class FastClock:
    """The clock of a fast loop, which began at `start`."""

    loop: FastLoop
    start: datetime

    def now(self) -> datetime:
        """The moment that the loop has come to."""
        return self.start + timedelta(seconds=self.loop.time())

    def steady(self) -> float:
        """The loop's seconds."""
        return self.loop.time()


def run_fast(main: Callable[[FastLoop], Coroutine[Any, Any, T]]) -> T:
    """What `main` returns, run to its end in a fast loop."""
    loop = FastLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))
