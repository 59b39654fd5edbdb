"""`nightdesk secret`: the passwords of the bots' sub-accounts."""

from __future__ import annotations

import sys

import click

from bots.cli.words import Command, Group
from bots.home import Home
from bots.secrets import must_be_settable, set_secret
from bots.shopfile import find_shop

secret = Group(
    name="secret",
    lazy={"set": ("bots.cli.secret:set_one", "保存一家店的密码")},
    help="保存机器人子账号的密码。",
    example="nightdesk secret set main",
)


@click.command(
    cls=Command,
    help="保存店铺 SHOP 的登录密码：输入时不显示，只有当前用户能读。",
    example="nightdesk secret set main\nnightdesk secret set main --stdin < 密码文件",
)
@click.argument("shop")
@click.option("--stdin", "from_stdin", is_flag=True, help="从标准输入读一行，不提问")
@click.pass_obj
def set_one(home: Home, shop: str, from_stdin: bool) -> None:
    """Keep one shop's password."""
    _settings, found = find_shop(home.shops, shop)
    must_be_settable(found)
    user = found.login.user if found.login else shop
    if from_stdin:
        value = sys.stdin.readline().rstrip("\r\n")
    else:
        value = click.prompt(
            f"{user} 的密码（输入时不显示）",
            hide_input=True,
            confirmation_prompt="再输入一次",
            prompt_suffix="：",
        )
    click.echo(f"已保存到 {set_secret(found, home, value)}")
