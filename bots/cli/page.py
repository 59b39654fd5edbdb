"""The page that `--help` shows. Click counts characters; a Chinese one is two columns wide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import click
from rich.cells import cell_len

_WIDTH = 80
_GAP = 2
# Words stay whole, and a line begins with no closing punctuation.
_PIECE = re.compile(r"(?:[\x21-\x7e]+|\s|.)[，。；：、？！）”》]*")


def write(
    formatter: click.HelpFormatter,
    command: click.Command,
    ctx: click.Context,
    example: str,
    commands: Sequence[tuple[str, str]] = (),
) -> None:
    """Usage, text, options, commands and example of a command."""
    usage = " ".join(command.collect_usage_pieces(ctx))
    usage = usage.replace("[OPTIONS]", "[选项]").replace("COMMAND [ARGS]...", "命令 …")
    formatter.write(f"用法：{ctx.command_path} {usage}\n\n")
    for line in fold(command.help or "", _WIDTH - _GAP):
        formatter.write(f"{'':{_GAP}}{line}\n")
    options = [param for param in command.params if isinstance(param, click.Option)]
    records = [record for option in options if (record := option.get_help_record(ctx))]
    _section(formatter, "选项", [*records, ("--help", "显示这份说明")])
    if commands:
        _section(formatter, "命令", commands)
    formatter.write("\n例子：\n")
    for line in example.splitlines():
        formatter.write(f"{'':{_GAP}}{line}\n")


def fold(text: str, width: int) -> Iterator[str]:
    """`text` in lines of at most `width` columns."""
    line = ""
    for piece in _PIECE.findall(text):
        if line and cell_len(line) + cell_len(piece.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip()
    if line:
        yield line.rstrip()


def _section(formatter: click.HelpFormatter, heading: str, rows: Sequence[tuple[str, str]]) -> None:
    formatter.write(f"\n{heading}：\n")
    column = max(cell_len(name) for name, _ in rows) + _GAP
    for name, text in rows:
        first, *rest = list(fold(text, _WIDTH - _GAP - column)) or [""]
        formatter.write(f"{'':{_GAP}}{name}{'':{column - cell_len(name)}}{first}\n")
        for line in rest:
            formatter.write(f"{'':{_GAP + column}}{line}\n")
