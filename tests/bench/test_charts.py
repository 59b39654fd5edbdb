"""Plots: scales with round ends, a bar and a point for each value, the line of least squares."""

from __future__ import annotations

import pytest

from bench.charts import Axis, bars, lines, slope


@pytest.mark.parametrize(
    ("values", "low", "ticks"),
    [
        ([3.0, 42.0], 0.0, [0, 10, 20, 30, 40, 50]),
        ([97.2, 100.0], None, [97, 98, 99, 100]),
        ([0.0, 0.0], 0.0, [0, 0.05, 0.1, 0.15, 0.2]),
    ],
)
def test_a_scale_holds_all_values_between_round_ends(
    values: list[float], low: float | None, ticks: list[float]
) -> None:
    axis = Axis.over(values, low=low)
    assert axis.low <= min(values) and axis.high >= max(values)
    assert list(axis.ticks()) == pytest.approx(ticks, rel=0.05)


def test_what_lies_outside_stands_at_the_end() -> None:
    axis = Axis(0, 10)
    assert [axis.place(value, 200) for value in (-5, 5, 50)] == [0, 100, 200]


def test_there_is_a_bar_for_each_value_and_a_point_for_each_pair() -> None:
    drawn = bars("题<目>", ["一", ""], {"a": [1, 2], "b": [3, 4]}, Axis(0, 5, "个"))
    assert drawn.count("<rect") == 1 + 2 + 4
    assert "题&lt;目&gt;" in drawn
    assert lines("t", {"a": [(1, 2), (3, 4)]}, Axis(0, 5), Axis(0, 5)).count("<circle") == 2


def test_the_slope_is_that_of_least_squares() -> None:
    assert slope([(0, 1), (1, 3), (2, 5)]) == pytest.approx((2, 1))
    assert slope([(0, 0), (1, 2), (2, 1)]) == pytest.approx((0.5, 0.5))
