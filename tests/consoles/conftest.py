"""The real consoles, each served for one test, with as many buyers as they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.consoles.chat_ui import ChatUi
from tests.consoles.host import Console
from tests.consoles.supchat import Supchat
from tests.consoles.xmpp import Converse

CONSOLES = (ChatUi, Supchat, Converse)


@pytest.fixture(params=CONSOLES, ids=lambda kind: kind.pack)
def console(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Console]:
    """A console in its own environment and process, empty; the test fails where that cannot be started."""
    kind: type[Console] = request.param
    with closing(kind(tmp_path)) as console:
        console.start()
        yield console


@pytest.fixture
def chat_ui(tmp_path: Path) -> Iterator[ChatUi]:
    """django-chat-ui alone."""
    with closing(ChatUi(tmp_path)) as console:
        console.start()
        yield console


@pytest.fixture
def converse(tmp_path: Path) -> Iterator[Converse]:
    """Converse.js on Prosody alone."""
    with closing(Converse(tmp_path)) as console:
        console.start()
        yield console
