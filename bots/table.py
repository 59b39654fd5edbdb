"""The live table in the terminal: each shop's state, who waits, what was answered, and how fast."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
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
_NUMBERS = ("等待", "已答", "转人工", "首响 p50", "首响 p95", "3分钟回复率")
_SHORT = {"3分钟回复率": "3分钟"}
# A narrower terminal has no room for the box, and then, in this order, for these; a name needs so much of it.
_BOXED = 90
_LEAST = ("首响 p50", "已答", "首响 p95", "3分钟")
_NAME, _GAP = 10, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresTable:
    """One row a shop, as wide as the terminal is when it is drawn: in a box, or with what there is room for."""

    figures: Sequence[ShopFigures]
    title: str
    trouble: str
    idle: Collection[str]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width >= _BOXED:
            yield self._boxed()
        else:
            yield Text(self.title, style="italic")
            yield self._plain(options.max_width)
        for pause in dict.fromkeys(row.pause for row in self.figures if row.pause):
            yield Text(f"暂停中：{pause_words(pause)}")
        if self.trouble:
            yield Text(self.trouble, style="bold red")

    def _boxed(self) -> Table:
        table = Table(title=self.title, title_justify="left", header_style="bold")
        table.add_column("店铺", overflow="fold")
        table.add_column("状态", no_wrap=True)
        for heading in _NUMBERS:
            table.add_column(heading, justify="right", no_wrap=True)
        for row in self.figures:
            table.add_row(Text(row.title), self._state(row), *_numbers(row))
        return table

    def _plain(self, width: int) -> Table:
        states = [self._state(row) for row in self.figures]
        numbers = [_numbers(row) for row in self.figures]
        columns = {
            _SHORT.get(heading, heading): [row[index] for row in numbers] for index, heading in enumerate(_NUMBERS)
        }
        columns = _fitting(columns, width - max(map(cell_len, ("状态", *map(str, states)))) - _GAP)
        table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
        table.add_column("店铺", overflow="fold")
        table.add_column("状态", no_wrap=True)
        for heading in columns:
            table.add_column(heading, justify="right", no_wrap=True)
        for index, row in enumerate(self.figures):
            table.add_row(Text(row.title), states[index], *(cells[index] for cells in columns.values()))
        return table

    def _state(self, row: ShopFigures) -> Text:
        if row.shop in self.idle:
            return Text(IDLE, style="bold red")
        style = "green" if row.state is ShopState.ready else "" if row.state in _CALM else "bold red"
        return Text(STATES[row.state], style=style)


def figures_table(
    figures: Sequence[ShopFigures], title: str, trouble: str = "", idle: Collection[str] = ()
) -> FiguresTable:
    """`trouble` (`edits_words`) stands below the rows; `idle`: the shops that no worker drives."""
    return FiguresTable(figures=figures, title=title, trouble=trouble, idle=idle)


def _numbers(row: ShopFigures) -> list[str]:
    """In the order of `_NUMBERS`."""
    return [
        str(row.waiting),
        str(row.answered),
        str(row.handed),
        show_seconds(row.p50_ms),
        show_seconds(row.p95_ms),
        show_share(row.rate_3min),
    ]


def _fitting(columns: Mapping[str, list[str]], width: int) -> dict[str, list[str]]:
    """Those that leave room for the names of the shops, without what matters least."""
    kept = dict(columns)
    for heading in _LEAST:
        taken = sum(max(map(cell_len, (name, *cells))) + _GAP for name, cells in kept.items())
        if width - taken >= _NAME:
            break
        del kept[heading]
    return kept


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


def show_seconds(ms: float | None) -> str:
    """Milliseconds as a person reads them."""
    return "–" if ms is None else f"{ms / 1000:.1f} 秒"


def show_share(share: float | None) -> str:
    """A share as a percentage."""
    return "–" if share is None else f"{share:.1%}"
