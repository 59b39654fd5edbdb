"""How the commands print: JSON for programs, tables and plain words for people."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from base.spoken import span as span
from bots.findings import Finding

json_option = click.option("--json", "as_json", is_flag=True, help="输出 JSON，给程序用")
by_option = click.option("--by", metavar="名字", help="您是谁，会记下来；不写就是当前登录的用户名")
_PIPE_WIDTH = 160


def person() -> str:
    """Who calls the command; raises `UsageError` where the machine does not know."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise click.UsageError("不知道当前用户的名字，请用 --by 写上") from None


def print_json(value: object) -> None:
    """`value` as JSON; dataclasses are objects, moments ISO 8601 in UTC."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain_value))


def tell_findings(findings: Iterable[Finding], well: str, *, as_json: bool) -> None:
    """A line for each thing that was looked at, as it comes, and `well` if nothing is wrong; else exits with 1."""
    found = []
    for finding in findings:
        found.append(finding)
        if not as_json:
            mark = "有问题" if finding.problem else "正常"
            click.echo(f"{mark}  {finding.what}  {finding.problem or finding.found}")
    wrong = [finding for finding in found if finding.problem]
    if as_json:
        print_json([{"ok": not finding.problem, **asdict(finding)} for finding in found])
    else:
        click.echo(f"\n有 {len(wrong)} 处要处理" if wrong else f"\n{well}")
    if wrong:
        raise click.exceptions.Exit(1)


def print_table(table: Table) -> None:
    """A table as wide as the terminal; wide enough for all of it where the output goes to a file or a pipe."""
    Console(file=sys.stdout, width=columns(), highlight=False).print(table)


def columns() -> int:
    """How wide what is printed may be."""
    return Console(file=sys.stdout).width if sys.stdout.isatty() else _PIPE_WIDTH


def table_of(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """Rows under headings; nothing in a cell is taken for markup or steers the terminal."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    return table


def one_line(value: object) -> str:
    """A value as text on one line, without characters that steer a terminal."""
    text = "" if value is None else str(value)
    return "".join(char if char.isprintable() else " " for char in text)


def local_time(moment: datetime | None) -> str:
    """A moment by the machine's own clock; `-` for none."""
    return "-" if moment is None else moment.astimezone().strftime("%m-%d %H:%M:%S")


def _plain_value(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
