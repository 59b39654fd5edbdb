"""`nightdesk handoffs`: the turns that people have to answer."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import datetime

import click

from base.clock import SystemClock
from base.masking import mask
from bots.cli.opened import open_ledger
from bots.cli.show import json_option, print_json, print_table, span, table_of
from bots.cli.words import Command, Group
from bots.home import Home
from storage.ledger import Ledger
from storage.records import Handoff, HandoffState

_HEADINGS = ("编号", "店铺", "买家会话", "状态", "等了", "期限", "急", "原因", "买家说")

handoffs = Group(
    name="handoffs",
    lazy={
        "list": ("bots.cli.handoffs:list_all", "列出还没处理完的"),
        "claim": ("bots.cli.handoffs:claim", "认领一条"),
        "done": ("bots.cli.handoffs:done", "标记一条已处理完"),
    },
    help="机器人答不了、转给人工的会话。人工在后台里回复以后，机器人看到就会自动标记完成。",
    example="nightdesk handoffs list\nnightdesk handoffs claim 12\nnightdesk handoffs done 12",
)

_by_option = click.option("--by", metavar="名字", help="谁来处理；不写就是当前登录的用户名")


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
    help="认领编号为 ID 的一条：别人就知道您在处理，机器人也不再回答这个会话。",
    example="nightdesk handoffs claim 12\nnightdesk handoffs claim 12 --by 小王",
)
@click.argument("number", metavar="ID", type=int)
@_by_option
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
@_by_option
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
        try:
            handoff = change(ledger, number, by or _login_name())
        except ValueError as error:
            click.echo(str(error), err=True)
            raise click.exceptions.Exit(1) from None
    if as_json:
        print_json(_as_json(handoff, SystemClock().now()))
    else:
        click.echo(f"{number} " + told.format(by=handoff.claimed_by, id=number))


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise click.UsageError("不知道当前用户的名字，请用 --by 写上") from None


def _cells(handoff: Handoff, now: datetime) -> list[object]:
    left = (handoff.deadline_at - now).total_seconds()
    return [
        handoff.id,
        handoff.shop,
        handoff.conversation_key,
        f"{handoff.claimed_by} 处理中" if handoff.state is HandoffState.claimed else "等人认领",
        span((now - handoff.opened_at).total_seconds()),
        f"还剩 {span(left)}" if left >= 0 else f"已过 {span(-left)}",
        "急" if handoff.urgent else "",
        handoff.reason,
        mask(handoff.text),
    ]


def _as_json(handoff: Handoff, now: datetime) -> dict[str, object]:
    shown: dict[str, object] = {name: getattr(handoff, name) for name in Handoff.__slots__}
    age = round((now - handoff.opened_at).total_seconds(), 1)
    return shown | {"text": mask(handoff.text), "age_seconds": age}
