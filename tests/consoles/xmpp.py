"""Converse.js on Prosody as they are served here, and their buyers, each at an XMPP client of its own."""

from __future__ import annotations

import itertools
import json
import secrets
import shutil
import subprocess
import threading
import time
from pathlib import Path

from tests.consoles.host import Command, Console, ConsoleFailed
from tests.ports import free_port

# Half of the buyers are in the staff's address book, as several of one name; the others are strangers to it.
_KNOWN = 20
_NAMES = ("小鱼", "糖糖", "阿花", "小鱼")
_END_SECONDS = 10.0


class Clients:
    """The process that the buyers' clients run in; one order at a time."""

    def __init__(self, console: Converse) -> None:
        self._log = console.log.open("ab")
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [console.python, "buyers.py"],
            cwd=console.home,
            env=console.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def ask(self, do: str, name: str, **more: str) -> list[str]:
        """Have a client do something; what it has heard so far."""
        pipes = self._process
        assert pipes.stdin and pipes.stdout
        with self._lock:
            pipes.stdin.write(json.dumps({"do": do, "name": name} | more) + "\n")
            pipes.stdin.flush()
            told = pipes.stdout.readline()
        if not told:
            raise ConsoleFailed(f"the buyers' process ended with {pipes.wait(_END_SECONDS)}")
        heard: list[str] = json.loads(told)
        return heard

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._log.close()


class XmppBuyer:
    """One buyer with an account on the server."""

    def __init__(self, clients: Clients, name: str, password: str) -> None:
        self._clients = clients
        self._name = name
        self.key = f"{name}@localhost"
        clients.ask("join", name, password=password)

    def say(self, text: str) -> None:
        """Send one message."""
        self._clients.ask("say", self._name, text=text)

    def replies(self) -> list[str]:
        """What the shop said, oldest first."""
        return self._clients.ask("listen", self._name)


class Converse(Console):
    """A web client for XMPP: a page of its own making over one socket, its state kept in the browser."""

    folder = "converse"
    pack = "converse"
    page = "/console/"
    user = "kefu@localhost"

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self._xmpp_port = free_port()
        self._shown = self.port
        self._numbers = itertools.count()
        self._clients: Clients | None = None

    def new_buyer(self) -> XmppBuyer:
        """A buyer with an account, about to connect. Blocks."""
        self._clients = self._clients or Clients(self)
        name = f"buyer{next(self._numbers)}"
        self._register(name)
        return XmppBuyer(self._clients, name, self.password)

    def end_sessions(self) -> None:
        """Close the staff's streams while the password is another one: the page cannot come back by itself."""
        refused = self._refused()
        self._shell("user", "password", self.user, secrets.token_urlsafe(12))
        self._shell("c2s", "close", self.user)
        deadline = time.monotonic() + _END_SECONDS
        while self._refused() == refused:
            if time.monotonic() > deadline:
                raise ConsoleFailed("the page did not try to come back")
            time.sleep(0.02)
        self._shell("user", "password", self.user, self.password)

    def hide(self) -> None:
        """Restart it where the staff's page does not find it, while the buyers do."""
        self._shown, self.port = self.port, free_port()
        self.restart()

    def show(self) -> None:
        """Restart it where it was before it was hidden."""
        self.port = self._shown
        self.restart()

    def prepare(self) -> list[Command]:
        """What the server serves and whom the staff know; the account of the staff at the first start."""
        if not shutil.which("prosody") or not (self.built / "web/nightdesk-stamp").exists():
            raise ConsoleFailed("Prosody or Converse.js is not installed: run `make setup-consoles`")
        www = self.data / "www"
        if not www.exists():
            www.mkdir()
            (www / "index.html").symlink_to(self.home / "index.html")
            (www / "dist").symlink_to(self.built / "web/node_modules/converse.js/dist")
            names = [
                f"buyer{number}@localhost={_NAMES[number // 2 % len(_NAMES)]}" for number in range(0, _KNOWN, 2)
            ]
            (self.data / "groups.txt").write_text("\n".join(["[买家]", f"{self.user}=客服", *names, ""]), "utf-8")
            self._register("kefu")
        return []

    def serve(self) -> Command:
        """Prosody in the foreground."""
        return ["prosody", "--config", "prosody.cfg.lua", "-F"]

    def environment(self) -> dict[str, str]:
        """As for every console, where the buyers' clients connect, and where a module of ours is."""
        more = {"CONSOLE_XMPP_PORT": str(self._xmpp_port), "CONSOLE_HOME": str(self.home)}
        return {**super().environment(), **more}

    def close(self) -> None:
        """End the server and the buyers' clients."""
        if self._clients is not None:
            self._clients.close()
        super().close()

    def _register(self, name: str) -> None:
        self.run(["prosodyctl", "--config", "prosody.cfg.lua", "register", name, "localhost", self.password])

    def _shell(self, *words: str) -> None:
        self.run(["prosodyctl", "--config", "prosody.cfg.lua", "shell", *words])

    def _refused(self) -> int:
        return self.log.read_text("utf-8").count("login refused")
