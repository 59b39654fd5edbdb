"""The real consoles, each served once for a file of tests, with as many buyers as they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.consoles.chat_ui import ChatUi
from tests.consoles.host import Console
from tests.consoles.supchat import Supchat
from tests.consoles.xmpp import Converse

CONSOLES = (ChatUi, Supchat, Converse)


@pytest.fixture(scope="module", params=CONSOLES, ids=lambda kind: kind.pack)
def console(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console in its own environment and process; the test fails where that cannot be started."""
    kind: type[Console] = request.param
    with closing(kind(tmp_path_factory.mktemp("console"))) as console:
        console.start()
        yield console


@pytest.fixture(scope="module")
def chat_ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatUi]:
    """django-chat-ui alone."""
    with closing(ChatUi(tmp_path_factory.mktemp("console"))) as console:
        console.start()
        yield console
