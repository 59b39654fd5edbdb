"""`nightdesk selectors`: the packs that there are, and whether one fits a page."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import click

from base.errors import ConfigError, Problem
from base.places import shared
from bots.cli.show import json_option, print_json, print_table, table_of
from bots.cli.words import Command, Group
from bots.home import Home
from bots.settings import pack_path
from flows.check import Report, Result
from flows.pack import QUALITY, Pack, load_pack

selectors = Group(
    name="selectors",
    lazy={
        "list": ("bots.cli.selectors:list_all", "列出自带的选择器包"),
        "check": ("bots.cli.selectors:check", "检查一个包和网页对不对得上"),
        "repair": ("bots.cli.repair:repair", "后台改版以后，看建议怎么改"),
        "record": ("bots.cli.record:record", "指着网页做一个新的包"),
    },
    help="选择器包告诉机器人一种后台的网页上什么在哪里。",
    example="nightdesk selectors list\nnightdesk selectors check 包的名字 --file 另存的网页.html",
)

_TIERS = {"none": "无", "bronze": "铜", "silver": "银", "gold": "金"}
_LEVELS = {"never": "没核对过", "replica": "在仿真页上核对过", "live": "在真实店铺核对过"}
_RESULTS = {
    Result.found: "找到",
    Result.missing: "没找到",
    Result.ambiguous: "不唯一",
    Result.idle: "不适用",
}


@click.command(
    name="list",
    cls=Command,
    help="列出自带的选择器包：核对到什么程度，还有哪些没做到。",
    example="nightdesk selectors list\nnightdesk selectors list --json",
)
@json_option
def list_all(as_json: bool) -> None:
    """Print the packs that ship with Nightdesk."""
    packs = [load_pack(path) for path in sorted(shared("selectors").glob("*.yaml"))]
    if as_json:
        print_json([_as_json(pack) for pack in packs])
        return
    headings = ("名字", "后台", "核对", "日期", "等级", "还没做到")
    rows = [
        (
            pack.name,
            pack.title,
            _LEVELS[pack.verified.level],
            pack.as_of,
            _TIERS[pack.tier],
            "、".join(_to_do(pack)),
        )
        for pack in packs
    ]
    print_table(table_of(headings, rows))


@click.command(
    cls=Command,
    help="用选择器包 PACK（名字或 .yaml 文件）试一个网页：每个键找到没有，最后一行说可用还是不可用。"
    "网页可以是网址、另存的 HTML 文件，或 --shop 店铺（会用它的账号登录，先停掉正在值守的机器人）。"
    "只看不发；不可用时退出码是 1。",
    example="nightdesk selectors check 包的名字 --url https://…\n"
    "nightdesk selectors check 我的后台.yaml --file 另存的网页.html",
)
@click.argument("pack")
@click.option("--url", metavar="网址", help="后台的网址")
@click.option("--file", type=click.Path(path_type=Path), metavar="文件", help="另存的 HTML 文件")
@click.option("--shop", metavar="代号", help="用这家店的网址和账号")
@click.option("--save", type=click.Path(path_type=Path), metavar="文件", help="把看到的网页遮盖文字后存到这里")
@json_option
@click.pass_obj
def check(
    home: Home, pack: str, url: str | None, file: Path | None, shop: str | None, save: Path | None, as_json: bool
) -> None:
    """Try every key of a pack on a page."""
    if (file is None) == (url is None and shop is None):
        hint = "写 --url 网址、--shop 店铺代号 或 --file 文件 其中一个"
        raise ConfigError(Problem(message="不知道检查哪个网页", hint=hint))
    loaded = load_pack(pack_path(pack, home.folder))
    report, copy = _inspect(home, loaded, url, file, shop)
    if save is not None:
        _save(save, copy)
    if as_json:
        verdict = {"pack": loaded.name, "usable": report.usable, "advice": report.advice}
        print_json(verdict | {"findings": [asdict(finding) for finding in report.findings]})
    else:
        print_report(report)
    if not report.usable:
        raise click.exceptions.Exit(1)


def _inspect(home: Home, pack: Pack, url: str | None, file: Path | None, shop: str | None) -> tuple[Report, str]:
    from bots.inspection import inspect_live, inspect_saved
    from bots.seat import seated
    from bots.secrets import password_of, secret_for
    from bots.shopfile import find_shop
    from bots.vault import Vault
    from flows.login import Credentials

    if file is not None:
        done = asyncio.run(inspect_saved(pack, file))
        return done.report, done.copy
    with ExitStack() as stack:
        state, credentials = None, None
        if shop is not None:
            _settings, found = find_shop(home.shops, shop)
            home.prepare()
            stack.enter_context(seated(home.seats, found.id))  # a second login would kick the bot
            state = Vault.of(found, home.states).load()
            if found.login is not None:
                credentials = Credentials(user=found.login.user, password=secret_for(password_of(found), home))
            url = url or found.url
        done = asyncio.run(inspect_live(pack, url or pack.url, state=state, credentials=credentials))
        return done.report, done.copy


def print_report(report: Report) -> None:
    """Every key, then the plain verdict."""
    rows = [
        (finding.key, _RESULTS[finding.result], finding.count or "", finding.selector, finding.note)
        for finding in report.findings
    ]
    print_table(table_of(("键", "结果", "个数", "选择器", "说明"), rows))
    verdict = "可用" if report.usable else "不可用"
    click.echo(f"\n{verdict}{'：' if report.advice else ''}{report.advice}")


def _save(path: Path, copy: str) -> None:
    try:
        path.write_text(copy, encoding="utf-8")
    except OSError as error:
        raise ConfigError(Problem(message=f"写不了这个文件：{error.strerror}", path=path)) from None
    click.echo(f"遮盖了文字的网页存到了 {path}", err=True)


def _to_do(pack: Pack) -> list[str]:
    return [
        rule
        for rules in QUALITY.values()
        for rule in rules
        if (known := pack.quality.get(rule)) is None or known.status == "todo"  # type: ignore[call-overload]
    ]


def _as_json(pack: Pack) -> dict[str, object]:
    return {
        "name": pack.name,
        "title": pack.title,
        "platform": pack.platform,
        "verified": pack.verified.level,
        "verified_date": pack.verified.date,
        "as_of": pack.as_of,
        "tier": pack.tier,
        "todo": _to_do(pack),
    }
