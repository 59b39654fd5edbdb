"""`nightdesk secret`: the passwords of the bots' sub-accounts, and the addresses that alerts go to."""

from __future__ import annotations

import sys

import click

from base.errors import ConfigError, Problem
from bots.cli.questions import hidden_twice
from bots.cli.words import Command, Group
from bots.home import Home
from bots.secrets import TOKEN, Kept, address_of, must_be_settable, password_of, set_secret, token_of
from bots.settings import load_settings
from bots.shopfile import find_shop

_ALERTS = "alerts/"

secret = Group(
    name="secret",
    lazy={"set": ("bots.cli.secret:set_one", "保存一家店的密码，或一个告警渠道的地址")},
    help="保存机器人子账号的密码和告警渠道的地址。",
    example="nightdesk secret set main\nnightdesk secret set alerts/值班群",
)


@click.command(
    cls=Command,
    help="保存店铺 NAME 的登录密码；NAME 写成 alerts/渠道 时，保存告警渠道的地址；"
    "写成 metrics/token 时，保存看指标的口令。"
    "输入时不显示，只有当前用户能读。",
    example="nightdesk secret set main\nnightdesk secret set alerts/值班群\n"
    "nightdesk secret set main --stdin < 密码文件",
)
@click.argument("name")
@click.option("--stdin", "from_stdin", is_flag=True, help="从标准输入读一行，不提问")
@click.pass_obj
def set_one(home: Home, name: str, from_stdin: bool) -> None:
    """Keep one secret."""
    if name == TOKEN:
        kept, asked = _token(home)
    else:
        kept, asked = _address(home, name) if name.startswith(_ALERTS) else _password(home, name)
    must_be_settable(kept)
    value = sys.stdin.readline().rstrip("\r\n") if from_stdin else hidden_twice(f"{asked}（输入时不显示）")
    click.echo(f"已保存到 {set_secret(kept, home, value)}")


def _password(home: Home, shop: str) -> tuple[Kept, str]:
    _settings, found = find_shop(home.shops, shop)
    return password_of(found), f"{found.login.user if found.login else shop} 的密码"


def _token(home: Home) -> tuple[Kept, str]:
    metrics = load_settings(home.shops).metrics
    if metrics is None:
        hint = "先写上 metrics: {port: 9464}，见 docs/metrics.md"
        raise ConfigError(Problem(message="shops.yaml 里没有 metrics", path=home.shops, hint=hint))
    kept = token_of(metrics)
    return kept, kept.what


def _address(home: Home, name: str) -> tuple[Kept, str]:
    alerts = load_settings(home.shops).alerts
    sources = alerts.sources() if alerts else {}
    channel = name.removeprefix(_ALERTS)
    if channel not in sources:
        hint = f"现有：{'、'.join(sources)}" if sources else "先在 shops.yaml 里写 alerts，见 docs/alerts.md"
        raise ConfigError(
            Problem(message=f"shops.yaml 的 alerts 里没有渠道“{channel}”", path=home.shops, hint=hint)
        )
    kept = address_of(channel, sources[channel])
    return kept, kept.what
