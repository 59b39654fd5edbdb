"""What tests of alerts and of their commands share: receivers on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bots.receiver import Receiver, serve


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of one's own."""
    yield from serve()


@pytest.fixture
def second() -> Iterator[Receiver]:
    """Another one."""
    yield from serve()
