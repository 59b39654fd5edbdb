"""What a container's health check finds: the same as `/healthz`, or why nobody answers there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from board import probe
from bots.home import VARIABLE, Home
from bots.secrets import set_secret, token_of
from bots.settings import Metrics
from storage.ledger import Ledger
from storage.records import ShopState
from tests.attending import eventually
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


async def test_a_token_in_chinese_and_no_proxy_that_is_shown_it(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    async with served(tmp_path, port, token="夜班口令"):

        async def well() -> bool:
            return (await asyncio.to_thread(probe.look, Home(tmp_path)))[0]

        await eventually(well, 10)


async def test_another_program_at_the_port_is_no_nightdesk(
    tmp_path: Path, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ESMTP\r\n")
        writer.close()

    set_secret(token_of(Metrics(port=port)), Home(tmp_path), "s3cret")
    async with await asyncio.start_server(answer, "127.0.0.1", port):
        assert await asyncio.to_thread(probe.main) == 1
    assert "不是 Nightdesk" in capsys.readouterr().out
