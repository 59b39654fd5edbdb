"""Live pushes: every page of a shop hears what happens on its desk."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from starlette.websockets import WebSocket, WebSocketDisconnect

from practice.model import Json
from practice.sessions import Session

EXPIRED = 4401
KICKED = 4409
RESTARTED = 4503
_BACKLOG = 2000


@dataclass(slots=True, eq=False, kw_only=True)
class Line:
    """The connection of one page; no other has its number. `hangs`: the page is stuck for ever; `known`: that it
    is, or that it is gone.
    """

    number: int
    socket: WebSocket
    session: Session
    queue: asyncio.Queue[Json | None] = field(default_factory=lambda: asyncio.Queue(_BACKLOG))
    code: int = RESTARTED
    hangs: bool = False
    known: asyncio.Event = field(default_factory=asyncio.Event)

    def push(self, event: Json) -> None:
        """Send soon; a page that does not keep up is cut off and begins anew."""
        if self.queue.full():
            self.hang_up(RESTARTED)
        else:
            self.queue.put_nowait(event)

    def hang_up(self, code: int) -> None:
        """Close the connection, dropping what was not sent yet."""
        self.code = code
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Lines:
    """All connections of one shop; with `one_session` an account has one only, the newest."""

    def __init__(self, *, one_session: bool = False) -> None:
        self._one_session = one_session
        self._lines: set[Line] = set()
        self._numbers = count(1)
        self._refusing_until = 0.0

    def push(self, event: Json) -> None:
        """Tell every page."""
        for line in list(self._lines):
            line.push(event)

    @property
    def numbers(self) -> list[int]:
        """Of the pages that are connected."""
        return sorted(line.number for line in self._lines)

    async def stick(self, seconds: float) -> list[int]:
        """Have every page get stuck; the numbers of those that are, once all are, or are gone, or time is up."""
        told = [line for line in self._lines if not line.hangs]
        for line in told:
            line.push({"type": "stuck", "number": line.number})
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for line in told:
                    await line.known.wait()
        return sorted(line.number for line in told if line.hangs)

    def stuck(self, number: int) -> None:
        """A page's last word: it is about to get stuck."""
        for line in self._lines:
            if line.number == number:
                line.hangs = True
                line.known.set()

    @property
    def refusing(self) -> bool:
        """Whether nobody gets a connection now."""
        return time.monotonic() < self._refusing_until

    def refuse(self, seconds: float) -> None:
        """Give nobody a connection for a while."""
        self._refusing_until = time.monotonic() + seconds

    def hang_up(self, code: int, keys: list[str] | None = None) -> int:
        """Close all connections, or those of the sessions given; how many there were."""
        chosen = [line for line in self._lines if keys is None or line.session.key in keys]
        for line in chosen:
            line.hang_up(code)
        return len(chosen)

    async def serve(self, socket: WebSocket, session: Session) -> None:
        """Keep one page told until it goes or is hung up on."""
        await socket.accept()
        if self._one_session:
            for other in [line for line in self._lines if line.session.user == session.user]:
                other.hang_up(KICKED)
        line = Line(number=next(self._numbers), socket=socket, session=session)
        self._lines.add(line)
        listener = asyncio.create_task(_drain(line))
        try:
            await _feed(line)
        finally:
            self._lines.discard(line)
            line.known.set()
            listener.cancel()
            with suppress(asyncio.CancelledError):
                await listener


async def _feed(line: Line) -> None:
    with suppress(WebSocketDisconnect):
        while (event := await line.queue.get()) is not None:
            await line.socket.send_json(event)
        await line.socket.close(line.code)


async def _drain(line: Line) -> None:
    """Pages say nothing here; listening only tells when they are gone."""
    try:
        while True:
            await line.socket.receive_text()
    except (WebSocketDisconnect, RuntimeError):
        line.hang_up(RESTARTED)
