"""What bad manners of a console cost: each alone and all pairs, in every dialect of the practice console.

`python -m bench.manners [--json | --markdown] [--dialect D] [--pairs] [--seconds S] [--cells N]`: in each cell the
same buyers come to three shops, and the console's own record says what became of them. Exit code 1 where anything
was said twice, to another buyer or wrongly, or a turn was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations

from rich.console import Console
from rich.table import Table

from bench.ground import SHAPES, Tried, ground
from practice.client import LOOKS
from practice.dialects import DIALECTS
from practice.manners import MANNERS, ONE_SESSION
from practice.plan import QUIET
from storage.meter import percentile

SECONDS = 7.0

Manners = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One dialect under some manners; none is the measure of the others. Times are milliseconds.

    `lost`: neither answered nor with a person. `extra_p95_ms`: first replies, beside those without bad manners.
    """

    dialect: str
    manners: Manners
    turns: int
    answered: int
    duplicates: int
    misdelivered: int
    lost: int
    wrong: int
    p95_ms: float | None
    extra_p95_ms: float | None

    @property
    def faults(self) -> dict[str, int]:
        """What must not be, where it was."""
        names = ("duplicates", "misdelivered", "lost", "wrong")
        return {name: count for name in names if (count := getattr(self, name))}

    @property
    def met(self) -> bool:
        """Whether somebody asked and nothing went wrong."""
        return self.turns > 0 and not self.faults


def plan(dialect: str, *, pairs: bool, most: int | None = None) -> list[Manners]:
    """What is tried in a dialect: nothing first, then each manner alone or all pairs; at most `most` of these."""
    known = [name for name in MANNERS if name not in ONE_SESSION or DIALECTS[dialect].one_session]
    cells: list[Manners] = [*combinations(known, 2)] if pairs else [(name,) for name in known]
    # A part of them is a fair one, another in each dialect and the same each time.
    if most is not None:
        cells = random.Random(dialect).sample(cells, min(most, len(cells)))  # noqa: S311 - play that must repeat
    # What takes half a minute a cell comes last.
    cells.sort(key=lambda cell: not {"polled", "kicked"}.isdisjoint(cell))
    return [(), *cells]


async def measure(
    dialect: str, cells: Sequence[Manners], seconds: float, told: Callable[[str], None]
) -> list[Cell]:
    """Try `cells`, of which one is empty, in a dialect."""
    tried: list[Tried] = []
    for shape in dict.fromkeys(map(_shape, cells)):
        async with ground(dialect, shape) as there:
            for cell in (cell for cell in cells if _shape(cell) == shape):
                now = await there.play(cell, seconds)
                told(f"{dialect} {_name(cell)}：{_words(judged(dialect, now, None))}")
            tried += await there.all_tried()
    base = next(p95(one) for one in tried if not one.manners)
    order = {cell: number for number, cell in enumerate(cells)}
    return [judged(dialect, one, base) for one in sorted(tried, key=lambda one: order[one.manners])]


def judged(dialect: str, tried: Tried, base: float | None) -> Cell:
    """A cell's figures; `base`: the p95 without bad manners."""
    verdict, took = tried.verdict, p95(tried)
    return Cell(
        dialect=dialect,
        manners=tried.manners,
        turns=verdict.turns,
        answered=verdict.answered,
        duplicates=verdict.duplicates,
        misdelivered=verdict.misdelivered,
        lost=verdict.lost,
        wrong=verdict.wrong,
        p95_ms=took,
        extra_p95_ms=None if took is None or base is None else took - base,
    )


def p95(tried: Tried) -> float | None:
    """How long all but the slowest first replies took at most."""
    return percentile(tried.took, 95)


def _shape(cell: Manners) -> Manners:
    return tuple(name for name in cell if name in SHAPES)


def _name(cell: Manners) -> str:
    return "+".join(cell) or "（没有毛病）"


def _words(cell: Cell) -> str:
    faults = {"duplicates": "重复", "misdelivered": "发错会话", "lost": "丢失", "wrong": "答错"}
    found = "，".join(f"{faults[name]} {count}" for name, count in cell.faults.items())
    return f"{cell.turns} 轮，答了 {cell.answered}，p95 {_seconds(cell.p95_ms)} 秒" + (
        f"，{found}" if found else ""
    )


def _seconds(ms: float | None, *, signed: bool = False) -> str:
    return "–" if ms is None else f"{ms / 1000:{'+' if signed else ''}.1f}"


# --- as a person reads it ---------------------------------------------------------------------------------------


