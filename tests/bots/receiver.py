"""A receiver on loopback that takes what alerts send, and can behave badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Receiver:
    """`manner`: `ok`, `500`, `close` (no answer), `slow` (none until the end), `refuse` (a robot's error code).

    `got` holds path and body of each request.
    """

    port: int = 0
    manner: str = "ok"
    got: list[tuple[str, Any]] = field(default_factory=list)
    end: threading.Event = field(default_factory=threading.Event)
    news: threading.Condition = field(default_factory=threading.Condition)

    def address(self, path: str = "") -> str:
        """An address of apprise's that posts JSON here."""
        return f"json://127.0.0.1:{self.port}/{path}"

    def titles(self) -> list[str]:
        """The titles that came, in order."""
        return [str(body["title"]) for _path, body in self.got]

    def until(self, count: int) -> None:
        """Until so many requests have come."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.got) >= count, 50), self.got

    def until_at(self, paths: set[str]) -> None:
        """Until a request has come at each of these paths."""
        with self.news:
            came = self.news.wait_for(lambda: paths <= {path for path, _body in self.got}, 50)
        assert came, self.got


def serve() -> Iterator[Receiver]:
    """Serve one until the generator is closed."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            with receiver.news:
                receiver.got.append((self.path, json.loads(body) if body.startswith("{") else body))
                receiver.news.notify_all()
            if receiver.manner == "slow":
                receiver.end.wait(30)
            if receiver.manner in ("slow", "close"):
                self.close_connection = True
                return
            refused = {"errcode": 310000, "errmsg": "keywords not in content", "code": 19024, "msg": "Key Words"}
            said = json.dumps(refused if receiver.manner == "refuse" else {"errcode": 0, "code": 0}).encode()
            self.send_response(500 if receiver.manner == "500" else 200)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_args: object) -> None:
            """Nothing to standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield receiver
    receiver.end.set()
    server.shutdown()
    thread.join()
    server.server_close()
