"""Sets the wall clock of the product's own processes forward or back by what a file says, in seconds.

Python imports this at its start where the campaign has put this folder on the path; the machine's clock and the
steady clocks stay as they are, as they do when somebody sets a machine's time.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from base.clock import SystemClock

_now = SystemClock.now
_shift = Path(os.environ["NIGHTDESK_BENCH_SHIFT"])


def _shifted(self: SystemClock) -> datetime:
    seconds = 0.0
    with suppress(FileNotFoundError, ValueError):
        seconds = float(_shift.read_text("ascii"))
    return _now(self) + timedelta(seconds=seconds)


SystemClock.now = _shifted  # type: ignore[method-assign]