def table(cells: Iterable[Cell]) -> Table:
    """The figures, a line a cell."""
    shown = Table(title="后台的坏毛病：机器人照样答，答得慢多少", title_justify="left")
    shown.add_column("页面")
    shown.add_column("毛病")
    for heading in ("轮", "答了", "重复", "发错会话", "丢失", "答错", "p95 秒", "多用 秒"):
        shown.add_column(heading, justify="right")
    for cell in cells:
        extra = _seconds(cell.extra_p95_ms, signed=True)
        counts = (cell.turns, cell.answered, cell.duplicates, cell.misdelivered, cell.lost, cell.wrong)
        style = None if cell.met else "bold red"
        shown.add_row(
            cell.dialect, _name(cell.manners), *map(str, counts), _seconds(cell.p95_ms), extra, style=style
        )
    return shown


def markdown(cells: Sequence[Cell]) -> str:
    """For `docs/manners.md`: a list a dialect, and where there are pairs, a matrix of their extra seconds."""
    parts = []
    for dialect in dict.fromkeys(cell.dialect for cell in cells):
        own = [cell for cell in cells if cell.dialect == dialect]
        parts.append("\n".join(_matrix(own) if any(len(cell.manners) == 2 for cell in own) else _list(own)))
    return "\n\n".join(parts) + "\n"


def _list(cells: Sequence[Cell]) -> list[str]:
    heads = ["turns", "answered", "duplicates", "misdelivered", "lost", "wrong", "p95 s", "extra s"]
    lines = [f"| {cells[0].dialect} | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for cell in cells:
        counts = (cell.turns, cell.answered, cell.duplicates, cell.misdelivered, cell.lost, cell.wrong)
        times = (_seconds(cell.p95_ms), _seconds(cell.extra_p95_ms, signed=True) if cell.manners else "")
        lines.append(f"| {' + '.join(cell.manners) or 'none'} | {' | '.join(map(str, (*counts, *times)))} |")
    return lines


def _matrix(cells: Sequence[Cell]) -> list[str]:
    by_pair = {frozenset(cell.manners): cell for cell in cells}
    lines = [f"| {cells[0].dialect} | {' | '.join(MANNERS[1:])} |", "|---|" + "---:|" * len(MANNERS[1:])]
    for number, row in enumerate(MANNERS[:-1]):
        found = [by_pair.get(frozenset((row, column))) for column in MANNERS[number + 1 :]]
        shown = [*("" for _ in range(number)), *(_short(cell) if cell else "–" for cell in found)]
        lines.append(f"| {row} | {' | '.join(shown)} |")
    totals = {name: sum(getattr(cell, name) for cell in cells) for name in asdict(cells[0]) if name in _COUNTED}
    sums = ", ".join(f"{name} {count}" for name, count in totals.items())
    return [*lines, "", f"{cells[0].dialect}, {len(cells)} cells together: {sums}."]


_COUNTED = ("turns", "answered", "duplicates", "misdelivered", "lost", "wrong")


def _short(cell: Cell) -> str:
    extra = _seconds(cell.extra_p95_ms, signed=True)
    faults = ", ".join(f"{name} {count}" for name, count in cell.faults.items())
    return f"{extra} **{faults}**" if faults else extra


def main() -> int:
    """Measure, print, and say by the exit code whether all went well."""
    parser = argparse.ArgumentParser(prog="python -m bench.manners", description="试一遍后台的各种坏毛病")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    shape.add_argument("--markdown", action="store_true", help="结果写成 Markdown 表格")
    parser.add_argument("--dialect", choices=LOOKS, help="只试这一种页面（默认全部）")
    parser.add_argument("--pairs", action="store_true", help="两两一起试，而不是一个一个试")
    parser.add_argument("--seconds", type=_seconds_given, default=SECONDS, help=f"每格几秒（默认 {SECONDS:g}）")
    parser.add_argument("--cells", type=int, help="每种页面最多试几格")
    given = parser.parse_args()
    err = Console(stderr=True)
    cells = asyncio.run(_measure_all(given, lambda line: err.print(line, highlight=False)))
    met = all(cell.met for cell in cells)
    if given.json:
        shown = {"seconds": given.seconds, "met": met, "cells": [asdict(cell) for cell in cells]}
        sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")
    elif given.markdown:
        sys.stdout.write(markdown(cells))
    else:
        Console().print(table(cells))
    return 0 if met else 1


async def _measure_all(given: argparse.Namespace, told: Callable[[str], None]) -> list[Cell]:
    cells: list[Cell] = []
    for dialect in [given.dialect] if given.dialect else LOOKS:
        todo = plan(dialect, pairs=given.pairs, most=given.cells)
        cells += await measure(dialect, todo, given.seconds, told)
    return cells


def _seconds_given(text: str) -> float:
    seconds = float(text)
    if seconds <= QUIET:
        raise argparse.ArgumentTypeError(f"至少要多于 {QUIET:g} 秒，最后 {QUIET:g} 秒没有人说话")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
