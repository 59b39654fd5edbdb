"""Drives a practice console from another program: starts the process, speaks as buyers, reads the truth."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from asyncio.subprocess import PIPE, Process
from typing import Any

from practice.dialects import DIALECTS
from practice.manners import ROUGH

# How its pages may look, by name.
LOOKS = tuple(DIALECTS)
# The argument that gives its pages bad manners.
ROUGHLY = ("--manners", ",".join(ROUGH))
_READY = 20.0
_STOP = 5.0


class PracticeError(Exception):
    """The console did not start, or refused a call; the text says why."""


class Practice:
    """A running practice console. `shops` are the logins of the ready line, in order."""

    def __init__(self, process: Process, ready: dict[str, Any]) -> None:
        self._process = process
        self.url: str = ready["url"]
        self.token: str = ready["token"]
        self.dialect: str = ready["dialect"]
        self.shops: list[dict[str, Any]] = ready["shops"]
        # Never through a proxy: the console is on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    @classmethod
    async def start(cls, *arguments: str) -> Practice:
        """Start `python -m practice` with these arguments; it ends when `stop` is called or this program dies."""
        command = (sys.executable, "-m", "practice", "--tied", *arguments)
        # A session of its own: Ctrl-C is for us, and the console goes when we say so.
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=None, start_new_session=True
        )
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            line = await asyncio.wait_for(process.stdout.readline(), _READY)
        except TimeoutError:
            line = b""
        except asyncio.CancelledError:
            await _end(process)
            raise
        if not line:
            await _end(process)
            raise PracticeError(f"练习台没有启动（退出码 {process.returncode}）")
        return cls(process, json.loads(line))

    async def say(self, shop: str, text: str = "", *, buyer: str | None = None, **more: object) -> dict[str, Any]:
        """A buyer speaks; more: `kind`, `topic`, `name`, `needs_answer`. Gives `{id, conversation, turn, at}`."""
        return await self.control("say", shop=shop, buyer=buyer, text=text, **more)

    async def truth(self, **only: object) -> dict[str, Any]:
        """All that was said and every turn with what it got; `only`: of a `shop`, `since` a moment (epoch ms)."""
        return await asyncio.to_thread(self._call, "/truth?" + urllib.parse.urlencode(only), None)

    async def control(self, name: str, /, **given: object) -> dict[str, Any]:
        """Any other call of the director's, such as `reply`, `expire`, `drop`: see `practice/control.py`."""
        return await asyncio.to_thread(self._call, f"/control/{name}", given)

    async def stop(self) -> None:
        """End the process and wait for it to be gone."""
        await _end(self._process)

    def _call(self, path: str, given: dict[str, Any] | None) -> dict[str, Any]:
        body = None if given is None else json.dumps(given).encode()
        headers = {"authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.url + path, data=body, headers=headers)  # noqa: S310 - our own address
        try:
            with self._opener.open(request, timeout=30) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                raise PracticeError(json.load(error)["error"]) from None
        return answer


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP)
    except TimeoutError:
        process.kill()
        await process.wait()
    if process.stdin is not None:
        process.stdin.close()
