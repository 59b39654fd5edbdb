"""`nightdesk up` whose workers freeze now and then at the worst moment: after the last check, before the press."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from unittest.mock import patch

from bots.child import command
from bots.child import main as attend
from bots.cli import main as nightdesk
from flows.landing import Landing
from flows.page import ConsolePage

START = ("-m", "bench.hesitant")
_WORKER = "--worker"
# How often, as a share of the sends.
SHARE = "HESITANT_SHARE"
_send = ConsolePage.send


async def _hesitating(
    page: ConsolePage, *given: Any, commit: Callable[[], Awaitable[bool]], **more: Any
) -> Landing:
    async def late() -> bool:
        go_on = await commit()
        if random.random() < float(os.environ.get(SHARE, "0.2")):  # noqa: S311 - no secret
            os.kill(os.getpid(), signal.SIGSTOP)
        return go_on

    return await _send(page, *given, commit=late, **more)


def _hesitant(*given: Any, **more: Any) -> Sequence[str]:
    usual = command(*given, **more)
    return [sys.executable, *START, _WORKER, *usual[usual.index("bots.child") + 1 :]]


def main() -> int:
    """Be such a worker, or the supervisor of such workers."""
    if sys.argv[1:2] == [_WORKER]:
        del sys.argv[1]
        with patch.object(ConsolePage, "send", _hesitating):
            return attend()
    with patch("bots.up.command", _hesitant):
        nightdesk()
    return 0


if __name__ == "__main__":
    sys.exit(main())
