"""What a browser sees: login, the desk, and the calls that its page makes."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from practice.console import Console
from practice.desk import Desk
from practice.dialects import STATIC
from practice.dice import dice
from practice.live import EXPIRED, RESTARTED, Lines
from practice.model import Json, Presence, Refused
from practice.sessions import Session

COOKIE = "desk_session"
_MOST_BODY = 1_000_000
_FRAMES = 2
_LAG = (0.2, 0.8)

Call = Callable[[Desk, Session, Json], Json]


class Web:
    """The routes of the console's pages; what happens on a desk goes out over its lines."""

    def __init__(self, console: Console) -> None:
        self.console = console
        # As with the class names of a marketplace: another part of them with each start.
        self._build = secrets.token_hex(3)
        self._lag = dice(console.seed, "laggy")
        one_session = console.dialect.one_session
        self.lines = {shop: Lines(one_session=one_session) for shop in console.desks}
        for shop, desk in console.desks.items():
            desk.listen(self.lines[shop].push)

    def routes(self) -> list[BaseRoute]:
        """To be served at the root."""
        calls: dict[str, Call] = {
            "state": self._state,
            "open": _open,
            "earlier": _earlier,
            "read": _read,
            "send": _send,
            "transfer": _transfer,
            "presence": _presence,
        }
        return [
            Mount("/static", StaticFiles(directory=STATIC)),
            Route("/{shop}/", self._root),
            Route("/{shop}/login", self._login_form),
            Route("/{shop}/login", self._login, methods=["POST"]),
            Route("/{shop}/logout", self._logout, methods=["POST"]),
            Route("/{shop}/desk", self._desk),
            *(Route(f"/{{shop}}/api/{name}", self._api(call), methods=["POST"]) for name, call in calls.items()),
            Route("/{shop}/stuck/{number:int}", self._stuck, methods=["POST"]),
            WebSocketRoute("/{shop}/live", self._live),
        ]

    def _session(self, request: Request | WebSocket) -> Session | None:
        return self.console.sessions.find(request.path_params["shop"], request.cookies.get(COOKIE))

    def _manners(self, request: Request) -> tuple[str, ...]:
        desk = self.console.desks.get(request.path_params["shop"])
        return desk.manners if desk is not None else ()

    async def _root(self, request: Request) -> Response:
        return self._to(request, "desk")

    async def _login_form(self, request: Request) -> Response:
        return self._page(request, self.console.dialect.folder / "login.html")

    async def _login(self, request: Request) -> Response:
        shop = request.path_params["shop"]
        if shop not in self.console.desks:
            return _nowhere()
        form = parse_qs((await _body(request)).decode("utf-8", "replace"))
        user, password = (form.get(name, [""])[0] for name in ("user", "password"))
        session = self.console.sessions.login(self.console.desks[shop], user.strip(), password)
        if session is None:
            error = '<p class="login-error" role="alert">账号或密码错误，请重新输入</p>'
            return self._page(request, self.console.dialect.folder / "login.html", error=error, status=401)
        response = self._to(request, "desk")
        response.set_cookie(COOKIE, session.key, path=f"/{shop}/", httponly=True, samesite="strict")
        return response

    async def _logout(self, request: Request) -> Response:
        session = self._session(request)
        if session is not None:
            self.console.sessions.end(session.key)
            self.console.desks[session.shop].set_presence(session.user, Presence.offline)
            self.lines[session.shop].hang_up(EXPIRED, [session.key])
        response = self._to(request, "login")
        response.delete_cookie(COOKIE, path=f"/{request.path_params['shop']}/")
        return response

    async def _desk(self, request: Request) -> Response:
        if self._session(request) is None:
            return self._to(request, "login")
        # The desk in a frame in a frame: each page holds the next, the last one the desk.
        depth = int(request.query_params.get("depth", "0"))
        framed = "frames" in self._manners(request) and depth < _FRAMES
        return self._page(request, STATIC / ("frame.html" if framed else "desk.html"), depth=depth + 1)

    def _look(self, desk: Desk) -> str:
        """What a page has to show from the first: another one has to begin anew, however it missed the call to."""
        return hashlib.blake2b(repr((desk.manners, self.console.drift)).encode(), digest_size=6).hexdigest()

    def _state(self, desk: Desk, session: Session, given: Json) -> Json:
        return {**desk.state(session.user), "look": self._look(desk)}

    def _api(self, call: Call) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            manners = self._manners(request)
            if "laggy" in manners:
                await asyncio.sleep(self._lag.uniform(*_LAG))
            if "restarted" in manners and self.lines[request.path_params["shop"]].refusing:
                return JSONResponse({"error": "服务暂不可用"}, 503)
            session = self._session(request)
            if session is None:
                return JSONResponse({"error": "登录已过期"}, 401)
            desk = self.console.desks[session.shop]
            if desk.wall and call in _WALLED:
                return JSONResponse({"error": "请先完成安全验证"}, 403)
            try:
                given = json.loads(await _body(request) or b"{}")
                return JSONResponse(call(desk, session, given))
            except Refused as refusal:
                return JSONResponse({"error": str(refusal)}, 422)
            except ClientDisconnect:  # the page went away while it asked
                return Response(status_code=400)
            except (ValueError, KeyError, TypeError, AttributeError):
                return JSONResponse({"error": "请求格式不对"}, 400)

        return answer

    async def _live(self, socket: WebSocket) -> None:
        shop = socket.path_params["shop"]
        session = self._session(socket)
        lines = self.lines.get(shop)
        if lines is None or session is None or lines.refusing:
            # Only an accepted socket can tell the page why it is closed.
            await socket.accept()
            await socket.close(EXPIRED if session is None else RESTARTED)
            return
        await lines.serve(socket, session)

    async def _stuck(self, request: Request) -> Response:
        if request.path_params["shop"] in self.lines:
            self.lines[request.path_params["shop"]].stuck(request.path_params["number"])
        return Response(status_code=204)

    def _to(self, request: Request, page: str) -> RedirectResponse:
        return RedirectResponse(f"/{request.path_params['shop']}/{page}", 303)

    def _page(
        self, request: Request, path: Path, *, error: str = "", status: int = 200, depth: int = 0
    ) -> Response:
        desk = self.console.desks.get(request.path_params["shop"])
        if desk is None:
            return _nowhere()
        text = path.read_text(encoding="utf-8")
        values = {
            "shop": desk.shop,
            "title": desk.title,
            "error": error,
            "depth": str(depth),
            "dialect": self.console.dialect.name,
            "build": self._build,
            "manners": ",".join(desk.manners),
            "look": self._look(desk),
            "drift": escape(json.dumps(dict(self.console.drift))),
        }
        for mark, value in values.items():
            text = text.replace(f"{{{{{mark}}}}}", value)
        return HTMLResponse(text, status, headers=_HEADERS)


