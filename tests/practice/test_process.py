"""The process: says when it is ready, listens on this machine only, ends at once."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from practice.client import Practice, PracticeError

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "practice"]


@pytest.fixture
def process() -> Iterator[Popen[str]]:
    environment = {**os.environ, "PRACTICE_PASSWORD": "given-password"}
    command = [*COMMAND, "--tied", "--shops", "2"]
    started = Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True, cwd=ROOT, env=environment)
    yield started
    if started.poll() is None:
        started.kill()
    started.communicate()


def ready(process: Popen[str]) -> dict[str, object]:
    assert process.stdout is not None
    line: dict[str, object] = json.loads(process.stdout.readline())
    return line


def test_the_ready_line_tells_all_that_is_needed(process: Popen[str]) -> None:
    line = ready(process)
    assert str(line["url"]).startswith("http://127.0.0.1:")
    shops = line["shops"]
    assert isinstance(shops, list)
    assert [shop["id"] for shop in shops] == ["shop-1", "shop-2"]
    assert shops[0]["url"] == f"{line['url']}/shop-1/"
    assert {shop["password"] for shop in shops} == {"given-password"}
    assert len(str(line["token"])) > 20


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_quietly(process: Popen[str], number: signal.Signals) -> None:
    ready(process)
    begun = time.monotonic()
    process.send_signal(number)
    assert process.wait(5) == 0
    assert time.monotonic() - begun < 1.5
    assert process.stderr is not None
    assert process.stderr.read() == ""


def test_a_tied_console_goes_with_the_one_who_started_it(process: Popen[str]) -> None:
    ready(process)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(5) == 0
    process.stdin = None


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, cwd=ROOT, timeout=20)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"端口 {port} 用不了" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["--shops", "0"], ["--rate", "fast"], ["--seconds", "1"], ["--port", "70000"]]
)
def test_a_wrong_flag_is_an_error_in_chinese(arguments: list[str]) -> None:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=20)
    assert done.returncode == 2
    assert "超出范围" in done.stderr or "不是数字" in done.stderr


async def test_a_client_whose_console_does_not_start_says_so() -> None:
    with pytest.raises(PracticeError, match="退出码 2"):
        await Practice.start("--shops", "0")


async def test_the_client_leaves_nothing_behind() -> None:
    practice = await Practice.start()
    await practice.stop()
    await practice.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(practice.url.rpartition(":")[2])), timeout=1)
