"""What people ask of a running worker: nothing is said that they have taken back meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from bots.commands import Orders
from bots.silence import Silence
from flows.inbox import Waiter
from storage.ledger import Ledger
from storage.records import Reply, ReplyState
from storage.thread import LedgerThread
from tests.bots.stationed import waiting
from tests.storage.hands import HandClock, ask, draft, take


class _Desk:
    """Finds every word, and says that it has sent."""

    def __init__(self, reply: Reply) -> None:
        self.said: list[str] = []
        self._reply = reply

    def saying(self, _word: str) -> Waiter:
        return waiting()

    async def rehearse(self, _waiter: Waiter, text: str) -> Reply:
        self.said.append(text)
        return self._reply


class _Station:
    """Stands for one shop's."""

    def __init__(self, shop: str, desk: _Desk) -> None:
        self.shop, self.desk = cast(Any, _Named(shop)), desk
        self.busy, self.silence = False, Silence(shop)


class _Named:
    def __init__(self, name: str) -> None:
        self.id = name


@pytest.mark.parametrize("late", [False, True], ids=["in time", "taken back"])
async def test_a_test_reply_that_was_taken_back_after_it_was_read_is_not_said(tmp_path: Path, late: bool) -> None:
    """Another shop's test reply takes seconds; whoever has given up meanwhile was told that nothing was sent."""
    clock = HandClock()
    ledger = await LedgerThread.open(tmp_path / "ledger.db", clock)

    def prepare(one: Ledger) -> Reply:
        one.put_shop("tea", title="茶", console="any", platform="any")
        return take(one, draft(one, ask(one, clock)), ReplyState.confirmed)

    desk = _Desk(await ledger(prepare))
    orders = Orders(ledger, [cast(Any, _Station("tea", desk))])
    asked = await ledger(Ledger.command, "tea", "golive", code="测试1234")
    await orders.poll()
    assert (await ledger(Ledger.command_row, asked.id)).result["step"] == "found"
    send = await ledger(Ledger.command, "tea", "golive_send", of=asked.id, text="收到")
    if late:
        await ledger(Ledger.set_command, send.id, "failed", why="取消了")
    await orders._carry_out(send, orders._stations[0])
    after = await ledger(Ledger.command_row, send.id)
    assert (after.state, desk.said) == (("failed", []) if late else ("done", ["收到"]))
    await ledger.close()
