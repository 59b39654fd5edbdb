"""A turn put before a person, again and again: the log tells it once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from loguru import logger

from base.clock import SystemClock
from flows.answer import Answerer
from storage.ledger import Ledger
from storage.thread import LedgerThread


async def test_the_log_tells_a_handoff_once_for_each_reason(tmp_path: Path) -> None:
    clock, lines = SystemClock(), list[str]()
    ledger = await LedgerThread.open(tmp_path / "ledger.db", clock)
    await ledger(Ledger.put_shop, "tea", title="店", console="stage", platform="stage")
    turn = await ledger(Ledger.open_turn, "tea", "b1", seen_at=clock.now())
    nothing = cast(Any, None)
    answerer = Answerer(
        card=cast(Any, SimpleNamespace(shop="tea")),
        page=nothing,
        ledger=ledger,
        composer=nothing,
        inbox=cast(Any, SimpleNamespace(watch=lambda _key: None)),
        shelf=nothing,
        clock=clock,
    )
    sink = logger.add(lambda message: lines.append(message.record["message"]))
    try:
        for reason in ("页面变了", "页面变了", "没看到气泡", "页面变了"):
            await answerer.hand_over(turn.id, reason, urgent=True)
    finally:
        logger.remove(sink)
        await ledger.close()
    assert lines == ["handoff 1: 页面变了", "handoff 1: 没看到气泡"]
