"""Practice consoles for tests, each a process of its own that needs not load its programs first.

A process that has loaded them once forks for every console that is asked for. What that then does and how it ends
is the same; only the quarter of a second that a processor needs for loading is spent once.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import Process
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, cast

from practice.client import Practice

_ROOT = Path(__file__).parents[1]
_READY = 20.0
_INT = 4
# One question at a time on the one line, whoever starts several consoles at once.
_ASKING = Lock()


class Born:
    """What `Practice` asks of its process, of one that is not this program's own child."""

    def __init__(self, pid: int, stdin: int, stdout: asyncio.StreamReader) -> None:
        self.pid, self.stdin, self.stdout = pid, os.fdopen(stdin, "wb", 0), stdout
        self.returncode: int | None = None

    async def wait(self) -> None:
        """Until it is gone: nobody else holds the other end of its output."""
        while await self.stdout.read(4096):
            pass
        self.returncode = 0

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if not self.stdout.at_eof():
            os.kill(self.pid, number)


async def practising(*arguments: str) -> Practice:
    """As `Practice.start`, for a console that is only to be there: always the programs of this tree."""
    hears, stdin = os.pipe()
    stdout, says = os.pipe()
    try:
        told = {"arguments": ["practice", "--tied", *arguments], "environ": dict(os.environ)}
        pid = await asyncio.to_thread(_ask, json.dumps(told).encode(), [hears, says, 2])
    finally:
        os.close(hears)
        os.close(says)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(stdout, "rb", 0)
    )
    born = Born(pid, stdin, reader)
    async with asyncio.timeout(_READY):
        line = await reader.readline()
    assert line, "the practice console did not start"
    return Practice(cast(Process, born), json.loads(line))


def _ask(told: bytes, ends: list[int]) -> int:
    with _ASKING:
        nursery = _nursery()
        socket.send_fds(nursery, [len(told).to_bytes(_INT, "big")], ends)
        nursery.sendall(told)
        return int.from_bytes(nursery.recv(_INT), "big")


@cache
def _nursery() -> socket.socket:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen([sys.executable, "-m", "tests.nursery"], cwd=_ROOT, stdin=theirs.fileno())

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _bear(asked: socket.socket) -> None:
    """Fork for each that is asked for, until nobody can ask any more."""
    # Nobody waits for them here.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        size, ends, _flags, _from = socket.recv_fds(asked, _INT, 3)
        if not size:
            return
        told: dict[str, Any] = json.loads(asked.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
        if (pid := os.fork()) == 0:
            asked.close()
            _live(told, ends)
        for end in ends:
            os.close(end)
        asked.sendall(pid.to_bytes(_INT, "big"))


def _live(told: dict[str, Any], ends: list[int]) -> None:
    """What `python -m practice` does; does not return."""
    from practice.__main__ import main

    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, end in enumerate(ends):
            os.dup2(end, number)
            os.close(end)
        os.environ.clear()
        os.environ.update(told["environ"])
        sys.argv = told["arguments"]
        code = main()
        sys.stdout.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    import practice.__main__  # noqa: F401 - all that a console loads, and what it loads only as it starts

    gc.freeze()  # shared with all consoles, and looked through by none
    _bear(socket.socket(fileno=os.dup(0)))
