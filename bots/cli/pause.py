"""`nightdesk pause` and `nightdesk resume`: where the bots are to keep quiet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from base.errors import ConfigError
from bots.cli.opened import open_ledger
from bots.cli.show import by_option, json_option, person, print_json
from bots.cli.words import Command
from bots.home import Home
from bots.settings import load_settings
from bots.shopfile import no_such_shop
from bots.table import pause_words
from storage.ledger import Ledger
from storage.records import Pause

_shop_argument = click.argument("shop", required=False)
_all_option = click.option("--all", "everywhere", is_flag=True, help="所有店铺，包括以后才添加的")


def _conversation_option(command: Callable[..., Any]) -> Callable[..., Any]:
    text = "只管这一个买家会话；编号见 nightdesk handoffs list"
    return click.option("--conversation", metavar="ID", help=text)(command)


@click.command(
    cls=Command,
    help="让店铺 SHOP 的机器人不再说话，一秒之内生效，重新启动后也一直有效，直到 nightdesk resume。"
    "暂停时它照样看，买家的话转给人工。",
    example="nightdesk pause main\nnightdesk pause main --conversation u123\nnightdesk pause --all    全部停下",
)
@_shop_argument
@_all_option
@_conversation_option
@by_option
@json_option
@click.pass_obj
def pause(
    home: Home, shop: str | None, everywhere: bool, conversation: str | None, by: str | None, as_json: bool
) -> None:
    """Say no more, in a conversation, a shop or everywhere."""
    _check(shop, everywhere, conversation)
    with open_ledger(home) as ledger:
        _check_shop(home, ledger, shop)
        held = ledger.pause(shop=shop, conversation=conversation, by=by or person())
    if as_json:
        print_json(held)
    else:
        click.echo(f"已暂停：{pause_words(held)}")
        click.echo(f"  恢复用 nightdesk resume {_named(held)}；期间买家的话在 nightdesk handoffs list 里")


@click.command(
    cls=Command,
    help="让店铺 SHOP 的机器人重新说话。各管各的：单独暂停的店铺和会话要单独恢复。"
    "被挤下线后正让着人的店铺，也会马上再登录；一打开页面就崩溃、先不再打开的会话，也会再试。",
    example="nightdesk resume main\nnightdesk resume main --conversation u123\nnightdesk resume --all",
)
@_shop_argument
@_all_option
@_conversation_option
@by_option
@json_option
@click.pass_obj
def resume(
    home: Home, shop: str | None, everywhere: bool, conversation: str | None, by: str | None, as_json: bool
) -> None:
    """Take a pause back; what still holds is told."""
    _check(shop, everywhere, conversation)
    with open_ledger(home) as ledger:
        _check_shop(home, ledger, shop)
        ended = ledger.resume(shop=shop, conversation=conversation, by=by or person())
        if shop is not None and conversation is None:
            ledger.command(shop, "return")
        left = [pause for pause in ledger.pauses() if shop is None or pause.shop in (None, shop)]
    if as_json:
        print_json({"resumed": ended, "pauses": left})
    else:
        click.echo("已恢复" if ended else "没有这样的暂停")
        if shop is not None and conversation is None and not ended:  # it is not for nothing: see the help
            click.echo("  正让着人、先不再打开的，机器人马上再试")
        for held in left:
            click.echo(f"  还停着：{pause_words(held)}，恢复用 nightdesk resume {_named(held)}")


def _check(shop: str | None, everywhere: bool, conversation: str | None) -> None:
    if (shop is None) is not everywhere:
        raise click.UsageError("写一个店铺代号，或者写 --all，二选一")
    if everywhere and conversation is not None:
        raise click.UsageError("--conversation 要和店铺代号一起写")
    if conversation is not None and not conversation.strip():
        raise click.UsageError("--conversation 后面要写会话的编号，编号见 nightdesk handoffs list")


def _check_shop(home: Home, ledger: Ledger, shop: str | None) -> None:
    """Raises `ConfigError` for a shop that is not in the list.

    A slip in the list must not stand between a person and the emergency stop: the bots go on by the list as it
    was, so the shops that the ledger knows are those that can be stopped.
    """
    if shop is None:
        return
    try:
        known, unread = [each.id for each in load_settings(home.shops).shops], None
    except ConfigError as error:
        known, unread = [row.shop for row in ledger.shop_rows()], error
    if shop not in known:
        raise ConfigError(no_such_shop(home.shops, shop, known), *(unread.problems if unread else ()))
    if unread is not None:
        click.echo(f"注意：读不了店铺清单，按运行过的店铺算：\n{unread.problems[0]}", err=True)


def _named(held: Pause) -> str:
    """The words after `pause` or `resume` that mean it."""
    if held.shop is None:
        return "--all"
    return held.shop if held.conversation_key is None else f"{held.shop} --conversation {held.conversation_key}"
