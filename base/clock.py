"""The two clocks: a moment for records, and a steady count for deadlines that includes time asleep."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

# Time spent suspended must count for deadlines; only Linux has a clock of its own for that.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Where code that acts gets its time from; code that decides is handed a moment."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def steady(self) -> float:
        """Seconds that never jump, counting time asleep; only differences mean anything."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Seconds since boot, counting time asleep where the system can."""
        return time.clock_gettime(_STEADY)
