"""`nightdesk selectors repair`: what broke when a console changed its pages, and a patch to accept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bots.cli.opened import open_ledger
from bots.cli.show import json_option, local_time, one_line, print_json, print_table, table_of
from bots.cli.words import Command
from bots.home import Home
from bots.ownpack import adopt, changed_text
from bots.settings import Shop, pack_path
from bots.shopfile import find_shop
from flows.patch import unified
from flows.repair import Change
from storage.records import Drift


@click.command(
    cls=Command,
    help="后台改版以后用：看店铺 SHOP 哪个键失效了、试过什么、建议怎么改、检查通不通过。只看不改；"
    "看过觉得对，再加 --accept：改动写进 shops.yaml 旁边您自己的包（自带的包不会动），shops.yaml 也改成用它。"
    "没有建议，或检查没通过，退出码是 1。",
    example="nightdesk selectors repair main\nnightdesk selectors repair main --json\n"
    "nightdesk selectors repair main --accept",
)
@click.argument("shop")
@click.option("--accept", is_flag=True, help="接受建议，写进自己的包")
@json_option
@click.pass_obj
def repair(home: Home, shop: str, accept: bool, as_json: bool) -> None:
    """Show the newest drift of a shop with its proposal, or take that over."""
    _settings, found = find_shop(home.shops, shop)
    with open_ledger(home) as ledger:
        drift = ledger.last_drift(found.id)
    if drift is None:
        click.echo("没有记录到这家店的后台改版")
        raise click.exceptions.Exit(1)
    changes = _changes(drift)
    sound = bool(changes) and not drift.report["objections"]
    diff = _diff(home, found, changes)
    written = adopt(home, found, changes) if accept and sound else ()
    if as_json:
        shown = {name: getattr(drift, name) for name in ("shop", "key", "why", "at", "over_at", "page")}
        print_json(shown | dict(drift.report) | {"diff": diff, "written": list(map(str, written))})
    else:
        _print(drift, diff, sound)
        _print_written(written, shop, asked=accept, sound=sound)
    if not sound:
        raise click.exceptions.Exit(1)


def _changes(drift: Drift) -> list[Change]:
    kept: Sequence[dict[str, Any]] = drift.report.get("changes", ())
    return [Change(**{**one, "css": tuple(one["css"])}) for one in kept]


def _diff(home: Home, shop: Shop, changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    path = pack_path(shop.console, home.folder)
    before, after = changed_text(path, changes)
    return unified(before, after, path.name)


def _print(drift: Drift, diff: str, sound: bool) -> None:
    report = drift.report
    over = f"，{local_time(drift.over_at)} 恢复" if drift.over_at else "，还没有恢复，这家店现在不发消息"
    click.echo(f"{local_time(drift.at)} 起页面对不上{over}")
    click.echo(f"原因：{one_line(drift.why)}")
    click.echo(f"遮盖了文字的网页：{drift.page or '没有存下来'}")
    if not report:
        click.echo("没来得及看页面，没有建议：停掉机器人，运行 nightdesk selectors check 看是哪些键")
        return
    rows = [
        (tried["key"], css, count)
        for tried in report["tried"]
        for css, count in zip(tried["selectors"], tried["found"], strict=True)
    ]
    click.echo("\n失效的键，和试过的选择器各找到几个：")
    print_table(table_of(("键", "选择器", "找到"), rows))
    if report["unsolved"]:
        click.echo(f"\n没有找到像的元素，要手工改：{'、'.join(report['unsolved'])}")
    if not diff:
        click.echo("\n没有建议")
        return
    click.echo(f"\n建议（把握 {report['confidence']:.0%}）：\n{diff}")
    if sound:
        click.echo("检查：通过。用建议的写法，当时页面上的行、消息和发送人都读对了")
    else:
        click.echo("检查：没有通过，不能直接用：")
        for objection in report["objections"]:
            click.echo(f"  {one_line(objection)}")


def _print_written(written: Sequence[Path], shop: str, *, asked: bool, sound: bool) -> None:
    if written:
        click.echo(f"写好了：{'、'.join(map(str, written))}\n正在运行的 nightdesk up 会自己换上")
    elif asked and not sound:
        click.echo("没有写任何文件")
    elif sound:
        click.echo(f"看过觉得对，运行 nightdesk selectors repair {shop} --accept")
