"""The line between the bots and a console: it can be cut, and it can be slow."""

from __future__ import annotations

import asyncio
from contextlib import suppress

_PIECE = 65_536


class Wire:
    """Passes on what comes to `port` on this machine; mended and quick at first."""

    def __init__(self, server: asyncio.Server, target: int) -> None:
        self.port: int = server.sockets[0].getsockname()[1]
        self._server = server
        self._target = target
        self._ends: set[asyncio.StreamWriter] = set()
        self._delay = 0.0
        self._cut = False
        self._mended = asyncio.Event()
        self._mended.set()

    @classmethod
    async def to(cls, target: int) -> Wire:
        """A wire to a port of this machine."""
        wires: list[Wire] = []

        async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await wires[0]._join(reader, writer)

        server = await asyncio.start_server(join, "127.0.0.1", 0)
        wires.append(cls(server, target))
        return wires[0]

    def cut(self, *, silent: bool) -> None:
        """From now on nothing goes through: connections break, or, if `silent`, just say nothing any more."""
        self._mended.clear()
        self._cut = not silent
        if not silent:
            for end in list(self._ends):
                end.transport.abort()

    def slow(self, seconds: float) -> None:
        """From now on every piece takes so much longer, each way."""
        self._delay = seconds

    def mend(self) -> None:
        """As at first."""
        self._delay = 0.0
        self._cut = False
        self._mended.set()

    async def close(self) -> None:
        """Take no more connections and end those that are."""
        self._server.close()
        for end in list(self._ends):
            end.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        self._ends |= both
        try:
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        finally:
            self._ends -= both
            for end in both:
                end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                if self._delay:
                    await asyncio.sleep(self._delay)
                await self._mended.wait()
                writer.write(piece)
                await writer.drain()
            writer.write_eof()
