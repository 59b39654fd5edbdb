"""`nightdesk login`: a person logs a shop in by hand, here or on another machine."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from base.clock import SystemClock
from base.errors import ConfigError, Problem
from base.masking import keep_secret
from base.privatefile import write_private
from bots.browser import open_browser
from bots.chromium import find_windowed
from bots.cli.questions import hidden_twice
from bots.cli.words import Command
from bots.home import Home
from bots.settings import Shop, load_shop_pack
from bots.shopfile import find_shop
from bots.signin import sign_in
from bots.vault import Vault, seal, unseal
from flows.pack import Pack

VARIABLE = "NIGHTDESK_PASSPHRASE"
_LEAST = 8


@click.command(
    cls=Command,
    help="打开一个窗口，由人登录店铺 SHOP 的后台：扫码、短信、验证码都由人来做；登录好了自动保存，机器人接着用。"
    "服务器上没有屏幕：在有屏幕的电脑上登录，导出成一个加密的文件，拷到服务器上导入。",
    example="nightdesk login main\n"
    "nightdesk login main --export main.session    在有屏幕的电脑上\n"
    "nightdesk login main --import main.session    在服务器上",
)
@click.argument("shop")
@click.option(
    "--export", "target", type=click.Path(path_type=Path), metavar="文件", help="把保存的登录状态加密，写成文件"
)
@click.option(
    "--import", "source", type=click.Path(path_type=Path), metavar="文件", help="用导出的文件里的登录状态"
)
@click.pass_obj
def login(home: Home, shop: str, target: Path | None, source: Path | None) -> None:
    """Log in, or move a session."""
    _settings, found = find_shop(home.shops, shop)
    if target is not None and source is not None:
        raise click.UsageError("--export 和 --import 只能写一个")
    if load_shop_pack(found, home.folder).login.afresh:
        hint = f"机器人每次用密码登录：运行 nightdesk secret set {found.id}"
        raise ConfigError(Problem(message=f"店铺 {found.id} 的后台不用保存的登录状态", hint=hint))
    home.prepare()
    vault = Vault.of(found, home.states)
    if target is not None:
        _export(vault, target)
    elif source is not None:
        state = unseal(source, found.id, _passphrase(confirm=False))
        vault.save(state)
        click.echo(f"已导入店铺 {found.id} 的登录状态；正等着登录的机器人会马上用它")
    else:
        _by_hand(home, found, vault)


def _export(vault: Vault, target: Path) -> None:
    state = vault.load()
    if state is None:
        hint = f"先在这台电脑上运行 nightdesk login {vault.shop}"
        raise ConfigError(Problem(message=f"店铺 {vault.shop} 没有可用的登录状态", hint=hint))
    if target.exists():
        raise ConfigError(Problem(message="这个文件已经有了，不会覆盖", path=target, hint="换一个文件名"))
    text = seal(state, vault.shop, _passphrase(confirm=True))
    try:
        write_private(target, text)
    except OSError as error:
        raise ConfigError(Problem(message=f"写不了这个文件：{error.strerror}", path=target)) from None
    click.echo(f"已导出到 {target}。拷到服务器上，运行 nightdesk login {vault.shop} --import 文件，然后把它删掉")
    click.echo("  有这个文件和口令的人，就能登录这家店的后台")


def _by_hand(home: Home, shop: Shop, vault: Vault) -> None:
    if find_windowed() is None:
        hint = (
            f"在有屏幕的电脑上运行 nightdesk login {shop.id}，再加 --export 文件 导出，"
            "拷过来用 --import 文件 导入；有屏幕的话，安装完整的 Chromium 或 Chrome"
        )
        raise ConfigError(Problem(message="这台机器上不能打开浏览器窗口", hint=hint))
    pack = load_shop_pack(shop, home.folder)
    click.echo("在打开的窗口里登录。登录后如果没有进入客服工作台，就在窗口里打开它；看到会话列表就会自动保存。")
    asyncio.run(_sign_in(shop, pack, vault))
    click.echo(f"已保存店铺 {shop.id} 的登录状态（{pack.title}）；正等着登录的机器人会马上用它")


async def _sign_in(shop: Shop, pack: Pack, vault: Vault) -> None:
    async with open_browser(windowed=True) as browser:
        await sign_in(browser, pack, shop.url or pack.url, vault, SystemClock())


def _passphrase(*, confirm: bool) -> str:
    value = os.environ.get(VARIABLE)
    if value is None:
        asked = "口令（输入时不显示）"
        value = hidden_twice(asked) if confirm else str(click.prompt(asked, hide_input=True, prompt_suffix="："))
    if confirm and len(value) < _LEAST:
        raise ConfigError(Problem(message=f"口令太短，至少 {_LEAST} 个字", hint="用一句只有您知道的话"))
    keep_secret(value)
    return value
