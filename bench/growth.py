"""Whether the cost grows with the work and no faster: `python -m bench.growth`.

More and more shops at a steady small rate, then more and more questions for the same shops: what the machine has
left, and how steep both lines are. The shops, the buyers and the judging are those of `bench.fleet`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from base.places import shared
from bench.charts import Axis, Point, lines, slope
from bench.fleet import Figures, Questions, ask, at_work, judged
from bench.given import over, shop_count
from bench.rigs import Rig
from bench.sure import sure_questions
from bench.surge import REST_SECONDS, bears
from bots.processes import own_memory
from knowledge.model import load_knowledge

SHOPS, RATES = (5, 20, 53, 106), (1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0)
_OURS = "ours"
_IDLE_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One point of a line. `idle_cores`: taken before anybody asked, `cores`: meanwhile; `memory_mib`: of all
    processes afterwards, what they share counted once.
    """

    shops: int
    rate: float
    idle_cores: float
    cores: float
    memory_mib: float
    figures: Figures


async def by_shops(shops: Sequence[int], rate: float, seconds: float) -> list[Step]:
    """So many questions a second for each number of shops."""
    return [step for count in shops for step in await _steps(count, [rate], seconds)]


async def by_rate(shops: int, rates: Sequence[float], seconds: float) -> list[Step]:
    """The same shops, asked more and more."""
    return await _steps(shops, rates, seconds)


async def _steps(shops: int, rates: Sequence[float], seconds: float) -> list[Step]:
    questions = await asyncio.to_thread(sure_questions, load_knowledge(shared("knowledge.yaml")))
    async with at_work(_OURS, shops, questions) as there:
        cpu = there.cpu()
        await asyncio.sleep(_IDLE_SECONDS)
        idle = (there.cpu() - cpu) / _IDLE_SECONDS
        steps = []
        for rate in rates:
            steps.append(await _step(there, questions, shops, idle, rate, seconds))
            Console(stderr=True).print(steps[-1], highlight=False)
        return steps


async def _step(there: Rig, questions: Questions, shops: int, idle: float, rate: float, seconds: float) -> Step:
    begun, cpu = time.monotonic(), there.cpu()
    asked = await ask(there, questions, rate=rate, seconds=seconds, rest=REST_SECONDS)
    spent = there.cpu() - cpu
    cores = spent / (time.monotonic() - begun)
    memory = await asyncio.to_thread(_memory, there.processes())
    figures = await judged(there, asked, spent)
    return Step(shops=shops, rate=rate, idle_cores=idle, cores=cores, memory_mib=memory, figures=figures)


def _memory(processes: Iterable[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        try:
            total += own_memory(process)
        except psutil.Error:  # it has just ended
            continue
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """How steep the lines are: for each further shop, and for each further question a second."""

    mib_a_shop: float | None
    idle_cores_a_shop: float | None
    cpu_ms_a_question: float | None

    @classmethod
    def of(cls, shops: Sequence[Step], rates: Sequence[Step]) -> Slopes:
        """A line of least squares through each; only rates that were borne count: a full machine bends it."""
        borne = [step for step in rates if bears(step.figures)]
        cpu = _steep([(step.rate, step.cores) for step in borne])
        return cls(
            mib_a_shop=_steep([(step.shops, step.memory_mib) for step in shops]),
            idle_cores_a_shop=_steep([(step.shops, step.idle_cores) for step in shops]),
            cpu_ms_a_question=None if cpu is None else 1000 * cpu,
        )


def _steep(points: Sequence[Point]) -> float | None:
    return slope(points)[0] if len(points) > 1 else None


def pictures(shops: Sequence[Step], rates: Sequence[Step], slopes: Slopes) -> dict[str, str]:
    """A plot for each line of which there are points, by file name."""
    drawn = {}
    if shops:
        cores = {
            "空闲": [(float(step.shops), step.idle_cores) for step in shops],
            f"每秒 {shops[0].rate:g} 个提问": [(float(step.shops), step.cores) for step in shops],
            "内存（GiB）": [(float(step.shops), step.memory_mib / 1024) for step in shops],
        }
        title = f"店铺多了，要多少个核、多少内存：每家 {slopes.mib_a_shop or 0:.0f} MiB"
        drawn["growth-shops.svg"] = _plot(title, cores, "家店")
    if rates:
        cores = {f"{rates[0].shops} 家店": [(step.rate, step.cores) for step in rates]}
        title = f"提问多了，要多少个核：每个提问 {slopes.cpu_ms_a_question or 0:.0f} 毫秒"
        drawn["growth-rate.svg"] = _plot(title, cores, "每秒提问")
    return drawn


def _plot(title: str, series: dict[str, list[Point]], across: str) -> str:
    points = [point for line in series.values() for point in line]
    return lines(title, series, Axis.over([x for x, _y in points], across), Axis.over([y for _x, y in points]))


def table(steps: Sequence[Step]) -> Table:
    """The steps for people."""
    shown = Table(header_style="bold")
    heads = ("店", "每秒提问", "空闲用核", "用核", "内存 MiB", "p50 毫秒", "p99 毫秒", "每条 CPU 毫秒", "没回")
    for heading in heads:
        shown.add_column(heading, justify="right")
    for step in steps:
        found = step.figures
        values = (step.shops, step.rate, round(step.idle_cores, 2), round(step.cores, 2), round(step.memory_mib))
        asked = (found.p50_ms, found.p99_ms, found.cpu_ms_per_reply, found.lost)
        shown.add_row(*("–" if value is None else f"{value:g}" for value in (*values, *asked)))
    return shown


def main() -> int:
    """Measure, print or write; 1 where somebody was doubled, misdelivered or lost at the steady rate."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.growth",
        description="店铺多了、提问多了，处理器和内存怎么长：两张图和斜率",
        epilog="例：python -m bench.growth --json；python -m bench.growth --rates 只量店铺",
    )
    parser.add_argument(
        "--shops", type=shop_count, nargs="*", default=SHOPS, help="各量几家店（默认 5 20 53 106）"
    )
    parser.add_argument("--steady", type=over(0), default=1.0, help="量店铺时每秒几个提问（默认 1）")
    parser.add_argument("--rates", type=over(0), nargs="*", default=RATES, help="各量每秒几个提问（默认 1 到 60）")
    parser.add_argument("--same", type=shop_count, default=53, help="量提问时几家店（默认 53）")
    parser.add_argument("--seconds", type=over(0), default=30, help="每一步提问多少秒（默认 30）")
    parser.add_argument("--pictures", type=Path, metavar="文件夹", help="把图写到这里")
    parser.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    given = parser.parse_args()
    shops = asyncio.run(by_shops(given.shops, given.steady, given.seconds))
    rates = asyncio.run(by_rate(given.same, given.rates, given.seconds)) if given.rates else []
    slopes = Slopes.of(shops, rates)
    for name, picture in pictures(shops, rates, slopes).items() if given.pictures else ():
        (given.pictures / name).write_text(picture, encoding="utf-8")
    if given.json:
        told = {"shops": list(map(asdict, shops)), "rates": list(map(asdict, rates)), "slopes": asdict(slopes)}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        for steps in (shops, rates):
            Console().print(table(steps))
        Console().print(slopes, highlight=False)
    return 0 if all(step.figures.clean for step in shops) else 1


if __name__ == "__main__":
    sys.exit(main())
