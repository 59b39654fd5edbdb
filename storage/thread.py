"""The ledger for asyncio code: one thread of its own holds it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from base.clock import Clock
from storage.ledger import Ledger

P = ParamSpec("P")
T = TypeVar("T")


class LedgerThread:
    """Call it with a method of `Ledger` and its arguments: `await ledger(Ledger.open_turns, shop)`.

    Calls run one after another, in order. A cancelled caller does not know whether its call was committed:
    the ledger does.
    """

    def __init__(self, executor: ThreadPoolExecutor, ledger: Ledger) -> None:
        self._executor = executor
        self._ledger = ledger

    @classmethod
    async def open(cls, path: Path, clock: Clock) -> LedgerThread:
        """Open the ledger in its thread; raises `LedgerUnavailable`."""
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        try:
            ledger = await asyncio.get_running_loop().run_in_executor(executor, Ledger.open, path, clock)
        except BaseException:
            executor.shutdown(wait=False)
            raise
        return cls(executor, ledger)

    async def __call__(self, method: Callable[Concatenate[Ledger, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a method of the ledger in its thread; raises what it raises."""
        call = partial(method, self._ledger, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    async def close(self) -> None:
        """Finish the calls that wait, then close the ledger and its thread."""
        await self(Ledger.close)
        self._executor.shutdown()
