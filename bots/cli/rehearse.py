"""`nightdesk rehearse`: whether all is ready for a shift, and what to do where it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import click

from base.clock import SystemClock
from base.errors import ConfigError, Problem
from bots.cli.show import json_option, tell_findings
from bots.cli.words import Command
from bots.findings import Finding
from bots.home import Home
from bots.rehearsal import BEFORE, Rehearsal
from bots.roll import Roll, read_roll
from storage.thread import LedgerThread

_ZONE = ZoneInfo("Asia/Shanghai")


@click.command(
    cls=Command,
    help="班前检查：每家店真的读一遍（在值守的由机器人自己读，没在值守的登录一次），再看登录状态、在线、平台自带的机器人、"
    "知识库、班次、谁值班、告警、磁盘。写店铺 SHOP 就只看这几家。有要处理的，说明怎么办，退出码是 1。"
    "nightdesk up 在每一班开始前 60 分钟自己做一遍，有问题就告警。",
    example="nightdesk rehearse\nnightdesk rehearse main --json",
)
@click.argument("shops", nargs=-1, metavar="[SHOP]...")
@json_option
@click.pass_obj
def command(home: Home, shops: Sequence[str], as_json: bool) -> None:
    """Look at everything and print a line for each."""
    roll = read_roll(home)
    unknown = [shop for shop in shops if shop not in roll.shops]
    if unknown:
        raise ConfigError(
            Problem(message=f"没有 id 为“{unknown[0]}”的店铺", hint=f"现有：{'、'.join(roll.shops)}")
        )
    home.prepare()
    found = asyncio.run(_look(home, roll.only(shops or list(roll.shops)), told=not shops))
    tell_findings(found, "都正常", as_json=as_json)


async def _look(home: Home, roll: Roll, *, told: bool) -> list[Finding]:
    """`told`: whether it goes on record, so that people are called, or told that what was wrong is over."""
    clock = SystemClock()
    ledger = await LedgerThread.open(home.ledger, clock)
    try:
        rehearsal = Rehearsal(home, roll, ledger, clock, _ZONE)
        found = await rehearsal.look(clock.now() + BEFORE)
        if told:
            await rehearsal.tell(found)
        return found
    finally:
        await ledger.close()
