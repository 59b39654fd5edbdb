"""Between values and rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.rows import Cell, cell, moment_text, record

SHANGHAI = timezone(timedelta(hours=8))


class Colour(StrEnum):
    red = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    name: str
    colour: Colour
    at: datetime
    until: datetime | None
    sure: bool
    share: float | None
    tags: tuple[str, ...]
    detail: Mapping[str, Any]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        (True, 1),
        (7, 7),
        (0.5, 0.5),
        ("茶\x00叶", "茶\x00叶"),
        ("half \ud83d of a face", "half ? of a face"),
        (Colour.red, "red"),
        (["a", "茶"], '["a", "茶"]'),
        ({"a": Colour.red, "b": "\ud83d"}, '{"a": "red", "b": "?"}'),
        (datetime(2026, 11, 3, 4, 5, 6, 789999, UTC), "2026-11-03T04:05:06.789Z"),
        (datetime(2026, 11, 3, 4, 5, tzinfo=SHANGHAI), "2026-11-02T20:05:00.000Z"),
    ],
)
def test_cell(value: object, wanted: Cell) -> None:
    assert cell(value) == wanted


def test_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        cell(datetime(2026, 11, 3))  # noqa: DTZ001 (the point of the test)


def test_record() -> None:
    row = {
        "name": "a",
        "colour": "red",
        "at": "2026-11-03T04:05:06.789Z",
        "until": None,
        "sure": 1,
        "share": 0.5,
        "tags": '["x", "y"]',
        "detail": '{"n": 1}',
        "more": "left out",
    }
    at = datetime(2026, 11, 3, 4, 5, 6, 789000, UTC)
    wanted = Row(
        name="a", colour=Colour.red, at=at, until=None, sure=True, share=0.5, tags=("x", "y"), detail={"n": 1}
    )
    assert record(Row, row) == wanted


moments = st.datetimes(timezones=st.sampled_from([UTC, SHANGHAI]), min_value=datetime(2000, 1, 1))  # noqa: DTZ001


@given(moments, moments)
def test_moments_sort_as_text(first: datetime, second: datetime) -> None:
    one, two = moment_text(first), moment_text(second)
    assert abs(datetime.fromisoformat(one) - first) < timedelta(milliseconds=1)
    assert len(one) == len(two)
    assert (one <= two) or first > second
