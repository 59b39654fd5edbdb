"""Why no shop lets its bot in, as whoever started it is told."""

from __future__ import annotations

from bots.sign import Sign, refusals


def test_who_is_not_let_in_is_told_what_to_do_where_the_reason_does_not_say_so() -> None:
    told = refusals([Sign(shops=["a", "b"], refused={"a": "连不上", "b": "没有\n  建议：换一个"})])
    assert [str(problem).count("建议：") for problem in told] == [1, 1]
    assert str(told[1]) == "店铺 b：没有\n  建议：换一个"
