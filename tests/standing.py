"""A ledger in a folder of its own, beside a clock that stands: fixtures to import where a test needs both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.ledger import Ledger
from storage.records import ShopState
from tests.fresh import fresh
from tests.storage.hands import HandClock


@pytest.fixture
def clock() -> HandClock:
    """A clock that stands."""
    return HandClock()


@pytest.fixture
def ledger(tmp_path: Path, clock: HandClock) -> Iterator[Ledger]:
    """A ledger that knows one shop, `tea`, which is ready."""
    opened = Ledger.open(fresh(tmp_path / "ledger.db"), clock)
    opened.put_shop("tea", title="茶叶店", console="plain", platform="practice")
    opened.set_shop_state("tea", ShopState.ready)
    yield opened
    opened.close()
