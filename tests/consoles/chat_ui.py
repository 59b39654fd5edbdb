"""django-chat-ui as it is served here, and its buyers: clients over the Matrix client-server API."""

from __future__ import annotations

import http.client
import itertools
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.consoles.django_site import end_sessions
from tests.consoles.host import Command, Console

_API = "/chat/_matrix/client/v3"
_MEDIA = "/chat/_matrix/media/v3"
# As many as its `seed.py` makes; who comes again has another conversation.
_SEEDED = 40
_LIMITS = json.dumps({"room": {"timeline": {"limit": 100}}})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One message as the buyer's own client shows it; `at` in epoch ms."""

    id: str
    mine: bool
    text: str
    at: int


class ChatUiBuyer:
    """One logged-in buyer with one conversation; calls block, so run them in threads beside a loop."""

    def __init__(self, port: int, name: str, password: str) -> None:
        self._port = port
        self._token = ""
        self._numbers = itertools.count(1)
        login = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": name},
            "password": password,
        }
        answer = self._call("POST", f"{_API}/login", login)
        self._token, self._user = answer["access_token"], answer["user_id"]
        self.key: str = self._call("POST", f"{_API}/createRoom", {})["room_id"]

    def say(self, text: str) -> str:
        """Send one message; its id."""
        return self._put("send/m.room.message", {"msgtype": "m.text", "body": text})

    def say_html(self, text: str, markup: str) -> str:
        """Send one message with markup, as other clients may; its id."""
        content = {"msgtype": "m.text", "body": text}
        return self._put(
            "send/m.room.message", content | {"format": "org.matrix.custom.html", "formatted_body": markup}
        )

    def show(self, name: str, picture: bytes) -> str:
        """Send one picture; its id."""
        url = self._call("POST", f"{_MEDIA}/upload?{urlencode({'filename': name})}", picture)["content_uri"]
        return self._put("send/m.room.message", {"msgtype": "m.image", "body": name, "url": url})

    def take_back(self, event: str) -> None:
        """Withdraw a message of one's own."""
        self._put(f"redact/{quote(event)}", {})

    def messages(self) -> list[Seen]:
        """The whole conversation as the server tells it now, oldest first."""
        return self._seen(self._sync())

    def replies(self) -> list[str]:
        """The texts that others sent, oldest first."""
        return [message.text for message in self.messages() if not message.mine]

    def await_replies(self, count: int, seconds: float) -> list[str]:
        """The replies once there are `count` of them, or whatever there is when the time is over."""
        deadline = time.monotonic() + seconds
        answer = self._sync()
        replies = [message for message in self._seen(answer) if not message.mine]
        while len(replies) < count and (left := deadline - time.monotonic()) > 0:
            answer = self._sync(since=answer["next_batch"], timeout=int(left * 1000))
            replies += [message for message in self._seen(answer) if not message.mine]
        # Read anew: what a long poll told in pieces must be what the server holds.
        return self.replies()

    def _sync(self, **since: object) -> Any:
        return self._call("GET", f"{_API}/sync?" + urlencode({"timeout": 0, "filter": _LIMITS} | since))

    def _seen(self, answer: Any) -> list[Seen]:
        events = answer["rooms"]["join"].get(self.key, {}).get("timeline", {}).get("events", [])
        return [
            Seen(
                id=event["event_id"],
                mine=event["sender"] == self._user,
                text=event["content"].get("body", ""),
                at=event["origin_server_ts"],
            )
            for event in events
            if event["type"] == "m.room.message"
        ]

    def _put(self, what: str, content: dict[str, str]) -> str:
        # The number makes a repeated request the same message.
        path = f"{_API}/rooms/{quote(self.key)}/{what}/{next(self._numbers)}"
        event: str = self._call("PUT", path, content)["event_id"]
        return event

    def _call(self, method: str, path: str, body: dict[str, Any] | bytes | None = None) -> Any:
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        headers = {"Content-Type": kind, "Authorization": f"Bearer {self._token}"}
        data = json.dumps(body) if isinstance(body, dict) else body
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            told = json.load(answer)
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise ConnectionError(f"{method} {path}: {answer.status} {told}")
        return told


class ChatUi(Console):
    """The staff's inbox of a Django site, its list and threads kept live by long polls."""

    folder = "django_chat_ui"
    pack = "django-chat-ui"
    page = "/inbox/"

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self._numbers = itertools.count()

    def new_buyer(self) -> ChatUiBuyer:
        """A buyer who has just opened a conversation. Blocks."""
        return ChatUiBuyer(self.port, f"buyer{next(self._numbers) % _SEEDED}", self.password)

    def end_sessions(self) -> None:
        """Forget the staff's logins; buyers have tokens, not sessions."""
        end_sessions(self.data)

    def prepare(self) -> list[Command]:
        """The database, which exists already at a second start."""
        return [[self.python, "seed.py"]]

    def serve(self) -> Command:
        """The server that the package's documentation recommends."""
        # Long polls end only with the client: a stop must not wait for them.
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--timeout-graceful-shutdown", "1"]
        return [self.python, "-m", "uvicorn", "asgi:application", "--log-level", "warning", *options]
