"""`nightdesk doctor`: whether this machine and this folder are ready, and what to do where they are not."""

from __future__ import annotations

import asyncio
import errno
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from zoneinfo import ZoneInfo

import click

from base.clock import SystemClock
from base.errors import ConfigError, Problem
from bots.browser import open_browser
from bots.chromium import find_chromium
from bots.cli.show import json_option, span, tell_findings
from bots.cli.words import Command
from bots.coverage import covers_of, missing_years
from bots.findings import Finding, disk, look_at
from bots.healthz import HOST, ask
from bots.home import Home
from bots.roll import read_packs
from bots.secrets import Kept, address_of, password_of, secret_for, token_of
from bots.settings import Metrics, Settings, load_settings
from bots.shifts.calendar import missing_words
from knowledge.versions import read_version
from storage.ledger import Ledger

_PYTHON = (3, 11)
_ASK_SECONDS = 3.0
_BEHIND_SECONDS = 60.0


@click.command(
    cls=Command,
    help="逐项检查这台机器和这个文件夹：Python、浏览器、字体、磁盘、文件、时区、密码、端口、记录、时钟。"
    "有问题就说明怎么办，退出码是 1。",
    example="nightdesk doctor\nnightdesk doctor --json",
)
@json_option
@click.pass_obj
def doctor(home: Home, as_json: bool) -> None:
    """Look at everything and print a line for each."""
    tell_findings(_look(home), "都正常，可以运行 nightdesk up", as_json=as_json)


def _look(home: Home) -> Iterator[Finding]:
    yield check_python(sys.version_info[:2], platform.python_version())
    yield look_at("浏览器", _browser)
    yield _font()
    yield look_at("文件夹", lambda: _folder(home))
    yield look_at("磁盘", lambda: disk(home.folder))
    settings: list[Settings] = []
    yield look_at("shops.yaml", lambda: _shops(home, settings))
    if settings:
        yield look_at("时区", lambda: _zone(home, settings[0]))
        yield look_at("知识库", lambda: _knowledge(home, settings[0]))
        yield from (look_at(f"密码 {shop.id}", _secret(home, settings[0], shop.id)) for shop in settings[0].shops)
        yield from _alerts(home, settings[0])
        yield look_at("班次", lambda: _shifts(home, settings[0]))
        if (metrics := settings[0].metrics) is not None:
            yield look_at("看指标的口令", _kept(home, token_of(metrics)))
            yield look_at("看指标的端口", lambda: _port(home, metrics))
    if home.ledger.is_file():
        yield look_at("记录", lambda: _ledger(home))
        yield look_at("时钟", lambda: _clock(home))


def check_python(version: tuple[int, int], shown: str) -> Finding:
    """Whether this Python is new enough."""
    problem = "" if version >= _PYTHON else "要 3.11 或更新的 Python，装好后重新运行 make setup"
    return Finding(what="Python", found=shown, problem=problem)


def _browser() -> str:
    async def start() -> None:
        async with open_browser():
            pass

    asyncio.run(start())
    return f"{find_chromium()}，能启动"


def _font() -> Finding:
    hint = "没有中文字体，截图里的中文会是方块：Debian 上运行 sudo apt-get install fonts-wqy-zenhei"
    lister = shutil.which("fc-list")
    if sys.platform == "darwin":
        return Finding(what="中文字体", found="系统自带")
    if lister is None:
        return Finding(what="中文字体", problem=hint)
    listed = subprocess.run([lister, ":lang=zh"], capture_output=True, text=True, check=False)  # noqa: S603
    return Finding(what="中文字体", found="有", problem="" if listed.stdout.strip() else hint)


def _folder(home: Home) -> str:
    home.prepare()
    return str(home.folder)


def _shops(home: Home, into: list[Settings]) -> str:
    settings = load_settings(home.shops)
    read_packs(settings, home)
    into.append(settings)
    return f"{len(settings.shops)} 家店"


