"""The live table in the terminal: each shop's state, who waits, what was answered, and how fast."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from storage.records import Pause, ShopFigures, ShopRow, ShopState

STATES = {
    ShopState.starting: "启动中",
    ShopState.ready: "值守中",
    ShopState.degraded: "连不上",
    ShopState.needs_login: "要登录",
    ShopState.captcha: "要验证码",
    ShopState.kicked: "被挤下线",
    ShopState.no_permission: "没有权限",
    ShopState.drift: "页面变了",
    ShopState.paused: "已暂停",
    ShopState.off_shift: "不在班",
    ShopState.stopped: "已停止",
}
OUTCOMES = {
    "answer": "回答",
    "choose": "请买家选",
    "hold": "先安抚，再转人工",
    "handoff": "转人工",
    "ignore": "不理会",
}
# What an operator does about a state that does not pass by itself.
ADVICE = {
    ShopState.degraded: "看看网络和后台；好了它自己恢复",
    ShopState.needs_login: "运行 nightdesk login 店铺代号；有二维码就扫一下，登录好它自己继续",
    ShopState.captcha: "运行 nightdesk login 店铺代号，由人过一次验证，它自己继续",
    ShopState.kicked: "请用了机器人子账号的人退出；要马上接回来，运行 nightdesk resume 店铺代号",
    ShopState.no_permission: "在平台后台给机器人的子账号客服权限",
    ShopState.drift: "先由人工回复；运行 nightdesk selectors repair 店铺代号，看哪里变了、建议怎么改",
    ShopState.paused: "nightdesk resume 店铺代号，或由人工回复",
}
IDLE = "没有运行"
BEAT_SECONDS = 10.0
_CALM = {ShopState.ready, ShopState.off_shift, ShopState.stopped, ShopState.starting}


def figures_table(
    figures: Sequence[ShopFigures], title: str, trouble: str = "", idle: Collection[str] = ()
) -> Table:
    """One row a shop; `trouble` (`edits_words`) stands below them; `idle`: the shops that no worker drives."""
    table = Table(title=title, title_justify="left", header_style="bold", caption_justify="left")
    if trouble:
        table.caption = Text(trouble, style="bold red")
    table.add_column("店铺")
    table.add_column("状态")
    for heading in ("等待", "已答", "转人工", "首响 p50", "首响 p95", "3分钟回复率"):
        table.add_column(heading, justify="right")
    for row in figures:
        known = row.shop not in idle
        style = "green" if row.state is ShopState.ready else "" if row.state in _CALM else "bold red"
        table.add_row(
            row.title,
            Text(_state(row), style=style) if known else Text(IDLE, style="bold red"),
            str(row.waiting),
            str(row.answered),
            str(row.handed),
            show_seconds(row.p50_ms),
            show_seconds(row.p95_ms),
            show_share(row.rate_3min),
        )
    return table


def edits_words(knowledge: str, roll: str) -> str:
    """What is wrong with the newest edits of the knowledge and of the list of shops; empty when nothing is."""
    told = {"知识库": knowledge, "店铺清单": roll}
    return "\n".join(f"{what}改错了，先用改动以前的：\n{why}" for what, why in told.items() if why)


def working(row: ShopRow, now: datetime) -> bool:
    """Whether a worker drives the shop: it has not stopped, and showed life in the last ten seconds."""
    if row.beat_at is None or row.state is ShopState.stopped:
        return False
    return (now - row.beat_at).total_seconds() < BEAT_SECONDS


def pause_words(pause: Pause) -> str:
    """A pause as a person reads it: `11-23 04:00:00 小王 停了这家店`."""
    what = "停了所有店铺" if pause.shop is None else "停了这家店"
    if pause.conversation_key is not None:
        what = f"停了会话 {pause.conversation_key}"
    return f"{pause.since.astimezone():%m-%d %H:%M:%S} {pause.by} {what}"


def _state(row: ShopFigures) -> str:
    return f"{STATES[row.state]}（{pause_words(row.pause)}）" if row.pause else STATES[row.state]


def show_seconds(ms: float | None) -> str:
    """Milliseconds as a person reads them."""
    return "–" if ms is None else f"{ms / 1000:.1f} 秒"


def show_share(share: float | None) -> str:
    """A share as a percentage."""
    return "–" if share is None else f"{share:.1%}"
