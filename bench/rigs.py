"""Those that `bench.fleet` measures side by side, each with a practice console of its own.

What a text says tells whether it reached whom it was for; processor time is that of all their processes.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import psutil

from bench.house import House, house
from bench.rivals import ANSWER
from bots.demo.judge import Phrasebook, Said, plain
from bots.processes import birth, kill, started_by
from practice.client import Practice

# In the order in which they are measured: ours next to the floor, as a machine's speed changes within minutes.
KINDS = ("naive", "ours", "floor")
# The floor over a line as ours is, without Playwright's way to the browser.
BARE = "bare"
SEED = 7
_READY_SECONDS = 180.0
_END_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """One of them at work. `right`: whether a text is what the buyer of that conversation, asking on that subject,
    was to get; `processes`: all that it runs.
    """

    practice: Practice
    right: Callable[[str, str, str], bool]
    processes: Callable[[], Iterable[psutil.Process]]

    def cpu(self) -> float:
        """Seconds of processor time that its processes have taken."""
        return spent(self.processes())


def spent(processes: Iterable[psutil.Process]) -> float:
    """Seconds of processor time that these have taken, and those whom they have seen end."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.Error:  # its parent has its time
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def bots_of(there: House) -> list[psutil.Process]:
    """All processes of every `nightdesk up` there."""
    found = []
    for one in there.tree():
        with suppress(psutil.NoSuchProcess):  # it has just ended
            found.append(psutil.Process(one.pid))
    return found


def rig(kind: str, shops: int) -> AbstractAsyncContextManager[Rig]:
    """That one, in so many shops; when the block ends no process of it is left."""
    return _ours(shops) if kind == "ours" else _rival(kind, shops)


@asynccontextmanager
async def _ours(shops: int) -> AsyncIterator[Rig]:
    """The real `nightdesk up` with the shipped knowledge, without the wait for bursts."""
    async with house(shops, seed=SEED, burst={"quiet": 0, "most": 0}) as there:
        await there.up()
        await there.ready()
        book = Phrasebook(there.knowledge)

        def right(_conversation: str, topic: str, text: str) -> bool:
            said, entries = book.read(text)
            return said is Said.answer and entries == {topic}

        yield Rig(practice=there.practice, right=right, processes=partial(bots_of, there))
        await there.close()


@asynccontextmanager
async def _rival(kind: str, shops: int) -> AsyncIterator[Rig]:
    practice = await Practice.start("--shops", str(shops), "--seed", str(SEED))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.rivals", kind), stdin=PIPE, stdout=PIPE, start_new_session=True
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101 - both were asked for
    try:
        process.stdin.write(json.dumps(practice.shops).encode() + b"\n")
        await process.stdin.drain()
        async with asyncio.timeout(_READY_SECONDS):
            if await process.stdout.readline() != b"ready\n":
                raise RuntimeError(f"{kind} did not start")

        def right(conversation: str, _topic: str, text: str) -> bool:
            return plain(text) == plain(ANSWER.format(key=conversation))

        def processes() -> list[psutil.Process]:
            with suppress(psutil.NoSuchProcess):
                top = psutil.Process(process.pid)
                return [top, *top.children(recursive=True)]
            return []

        yield Rig(practice=practice, right=right, processes=processes)
    finally:
        left = {*started_by(process.pid), *([one] if (one := birth(process.pid)) else [])}
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _END_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
        await asyncio.to_thread(kill, left)
        await practice.stop()
