"""The tree of errors, and how a problem in a file reads."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from base import errors
from base.errors import ConfigError, NeedsPerson, NightdeskError, PageChanged, Problem

FILE = Path("shops.yaml")

PROBLEMS = [
    (Problem(message="错了"), "错了"),
    (Problem(message="错了", path=FILE), "shops.yaml: 错了"),
    (Problem(message="错了", path=FILE, line=3), "shops.yaml:3: 错了"),
    (Problem(message="错了", path=FILE, line=3, key="shops[1].mode"), "shops.yaml:3: shops[1].mode: 错了"),
    (Problem(message="错了", key="mode", hint="改对"), "mode: 错了\n  建议：改对"),
]


@pytest.mark.parametrize(("problem", "text"), PROBLEMS)
def test_a_problem_names_its_place_and_what_to_do(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_a_config_error_tells_all_problems() -> None:
    problems = [problem for problem, _ in PROBLEMS[:3]]
    error = ConfigError(*problems)
    assert error.problems == tuple(problems)
    assert str(error) == "错了\nshops.yaml: 错了\nshops.yaml:3: 错了"


def test_errors_carry_what_the_machinery_needs() -> None:
    assert (NeedsPerson("captcha", "要滑块").state, str(NeedsPerson("captcha", "要滑块"))) == ("captcha", "要滑块")
    assert (PageChanged("inbox.row", "找不到").key, str(PageChanged("inbox.row", "找不到"))) == (
        "inbox.row",
        "找不到",
    )


def test_the_drawing_at_the_head_shows_the_tree_as_it_is() -> None:
    assert errors.__doc__ is not None
    drawn: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for row in errors.__doc__.splitlines():
        if row.startswith("NightdeskError"):
            above = [(-1, "NightdeskError")]
        elif "── " in row:
            depth, name = row.index("── "), row.split("── ")[1].split()[0]
            above = [pair for pair in above if pair[0] < depth]
            drawn[name] = above[-1][1]
            above.append((depth, name))
    real = {
        name: kind.__mro__[1].__name__
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, NightdeskError) and kind is not NightdeskError
    }
    assert drawn == real
