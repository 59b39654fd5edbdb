"""`nightdesk init` and `nightdesk shop add`: the operator's first files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from base.errors import ConfigError, Problem
from base.places import shared
from base.yamlfile import read_yaml
from bots.cli.asker import Asker
from bots.cli.words import Command, Group
from bots.home import Home
from bots.settings import load_settings
from bots.shopfile import add_shop, new_file

_shop_options = (
    click.option("--id", metavar="代号", help="店铺的代号，例如 main，以后的命令都用它"),
    click.option("--title", metavar="名称", help="店铺的名称"),
    click.option("--console", metavar="后台", help="selectors list 里的名字，或自己的 .yaml 文件"),
    click.option("--url", metavar="网址", help="客服工作台的网址"),
    click.option("--user", metavar="账号", help="机器人的子账号"),
    click.option("--secret", metavar="来源", help="密码从哪里取：file、keyring 或 env:变量名"),
    click.option("--yes", is_flag=True, help="不提问，没写的用默认值"),
)


def _asks_for_a_shop(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_shop_options):
        command = option(command)
    return command


@click.command(
    cls=Command,
    help="在这个文件夹里开始：问几个问题，写好 shops.yaml，放一份知识库样例 knowledge.yaml。已有的文件不会改动。",
    example="nightdesk init\nnightdesk init --yes --console 后台 --user 子账号",
)
@_asks_for_a_shop
@click.option("--people", metavar="时间段", help="人工客服的上班时间，例如 09:00-22:00")
@click.pass_obj
def init(home: Home, /, *, yes: bool, **given: str | None) -> None:
    """Write the first files; what is there already stays."""
    home.prepare()
    for path in (home.shops, home.knowledge):
        if path.exists():
            read_yaml(path)  # an empty file, or a folder in its place, is none to start from
    if home.shops.exists():
        click.echo(f"{home.shops} 已经有了，没有改动（加店铺用 nightdesk shop add）")
    else:
        asker = Asker(given, silent=yes)
        new = asker.shop(home.folder, taken=())
        _write_new(home.shops, new_file(new, asker.people()))
        click.echo(f"写好了 {home.shops}")
    if home.knowledge.exists():
        click.echo(f"{home.knowledge} 已经有了，没有改动")
    else:
        _write_new(home.knowledge, shared("knowledge.yaml").read_text("utf-8"))
        click.echo(f"写好了 {home.knowledge}，请把里面的 facts 改成自己店铺的承诺")
    click.echo("接下来：nightdesk secret set 店铺代号，保存密码；nightdesk doctor，检查；nightdesk up，开始值守")


shop = Group(
    name="shop",
    lazy={"add": ("bots.cli.shops:add", "在店铺清单里加一家店")},
    help="管理 shops.yaml 里的店铺。",
    example="nightdesk shop add",
)


@click.command(
    cls=Command,
    help="问几个问题，在 shops.yaml 的末尾加一家店；文件里原有的内容和注释都不动。",
    example="nightdesk shop add\nnightdesk shop add --yes --id night --console 后台 --user 子账号",
)
@_asks_for_a_shop
@click.pass_obj
def add(home: Home, /, *, yes: bool, **given: str | None) -> None:
    """Put one more shop into the file."""
    settings = load_settings(home.shops)
    new = Asker(given, silent=yes).shop(home.folder, taken=[each.id for each in settings.shops])
    add_shop(home.shops, new)
    click.echo(f"已把店铺 {new.id} 加到 {home.shops}")
    if new.user is not None and not new.secret.startswith("env:"):
        click.echo(f"接下来：nightdesk secret set {new.id}，保存密码")


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        hint = "换一个能写的文件夹：nightdesk --home 文件夹 init"
        raise ConfigError(Problem(message=f"写不了这个文件：{error.strerror}", path=path, hint=hint)) from None
