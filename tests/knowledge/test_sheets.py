"""Quick replies and rule lists in the shapes that shops have them."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from base.errors import ConfigError
from knowledge.proposals import Draft
from knowledge.sheets import read_sheet


def entries(path: Path) -> list[Draft]:
    found, problems = read_sheet(path, ())
    assert problems == []
    return [proposal.entry for proposal in found if proposal.entry is not None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize(
    ("heads", "delimiter"), [("问题,回复", ","), ("买家问题\t回复内容（必填）", "\t"), ("问法;话术", ";")]
)
def test_any_encoding_heading_and_delimiter(tmp_path: Path, encoding: str, heads: str, delimiter: str) -> None:
    path = tmp_path / "回复.csv"
    rows = [heads, f"能放洗碗机吗？{delimiter}可以的亲，上层就行", f"有几种颜色{delimiter}三种哦"]
    path.write_bytes("\r\n".join(rows).encode(encoding))
    (first, second) = entries(path)
    assert (first.id, first.questions, first.answer) == (
        "能放洗碗机吗",
        ("能放洗碗机吗？",),
        ("可以的亲，上层就行",),
    )
    assert (second.questions, second.answer) == (("有几种颜色",), ("三种哦",))


def test_an_excel_rule_list_with_a_title_merged_cells_and_similar_questions(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["店铺自动回复规则"],
        ["分组", "标准问题", "相似问1", "相似问2", "关键词", "回复"],
        ["材质", "是什么材质", "啥料子的", None, "材质、料子", "纯棉的哦"],
        [None, None, None, None, None, "亲，是纯棉的"],
        ["颜色", "有蓝色吗\n有没有绿色", None, None, None, "都有的"],
        [None, None, None, None, "颜色|色号", "都有的"],
    ):
        sheet.append(row)
    path = tmp_path / "规则.xlsx"
    book.save(path)
    stuff, colour = entries(path)
    assert stuff.questions == ("是什么材质", "啥料子的")
    assert (stuff.keywords, stuff.answer) == (("材质", "料子"), ("纯棉的哦", "亲，是纯棉的"))
    assert (colour.questions, colour.keywords) == (("有蓝色吗", "有没有绿色"), ("颜色", "色号"))


def test_ids_are_new_and_rows_that_say_nothing_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        f"问题,回复\n几天到,三天\n没有回复的,\n太长的,{'长' * 501}\n,没有问题的\n几天到,四天\n", "utf-8"
    )
    found, problems = read_sheet(path, {"几天到"})
    assert [proposal.title for proposal in found] == ["新条目“几天到2”"]
    assert found[0].entry is not None
    assert found[0].entry.answer == ("三天", "没有问题的", "四天")
    assert [problem.line for problem in problems] == [3, 4]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", b"x,y\n1,2\n"), ("a.xlsx", b"no zip"), ("a.xls", b""), ("a.csv", b""), ("none.csv", None)],
)
def test_what_is_no_list_of_replies_is_told(tmp_path: Path, name: str, content: bytes | None) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=name):
        read_sheet(path, ())
