"""The benchmark of reading: its three ways read the same, and its figures are what they are called."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from bench import read
from bench.read import Result, Spread, measure, table

ONE = Spread(median=1.0, p10=1.0, p90=1.0, runs=2)


def result(ratio: float, bare: float) -> Result:
    return Result(
        rows=1,
        messages=1,
        ours_ms=ONE,
        bare_ms=ONE,
        locator_call_ms=ONE,
        locators_ms=1.0,
        ratio=ratio,
        bare=bare,
    )


async def test_all_three_ways_read_the_same_page_and_their_times_make_the_figures() -> None:
    said: list[str] = []
    # Three messages more than the console gives at once: the thread is loaded back to its beginning.
    found = await measure(20, 53, 4, said.append)
    assert (found.rows, found.messages) == (20, 53)
    assert (found.ours_ms.runs, found.bare_ms.runs) == (4, 4)
    assert found.locator_call_ms.runs == 20 * 7 + 53 * 4 + 17
    assert found.ratio == pytest.approx(found.locators_ms / found.ours_ms.median, rel=0.01)
    assert found.bare == pytest.approx(found.ours_ms.median / found.bare_ms.median, rel=0.01)
    assert said
    assert json.loads(json.dumps(asdict(found)))["ratio"] == found.ratio
    assert table(found).row_count == 6


async def test_a_reading_that_differs_ends_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "_BARE", read._BARE.replace(".row-preview", ".row-name"))
    with pytest.raises(AssertionError):
        await measure(5, 5, 2, lambda _line: None)


@pytest.mark.parametrize(
    ("ratio", "bare", "met"), [(100.0, 1.5, True), (99.9, 1.0, False), (3000.0, 1.51, False), (3000.0, 0.9, True)]
)
def test_both_bounds_count(ratio: float, bare: float, met: bool) -> None:
    assert result(ratio, bare).met is met


def test_a_spread_is_told_by_its_middle_and_its_tenths() -> None:
    assert Spread.of([4.0, 1.0, 2.0, 3.0, 100.0]) == Spread(median=3.0, p10=1.4, p90=61.6, runs=5)