def _zone(home: Home, settings: Settings) -> str:
    """Nothing is wrong where the machine is elsewhere; but whoever reads a time has to know whose it is."""
    now = SystemClock().now()
    here = now.astimezone()
    zones = sorted({pack.meter.time_zone for pack in read_packs(settings, home).values()})
    there = {zone: now.astimezone(ZoneInfo(zone)) for zone in zones}
    others = [f"{zone} 是 {at:%H:%M}" for zone, at in there.items() if at.utcoffset() != here.utcoffset()]
    if not others:
        return f"现在 {here:%H:%M}，和平台一样"
    whose = "班次按平台的；告警、status、morning、日志里的时间按机器的"
    return (
        f"机器上现在 {here:%H:%M}，{'，'.join(others)}：{whose}。要一样就改机器的时区，或设环境变量 TZ={zones[0]}"
    )


def _shifts(home: Home, settings: Settings) -> str:
    missing = missing_years(settings, covers_of(settings, home.folder), SystemClock().now())
    if missing:
        raise ConfigError(Problem(message=missing_words(missing)))
    return "没有缺的放假安排，空档用 nightdesk shifts coverage 看"


def _knowledge(home: Home, settings: Settings) -> str:
    known = read_version(home.folder / settings.knowledge, settings.own_knowledge(home.folder)).library.default
    return f"{sum(entry.live for entry in known.entries)} 条启用，共 {len(known.entries)} 条"


def _secret(home: Home, settings: Settings, shop_id: str) -> Callable[[], str]:
    shop = next(shop for shop in settings.shops if shop.id == shop_id)

    def look() -> str:
        if shop.login is None:
            return "人工登录，不用密码"
        secret_for(password_of(shop), home)()
        return f"有（{shop.login.secret}）"

    return look


def _alerts(home: Home, settings: Settings) -> Iterator[Finding]:
    if settings.alerts is None:
        yield Finding(what="告警", found="没有设置，出了事不会叫人：写法见 docs/alerts.md")
        return
    for name, source in settings.alerts.sources().items():
        yield look_at(f"告警渠道 {name}", _channel(home, address_of(name, source)))


def _channel(home: Home, kept: Kept) -> Callable[[], str]:
    def look() -> str:
        from bots.alerts.channel import Channel  # it loads much, which nobody needs who has no alerts

        found = _kept(home, kept)()
        Channel(kept.name, secret_for(kept, home)).recognise()
        return found

    return look


def _kept(home: Home, kept: Kept) -> Callable[[], str]:
    def look() -> str:
        secret_for(kept, home)()
        return f"有（{kept.source}）"

    return look


def _port(home: Home, metrics: Metrics) -> str:
    """Whether the port is free, or our own bots have it."""
    try:
        with socket.create_server((HOST, metrics.port)):
            return f"{metrics.port}，空着"
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _is_ours(home, metrics):
            return f"{metrics.port}，nightdesk up 正开着"
        why = "被别的程序占着" if error.errno == errno.EADDRINUSE else f"用不了（{error.strerror}）"
        hint = "在 shops.yaml 的 metrics 里换一个 port；值守不受影响，只是看不了 /metrics 和 /healthz"
        raise ConfigError(Problem(message=f"端口 {metrics.port} {why}", hint=hint)) from None


def _is_ours(home: Home, metrics: Metrics) -> bool:
    try:
        _status, said = ask(metrics.port, secret_for(token_of(metrics), home)(), seconds=_ASK_SECONDS)
    except (OSError, ConfigError):
        return False
    return '"in_charge"' in said


def _clock(home: Home) -> str:
    """Nothing here knows what time it is; but it cannot be earlier than what was noted."""
    with closing(Ledger.open(home.ledger, SystemClock())) as ledger:
        beats = [row.beat_at for row in ledger.shop_rows() if row.beat_at is not None]
    now = SystemClock().now()
    shown = f"{now.astimezone():%Y-%m-%d %H:%M}"
    behind = (max(beats, default=now) - now).total_seconds()
    if behind > _BEHIND_SECONDS:
        message = f"现在是 {shown}，比账本里最近的心跳早 {span(behind)}：时钟不准，班次和告警的时间都会错"
        raise ConfigError(Problem(message=message, hint="打开系统的自动校时，或手工校准日期、时间和时区"))
    return f"{shown}，请看对不对"


def _ledger(home: Home) -> str:
    Ledger.open(home.ledger, SystemClock()).close()
    return str(home.ledger)
