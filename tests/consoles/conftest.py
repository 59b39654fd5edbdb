"""A real console, served for one test, with as many buyers as it asks for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.consoles.buyer import Buyer
from tests.consoles.host import Host, running


class Console:
    """What a test needs of the console: where it is, how to log in, and buyers."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.url = f"{host.url}/inbox/"
        self.user = "kefu"
        self.password = host.password
        self._numbers = itertools.count()

    def new_buyer(self) -> Buyer:
        """A buyer who has just opened a conversation; several buyers have the same name. Blocks."""
        return Buyer(self.host.port, f"buyer{next(self._numbers)}", self.password)


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    """django-chat-ui in its own environment and process, empty; it fails where that cannot be started."""
    with running("django_chat_ui", tmp_path) as host:
        yield Console(host)
