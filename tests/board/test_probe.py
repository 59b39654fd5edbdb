"""What a container's health check finds: the same as `/healthz`, or why nobody answers there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from board import probe
from bots.home import VARIABLE, Home
from storage.ledger import Ledger
from storage.records import ShopState
from tests.board.test_server import opened, served
from tests.bots.cli.conftest import SHOPS
from tests.ports import free_port


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The port that `shops.yaml` names, in the folder that the environment names."""
    chosen = free_port()
    Home(tmp_path).shops.write_text(f"{SHOPS}metrics: {{port: {chosen}}}\n", "utf-8")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return chosen


async def test_it_says_what_healthz_says(tmp_path: Path, port: int, capsys: pytest.CaptureFixture[str]) -> None:
    async with served(tmp_path, port) as shown:
        await opened(port)
        assert await asyncio.to_thread(probe.main) == 0
        await shown.ledger(Ledger.set_shop_state, "tea", ShopState.stopped, "停了")
        assert await asyncio.to_thread(probe.main) == 1
    well, ill = capsys.readouterr().out.splitlines()
    assert '"ok":true' in well
    assert '"state":"stopped"' in ill


async def test_nobody_there_is_not_well(tmp_path: Path, port: int, capsys: pytest.CaptureFixture[str]) -> None:
    async with served(tmp_path, port):
        await opened(port)
    assert await asyncio.to_thread(probe.main) == 1
    assert "连不上 /healthz" in capsys.readouterr().out


def test_without_a_port_it_says_what_to_write(
    tmp_path: Path, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    Home(tmp_path).shops.write_text(SHOPS, "utf-8")
    assert probe.main() == 1
    assert "metrics" in capsys.readouterr().out
