"""`nightdesk golive`: the only way out of observing, after one supervised reply to a test buyer."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from base.clock import SystemClock
from base.errors import ConfigError, Problem
from bots.cli.opened import open_ledger
from bots.cli.questions import confirmed
from bots.cli.show import one_line
from bots.cli.status import MODES
from bots.cli.words import Command
from bots.home import Home
from bots.settings import Shop
from bots.shopfile import find_shop
from bots.table import STATES, working
from storage.ledger import Ledger
from storage.records import Command as Order
from storage.records import ShopRow, ShopState

_LOOK = 0.2
_FIND_SECONDS = 180.0
_SEND_SECONDS = 30.0
# States in which there is nothing to see to: they pass by themselves.
_THEN = {ShopState.off_shift: "到班以后再来", ShopState.starting: "等它启动好再来"}


@click.command(
    cls=Command,
    help="让店铺 SHOP 从只观察变成会回答。要先在另一个窗口运行 nightdesk up；"
    "然后用测试买家发一句话，机器人当着您的面回一句，买家端看到了才算上线。",
    example="nightdesk golive main",
)
@click.argument("shop")
@click.pass_obj
def golive(home: Home, shop: str) -> None:
    """Rehearse one reply with a test buyer, then let the shop answer."""
    _settings, found = find_shop(home.shops, shop)
    with open_ledger(home) as ledger:
        row = _ready(ledger, found)
        if row is None:
            raise click.exceptions.Exit(1)
        if not _rehearsed(ledger, found):
            click.echo("没有上线，店铺仍然只观察", err=True)
            raise click.exceptions.Exit(1)
        if not ledger.go_live(found.id, tried=row):
            click.echo("没有上线：店铺的后台、网址或账号刚刚换了，仍然只观察；请再试一次", err=True)
            raise click.exceptions.Exit(1)
    click.echo(_mode_words(found))


def _ready(ledger: Ledger, shop: Shop) -> ShopRow | None:
    """The shop, if a worker drives it and all is well; else says what is missing."""
    try:
        row = ledger.shop_row(shop.id)
    except ValueError:
        raise ConfigError(Problem(message=f"店铺 {shop.id} 还没有运行过", hint="先运行 nightdesk up")) from None
    if row.live_since is not None:
        click.echo(f"店铺 {shop.id} 已经上线了。{_mode_words(shop)}")
        raise click.exceptions.Exit(0)
    if not working(row, SystemClock().now()):
        click.echo(f"没有机器人在值守 {shop.id}：先在另一个窗口运行 nightdesk up，看到“值守中”再来", err=True)
        return None
    if row.state is not ShopState.ready:
        why = f"：{one_line(row.why)}" if row.why else ""
        then = _THEN.get(row.state, "先处理好再来")
        click.echo(f"店铺 {shop.id} 现在{STATES[row.state]}{why}，{then}", err=True)
        return None
    return row


def _rehearsed(ledger: Ledger, shop: Shop) -> bool:
    """One message found, one reply sent and seen by the buyer."""
    code = f"测试{secrets.randbelow(9000) + 1000}"
    text = f"收到{code}，客服可以正常回复了"
    with _ordered(ledger, shop.id, "golive", code=code) as asked:
        click.echo(f"请用测试买家的账号给店铺“{shop.title or shop.id}”发这几个字：{code}")
        click.echo(f"等待中，最多 {_FIND_SECONDS / 60:.0f} 分钟（Ctrl-C 取消）…")
        found = _wait(ledger, [asked.id], _FIND_SECONDS)
        if found is None or found.result.get("step") != "found":
            return _tell(found, "没有等到这句话：确认测试买家发给了这家店，会话分配给了机器人的子账号")
        click.echo(f"找到了：{one_line(found.result.get('preview', ''))}")
        if not confirmed(f"要回复给这个测试买家的话是：{text}\n现在发出吗"):
            return False
        with _ordered(ledger, shop.id, "golive_send", of=asked.id, text=text) as send:
            sent = _wait(ledger, [asked.id, send.id], _SEND_SECONDS, after=found)
            if sent is None or sent.state != "done":
                return _tell(sent, "没有确认发出：在后台看看测试买家的会话里有没有这句话")
    return confirmed("已经发出。买家端看到回复了吗")


@contextmanager
def _ordered(ledger: Ledger, shop: str, kind: str, **args: object) -> Iterator[Order]:
    """A command for the worker, taken back at the end if it is not done: nothing may be sent later."""
    order = ledger.command(shop, kind, **args)
    try:
        yield order
    finally:
        if ledger.command_row(order.id).state in ("new", "doing"):
            ledger.set_command(order.id, "failed", why="取消了")


def _wait(ledger: Ledger, orders: list[int], seconds: float, *, after: Order | None = None) -> Order | None:
    """The first of the commands to fail, or the first one (`orders[0]`) once it has moved on; None: time is up."""
    clock = SystemClock()
    end = clock.steady() + seconds
    while clock.steady() < end:
        rows = [ledger.command_row(order) for order in orders]
        failed = next((row for row in rows if row.state == "failed"), None)
        if failed is not None:
            return failed
        if rows[0].state != (after.state if after else "new"):
            return rows[0]
        time.sleep(_LOOK)
    return None


def _tell(order: Order | None, otherwise: str) -> bool:
    why = "" if order is None else one_line(order.result.get("why", ""))
    click.echo(f"没有成功：{why or otherwise}", err=True)
    return False


def _mode_words(shop: Shop) -> str:
    ends = {
        "answer": "会自动回答有把握的问题，其余转人工",
        "hold": "只发安抚话术，问题都转人工；想让它回答，把 shops.yaml 里的 mode 改成 answer",
        "observe": "shops.yaml 里写着 mode: observe，所以仍然只看不发；改成 answer，保存就算数",
    }
    return f"店铺 {shop.id} 现在的方式是“{MODES[shop.mode]}”：{ends[shop.mode]}"
