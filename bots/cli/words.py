"""Click in the operators' language: commands that carry an example, and its complaints in Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from bots.cli import page

_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)")


class Command(click.Command):
    """A command whose help is Chinese and ends in an example."""

    def __init__(self, *args: Any, example: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """How to call it, what it does, its options and an example."""
        page.write(formatter, self, ctx, self.example)


class Group(click.Group):
    """Commands that are imported when they are called: `lazy` says where each is and what it is for."""

    def __init__(self, *args: Any, example: str, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order in which an operator meets them."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in self.lazy:
            return None
        module, name = self.lazy[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """How to call it, its options, its commands and an example."""
        commands = [(name, help_text) for name, (_place, help_text) in self.lazy.items()]
        page.write(formatter, self, ctx, self.example, commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` begin with; an unknown name is told with the nearest known ones."""
        if args[0] not in self.lazy and not args[0].startswith("-"):
            raise click.NoSuchCommand(args[0], possibilities=self.list_commands(ctx), ctx=ctx)
        return super().resolve_command(ctx, args)


def in_words(error: click.ClickException) -> str:
    """What was wrong with the command line, in Chinese, and where to read more."""
    said = _in_words(error)
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "nightdesk"
    return f"{said}\n  建议：运行 {path} --help 看用法"


def _in_words(error: click.ClickException) -> str:
    near = ""
    if isinstance(error, click.NoSuchOption | click.NoSuchCommand) and error.possibilities:
        near = f"，是不是想写 {'、'.join(error.possibilities)}？"
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}{near}"
    if isinstance(error, click.NoSuchCommand):
        return f"没有命令 {error.command_name}{near}"
    if isinstance(error, click.BadOptionUsage):
        return f"选项 {error.option_name} 后面要写一个值，或多写了值"
    if isinstance(error, click.MissingParameter):
        return f"缺少 {_name(error)}"
    if isinstance(error, click.BadParameter):
        return f"{_name(error)} 写得不对：{_expected(error)}"
    if error.message == "Missing command.":
        return "缺少命令"
    extra = _EXTRA.fullmatch(error.format_message())
    return f"多写了 {extra[1]}" if extra else f"命令写得不对：{error.format_message()}"


def _name(error: click.BadParameter) -> str:
    param = error.param
    if param is None:
        return "参数"
    return "/".join(param.opts) if isinstance(param, click.Option) else (param.human_readable_name or "参数")


def _expected(error: click.BadParameter) -> str:
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return f"只能写 {'、'.join(map(str, kind.choices))}"
    if isinstance(kind, click.IntRange | click.FloatRange):
        return f"要写 {kind.min} 到 {'任意大' if kind.max is None else kind.max} 的数"
    numbers = {click.INT.name: "要写整数", click.FLOAT.name: "要写数字"}
    return numbers.get(kind.name, error.message) if kind else error.message
