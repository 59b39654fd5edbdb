"""How fast a page is read: our reader beside one Playwright call a field, and beside a script made for the page.

`python -m bench.read [--json]`: a list of 500 rows and a thread of 200 messages on the practice console. All three
read the same fields of the same page in turns; exit code 1 when a bound is missed. Times are milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from base.clock import SystemClock
from bench.locators import calls, gather
from bench.stage import Stage, stage
from flows.views import Reader, Snapshot

ROWS, MESSAGES, ROUNDS = 500, 200, 60
LEAST_RATIO, MOST_BARE = 100.0, 1.5

_BARE = Path(__file__).with_name("bare.js").read_text("utf-8")
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Repeated measurements, in milliseconds."""

    median: float
    p10: float
    p90: float
    runs: int

    @classmethod
    def of(cls, samples: Sequence[float]) -> Spread:
        """The spread of at least two samples."""
        tenths = statistics.quantiles(samples, n=10, method="inclusive")
        median = statistics.median(samples)
        return cls(median=round(median, 3), p10=round(tenths[0], 3), p90=round(tenths[-1], 3), runs=len(samples))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`ratio`: all locator calls together over our reading; `bare`: our reading over the bare script's."""

    rows: int
    messages: int
    ours_ms: Spread
    bare_ms: Spread
    locator_call_ms: Spread
    locators_ms: float
    ratio: float
    bare: float

    @property
    def met(self) -> bool:
        """Whether both bounds are kept."""
        return self.ratio >= LEAST_RATIO and self.bare <= MOST_BARE


async def measure(rows: int, messages: int, rounds: int, told: Callable[[str], None]) -> Result:
    """Measure in `rounds` turns; raises `AssertionError` when the three do not read the same."""
    told(f"练习台：{rows} 个会话，打开的会话有 {messages} 条消息")
    async with stage(rows, messages) as there:
        orders = await there.page.locator(".order-panel .order-card").count()
        todo = calls(there.page, rows, messages, orders)
        ours: list[float] = []
        bare: list[float] = []
        single: list[float] = []
        answers: list[Any] = []
        told(f"{rounds} 轮，穿插 {len(todo)} 次逐项读取")
        for number in range(rounds):
            turn = [(ours, there.console.read), (bare, lambda: _bare(there))]
            for samples, read in turn if number % 2 else reversed(turn):
                await _timed(samples, read)
            for call in todo[number * len(todo) // rounds : (number + 1) * len(todo) // rounds]:
                answers.append(await _timed(single, call))
        await _check_same(there, gather(answers, rows, messages, orders))
    taken, plain = Spread.of(ours), Spread.of(bare)
    return Result(
        rows=rows,
        messages=messages,
        ours_ms=taken,
        bare_ms=plain,
        locator_call_ms=Spread.of(single),
        locators_ms=round(sum(single), 1),
        ratio=round(sum(single) / taken.median, 1),
        bare=round(taken.median / plain.median, 3),
    )


async def _timed(samples: list[float], act: Callable[[], Awaitable[Any]]) -> Any:
    began = perf_counter()
    found = await act()
    samples.append((perf_counter() - began) * 1000)
    return found


async def _bare(there: Stage) -> Any:
    return json.loads(await there.page.evaluate(_BARE))


async def _check_same(there: Stage, by_locators: dict[str, Any]) -> None:
    reader = Reader(ZoneInfo(there.console.pack.meter.time_zone))
    ours = _still(await there.console.read())
    assert _still(reader.snapshot(await _bare(there), _CLOCK.now())) == ours  # noqa: S101
    assert _still(reader.snapshot(by_locators, _CLOCK.now())) == ours  # noqa: S101


def _still(snapshot: Snapshot) -> Snapshot:
    """What does not change while time goes by: all but the clocks and what follows from them."""
    rows = [replace(row, waiting=row.waiting and "…", group="") for row in snapshot.rows or ()]
    return replace(snapshot, rows=tuple(sorted(rows, key=lambda row: row.key)))


def table(result: Result) -> Table:
    """The figures as a person reads them."""
    title = f"读一遍页面：{result.rows} 个会话和 {result.messages} 条消息（毫秒）"
    shown = Table(title=title, title_justify="left")
    for heading in ("", "中位数", "p10", "p90", "次数"):
        shown.add_column(heading, justify="right" if heading else "left")
    spreads = {
        "整页读取（含转成值）": result.ours_ms,
        "手写脚本": result.bare_ms,
        "逐项读取：一次": result.locator_call_ms,
    }
    for name, spread in spreads.items():
        shown.add_row(name, f"{spread.median:.2f}", f"{spread.p10:.2f}", f"{spread.p90:.2f}", str(spread.runs))
    shown.add_row("逐项读取：全部", f"{result.locators_ms:.0f}", "", "", "1")
    shown.add_section()
    shown.add_row(f"比逐项读取快（至少 {LEAST_RATIO:.0f} 倍）", f"{result.ratio:.0f} 倍")
    shown.add_row(f"是手写脚本的（至多 {MOST_BARE} 倍）", f"{result.bare:.2f} 倍")
    return shown


def main() -> int:
    """Measure, print, and say by the exit code whether the bounds are kept."""
    parser = argparse.ArgumentParser(prog="python -m bench.read", description="测一遍页面读得有多快")
    parser.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    as_json = parser.parse_args().json
    err = Console(stderr=True)
    result = asyncio.run(measure(ROWS, MESSAGES, ROUNDS, err.print))
    if as_json:
        sys.stdout.write(json.dumps({**asdict(result), "met": result.met}, ensure_ascii=False) + "\n")
    else:
        Console().print(table(result))
    return 0 if result.met else 1


if __name__ == "__main__":
    sys.exit(main())
