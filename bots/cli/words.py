"""Click in the operators' language: its headings, its complaints, and an example under every command's help."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Command(click.Command):
    """A command whose help is Chinese and ends in an example."""

    def __init__(self, *args: Any, example: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The line that shows how to call it."""
        _usage(self, ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of options."""
        _options(self, ctx, formatter)

    def format_arguments(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Arguments are named in the usage line and told of in the text."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example."""
        _example(self.example, formatter)


class Group(click.Group):
    """Commands that are imported when they are called: `--help` names them all, a call loads one."""

    def __init__(self, *args: Any, example: str, lazy: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order in which an operator meets them."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        place = self._lazy.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The line that shows how to call it."""
        _usage(self, ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of options, then the commands."""
        _options(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("命令"):
            formatter.write_dl([(name, command.short_help or "") for name, command in commands if command])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example."""
        _example(self.example, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` begin with; an unknown name is told with the nearest known ones."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
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
    return f"命令写得不对：{error.format_message()}"


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


def _usage(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    pieces = [piece.replace("[OPTIONS]", "[选项]") for piece in command.collect_usage_pieces(ctx)]
    pieces = [piece.replace("COMMAND [ARGS]...", "命令 …") for piece in pieces]
    formatter.write_usage(ctx.command_path, " ".join(pieces), prefix="用法：")


def _options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    options = [param for param in command.params if isinstance(param, click.Option)]
    records = [record for option in options if (record := option.get_help_record(ctx))]
    with formatter.section("选项"):
        formatter.write_dl([*records, ("--help", "显示这份说明")])


def _example(example: str, formatter: click.HelpFormatter) -> None:
    with formatter.section("例子"):
        for line in example.splitlines():
            formatter.write(f"{'':{formatter.current_indent}}{line.strip()}\n")
