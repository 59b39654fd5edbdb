"""The demo's verdict as a table that a person reads."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bots.demo.judge import Verdict
from bots.table import show_seconds, show_share


def summary(verdict: Verdict) -> RenderableType:
    """The figures, and one line that says whether all went well."""
    table = Table(title="结果（按练习台自己的记录，不按机器人的账本）", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    first, held = verdict.first_reply_ms, verdict.held_ms
    rows = {
        "买家提问": str(verdict.turns),
        "已回答（其中请买家选的）": f"{verdict.answered}（{verdict.chosen}）",
        "安抚并转人工": str(verdict.handed_off),
        "没人管": str(verdict.waiting),
        "重复 / 发错会话 / 答错": f"{verdict.duplicates} / {verdict.misdelivered} / {verdict.wrong}",
        "回答首响 p50 / p95 / p99": " / ".join(show_seconds(first[name]) for name in ("p50", "p95", "p99")),
        "安抚首响 p50 / p95 / p99": " / ".join(show_seconds(held[name]) for name in ("p50", "p95", "p99")),
        "3分钟回复率": show_share(verdict.rate_3min),
        "知识库里有的问题答上的": show_share(verdict.in_scope_answered),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    problems = verdict.shortcomings
    last = Text(f"没有做好：{'，'.join(problems)}", "bold red") if problems else Text("一切正常。", "bold green")
    return Group(table, last)
