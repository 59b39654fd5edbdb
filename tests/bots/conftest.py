"""What several tests of the bots share: a folder of an operator's, and receivers on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.home import Home
from tests.bots.receiver import Receiver, serve


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of one's own."""
    yield from serve()


@pytest.fixture
def second() -> Iterator[Receiver]:
    """Another one."""
    yield from serve()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A folder that is ready."""
    home = Home(tmp_path)
    home.prepare()
    return home
