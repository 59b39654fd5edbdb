"""Our place in the line between Playwright's driver and the browser that it starts.

The driver starts a stub, which hands its pipes over to this process and becomes the browser on a line of ours:
what the driver and the browser say to each other passes through here, and we talk to the browser beside it
(`flows/line.py`). No port is opened, so that nobody else can.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from base.errors import ConfigError, Problem
from flows.line import Line

STUB = Path(__file__).with_name("stub.sh")
_PREFIX, _WAY = "nightdesk-line-", "way"
_HAND_SECONDS = 10.0
# The name of a socket may have some hundred bytes, of which these are the folder's that holds ours.
_MOST = 60
# Where that is longer, or nothing can be written.
_ELSEWHERE = ("/tmp", "/var/tmp")  # noqa: S108 - a folder in it is ours alone by its mode
# The driver hears whatever a page's own sockets carry, for listeners that nobody here has.
_UNHEARD = b'{"method":"Network.webSocketFrame'


@dataclass(frozen=True, slots=True, kw_only=True)
class Splice:
    """What the driver's `launch` is given, and `line`: our own, once the browser has answered on it."""

    env: Mapping[str, str]
    line: asyncio.Task[Line]

    @property
    def launch(self) -> dict[str, Any]:
        """The program that it starts, and what that finds in its environment."""
        return {"executable_path": STUB, "env": {**os.environ, **self.env}}


class _End(asyncio.Protocol):
    """One end of a line that carries messages, each of which ends with a zero."""

    def __init__(self, hear: Callable[[bytes], None], gone: Callable[[], None]) -> None:
        self._hear, self._gone = hear, gone
        self._rest: list[bytes] = []

    def data_received(self, data: bytes) -> None:
        """Pass on what is whole."""
        *ends, rest = data.split(b"\0")
        for end in ends:
            message, self._rest = b"".join((*self._rest, end)), []
            self._hear(message)
        self._rest.append(rest)

    def connection_lost(self, _error: Exception | None) -> None:
        """The other end is closed, or its process gone."""
        self._gone()


class _Between:
    """Passes on what driver and browser say to each other, and talks to the browser beside it."""

    def __init__(self) -> None:
        self.line = Line(self.to_browser)
        self._browser: asyncio.WriteTransport | None = None
        self._driver: asyncio.WriteTransport | None = None
        self._hearing: asyncio.BaseTransport | None = None
        # What the browser is told next, in one piece: a press is three messages, and each piece wakes it.
        self._told: list[bytes] = []

    async def join(self, browser: socket.socket, driver: tuple[int, int]) -> None:
        """Begin: the browser is asked first, and only then hears its driver. Raises `LineError`."""
        loop = asyncio.get_running_loop()
        hears, says = (os.fdopen(end, mode, 0) for end, mode in zip(driver, ("rb", "wb"), strict=True))
        self._driver, _none = await loop.connect_write_pipe(asyncio.Protocol, says)
        self._browser, _end = await loop.create_unix_connection(
            lambda: _End(self._from_browser, self._browser_gone), sock=browser
        )
        try:
            await self.line.start()
        except BaseException:
            hears.close()
            raise
        self._hearing, _end = await loop.connect_read_pipe(lambda: _End(self.to_browser, self.cut), hears)

    def to_browser(self, message: bytes) -> None:
        """Say it to the browser, together with what else is said before this process hears anything."""
        if not self._told:
            asyncio.get_running_loop().call_soon(self._tell)
        self._told += message, b"\0"

    def _tell(self) -> None:
        told, self._told = b"".join(self._told), []
        if self._browser is not None:
            self._browser.write(told)

    def cut(self) -> None:
        """End it: both sides find their line closed."""
        browser, driver, hearing = self._browser, self._driver, self._hearing
        self._browser = self._driver = self._hearing = None
        for end in (browser, driver):
            if end is not None and not end.is_closing():
                end.abort()
        if hearing is not None:
            hearing.close()

    def _from_browser(self, message: bytes) -> None:
        if not self.line.hear(message) and self._driver is not None and not message.startswith(_UNHEARD):
            self._driver.write(message + b"\0")

    def _browser_gone(self) -> None:
        self.line.lose()
        self.cut()


@asynccontextmanager
async def splice(browser: Path) -> AsyncIterator[Splice]:
    """Stand in the line of the browser that is started meanwhile; when the block ends the line is cut. Raises
    `ConfigError` where there is no place for it.
    """
    folder = _folder()
    between = _Between()
    with socket.socket(socket.AF_UNIX) as way:
        way.bind(str(folder / _WAY))
        way.listen(1)
        way.setblocking(False)
        joining = asyncio.create_task(_joined(way, folder, between))
        told = {"PYTHON": sys.executable, "WAY": str(folder / _WAY), "BROWSER": str(browser)}
        try:
            yield Splice(env={f"NIGHTDESK_{name}": value for name, value in told.items()}, line=joining)
        finally:
            joining.cancel()
            await asyncio.wait([joining])
            if not joining.cancelled():
                joining.exception()  # seen: what the driver says of a browser that does not start says more
            between.cut()
            shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    """One of our own, that nobody else can look into, with a name that is short enough for a socket's."""
    for place in (tempfile.gettempdir(), *_ELSEWHERE):
        if len(os.fsencode(place)) <= _MOST:
            with suppress(OSError):  # nothing can be written there
                return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    hint = "把环境变量 TMPDIR 指到一个可以写、路径不长的文件夹"
    raise ConfigError(Problem(message="没有地方放启动浏览器用的临时文件", hint=hint))


async def _joined(way: socket.socket, folder: Path, between: _Between) -> Line:
    hands, _address = await asyncio.get_running_loop().sock_accept(way)
    ours, theirs = socket.socketpair()
    with hands, theirs:
        hands.settimeout(_HAND_SECONDS)
        driver = await asyncio.to_thread(_exchange, hands, theirs)
    shutil.rmtree(folder, ignore_errors=True)  # a worker that is killed later leaves nothing
    await between.join(ours, driver)
    return between.line


def _exchange(hands: socket.socket, line: socket.socket) -> tuple[int, int]:
    """The driver's two pipes, from the stub, for a line to this process."""
    _said, (hears, says), *_rest = socket.recv_fds(hands, 1, 2)
    socket.send_fds(hands, [b"1"], [line.fileno()])
    return hears, says
