"""A practice console for each test that wants one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from practice.client import Practice
from tests.flows.paper import Room, furnished
from tests.nursery import practising


@pytest.fixture
async def practice() -> AsyncIterator[Practice]:
    """A console with three shops and no buyers of its own."""
    console = await practising("--shops", "3", "--seed", "7")
    yield console
    await console.stop()


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """A shop with one conversation, on paper."""
    async with furnished(tmp_path) as found:
        yield found
