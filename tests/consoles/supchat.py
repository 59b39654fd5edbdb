"""django-supchat as it is served here, and its buyers: guests of the site's widget, over its own interface."""

from __future__ import annotations

import http.client
import json
from typing import Any

from tests.consoles.django_site import end_sessions
from tests.consoles.host import Command, Console


class SupchatBuyer:
    """One guest with one conversation, as the site's chat widget talks to the server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookie = ""
        self.key: str = self._call("POST", "/supchat/start/", {})["conversation"]["id"]

    def say(self, text: str) -> None:
        """Send one message."""
        self._call("POST", self._messages, {"text": text})

    def replies(self) -> list[str]:
        """The texts that others sent, oldest first."""
        messages = self._call("GET", self._messages)["messages"]
        return [message["text"] for message in messages if message["sender_type"] != "guest"]

    @property
    def _messages(self) -> str:
        return f"/supchat/conversations/{self.key}/messages/"

    def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        headers = {"Content-Type": "application/json", "Cookie": self._cookie}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            told = json.load(answer)
        finally:
            connection.close()
        if not told["ok"]:
            raise ConnectionError(f"{method} {path}: {answer.status} {told}")
        self._cookie = (answer.getheader("Set-Cookie") or self._cookie).partition(";")[0]
        return told


class Supchat(Console):
    """An operators' dashboard whose list is polled and whose open conversation alone is live."""

    folder = "django_supchat"
    pack = "django-supchat"
    page = "/supchat/operator/"

    def new_buyer(self) -> SupchatBuyer:
        """A guest who has just opened a conversation; the list calls all of them Guest. Blocks."""
        return SupchatBuyer(self.port)

    def end_sessions(self) -> None:
        """Forget the staff's logins; guests have a signed cookie, not a session."""
        end_sessions(self.data)

    def prepare(self) -> list[Command]:
        """The database, which exists already at a second start."""
        return [[self.python, "seed.py"]]

    def serve(self) -> Command:
        """One threaded process: what is sent over it reaches only the pages that it serves itself."""
        options = ["--noreload", "--insecure", "--skip-checks", f"127.0.0.1:{self.port}"]
        return [self.python, "-m", "django", "runserver", *options]

    def environment(self) -> dict[str, str]:
        """As for every console, and where the site's settings are."""
        return {**super().environment(), "DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(self.home)}
