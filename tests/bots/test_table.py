"""The live table on terminals of any width: what it shows is whole words, however little that is."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from bots.table import figures_table, pause_words
from storage.records import Pause, ShopFigures, ShopState

PAUSE = Pause(shop=None, conversation_key=None, since=datetime(2026, 11, 23, 4, tzinfo=UTC), by="小王")
TROUBLE = "知识库改错了，先用改动以前的：\n/srv/nightdesk/knowledge.yaml:3"


def figures(title: str, state: ShopState, pause: Pause | None = None) -> ShopFigures:
    return ShopFigures(
        shop=title,
        title=title,
        state=state,
        waiting=3,
        answered=12_345,
        handed=12,
        p50_ms=1234.0,
        p95_ms=45_678.0,
        rate_3min=0.987,
        met=1,
        due=1,
        pause=pause,
    )


def drawn(width: int) -> list[str]:
    """The lines that a terminal of this width shows."""
    shops = [
        figures("茶叶旗舰店", ShopState.ready),
        figures("[b]一家名字很长很长的专营店", ShopState.kicked),
        figures("杯子店", ShopState.paused, PAUSE),
        figures("瓶盖店", ShopState.ready),
    ]
    paper = StringIO()
    Console(file=paper, width=width).print(figures_table(shops, "Nightdesk 值守中", TROUBLE, ["瓶盖店"]))
    return [line.rstrip() for line in paper.getvalue().splitlines()]


@pytest.mark.parametrize("width", [40, 50, 60, 72, 79, 80, 89, 90, 120])
def test_a_table_of_any_width_is_whole_words(width: int) -> None:
    lines = drawn(width)
    assert max(map(cell_len, lines)) <= width
    text = "\n".join(lines)
    assert "…" not in text
    for words in ("店铺", "状态", "等待", "转人工", "茶叶旗舰店", "被挤下线", "已暂停", "没有运行", "[b]一家"):
        assert words in text
    for words in (f"暂停中：{pause_words(PAUSE)}", "/srv/nightdesk/knowledge.yaml:3"):
        assert words in lines


@pytest.mark.parametrize(
    ("width", "shown", "missing"),
    [
        (120, ("已答", "首响 p50", "首响 p95", "3分钟回复率"), ()),
        (80, ("已答", "首响 p50", "首响 p95", "3分钟"), ()),
        (60, ("已答", "首响 p95", "3分钟", "12345", "45.7 秒", "98.7%"), ("p50",)),
        (50, ("转人工", "3分钟"), ("p50", "p95", "已答")),
    ],
)
def test_a_narrow_one_goes_without_what_matters_least(
    width: int, shown: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    text = "\n".join(drawn(width))
    assert [word for word in shown if word not in text] == []
    assert [word for word in missing if word in text] == []


def test_a_shop_is_one_line_at_sixty() -> None:
    (line,) = [line for line in drawn(60) if "茶叶旗舰店" in line]
    assert line.split() == ["茶叶旗舰店", "值守中", "3", "12345", "12", "45.7", "秒", "98.7%"]
