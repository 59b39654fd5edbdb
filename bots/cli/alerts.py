"""`nightdesk alerts`: whether people can be reached, who sees to what, and what was told."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import click

from base.clock import SystemClock
from base.errors import ConfigError, Problem
from bots.alerts.caller import channels_of
from bots.alerts.channel import Channel, ChannelDown
from bots.alerts.words import footer, test_letter
from bots.cli.opened import open_ledger
from bots.cli.show import by_option, json_option, local_time, person, print_json, print_table, span, table_of
from bots.cli.words import Command, Group
from bots.home import Home
from bots.settings import Alerting, load_settings
from storage.calls import Alert, AlertState
from storage.ledger import Ledger

_LOOK = 0.5
_TELL_EVERY = 30.0
_SHOWN = timedelta(hours=24)
_HEADINGS = ("时间", "给谁", "渠道", "状态", "码", "谁在处理", "说了什么")
_STATES = {
    AlertState.new: "等着发",
    AlertState.leaving: "正在发",
    AlertState.sent: "已发出",
    AlertState.failed: "没有发",
}

alerts = Group(
    name="alerts",
    lazy={
        "test": ("bots.cli.alerts:test", "每个渠道发一条测试，等人说收到"),
        "ack": ("bots.cli.alerts:ack", "说一声“我在处理”，不再叫别人"),
        "list": ("bots.cli.alerts:list_all", "列出最近一天发过的告警"),
    },
    help="叫人的渠道：试一试、应答、查看。叫谁、怎么叫，写在 shops.yaml 的 alerts 里。",
    example="nightdesk alerts test\nnightdesk alerts ack 48213\nnightdesk alerts list",
)


@click.command(
    cls=Command,
    help="给每个渠道（或只给名叫 NAME 的渠道、人）发一条测试，里面有一个五位的码。"
    "收到的人运行 nightdesk alerts ack 码，或者把码告诉能运行的人。全都应答了，退出码是 0。",
    example="nightdesk alerts test\nnightdesk alerts test 值班群 --minutes 2",
)
@click.argument("name", required=False)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, max=120),
    default=5,
    metavar="分钟",
    help="最多等多久，默认 5 分钟",
)
@click.pass_obj
def test(home: Home, name: str | None, minutes: float) -> None:
    """Send a letter by each channel and wait until people have acknowledged all of them."""
    setting = _setting(home)
    names = _channels_named(setting, name)
    channels = channels_of(setting, home)
    home.prepare()
    ledger = Ledger.open(home.ledger, SystemClock())
    try:
        sent = [alert for one in names if (alert := _send(ledger, setting, channels[one]))]
        missing = _wait(ledger, sent, minutes * 60) if sent else []
    finally:
        ledger.close()
    if missing:
        click.echo(f"没有等到应答：{'、'.join(str(alert.channel) for alert in missing)}", err=True)
    if missing or len(sent) < len(names):
        raise click.exceptions.Exit(1)
    click.echo("都收到了")


@click.command(
    cls=Command,
    help="码是 CODE 的告警我来处理：一小时内不再为它叫别人；还没好会再问。",
    example="nightdesk alerts ack 48213\nnightdesk alerts ack 48213 --by 小王",
)
@click.argument("code")
@by_option
@click.pass_obj
def ack(home: Home, code: str, by: str | None) -> None:
    """Acknowledge one alert."""
    with open_ledger(home) as ledger:
        try:
            alert = ledger.acknowledge(code.strip(), by or person())
        except ValueError as error:
            click.echo(f"{error}，看看是不是抄错了：nightdesk alerts list", err=True)
            raise click.exceptions.Exit(1) from None
    click.echo(f"好的，{alert.acked_by} 在处理：{alert.title}")


@click.command(
    name="list",
    cls=Command,
    help="列出最近一天发过的告警：给了谁，走哪个渠道，发出去没有，谁在处理。",
    example="nightdesk alerts list\nnightdesk alerts list --json",
)
@json_option
@click.pass_obj
def list_all(home: Home, as_json: bool) -> None:
    """Print what was told to whom."""
    with open_ledger(home) as ledger:
        found = ledger.alerts(SystemClock().now() - _SHOWN)
    if as_json:
        print_json(found)
    elif found:
        print_table(table_of(_HEADINGS, [_cells(alert) for alert in found]))
    else:
        click.echo("最近一天没有发过告警")


def _setting(home: Home) -> Alerting:
    setting = load_settings(home.shops).alerts
    if setting is None:
        hint = "照 docs/alerts.md 写上叫谁、怎么叫"
        raise ConfigError(Problem(message="没有设置告警（alerts）", path=home.shops, hint=hint))
    return setting


def _channels_named(setting: Alerting, name: str | None) -> list[str]:
    if name is None or name in setting.channels:
        return [name] if name else list(setting.channels)
    for each in setting.people:
        if each.name == name:
            return list(each.channels)
    known = "、".join([*setting.channels, *(each.name for each in setting.people)])
    raise ConfigError(Problem(message=f"没有叫“{name}”的渠道或人", hint=f"现有：{known}"))


def _send(ledger: Ledger, setting: Alerting, channel: Channel) -> Alert | None:
    """One test letter by one channel; None when it did not leave."""
    owner = next((each.name for each in setting.people if channel.name in each.channels), channel.name)
    (alert,) = ledger.record_alerts([], [test_letter(owner, channel.name)])
    ledger.alert_leaves(alert.id, channel.name)
    try:
        asyncio.run(channel.send(alert.title, alert.text + footer(alert)))
    except ChannelDown as error:
        ledger.alert_stuck(alert.id, str(error))
        ledger.alert_failed(alert.id)
        ledger.sign(f"channel/{channel.name}", fine=False, why=str(error))
        click.echo(f"{channel.name}：没有发出去，{error}", err=True)
        return None
    ledger.alert_sent(alert.id)
    ledger.sign(f"channel/{channel.name}", fine=True)
    click.echo(f"{channel.name}：已发出，等 {owner} 应答")
    return ledger.alert(alert.id)


def _wait(ledger: Ledger, sent: list[Alert], seconds: float) -> list[Alert]:
    """Wait for the acknowledgements, telling how far it is; those that did not come."""
    clock = SystemClock()
    end = clock.steady() + seconds
    tell_at = clock.steady() + _TELL_EVERY
    while True:
        sent, answered = _divided(ledger, sent)
        for alert in answered:
            click.echo(f"{alert.channel}：{alert.acked_by} 收到了" + (f"，还差 {len(sent)} 个" if sent else ""))
        now = clock.steady()
        if not sent or now >= end:
            return sent
        if now >= tell_at:
            tell_at = now + _TELL_EVERY
            click.echo(f"还在等：{'、'.join(str(alert.channel) for alert in sent)}（最多再等{span(end - now)}）")
        time.sleep(_LOOK)


def _divided(ledger: Ledger, sent: list[Alert]) -> tuple[list[Alert], list[Alert]]:
    now = [ledger.alert(alert.id) for alert in sent]
    return [alert for alert in now if not alert.acked_at], [alert for alert in now if alert.acked_at]


def _cells(alert: Alert) -> list[object]:
    return [
        local_time(alert.at),
        alert.person,
        alert.channel,
        _STATES[alert.state] + (f"（{alert.why}）" if alert.why else ""),
        alert.code if alert.kind in ("call", "test") else "",
        alert.acked_by,
        alert.title,
    ]
