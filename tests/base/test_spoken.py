"""Moments as a buyer reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from base.spoken import say_time

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str, day: int = 23) -> datetime:
    """A moment of 2026-11-23 by Shanghai's clock, given as UTC as everywhere inside."""
    hour, minute = text.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "now", "said"),
    [
        (at("09:00"), at("03:00"), "今天9点"),
        (at("09:30", 24), at("23:00"), "明天9点30分"),
        (at("09:00", 25), at("23:00"), "11月25日9点"),
        (at("00:00", 24), at("23:59"), "明天0点"),
        (datetime(2027, 1, 1, 9, tzinfo=ZONE), datetime(2026, 12, 31, 23, tzinfo=ZONE), "明天9点"),
    ],
)
def test_a_moment_as_a_buyer_reads_it(moment: datetime, now: datetime, said: str) -> None:
    assert say_time(moment, now, ZONE) == said
