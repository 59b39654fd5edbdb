"""What bad manners of a console cost: each alone and all pairs, in every dialect of the practice console.

`python -m bench.manners [--json | --markdown] [--dialect D] [--pairs] [--shops N] [--seconds S] [--cells N]
[--out FILE]`: each shop plays one cell after the other, all shops at the same time; in every cell of a shop the
same buyers come, and the console's own record says what became of them. With `--out` each cell is kept as it ends,
and a rerun goes on where the last one stopped. Exit code 1 where anything was said twice, to another buyer or
wrongly, or a turn was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from itertools import combinations
from pathlib import Path

from rich.console import Console

from bench.cells import Record, cells, keep, markdown, read_records, table, words
from bench.given import shop_count, whole
from bench.ground import SHAPES, Manners, Tried, ground
from practice.client import LOOKS
from practice.dialects import DIALECTS
from practice.manners import MANNERS, ONE_SESSION
from practice.plan import QUIET

SECONDS, SHOPS, TURNS = 7.0, 10, 9
# Their buyers do not come all at once.
_STAGGER = 2.5
_SLOWEST = frozenset({"polled", "kicked", "drafting"})


def plan(dialect: str, *, pairs: bool, most: int | None = None) -> list[Manners]:
    """What is tried in a dialect: nothing first, then each manner alone or all pairs; at most `most` of these."""
    known = [name for name in MANNERS if name not in ONE_SESSION or DIALECTS[dialect].one_session]
    todo: list[Manners] = [*combinations(known, 2)] if pairs else [(name,) for name in known]
    # A part of them is a fair one, another in each dialect and the same each time.
    if most is not None:
        todo = random.Random(dialect).sample(todo, min(most, len(todo)))  # noqa: S311 - play that must repeat
    # What takes a minute a cell comes first, so that the shops come to their ends together.
    todo.sort(key=_SLOWEST.isdisjoint)
    return [(), *todo]


def shapes(todo: Sequence[Manners], most: int) -> list[Manners]:
    """For each shop, where the chat stands inside its page: as it is in the cells `todo`; about `most` shops, each
    with as many cells as the others.
    """
    wanted = Counter(map(shape, todo))
    given = Counter(list(wanted))
    while given.total() < min(most, wanted.total()):
        given[max(given, key=lambda one: wanted[one] / given[one])] += 1
    return sorted(given.elements())


def shape(cell: Manners) -> Manners:
    """What of a cell is so from the start on."""
    return tuple(name for name in cell if name in SHAPES)


async def measure(
    dialect: str, todo: Sequence[Manners], seconds: float, shops: int, told: Callable[[Record], None]
) -> None:
    """Try these cells in a dialect; the one without manners in each shop whose page is as it should be."""
    inside = shapes(todo, shops)
    left: dict[Manners, deque[Manners]] = {one: deque() for one in inside}
    for cell in filter(None, todo):
        left[shape(cell)].append(cell)
    async with ground(dialect, inside) as there:

        async def attend(number: int, shop: str) -> None:
            await asyncio.sleep(number * _STAGGER)
            own, tried = left[inside[number]], list[Tried]()
            base = () in todo and not inside[number]
            while base or own:
                cell, base = () if base else own.popleft(), False
                tried.append(await there.play(cell, seconds, turns=TURNS, shop=shop))
                told(Record.of(dialect, tried[-1]))
            # Of some cells there is something else to say once the shop is at rest.
            if tried:
                await there.rest(inside[number], shop, tried[0].begun)
            for one in tried:
                now = Record.of(dialect, await there.again(one))
                if now != Record.of(dialect, one):
                    told(now)

        async with asyncio.TaskGroup() as group:
            for number, row in enumerate(there.practice.shops):
                group.create_task(attend(number, row["id"]))


def main() -> int:
    """Measure, print, and say by the exit code whether all went well."""
    parser = argparse.ArgumentParser(prog="python -m bench.manners", description="试一遍后台的各种坏毛病")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    form.add_argument("--markdown", action="store_true", help="结果写成 Markdown 表格")
    parser.add_argument("--dialect", choices=LOOKS, help="只试这一种页面（默认全部）")
    parser.add_argument("--pairs", action="store_true", help="两两一起试，而不是一个一个试")
    parser.add_argument("--shops", type=shop_count, default=SHOPS, help=f"几家店同时试（默认 {SHOPS}）")
    parser.add_argument("--seconds", type=_seconds_given, default=SECONDS, help=f"每格几秒（默认 {SECONDS:g}）")
    parser.add_argument("--cells", type=whole(0), help="每种页面最多试几格，0 表示只看文件里已有的")
    parser.add_argument("--out", type=Path, help="每格一完就写进这个文件；文件里已有的不再试")
    given = parser.parse_args()
    found = cells(asyncio.run(_measure_all(given)))
    met = all(cell.met for cell in found)
    if given.json:
        shown = {"seconds": given.seconds, "met": met, "cells": [asdict(cell) for cell in found]}
        sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")
    elif given.markdown:
        sys.stdout.write(markdown(found))
    else:
        Console().print(table(found))
    return 0 if met else 1


async def _measure_all(given: argparse.Namespace) -> Collection[Record]:
    records = {} if given.out is None else read_records(given.out)
    err = Console(stderr=True)

    def told(record: Record) -> None:
        records[record.key] = record
        if given.out is not None:
            keep(given.out, record)
        (cell,) = cells([record])
        err.print(words(cell), highlight=False)

    for dialect in [given.dialect] if given.dialect else LOOKS:
        done = {record.manners for record in records.values() if record.dialect == dialect}
        todo = [cell for cell in plan(dialect, pairs=given.pairs, most=given.cells) if cell not in done]
        if todo:
            await measure(dialect, todo, given.seconds, given.shops, told)
    return records.values()


def _seconds_given(text: str) -> float:
    seconds = float(text)
    if seconds <= QUIET:
        raise argparse.ArgumentTypeError(f"至少要多于 {QUIET:g} 秒，最后 {QUIET:g} 秒没有人说话")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
