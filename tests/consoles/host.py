"""Runs a real console in its own environment and process, on the loopback, for as long as a test needs it."""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 40.0
_STOP_SECONDS = 5.0

Command = Sequence[str | Path]


class ConsoleFailed(Exception):
    """The console did not come up; the text holds the end of its log."""


class Buyer(Protocol):
    """A buyer at the client that the console has for buyers; calls block."""

    @property
    def key(self) -> str:
        """The conversation's id, as the console's own page has it."""
        ...

    def say(self, text: str) -> object:
        """Send one message."""
        ...

    def replies(self) -> list[str]:
        """What the shop said, as the buyer's client shows it, oldest first."""
        ...


class Console(ABC):
    """One console's server: started, stopped and started again on the same ports with the same data."""

    folder: ClassVar[str]
    pack: ClassVar[str]
    page: ClassVar[str]
    user: ClassVar[str] = "kefu"

    def __init__(self, data: Path) -> None:
        self.password = secrets.token_urlsafe(12)
        self.port = free_port()
        self.home = ROOT / "tests/consoles" / self.folder
        self.built = ROOT / ".cache/consoles" / self.folder
        self.python = self.built / "bin/python"
        self.data = data
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the shop's staff work."""
        return f"http://127.0.0.1:{self.port}{self.page}"

    @property
    def log(self) -> Path:
        """Where the server's output goes."""
        return self.data / "console.log"

    @abstractmethod
    def new_buyer(self) -> Buyer:
        """A buyer who has come to the shop and said nothing yet; several have the same name. Blocks."""

    @abstractmethod
    def end_sessions(self) -> None:
        """End the staff's session on the server, as an administrator or an upgrade does; buyers keep theirs."""

    @abstractmethod
    def prepare(self) -> Sequence[Command]:
        """What to run before each start."""

    @abstractmethod
    def serve(self) -> Command:
        """The server itself."""

    def environment(self) -> Mapping[str, str]:
        """What the console's processes are told."""
        return {"CONSOLE_DATA": str(self.data), "CONSOLE_PASSWORD": self.password, "CONSOLE_PORT": str(self.port)}

    def check(self) -> None:
        """Raises `ConsoleFailed` where it is not installed."""
        if not self.python.exists():
            raise ConsoleFailed(f"no environment at {self.python}: run `make setup-consoles`")

    def start(self) -> None:
        """Serve, and return once it answers; raises `ConsoleFailed`."""
        self.check()
        for command in self.prepare():
            self.run(command)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.serve(), cwd=self.home, env=self._env(), stdout=log, stderr=log, start_new_session=True
            )
        self._wait()

    def stop(self) -> None:
        """End the server and everything it started; nothing happens if it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            _signal_group(process.pid, sign)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            break

    def restart(self) -> None:
        """Stop and serve again, as after an upgrade: sessions and messages stay."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End all that belongs to the console."""
        self.stop()

    def run(self, command: Command) -> None:
        """Run one of the console's own programs to its end; raises `ConsoleFailed`."""
        with self.log.open("ab") as log:
            done = subprocess.run(
                command, cwd=self.home, env=self._env(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        if done.returncode:
            raise ConsoleFailed(self._tail())

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.05)
        self.stop()
        raise ConsoleFailed(self._tail())

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", self.page)
            return connection.getresponse().status < http.HTTPStatus.BAD_REQUEST
        except OSError:
            return False
        finally:
            connection.close()

    def _tail(self) -> str:
        return "the console did not start:\n" + "\n".join(self.log.read_text("utf-8").splitlines()[-20:])

    def _env(self) -> dict[str, str]:
        keep = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        return keep | dict(self.environment())


def _signal_group(group: int, sign: signal.Signals) -> None:
    try:
        os.killpg(group, sign)
    except ProcessLookupError:
        return
