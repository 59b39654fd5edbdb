"""The highest rate of questions that each way of sitting in the consoles bears: `python -m bench.surge`.

Found by doubling and then by halving the step: at a rate that is borne nobody is lost, told twice or told
something else, and 99 of 100 replies come within three seconds. Ours beside the usual way and the least that there
is, as in `bench.fleet`. Then come the waves of `bench/waves.py`, which only ours has to bear.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from base.places import shared
from bench.fleet import Figures, Questions, at_work, play
from bench.given import at_least, over, shop_count
from bench.rigs import KINDS, Rig
from bench.sure import sure_questions
from bench.waves import USUAL, as_json, ride, weathered
from bench.waves import table as waves_table
from knowledge.model import load_knowledge

_P99_MS = 3_000.0
# The step at which the search ends, as a share of the rate.
_NEAR = 0.15
# What does not bear so little bears nothing.
_LEAST = 0.1
_OF_FLOOR, _OF_NAIVE = 0.7, 3.0
# Whoever a rate was too much for must be served before the next one begins.
REST_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Borne:
    """The highest rate (questions a second) that was borne, and its figures; None: not even the first was."""

    rate: float
    figures: Figures | None


def bears(figures: Figures) -> bool:
    """Whether everybody was served once, rightly and in time."""
    return figures.clean and (figures.p99_ms or 0) < _P99_MS


async def search(attempt: Callable[[float], Awaitable[Figures]], first: float, most: float) -> Borne:
    """The highest rate up to `most` that is borne, beginning at `first`."""
    low, high, found = 0.0, None, Borne(rate=0, figures=None)
    rate = min(first, most)
    while True:
        figures = await attempt(rate)
        if bears(figures):
            low, found = rate, Borne(rate=rate, figures=figures)
        else:
            high = rate
        if high is None:
            rate = min(low * 2, most)
            if rate == low:
                return found
        elif high - low <= _NEAR * high or high <= _LEAST:
            return found
        else:
            rate = (low + high) / 2


async def measure(kinds: Sequence[str], shops: int, seconds: float, first: float, most: float) -> dict[str, Borne]:
    """Each in turn."""
    questions = await asyncio.to_thread(sure_questions, load_knowledge(shared("knowledge.yaml")))
    found = {}
    for kind in kinds:
        async with _Tried(kind, shops, questions, seconds) as tried:
            found[kind] = await search(tried.attempt, first, most)
    return found


class _Tried:
    """One of them, begun anew after every rate that was too much for it: the next is to be judged by itself."""

    def __init__(self, kind: str, shops: int, questions: Questions, seconds: float) -> None:
        self._kind, self._shops, self._questions, self._seconds = kind, shops, questions, seconds
        self._open = AsyncExitStack()
        self._there: Rig | None = None

    async def __aenter__(self) -> _Tried:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._open.aclose()

    async def attempt(self, rate: float) -> Figures:
        """What becomes of so many questions a second."""
        if self._there is None:
            at = at_work(self._kind, self._shops, self._questions)
            self._there = await self._open.enter_async_context(at)
        figures = await play(self._there, self._questions, rate=rate, seconds=self._seconds, rest=REST_SECONDS)
        Console(stderr=True).print(f"{self._kind} {rate:g}/s: {figures}", highlight=False)
        if not bears(figures):
            await self._open.aclose()
            self._there = None
        return figures


def met(found: Mapping[str, Borne]) -> bool:
    """Whether ours bears nearly what the browser does, and many times the usual way."""
    ours, floor, naive = (found[kind].rate for kind in ("ours", "floor", "naive"))
    return ours > 0 and ours >= _OF_FLOOR * floor and ours >= _OF_NAIVE * naive


def main() -> int:
    """Measure, print, and say by the exit code whether the needs are met."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.surge",
        description="每秒最多能接住多少提问：p99 在 3 秒内，一个不漏",
        epilog="例：python -m bench.surge --shops 53 --json",
    )
    parser.add_argument("--shops", type=shop_count, default=53, help="几家店（默认 53）")
    parser.add_argument("--seconds", type=over(0), default=20, help="每个速度提问多少秒（默认 20）")
    parser.add_argument("--first", type=over(0), default=2.5, help="从每秒几个提问找起（默认 2.5）")
    parser.add_argument("--most", type=over(0), default=160, help="最多试到每秒几个（默认 160）")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=KINDS, help="只测其中几种")
    parser.add_argument(
        "--usual",
        type=at_least(0),
        default=USUAL,
        help=f"平时每秒几个提问，浪头是它的十倍、百倍（默认 {USUAL:g}；0 不测）",
    )
    parser.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    given = parser.parse_args()
    found = asyncio.run(measure(given.only, given.shops, given.seconds, given.first, given.most))
    wanted = given.usual > 0 and "ours" in given.only
    ridden = asyncio.run(ride(given.shops, given.usual)) if wanted else []
    judged = set(found) == set(KINDS)
    good = (not judged or met(found)) and weathered(ridden)
    if given.json:
        shown = {kind: {"rate": one.rate, **asdict(one.figures or Figures())} for kind, one in found.items()}
        waves = {f"x{one.wave.times:g}": as_json(one) for one in ridden}
        sys.stdout.write(json.dumps({**shown, "waves": waves, "met": judged and good}, ensure_ascii=False) + "\n")
    else:
        Console().print(_table(found, given.shops))
        if ridden:
            Console().print(waves_table(ridden, given.usual))
    return 0 if good else 1


def _table(found: Mapping[str, Borne], shops: int) -> Table:
    shown = Table(title=f"{shops} 家店每秒最多接住的提问", title_justify="left", header_style="bold")
    for heading in ("", "每秒", "p50 毫秒", "p99 毫秒", "每条 CPU 毫秒"):
        shown.add_column(heading, justify="right" if heading else "left")
    for kind, one in found.items():
        figures = one.figures or Figures()
        values = (one.rate, figures.p50_ms, figures.p99_ms, figures.cpu_ms_per_reply)
        shown.add_row(kind, *("–" if value is None else f"{value:g}" for value in values))
    return shown


if __name__ == "__main__":
    sys.exit(main())
