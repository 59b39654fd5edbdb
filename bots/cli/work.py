"""`nightdesk up` and `nightdesk demo`: the bots at work."""

from __future__ import annotations

import click

from bots.cli.show import json_option
from bots.cli.words import Command
from bots.home import Home


@click.command(
    cls=Command,
    help="开始值守 shops.yaml 里的店铺，直到按 Ctrl-C 或收到停止信号；手上的会话会先处理完或记下来。",
    example="nightdesk up\nnightdesk --home /srv/夜班 up",
)
@click.pass_obj
def up(home: Home) -> None:
    """Attend the shops until told to stop."""
    from board.server import serving
    from bots.up import run

    raise click.exceptions.Exit(run(home, serving))


@click.command(
    cls=Command,
    help="看演示：打开一个练习用的客服台，几家店，一群会打错字的买家，机器人来回复；最后给出结果。不连任何平台。",
    example="nightdesk demo\nnightdesk demo --seconds 30 --shops 3 --json",
)
@click.option(
    "--seconds", type=click.FloatRange(min=1, max=86_400), default=60, metavar="秒", help="多久，默认 60 秒"
)
@click.option("--shops", type=click.IntRange(min=1, max=50), default=3, metavar="家", help="几家店，默认 3")
@click.option("--seed", type=int, default=1, metavar="数", help="同样的数，同样的买家；默认 1")
@click.option(
    "--dialect", default="plain", metavar="名字", help="练习台的页面照哪个平台的样子；默认 plain，我们自己的"
)
@click.option("--rough", is_flag=True, help="页面带上各种坏毛病：点不动、弹层、乱跳的未读数、拆开的消息")
@json_option
def demo(seconds: float, shops: int, seed: int, dialect: str, rough: bool, as_json: bool) -> None:
    """Show bots that keep practice shops answered."""
    from bots.demo.run import run

    code = run(seconds=seconds, shops=shops, seed=seed, dialect=dialect, rough=rough, as_json=as_json)
    raise click.exceptions.Exit(code)
