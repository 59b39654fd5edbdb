"""The YAML reader: traps stay text, and whatever an operator gets wrong is one clear error with its line."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from base.errors import ConfigError, Problem
from base.yamlfile import parse_yaml, read_yaml, show_place

FILE = Path("shops.yaml")


def problem_of(text: str) -> Problem:
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, FILE)
    assert len(caught.value.problems) == 1
    problem = caught.value.problems[0]
    assert problem.path == FILE
    assert problem.hint
    return problem


TRAPS: list[tuple[str, Any]] = [
    ("22:00", "22:00"),
    ("1:30:00", "1:30:00"),
    ("off", "off"),
    ("yes", "yes"),
    ("No", "No"),
    ("True", "True"),
    ("NULL", "NULL"),
    ("0123456", "0123456"),
    ("0x1F", "0x1F"),
    ("1_000", "1_000"),
    ("1e5", "1e5"),
    ("1.10", "1.10"),
    ("9.90", "9.90"),
    (".5", ".5"),
    ("+1", "+1"),
    (".inf", ".inf"),
    ("2026-11-03", "2026-11-03"),
    ("2026-11-03 08:00:00", "2026-11-03 08:00:00"),
    ("1234567890123456789", "1234567890123456789"),
    ("1234567890.123456789", "1234567890.123456789"),
    ("=", "="),
    ("'5'", "5"),
    ('"true"', "true"),
    ("!!str 5", "5"),
    ("| \n  5\n", "5\n"),
    ("48小时", "48小时"),
    ("5", 5),
    ("-5", -5),
    ("0", 0),
    ("1.5", 1.5),
    ("2.0", 2.0),
    ("true", True),
    ("false", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("# 只有注释", None),
    ("[a, 1, [true]]", ["a", 1, [True]]),
    ("{a: {b: c}}", {"a": {"b": "c"}}),
]


@pytest.mark.parametrize(("text", "value"), TRAPS)
def test_what_is_written_is_what_is_meant(text: str, value: object) -> None:
    read = parse_yaml(f"key: {text}\n", FILE).data["key"]
    assert (read, type(read)) == (value, type(value))


def test_keys_are_always_text() -> None:
    assert parse_yaml("22:00: a\n5: b\ntrue: c\n", FILE).data == {"22:00": "a", "5": "b", "true": "c"}


BAD = [
    ("a: 1\nb: 2\na: 3\n", 3, "a", "“a”写了两次", "第 1 行"),
    ("s:\n- id: x\n- id: y\n  id: z\n", 4, "s[2].id", "“id”写了两次", "第 3 行"),
    ("a:\n\tb: 1\n", 2, "", "Tab", "空格"),
    ("a:\n  b: 1\n \t c: 1\n", 3, "", "Tab", "空格"),
    ("a: {b: !secret c}\n", 1, "a.b", "标签 !secret", "引号"),
    ("a: 1\nb: !foo {c: d}\n", 2, "b", "标签 !foo", "引号"),
    ("a: !foo [1]\n", 1, "a", "标签 !foo", "引号"),
    ("a: !!python/object/apply:os.system [ls]\n", 1, "a", "标签 !!python/object/apply:os.system", "引号"),
    ("a: !!python/name:os.system x\n", 1, "a", "标签 !!python/name:os.system", "引号"),
    ("a: !!binary aGk=\n", 1, "a", "标签 !!binary", "引号"),
    ("a: !重要\n", 1, "", "以 ! 开头", "引号"),
    ("a: x\nb: 回答: 好的\n", 2, "", "多了一个冒号", "引号"),
    ("a:\n  b: 1\n c: 2\n", 3, "", "缩进没有对齐", "对齐"),
    ("- a\nb: c\n", 2, "", "缩进没有对齐", "对齐"),
    ("a: x\nb: 'c\nd: e\n", 2, "", "引号没有成对", "补上引号"),
    ('a: "b" c\n', 1, "", "引号后面多了内容", "引号"),
    ("a: [b, c\nd: e\n", 1, "", "方括号", "["),
    ("a: x\nb: [c,, d]\n", 2, "", "多了或少了一个 ]、} 或逗号", "加引号"),
    ("a: x\nb: ]\n", 2, "", "多了或少了一个 ]、} 或逗号", "加引号"),
    ("a: x\nb: ? c\n", 2, "", "以 ? 开头", "引号"),
    ("a: {b: c\nd: e\n", 1, "", "花括号", "{"),
    ("a: *b\n", 1, "", "以 * 开头", "引号"),
    ("a: & b\n", 1, "", "以 & 开头", "引号"),
    ("a: @b\n", 1, "", "特殊符号", "引号"),
    ("a: `b`\n", 1, "", "特殊符号", "引号"),
    ("%a: b\n", 1, "", "以 % 开头", "引号"),
    ("a: | 好的\n", 1, "", "| 或 >", "下一行"),
    ("--- a\n--- b\n", 2, "", "---", "删掉"),
    ("{a: b}: c\n", 1, "", "键必须是一个词", "引号"),
    ("a: 1\nb: \x07\n", 2, "", "U+0007", "重新打"),
    ("a: 1\nb: x\x00\n", 2, "", "U+0000", "重新打"),
    ("\n\n", None, "", "空的", "nightdesk init"),
    ("# 只有注释\n", None, "", "空的", "nightdesk init"),
    ("---\n", None, "", "空的", "nightdesk init"),
    ("null\n", None, "", "空的", "nightdesk init"),
    ("a: &a [*a, *a]\n", 1, "a", "绕回了自己", "引用"),
]


@pytest.mark.parametrize(("text", "line", "key", "message", "hint"), BAD)
def test_what_is_wrong_is_told_with_its_line(
    text: str, line: int | None, key: str, message: str, hint: str
) -> None:
    problem = problem_of(text)
    assert (problem.line, problem.key) == (line, key)
    assert message in problem.message
    assert hint in problem.hint


DEEP = [
    "[" * 100_000,
    "- " * 100_000,
    "a: " + "{a: " * 50_000,
    "\n".join(" " * level + "a:" for level in range(500)),
]


@pytest.mark.parametrize("text", DEEP, ids=range(len(DEEP)))
def test_a_deep_file_is_refused_before_it_is_built(text: str) -> None:
    assert "嵌套层数太多" in problem_of(text).message


def test_references_that_multiply_are_refused_in_time() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 12)]
    begin = time.process_time()
    problem = problem_of("\n".join(rows))
    assert time.process_time() - begin < 10
    assert "展开后内容太多" in problem.message
    assert problem.line == 1


def test_too_many_things_are_refused() -> None:
    assert "内容太多" in problem_of("- a\n" * 600_000).message


def test_a_reference_stands_for_what_it_names() -> None:
    document = parse_yaml("a: &words [好, 的]\nb: *words\n", FILE)
    assert document.data == {"a": ["好", "的"], "b": ["好", "的"]}


def test_lines_of_all_places_are_known() -> None:
    document = parse_yaml(
        "# 店铺\nshops:\n  - name: 甲\n    mode: hold\n  - name: 乙\n    note: |\n      一\n", FILE
    )
    lines = {"shops": 2, "shops[1]": 3, "shops[1].name": 3, "shops[1].mode": 4, "shops[2].note": 6}
    known = {show_place(place): line for place, line in document.lines.items()}
    assert lines.items() <= known.items()
    assert document.line(("shops", 1, "note", "deeper", 0)) == 6
    assert document.line(("nowhere",)) == 2  # where the content begins
    assert str(document.problem(("shops", 1, "name"), "错了")) == "shops.yaml:5: shops[2].name: 错了"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_marks_of_all_systems_are_read(tmp_path: Path, ending: str, start: bytes) -> None:
    path = tmp_path / "shops.yaml"
    path.write_bytes(start + ending.join(["a: 甲", "b:", "  - 乙", "b: 丙", ""]).encode())
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)
    assert caught.value.problems[0].line == 4
    path.write_bytes(start + ending.join(["a: 甲", "b:", "  - 乙", ""]).encode())
    assert read_yaml(path).data == {"a": "甲", "b": ["乙"]}


FILES = [
    ("a: 1\nb: 价格".encode("gbk"), 2, "不是 UTF-8", "另存为"),
    ("a: 1\n".encode("utf-16"), 1, "不是 UTF-8", "另存为"),
    (b"", None, "空的", "nightdesk init"),
    (b"x" * 3_000, None, "文件太大：0.0 MB", "放错"),
]


@pytest.mark.parametrize(("content", "line", "message", "hint"), FILES)
def test_a_file_that_cannot_be_used(
    tmp_path: Path, content: bytes, line: int | None, message: str, hint: str
) -> None:
    path = tmp_path / "shops.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_yaml(path, max_bytes=2_000)
    problem = caught.value.problems[0]
    assert (problem.path, problem.line) == (path, line)
    assert message in problem.message
    assert hint in problem.hint


def test_a_huge_file_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "knowledge.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    begin = time.process_time()
    with pytest.raises(ConfigError, match=r"文件太大：50\.0 MB，最多 8 MB"):
        read_yaml(path)
    assert time.process_time() - begin < 0.5


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="找不到这个文件") as caught:
        read_yaml(tmp_path / "shops.yaml")
    assert "nightdesk init" in caught.value.problems[0].hint


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="这不是一个文件"):
        read_yaml(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(ConfigError, match="这不是一个文件"):
        read_yaml(pipe)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "shops.yaml"
    path.write_text("a: 1", encoding="utf-8")

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")  # what the system says; root is never refused

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ConfigError, match="没有权限读这个文件"):
        read_yaml(path)
