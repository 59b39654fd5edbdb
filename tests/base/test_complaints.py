"""A model's errors in the operator's words: the right line, the right place, what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from base.errors import ConfigError
from base.yamlfile import load_model, parse_yaml


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _as_part(value: Any) -> Any:
    return {"words": value} if isinstance(value, str | list) else value


class Strict(BaseModel):
    """As all our files' models are."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(Strict):
    """Something that may also be written as one text or a list of texts."""

    words: Annotated[list[str], BeforeValidator(_as_list)] = []
    level: Annotated[int, Field(ge=1, le=5)] = 1


class Shop(Strict):
    """All kinds of values."""

    name: Annotated[str, Field(pattern="^[a-z]+$", min_length=2, max_length=9)]
    mode: Literal["observe", "hold", "answer"] = "hold"
    words: Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1, max_length=3)] = ["x"]
    part: Annotated[Part, BeforeValidator(_as_part)] = Part()
    either: str | list[str] = "x"
    part_or_text: Part | str = "x"
    day: date | None = None
    on: bool = False
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    rules: dict[Literal["reads", "answers"], int] = {}
    rows: Annotated[tuple[Part, ...], Field(min_length=1)] = (Part(),)
    named: dict[str, Part] = {}

    @model_validator(mode="after")
    def _fits(self) -> Shop:
        if self.mode == "answer" and not self.on:
            raise ValueError("mode 是 answer 时要写 on: true")
        return self


class Shops(Strict):
    """A whole file."""

    shops: list[Shop]
    note: str = ""


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_model(Shops, parse_yaml(text, Path("f.yaml")))
    return [str(problem) for problem in caught.value.problems]


ONE = [
    ("nmae: x", "nmae: 不认识“nmae”这一项\n  建议：是不是想写“name”？"),
    ("mode: observ", "mode: 不能写“observ”\n  建议：是不是想写“observe”？只能写其中之一：observe、hold、answer"),
    ("mode: 5", "mode: 不能写数字 5\n  建议：只能写其中之一：observe、hold、answer"),
    ("mode: answer", ": mode 是 answer 时要写 on: true"),
    ("words: {a: 1}", "words: 应该是文字，现在是“键: 值”的形式\n  建议：文字里有冒号时，请给整段文字加上引号"),
    ("words: []", "words: 至少要有 1 项，现在是列表（0 项）"),
    ("rows: []", "rows: 至少要有 1 项，现在是列表（0 项）"),
    ("rows: [{level: 9}]", "rows[1].level: 不能大于 5，现在是数字 9"),
    ("words: [a, b, c, d]", "words: 最多只能有 3 项，现在是列表（4 项）"),
    ("words: [a, 5]", "words[2]: 应该是文字，现在是数字 5\n  建议：如果要写的就是这几个字，请加上引号"),
    ("words: true", "words: 应该是文字，现在是 true\n  建议：如果要写的就是这几个字，请加上引号"),
    ("part: {wrods: x}", "part.wrods: 不认识“wrods”这一项\n  建议：是不是想写“words”？"),
    ("part: {zzz: x}", "part.zzz: 不认识“zzz”这一项\n  建议：这里可以写的有：words、level"),
    ("part: {level: 9}", "part.level: 不能大于 5，现在是数字 9"),
    ("part: {level: 0}", "part.level: 不能小于 1，现在是数字 0"),
    ("part: {level: 一}", "part.level: 应该是整数，现在是“一”"),
    ("part: {level: 1.5}", "part.level: 应该是整数，现在是数字 1.5"),
    ("part: 5", "part: 应该是“键: 值”的形式，现在是数字 5"),
    ("part: [a, [b]]", "part[2]: 应该是文字，现在是列表（1 项）"),
    (
        "either: {a: 1}",
        "either: 应该是文字，或者列表（每行以 - 开头），现在是“键: 值”的形式\n"
        "  建议：文字里有冒号时，请给整段文字加上引号",
    ),
    (
        "either: [a, {b: c}]",
        "either[2]: 应该是文字，现在是“键: 值”的形式\n  建议：文字里有冒号时，请给整段文字加上引号",
    ),
    ("part_or_text: {levle: 1}", "part_or_text.levle: 不认识“levle”这一项\n  建议：是不是想写“level”？"),
    ("part_or_text: [x]", "part_or_text: 应该是“键: 值”的形式，或者文字，现在是列表（1 项）"),
    ("day: 明天", "day: 应该是日期（例如 2026-11-03），现在是“明天”"),
    ("day: 2026-13-01", "day: 应该是日期（例如 2026-11-03），现在是“2026-13-01”"),
    ("on: 也许", "on: 应该是 true 或 false，现在是“也许”"),
    ("share: 很多", "share: 应该是数字，现在是“很多”"),
    ("share: 0", "share: 要大于 0.0，现在是数字 0"),
    ("share: 1", "share: 要小于 1.0，现在是数字 1"),
    ("rules: {raeds: 1}", "rules.raeds: 不认识“raeds”这一项\n  建议：是不是想写“reads”？"),
    ("rules: {reads: x}", "rules.reads: 应该是整数，现在是“x”"),
    ("named: {one: {lvl: 1}}", "named.one.lvl: 不认识“lvl”这一项\n  建议：是不是想写“level”？"),
    (
        "named: 一段话：没有空格",
        "named: 应该是“键: 值”的形式，现在是“一段话：没有空格”\n  建议：冒号要用英文的 : ，后面要有一个空格",
    ),
]


