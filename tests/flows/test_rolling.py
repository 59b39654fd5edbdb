"""A list of which only a part is in the page, as a clockwork: rows by their place, a wheel, a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from flows.rolling import Rolling

HEIGHT, ROW = 500, 50


@dataclass(slots=True)
class Steady:
    """A clock that a test turns."""

    at: float = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    def steady(self) -> float:
        return self.at


@dataclass(slots=True)
class List:
    """Rows of 50 pixels in a window of 500; `covered`: the wheel does nothing."""

    keys: list[str]
    top: float = 0.0
    covered: bool = False
    loaded: float = 1.0
    rolls: list[float] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)

    async def roll(self, by: float) -> Mapping[str, Any]:
        most = max(0, len(self.keys) * ROW - HEIGHT)
        if by:
            self.rolls.append(by)
        if not self.covered:
            self.top = min(max(0, self.top + by), most)
        first, last = int(self.top // ROW), int((self.top + HEIGHT) // ROW)
        rows = [[key, self.told.get(key, f"{key} at {self.top}")] for key in self.keys[first:last]]
        return {"loaded": self.loaded, "rows": rows, "top": self.top, "most": most, "height": HEIGHT}


def rolling(given: List, clock: Steady | None = None, *, wanted: bool = False) -> Rolling:
    return Rolling(given.roll, clock or Steady(), lambda: wanted)


def named(number: int) -> list[str]:
    return [f"k{place}" for place in range(number)]


async def keys_of(one: Rolling) -> list[str]:
    rows = await one.rows()
    assert rows is not None
    return [row[0] for row in rows]


@pytest.mark.parametrize("number", [0, 1, 10, 11, 47, 300])
async def test_every_row_is_found_once_and_the_list_rests_at_its_top(number: int) -> None:
    given = List(named(number))
    assert sorted(await keys_of(rolling(given))) == sorted(named(number))
    assert given.top == 0


async def test_a_list_in_full_sight_is_not_rolled() -> None:
    given = List(named(10))
    await rolling(given).rows()
    assert given.rolls == []


async def test_between_passes_only_the_top_is_read_and_the_rest_is_remembered() -> None:
    given, clock = List(named(40)), Steady()
    one = rolling(given, clock)
    await one.rows()
    given.rolls.clear()
    given.keys.insert(0, "news")
    clock.at = 1.0
    assert set(await keys_of(one)) == {"news", *named(40)}
    assert given.rolls == []


async def test_what_left_the_list_is_forgotten_by_the_next_pass_only() -> None:
    given, clock = List(named(40)), Steady()
    one = rolling(given, clock)
    await one.rows()
    given.keys.remove("k30")
    clock.at = 1.0
    assert "k30" in await keys_of(one)
    clock.at = 10.0
    assert "k30" not in await keys_of(one)


async def test_a_page_that_is_loaded_anew_begins_with_what_it_shows() -> None:
    clock, given = Steady(), List(named(60))
    one = rolling(given, clock)
    assert len(await keys_of(one)) == 60
    given.keys, given.loaded = given.keys[:20], 2.0
    clock.at += 0.1
    assert sorted(await keys_of(one)) == sorted(named(20))


async def test_a_pass_that_a_press_cuts_short_forgets_nothing() -> None:
    given, clock = List(named(100)), Steady()
    await (one := rolling(given, clock)).rows()
    one.wanted = lambda: True
    given.keys.remove("k90")
    clock.at = 10.0
    assert "k90" in await keys_of(one)
    assert given.top == 0


async def test_under_a_layer_it_gives_what_is_in_sight_and_comes_to_an_end() -> None:
    given = List(named(100), covered=True)
    assert await keys_of(rolling(given)) == named(10)
    assert len(given.rolls) == 1


async def test_a_row_out_of_sight_is_rolled_into_it() -> None:
    given = List(named(100))
    one = rolling(given)
    await one.rows()
    given.rolls.clear()
    assert await one.show("k77")
    assert "k77" in given.keys[int(given.top // ROW) : int((given.top + HEIGHT) // ROW)]
    assert len(given.rolls) == 1  # it was remembered where


async def test_a_row_that_moved_is_found_and_one_that_is_gone_is_not() -> None:
    given = List(named(100))
    one = rolling(given)
    await one.rows()
    given.keys.remove("k5")
    given.keys.append("k5")
    assert await one.show("k5")
    assert not await one.show("nobody")


async def test_rows_without_an_id_are_given_as_they_are_seen() -> None:
    given = List(["", "k1", ""])
    assert await keys_of(rolling(given)) == ["", "", "k1"]


async def test_what_was_pressed_out_of_sight_is_read_where_the_list_stands() -> None:
    given, clock = List(named(40)), Steady()
    one = rolling(given, clock)
    await one.rows()
    assert await one.show("k35")
    given.told = {"k35": "k35 without its mark"}  # it was opened there
    clock.at = 1.0
    rows = await one.rows()
    assert rows is not None and [row for row in rows if row[0] == "k35"] == [["k35", "k35 without its mark"]]
    assert given.top == 0
