"""A practice console for each test that wants one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from practice.client import Practice


@pytest.fixture
async def practice() -> AsyncIterator[Practice]:
    """A console with three shops and no buyers of its own."""
    console = await Practice.start("--shops", "3", "--seed", "7")
    yield console
    await console.stop()
