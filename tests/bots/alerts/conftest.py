"""A ledger with one shop, and the same for asyncio code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from base.clock import SystemClock
from bots.home import Home
from storage.ledger import Ledger
from storage.thread import LedgerThread
from tests.fresh import fresh


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    """The ledger with one shop that is well and live."""
    opened = Ledger.open(fresh(home.ledger), SystemClock())
    opened.put_shop("tea", title="茶叶店", console="c", platform="p")
    opened.go_live("tea")
    yield opened
    opened.close()


@pytest.fixture
async def thread(home: Home, ledger: Ledger) -> Any:
    """The same ledger for asyncio code."""
    opened = await LedgerThread.open(home.ledger, SystemClock())
    yield opened
    await opened.close()
