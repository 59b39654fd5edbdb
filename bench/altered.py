"""`nightdesk up` with workers that are altered for a measurement, as its environment says.

`FREEZE`: the share of the sends at which a worker freezes itself, after the last check and before the press;
`AGE`: the seconds after which a shop's context gives way to a new one.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from unittest.mock import patch

import bots.wear
from bots.child import command
from bots.child import main as attend
from bots.cli import main as nightdesk
from flows.landing import Landing
from flows.page import ConsolePage

START = ("-m", "bench.altered")
FREEZE, AGE = "ALTERED_FREEZE", "ALTERED_AGE"
_WORKER = "--worker"
_send = ConsolePage.send


async def _hesitating(
    page: ConsolePage, *given: Any, commit: Callable[[], Awaitable[bool]], **more: Any
) -> Landing:
    async def late() -> bool:
        go_on = await commit()
        if random.random() < float(os.environ.get(FREEZE, "0")):  # noqa: S311 - no secret
            os.kill(os.getpid(), signal.SIGSTOP)
        return go_on

    return await _send(page, *given, commit=late, **more)


def _altered(*given: Any, **more: Any) -> Sequence[str]:
    usual = command(*given, **more)
    return [sys.executable, *START, _WORKER, *usual[usual.index("bots.child") + 1 :]]


def main() -> int:
    """Be such a worker, or the supervisor of such workers."""
    if sys.argv[1:2] == [_WORKER]:
        del sys.argv[1]
        age = float(os.environ.get(AGE, bots.wear.AGE_SECONDS))
        with patch.object(ConsolePage, "send", _hesitating), patch.object(bots.wear, "AGE_SECONDS", age):
            return attend()
    with patch("bots.up.command", _altered):
        nightdesk()
    return 0


if __name__ == "__main__":
    sys.exit(main())
