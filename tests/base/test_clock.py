"""The two clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from base.clock import Clock, SystemClock


def test_now_is_aware_and_in_utc() -> None:
    clock: Clock = SystemClock()
    now = clock.now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_steady_clock_goes_forward_at_the_pace_of_seconds() -> None:
    clock = SystemClock()
    first, begin = clock.steady(), time.monotonic()
    while time.monotonic() - begin < 0.01:
        pass
    passed = clock.steady() - first
    assert 0.009 < passed < 5


def test_the_steady_clock_counts_time_asleep_where_the_system_can() -> None:
    if hasattr(time, "CLOCK_BOOTTIME"):
        assert abs(SystemClock().steady() - time.clock_gettime(time.CLOCK_BOOTTIME)) < 5
    else:
        assert abs(SystemClock().steady() - time.clock_gettime(time.CLOCK_MONOTONIC)) < 5
