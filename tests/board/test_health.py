"""Whether all is well, from rows of shops and a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from board.health import health, read_within
from storage.records import ShopRow, ShopState

NOW = datetime(2026, 11, 3, 20, 0, tzinfo=UTC)
ROW = ShopRow(
    shop="tea",
    title="茶叶店",
    console="plain",
    platform="practice",
    state=ShopState.ready,
    why="",
    state_since=NOW - timedelta(hours=3),
    beat_at=NOW - timedelta(seconds=1),
    live_since=None,
    picture=None,
    read_at=NOW - timedelta(seconds=2),
)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"read_at": ago(30)}, None),
        ({"read_at": ago(31)}, "没有读到"),
        ({"read_at": None}, "没有读到"),
        ({"read_at": ago(31), "state": ShopState.captcha, "why": "要滑块"}, "要滑块"),
        ({"read_at": ago(3), "state": ShopState.paused}, None),
        ({"read_at": ago(3), "state": ShopState.drift}, None),
        ({"read_at": ago(9000), "state": ShopState.off_shift}, None),
        ({"read_at": ago(9000), "state": ShopState.off_shift, "beat_at": ago(60)}, "没有机器人在值守"),
        ({"read_at": ago(9000), "state_since": ago(5)}, None),  # just come on shift
        ({"read_at": ago(9000), "state": ShopState.kicked, "state_since": ago(5), "why": "被挤"}, "被挤"),
        ({"beat_at": ago(60)}, "没有机器人在值守"),
        ({"state": ShopState.stopped}, "没有机器人在值守"),
    ],
)
def test_a_shop(changes: dict[str, Any], why: str | None) -> None:
    found = health({"tea": 30}, {"tea": replace(ROW, **changes)}, in_charge=True, now=NOW)
    assert found.ok is (why is None)
    assert [why in trouble.why for trouble in found.troubles if why] == ([True] if why else [])


def test_only_the_shops_of_the_list_count_and_each_of_them() -> None:
    gone = replace(ROW, shop="old", state=ShopState.stopped)
    assert health({"tea": 30}, {"tea": ROW, "old": gone}, in_charge=True, now=NOW).ok
    found = health({"tea": 30, "cup": 30}, {"tea": ROW}, in_charge=True, now=NOW)
    assert [(trouble.shop, trouble.state) for trouble in found.troubles] == [("cup", None)]


def test_who_stands_by_is_not_the_one_to_ask() -> None:
    assert not health({"tea": 30}, {"tea": ROW}, in_charge=False, now=NOW).ok


def test_a_list_that_is_read_rarely_is_given_time() -> None:
    assert (read_within(5), read_within(60)) == (30, 180)
