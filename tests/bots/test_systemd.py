"""What systemd is told."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from base.places import shared
from bots.post import DRAIN_SECONDS
from bots.systemd import notify


def test_it_is_told_where_it_asked_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        notify("WATCHDOG=1")
        assert line.recv(100) == b"WATCHDOG=1"


def test_who_does_not_ask_is_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    notify("READY=1")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_unit_that_ships_is_one(tmp_path: Path) -> None:
    written = shared("examples/nightdesk.service").read_text("utf-8")
    # What systemd looks for on the machine itself is the operator's to put right.
    here = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", written)
    unit = tmp_path / "nightdesk.service"
    unit.write_text(re.sub(r"(?m)^User=.*\n", "", here), "utf-8")
    found = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (found.returncode, [line for line in found.stderr.splitlines() if unit.name in line]) == (0, [])


def test_whoever_stops_us_waits_longer_than_the_workers_may_drain() -> None:
    written = shared("examples/nightdesk.service").read_text("utf-8")
    (seconds,) = re.findall(r"(?m)^TimeoutStopSec=(\d+)$", written)
    (service,) = yaml.safe_load(shared("examples/compose.yaml").read_text("utf-8"))["services"].values()
    assert min(int(seconds), int(service["stop_grace_period"].removesuffix("s"))) > DRAIN_SECONDS