@pytest.mark.parametrize(("row", "message"), ONE)
def test_one_thing_wrong_is_one_problem_on_its_line(row: str, message: str) -> None:
    text = f"note: 例\nshops:\n  - name: abc\n  - name: def\n    {row}\n"
    whole = message.startswith(": ")  # about the shop, not one of its keys
    assert problems(text) == [f"f.yaml:4: shops[2]{message}" if whole else f"f.yaml:5: shops[2].{message}"]


NAMES = [
    ("A1", "写法不对，要符合 ^[a-z]+$，现在是“A1”"),
    ("a", "至少要写 2 个字，现在是“a”"),
    ("abcdefghij", "最多写 9 个字，现在是“abcdefghij”"),
    ("", "应该是文字，现在是空的"),
    ("[a]", "应该是文字，现在是列表（1 项）"),
    ('"' + "很长" * 40 + '"', f"最多写 9 个字，现在是“{'很长' * 20}…”"),
]


@pytest.mark.parametrize(("name", "message"), NAMES)
def test_a_text_with_rules_of_its_own(name: str, message: str) -> None:
    assert problems(f"shops:\n- name: {name}\n") == [f"f.yaml:2: shops[1].name: {message}"]


def test_a_missing_key_is_told_where_it_belongs() -> None:
    assert problems("note: 例\nshops:\n  - name: abc\n  - mode: hold\n") == [
        "f.yaml:4: shops[2]: 缺少“name”这一项"
    ]
    assert problems("note: 例\n") == ["f.yaml:1: 缺少“shops”这一项"]


def test_a_slip_in_a_needed_key_is_one_problem() -> None:
    assert problems("shops:\n  - nmae: abc\n") == [
        "f.yaml:2: shops[1].nmae: 不认识“nmae”这一项\n  建议：是不是想写“name”？"
    ]


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    text = "shops:\n  - name: abc\n    on: 也许\n  - name: A\n"
    text += "    part:\n      words:\n        - a\n        - {b: c}\nnoet: x\n"
    lines = [problem.split(": ")[0:2] for problem in problems(text)]
    assert lines == [
        ["f.yaml:3", "shops[1].on"],
        ["f.yaml:4", "shops[2].name"],
        ["f.yaml:8", "shops[2].part.words[2]"],
        ["f.yaml:9", "noet"],
    ]


@pytest.mark.parametrize("text", ["一段话", "shops：abc", "- a\n- b\n", "5\n"])
def test_a_file_that_is_something_else_altogether(text: str) -> None:
    assert len(problems(text)) == 1
    assert "应该是“键: 值”的形式" in problems(text)[0]


def test_what_is_right_is_loaded() -> None:
    row = "{name: abc, words: 好, part: [a, b], on: off, share: 0.50, rules: {reads: 1}, day: 2026-11-03}"
    text = f"shops:\n  - {row}\n"
    shop = load_model(Shops, parse_yaml(text, Path("f.yaml"))).shops[0]
    assert (shop.words, shop.part.words, shop.on, shop.share) == (["好"], ["a", "b"], False, 0.5)
    assert (shop.rules, shop.day) == ({"reads": 1}, date(2026, 11, 3))
