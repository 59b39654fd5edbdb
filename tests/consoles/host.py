"""Runs a real console in its own environment and process, on the loopback, for as long as a test needs it."""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 40.0
_STOP_SECONDS = 5.0


class ConsoleFailed(Exception):
    """The console did not come up; the text holds the end of its log."""


class Host:
    """One console's server: started, stopped and started again on the same port with the same data."""

    def __init__(self, name: str, data: Path) -> None:
        self.password = secrets.token_urlsafe(12)
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._home = ROOT / "tests/consoles" / name
        self._python = ROOT / ".cache/consoles" / name / "bin/python"
        self._data = data
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Where the server's output goes."""
        return self._data / "console.log"

    def start(self) -> None:
        """Serve, and return once it answers; raises `ConsoleFailed`."""
        if not self._python.exists():
            raise ConsoleFailed(f"no environment at {self._python}: run `make setup-consoles`")
        with self.log.open("ab") as log:
            seed = subprocess.run(
                [self._python, "seed.py"], cwd=self._home, env=self._env(), stdout=log, stderr=log, check=False
            )
            if seed.returncode:
                raise ConsoleFailed(self._tail())
            serve = [str(self._python), "-m", "uvicorn", "asgi:application", "--host", "127.0.0.1"]
            # Long polls end only with the client: a stop must not wait for them.
            serve += ["--port", str(self.port), "--log-level", "warning", "--timeout-graceful-shutdown", "1"]
            self._process = subprocess.Popen(
                serve, cwd=self._home, env=self._env(), stdout=log, stderr=log, start_new_session=True
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
            connection.request("GET", "/login/")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def _tail(self) -> str:
        return "the console did not start:\n" + "\n".join(self.log.read_text("utf-8").splitlines()[-20:])

    def _env(self) -> dict[str, str]:
        keep = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        return keep | {"CONSOLE_DATA": str(self._data), "CONSOLE_PASSWORD": self.password}


@contextmanager
def running(name: str, data: Path) -> Iterator[Host]:
    """A console that serves inside the block and is gone after it."""
    host = Host(name, data)
    try:
        host.start()
        yield host
    finally:
        host.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _signal_group(group: int, sign: signal.Signals) -> None:
    try:
        os.killpg(group, sign)
    except ProcessLookupError:
        return
