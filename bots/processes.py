"""Processes told apart by pid and birth, so that a pid used again is never taken for the one that was meant."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_GONE_SECONDS = 3.0
_LOOK = 0.02
_DEAD = ("Z", "X")
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Birth:
    """One process of this boot; `moment` stays the same when somebody sets the clock."""

    pid: int
    moment: float


@cache
def boot_id() -> str:
    """Another one after every start of the machine."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:  # not Linux
        return str(round(psutil.boot_time()))


def birth(pid: int) -> Birth | None:
    """The process that has this pid now, or None; one that is dead and only not yet buried is none."""
    try:
        # The state and field 22, after the name, which may hold anything; psutil's own time moves with the clock.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return None if fields[0] in _DEAD else Birth(pid, float(fields[19]))
    except (OSError, IndexError):
        if Path("/proc/self/stat").exists():
            return None
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else Birth(pid, process.create_time())
    except psutil.Error:
        return None


def this_process() -> Birth:
    """The one that asks."""
    return _own(os.getpid())


@cache
def _own(pid: int) -> Birth:
    found = birth(pid)
    assert found is not None  # noqa: S101 - it is running
    return found


def started_by(pid: int) -> list[Birth]:
    """All that a process has started, and what that has started in turn."""
    try:
        found = [birth(child.pid) for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []
    return [one for one in found if one is not None]


def kill(births: Iterable[Birth], *, trees: bool = True) -> bool:
    """Kill these processes, frozen ones too, and with `trees` all that they started; True when they are gone.

    Takes up to three seconds. A pid that belongs to another process by now is left alone.
    """
    doomed = {one for one in births if one.pid != os.getpid() and birth(one.pid) == one}
    if trees:
        doomed |= {child for one in doomed for child in started_by(one.pid)}
    for one in doomed:
        with suppress(OSError):
            if birth(one.pid) == one:
                os.kill(one.pid, signal.SIGKILL)
    end = time.monotonic() + _GONE_SECONDS
    while any(birth(one.pid) == one for one in doomed):
        if time.monotonic() > end:
            return False
        time.sleep(_LOOK)
    return True


def memory(pid: int) -> float:
    """MiB that a process and all that it started take together, memory that they share counted once."""
    total = 0.0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                total += own_memory(one)
    return total


def own_memory(process: psutil.Process) -> float:
    """MiB that one process takes, with its part of what it shares; raises `psutil.Error`."""
    full = process.memory_full_info()
    return float(getattr(full, "pss", full.uss)) / _MIB
