"""Serves health and figures on this machine's loopback, to who shows the token."""

from __future__ import annotations

import asyncio
import base64
import hmac
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from zoneinfo import ZoneInfo

import uvicorn
from loguru import logger
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from base.beat import Beat
from base.errors import ConfigError, LedgerUnavailable, Problem
from board.health import Health, health, read_within
from board.metrics import CONTENT_TYPE, FOLLOWED, Metrics, Scene
from bots.healthz import HOST as HOST
from bots.secrets import secret_for, token_of
from bots.settings import Metrics as MetricsSetting
from bots.up import Vantage
from storage.ledger import Ledger
from storage.records import ShopRow

# Who stands by gets the port soon after the one in charge is gone.
_OPEN_EVERY = 2.0
_LOGIN = {"WWW-Authenticate": 'Basic realm="nightdesk", Bearer realm="nightdesk"'}
Answer = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def serving(vantage: Vantage) -> AsyncIterator[None]:
    """Serve while the block runs, where `shops.yaml` asks for it; what keeps us from it stops nothing else."""
    door = Door(vantage)
    beat = Beat("metrics", _OPEN_EVERY, door.keep_open)
    beat.start()
    try:
        yield
    finally:
        await beat.stop()
        await door.close()


class Door:
    """The port: opened as soon as that can be; why it cannot is told once."""

    def __init__(self, vantage: Vantage) -> None:
        self._vantage = vantage
        self._wanted: MetricsSetting | None = None
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._told = ""

    async def keep_open(self) -> None:
        """Open it where and if `shops.yaml` asks for it now, unless it is open there."""
        wanted = self._vantage.roll().settings.metrics
        if wanted != self._wanted:
            await self.close()
            self._wanted = wanted
        if wanted is None:
            return
        if self._serving is not None:
            if not self._serving.done():
                return
            logger.error("/metrics ended and begins anew: {}", self._serving.exception())
            self._serving = None
        vantage = self._vantage
        newest = await vantage.ledger(Ledger.newest_turn_id)
        unended = await vantage.ledger(Ledger.unended_turns, vantage.clock.now() - FOLLOWED)
        try:
            token = secret_for(token_of(wanted), vantage.home)()
            app = Pages(vantage, Metrics(newest, unended), token).app()
            listener = _bind(wanted.port)
        except ConfigError as error:
            await self._tell(str(error))
            return
        config = uvicorn.Config(
            app, log_config=None, access_log=False, ws="none", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]), name="metrics")
        if self._told:
            self._told = ""
            await self._vantage.ledger(Ledger.event, "metrics", severity="info", why="/metrics 可以看了")

    async def close(self) -> None:
        """Close it."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await asyncio.wait([self._serving])
            self._serving = None

    async def _tell(self, why: str) -> None:
        """Where another `nightdesk up` is in charge, it has the port, and that is as it should be."""
        if why != self._told and self._vantage.in_charge():
            self._told = why
            logger.error("{}", why)
            await self._vantage.ledger(Ledger.event, "metrics", severity="warning", why=why)


class Pages:
    """What is answered."""

    def __init__(self, vantage: Vantage, metrics: Metrics, token: str) -> None:
        self._vantage = vantage
        self._metrics = metrics
        self._token = token.encode()
        # Two readers at once would count the same turns twice.
        self._counting = asyncio.Lock()

    def app(self) -> Starlette:
        """The application."""
        pages: dict[str, Answer] = {"/healthz": self.healthz, "/metrics": self.metrics}
        return Starlette(routes=[Route(path, self._guarded(answer)) for path, answer in pages.items()])

    async def healthz(self, _request: Request) -> Response:
        """200 when all is well, else 503, with which shops are not, and why."""
        found = self._health(await self._vantage.ledger(Ledger.shop_rows))
        return JSONResponse(_plain(found), status_code=200 if found.ok else 503)

    async def metrics(self, _request: Request) -> Response:
        """The figures in Prometheus's own text."""
        vantage = self._vantage
        ledger = vantage.ledger
        async with self._counting:
            turns = await ledger(Ledger.turns_after, self._metrics.newest, self._metrics.followed)
            rows, known = await ledger(Ledger.shop_rows), vantage.roll().packs
            ill = {trouble.shop for trouble in self._health(rows).troubles}
            scene = Scene(
                now=vantage.clock.now(),
                in_charge=vantage.in_charge(),
                shops=[row for row in rows if row.shop in known],
                well={shop: shop not in ill for shop in known},
                staffed=self._staffed(),
                queues=await ledger(Ledger.queues),
                turns=turns,
                workers=vantage.supervisor.workers,
                knowledge_trouble=bool(await ledger(Ledger.knowledge_trouble)),
                roll_trouble=bool(await ledger(Ledger.roll_trouble)),
            )
            self._metrics.note(scene)
            return Response(self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    def _staffed(self) -> dict[str, bool]:
        """Whose people are on shift now, each by the clock of its platform."""
        roll, now = self._vantage.roll(), self._vantage.clock.now()
        zones = {shop: ZoneInfo(pack.meter.time_zone) for shop, pack in roll.packs.items()}
        return {
            shop.id: roll.settings.people_plan(shop).at(now, zones[shop.id]).on for shop in roll.settings.shops
        }

    def _health(self, rows: Sequence[ShopRow]) -> Health:
        vantage = self._vantage
        limits = {shop: read_within(pack.inbox.refresh.every) for shop, pack in vantage.roll().packs.items()}
        known = {row.shop: row for row in rows}
        return health(limits, known, in_charge=vantage.in_charge(), now=vantage.clock.now())

    def _guarded(self, answer: Answer) -> Answer:
        """Only for who shows the token."""

        async def answer_if_known(request: Request) -> Response:
            if not is_known(request.headers.get("authorization", ""), self._token):
                return Response("要口令\n", status_code=401, headers=_LOGIN)
            try:
                return await answer(request)
            except LedgerUnavailable as error:
                return JSONResponse({"ok": False, "why": str(error)}, status_code=503)
            except Exception as error:  # told in our own log, where what it says is masked
                logger.opt(exception=error).error("{} failed: {}", request.url.path, type(error).__name__)
                return Response("程序出错，详见日志\n", status_code=500)

        return answer_if_known


def is_known(header: str, token: bytes) -> bool:
    """Whether an Authorization header shows the token: as a bearer's, or as a password of whatever user."""
    scheme, _space, given = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[2]
        except ValueError:
            return False
    elif scheme.lower() == "bearer":
        given = given.encode("latin-1", "replace").decode(errors="replace")  # a header's bytes arrive as latin-1
    else:
        return False
    return hmac.compare_digest(given.encode(), token)


def _plain(found: Health) -> dict[str, object]:
    return {
        "ok": found.ok,
        "in_charge": found.in_charge,
        "shops": [
            {
                "shop": trouble.shop,
                "state": trouble.state,
                "why": trouble.why,
                "read_at": trouble.read_at and trouble.read_at.isoformat(timespec="seconds"),
            }
            for trouble in found.troubles
        ],
    }


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        message = f"端口 {port} 用不了（{error.strerror}），/metrics 和 /healthz 看不了，值守不受影响"
        raise ConfigError(Problem(message=message, hint="在 shops.yaml 的 metrics 里换一个 port")) from None
    return listener


class _Server(uvicorn.Server):
    """Leaves signals to us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
