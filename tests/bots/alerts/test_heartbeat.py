"""The sign to the outside, over real sockets."""

from __future__ import annotations

from typing import Any

import pytest
from loguru import logger

from base.errors import LedgerUnavailable
from bots.alerts import heartbeat as beats
from bots.alerts.heartbeat import Heartbeat
from storage.ledger import Ledger
from storage.thread import LedgerThread
from tests.bots.receiver import Receiver

PING = "ping/b7c1"


def heartbeat(thread: LedgerThread, receiver: Receiver, wrong: str | None = "", path: str = PING) -> Heartbeat:
    """One beat's maker."""
    return Heartbeat(lambda: f"http://127.0.0.1:{receiver.port}/{path}", thread, lambda: wrong)


@pytest.mark.parametrize(
    ("wrong", "path", "got"),
    [
        ("", PING, [("/ping/b7c1", "")]),
        (
            "没有机器人在值守：茶叶店 13800138000",
            "ping/b7c1",
            [("/ping/b7c1/fail", "没有机器人在值守：茶叶店 138****8000")],
        ),
        ("", "push?token=b7c1", [("/push?token=b7c1", "")]),
        ("坏了", "push/?token=b7c1", [("/push/fail?token=b7c1", "坏了")]),
        (None, PING, []),
    ],
)
async def test_what_the_watcher_gets(
    ledger: Ledger, thread: LedgerThread, receiver: Receiver, wrong: str | None, path: str, got: list[Any]
) -> None:
    await heartbeat(thread, receiver, wrong, path).beat()
    assert receiver.got == got
    signs = {sign.name: sign.fine for sign in ledger.signs()}
    assert signs == ({} if wrong is None else {"heartbeat": True, "watcher": True})


async def test_no_sign_of_well_being_without_a_ledger_that_can_be_written(
    thread: LedgerThread, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> None:
        raise LedgerUnavailable("磁盘满了")

    monkeypatch.setattr(Ledger, "sign", full)
    await heartbeat(thread, receiver).beat()
    assert receiver.got == [("/ping/b7c1/fail", "磁盘满了")]


async def test_a_watcher_that_is_not_reached_is_logged_once_until_it_is(
    ledger: Ledger, thread: LedgerThread, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    sink = logger.add(lambda message: lines.append(str(message)), format="{level} {message}")
    one = heartbeat(thread, receiver)
    try:
        for manner in ("500", "close", "slow", "ok", "ok"):
            receiver.manner = manner
            monkeypatch.setattr(beats, "_SECONDS", 0.3 if manner == "slow" else 30)
            await one.beat()
    finally:
        logger.remove(sink)
    assert [line.split()[0] for line in lines] == ["ERROR", "INFO"]
    assert "b7c1" not in "".join(lines)
    assert {sign.name: (sign.fine, sign.why) for sign in ledger.signs()}["watcher"] == (True, "")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/", "nonsense"])
async def test_only_http(ledger: Ledger, thread: LedgerThread, address: str) -> None:
    await Heartbeat(lambda: address, thread, lambda: "").beat()
    watcher = next(sign for sign in ledger.signs() if sign.name == "watcher")
    assert (watcher.fine, "http" in watcher.why) == (False, True)
