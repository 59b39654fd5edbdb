"""`nightdesk handoffs`: the turns that people have to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import click

from base.clock import SystemClock
from base.masking import mask
from bots.cli.opened import open_ledger
from bots.cli.show import (
    by_option,
    json_option,
    local_time,
    one_line,
    person,
    print_json,
    print_table,
    span,
    table_of,
)
from bots.cli.words import Command, Group
from bots.home import Home
from bots.story import KINDS
from storage.ledger import Ledger
from storage.records import Handoff, HandoffState

_HEADINGS = ("编号", "店铺", "买家会话", "状态", "等了", "期限", "急", "原因", "买家说")
_SENDERS = {"buyer": "买家", "shop": "店铺", "robot": "平台机器人", "system": "系统"}

handoffs = Group(
    name="handoffs",
    lazy={
        "list": ("bots.cli.handoffs:list_all", "列出还没处理完的"),
        "show": ("bots.cli.handoffs:show", "看一条的详情：要发的话、当时的气泡、截图"),
        "claim": ("bots.cli.handoffs:claim", "认领一条"),
        "done": ("bots.cli.handoffs:done", "标记一条已处理完"),
    },
    help="机器人答不了、转给人工的会话。人工在后台里回复以后，机器人看到就会自动标记完成。",
    example="nightdesk handoffs list\nnightdesk handoffs show 12\nnightdesk handoffs claim 12\n"
    "nightdesk handoffs done 12",
)


@click.command(
    name="list",
    cls=Command,
    help="列出还没处理完的，急的和快到期的在前。",
    example="nightdesk handoffs list\nnightdesk handoffs list --json",
)
@json_option
@click.pass_obj
def list_all(home: Home, as_json: bool) -> None:
    """Print what people still have to answer."""
    with open_ledger(home) as ledger:
        found = ledger.handoffs()
    now = SystemClock().now()
    if as_json:
        print_json([_as_json(each, now) for each in found])
    elif found:
        print_table(table_of(_HEADINGS, [_cells(each, now) for each in found]))
    else:
        click.echo("没有等人工处理的会话")


@click.command(
    cls=Command,
    help="看编号为 ID 的一条。原因是“发送后没有看到气泡”的，还会列出机器人要说的话、什么时候发的、"
    "当时聊天里有哪些气泡，以及截图在哪个文件（留 14 天）。",
    example="nightdesk handoffs show 12\nnightdesk handoffs show 12 --json",
)
@click.argument("number", metavar="ID", type=int)
@json_option
@click.pass_obj
def show(home: Home, number: int, as_json: bool) -> None:
    """Print one with what stood on the page."""
    with open_ledger(home) as ledger:
        handoff = _found(lambda: ledger.handoff(number))
    now = SystemClock().now()
    if as_json:
        print_json(_as_json(handoff, now))
        return
    for heading, cell in zip(_HEADINGS, _cells(handoff, now), strict=True):
        if cell is not None:
            click.echo(f"{heading}：{one_line(cell)}")
    if handoff.seen:
        _print_seen(handoff.seen)
    click.echo(f"截图：{handoff.picture or '没有'}")


def _print_seen(seen: Mapping[str, Any]) -> None:
    click.echo(f"要发的话：{one_line(seen['meant'])}")
    click.echo(f"开始发送：{_moment(seen['sending_at'])}")
    click.echo("当时聊天里的最后几条：")
    rows = [
        (
            _moment(bubble["at"]),
            _SENDERS[bubble["sender"]],
            bubble["text"] or f"（{KINDS.get(bubble['kind'], bubble['kind'])}）",
            "没发出去" if bubble["failed"] else "",
        )
        for bubble in seen["bubbles"]
    ]
    print_table(table_of(("时间", "谁", "说了什么", ""), rows))


def _moment(text: str | None) -> str:
    return local_time(None if text is None else datetime.fromisoformat(text))


@click.command(
    cls=Command,
    help="认领编号为 ID 的一条：别人就知道您在处理，机器人也不再回答这个会话。",
    example="nightdesk handoffs claim 12\nnightdesk handoffs claim 12 --by 小王",
)
@click.argument("number", metavar="ID", type=int)
@by_option
@json_option
@click.pass_obj
def claim(home: Home, number: int, by: str | None, as_json: bool) -> None:
    """Take one on."""
    _change(home, number, by, as_json, Ledger.claim, "已由 {by} 认领，处理完运行 nightdesk handoffs done {id}")


@click.command(
    cls=Command,
    help="标记编号为 ID 的一条已处理完。",
    example="nightdesk handoffs done 12",
)
@click.argument("number", metavar="ID", type=int)
@by_option
@json_option
@click.pass_obj
def done(home: Home, number: int, by: str | None, as_json: bool) -> None:
    """Say that one is dealt with."""
    _change(home, number, by, as_json, Ledger.finish, "已处理完")


def _change(
    home: Home,
    number: int,
    by: str | None,
    as_json: bool,
    change: Callable[[Ledger, int, str], Handoff],
    told: str,
) -> None:
    with open_ledger(home) as ledger:
        handoff = _found(lambda: change(ledger, number, by or person()))
    if as_json:
        print_json(_as_json(handoff, SystemClock().now()))
    else:
        click.echo(f"{number} " + told.format(by=handoff.claimed_by, id=number))


def _found(look: Callable[[], Handoff]) -> Handoff:
    try:
        return look()
    except ValueError as error:
        click.echo(str(error), err=True)
        raise click.exceptions.Exit(1) from None


def _cells(handoff: Handoff, now: datetime) -> list[object]:
    return [
        handoff.id,
        handoff.shop,
        handoff.conversation_key,
        _state(handoff),
        span(_age(handoff, now)),
        _left(handoff, now),
        "急" if handoff.urgent else "",
        handoff.reason,
        mask(handoff.text),
    ]


def _state(handoff: Handoff) -> str:
    if handoff.state is HandoffState.open:
        return "等人认领"
    if handoff.state is HandoffState.claimed:
        return f"{handoff.claimed_by} 处理中"
    how = "已在后台转接给同事" if handoff.claimed_by == "transfer" else f"{handoff.claimed_by or '人工'} 处理完了"
    return f"{how}，{local_time(handoff.done_at)}"


def _left(handoff: Handoff, now: datetime) -> str | None:
    """How far the deadline is; None once nobody is waited for."""
    if handoff.state is HandoffState.done:
        return None
    left = (handoff.deadline_at - now).total_seconds()
    return f"还剩 {span(left)}" if left >= 0 else f"已过 {span(-left)}"


def _age(handoff: Handoff, now: datetime) -> float:
    """How long the buyer has waited, or did until a person was done, in seconds."""
    return ((handoff.done_at or now) - handoff.opened_at).total_seconds()


def _as_json(handoff: Handoff, now: datetime) -> dict[str, object]:
    shown: dict[str, object] = {name: getattr(handoff, name) for name in Handoff.__slots__}
    return shown | {"text": mask(handoff.text), "age_seconds": round(_age(handoff, now), 1)}