# A buyer's text that ran as a script would show here first: the page loads its own scripts only.
_HEADERS = {
    "content-security-policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'self'",
    "cache-control": "no-store",
}


def _nowhere() -> Response:
    return HTMLResponse("<!doctype html><meta charset=utf-8><title>没有这家店</title><p>没有这家店</p>", 404)


async def _body(request: Request) -> bytes:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BODY:
            raise ValueError("too long")
    return body


def _open(desk: Desk, session: Session, given: Json) -> Json:
    desk.read(given["uid"])
    return desk.thread(given["uid"])


def _earlier(desk: Desk, session: Session, given: Json) -> Json:
    return desk.thread(given["uid"], before=given["before"])


def _read(desk: Desk, session: Session, given: Json) -> Json:
    desk.read(given["uid"])
    return {}


def _send(desk: Desk, session: Session, given: Json) -> Json:
    text, client = str(given["text"]), str(given.get("client", ""))[:40]
    seen = given.get("seen")
    message = desk.sends(given["uid"], text, account=session.user, client=client, seen=seen and str(seen))
    return {"message": message.public() if message else None}


# What a captcha stands before.
_WALLED: frozenset[Call] = frozenset({_open, _send})


def _transfer(desk: Desk, session: Session, given: Json) -> Json:
    desk.transfer(given["uid"], by=session.user, to=given["to"])
    return {"name": desk.accounts[given["to"]].name}


def _presence(desk: Desk, session: Session, given: Json) -> Json:
    desk.set_presence(session.user, Presence(given["state"]))
    return {}
