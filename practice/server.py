"""The process: binds to this machine only, says when it is ready, ends at once when told to."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from practice.buyers import Buyers
from practice.console import Console
from practice.control import Control
from practice.dialects import DIALECTS
from practice.happenings import Happenings
from practice.live import RESTARTED
from practice.options import Options
from practice.web import Web

HOST = "127.0.0.1"


class PortTaken(Exception):
    """The port cannot be had; the text says what to do."""


def run(options: Options) -> None:
    """Serve until told to stop; raises `PortTaken`."""
    listener = _bind(options.port)
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    dialect = DIALECTS[options.dialect]
    console = Console(shops=options.shops, seed=options.seed, dialect=dialect, rows=options.rows)
    console.misbehave(options.manners)
    web, buyers = Web(console), Buyers(console)
    happenings = Happenings(web)
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])
    app = Starlette(
        routes=[*Control(web, buyers, happenings, options).routes(), *web.routes()], middleware=[hosts]
    )

    def ready() -> None:
        sys.stdout.write(json.dumps(console.ready_line(url), ensure_ascii=False) + "\n")
        sys.stdout.flush()
        happenings.begin()
        if options.buyers:
            buyers.start(rate=options.rate, seconds=options.seconds)

    asyncio.run(_serve(app, listener, web, ready, tied=options.tied))


class _Server(uvicorn.Server):
    """Tells when it listens, and leaves signals to us: uvicorn would end the process by raising them again."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(
    app: Starlette, listener: socket.socket, web: Web, ready: Callable[[], None], *, tied: bool
) -> None:
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=1,
        lifespan="off",
    )
    server = _Server(config, ready)

    def stop() -> None:
        server.should_exit = True
        for lines in web.lines.values():
            lines.hang_up(RESTARTED)

    def tie() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    if tied:
        loop.add_reader(sys.stdin.fileno(), tie)
    await server.serve(sockets=[listener])


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"端口 {port} 用不了（{error.strerror}）：换一个 --port，或用 --port 0 自动选择") from None
    return listener
