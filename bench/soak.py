"""Memory of the bots over hours: `python -m bench.soak`. Contexts are renewed all the while, and nobody is missed.

A small fleet at the practice console; what the worker's Python, its driver and its browser take is noted every few
seconds, memory that processes share counted once, and without the programs' own files: a process has less of those
as soon as something else on the machine runs them too. The growth is the slope after the warm-up, per shop and
hour; it takes hours to tell a small one from chance.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from bench.altered import AGE, START
from bench.given import at_least, shop_count
from bench.house import House, house
from bots.processes import Birth
from practice.plan import QUIET

PARTS = ("python", "driver", "browser")
_RATE = 0.15
# The console's list is as long as ever before the warm-up is over.
_ROWS = 50
_SAMPLE_EVERY = 5.0
# Each context is renewed so often in a run, and the first part of it is warm-up.
_RENEWALS = 12
_WARM_UP = 0.4
# In less time there are no two readings after the warm-up.
_LEAST_MINUTES = 1.0
_MOST_GROWTH = 1.0
_REST_SECONDS = 60.0
_SIZE = (900, 420, 60)
_COLOURS = {"python": "#3b6ea5", "driver": "#d08c2e", "browser": "#4a8f5a"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What each part takes at a moment (seconds since the start), in MiB."""

    at: float
    mib: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A run. `growth`: MiB per shop and hour after the warm-up, by part and together; `restarts`: workers that
    were begun anew, whose memory began anew with them.
    """

    minutes: float
    shops: int
    growth: Mapping[str, float]
    mib: Mapping[str, float]
    restarts: int
    turns: int
    duplicates: int
    misdelivered: int
    lost: int

    @property
    def met(self) -> bool:
        """Whether it hardly grows without beginning anew, and nobody was missed or told twice."""
        bad = self.restarts or self.duplicates or self.misdelivered or self.lost
        return self.turns > 0 and self.growth["all"] < _MOST_GROWTH and not bad


def growth(samples: Sequence[Sample], shops: int, period: float) -> dict[str, float]:
    """The slope of each part, and of all together, in MiB per shop and hour.

    It goes through the lowest reading of each `period` (seconds): what is given back again is no growth.
    """
    lines = {part: [(sample.at, sample.mib[part]) for sample in samples] for part in PARTS}
    lines["all"] = [(sample.at, sum(sample.mib.values())) for sample in samples]
    return {name: round(_slope(line, period) * 3600 / shops, 2) for name, line in lines.items()}


def _slope(line: Sequence[tuple[float, float]], period: float) -> float:
    lowest: dict[int, tuple[float, float]] = {}
    for at, mib in line:
        number = int(at // period)
        lowest[number] = min(lowest.get(number, (at, mib)), (at, mib), key=lambda one: one[1])
    moments, sizes = zip(*lowest.values(), strict=True)
    return float(np.polyfit(moments, sizes, 1)[0])


async def measure(minutes: float, shops: int) -> tuple[Result, list[Sample]]:
    """Let the fleet work for so long."""
    seconds = minutes * 60
    async with house(shops, rows=_ROWS) as there:
        await there.up(START, **{AGE: str(seconds / _RENEWALS)})
        await there.ready()
        await there.practice.control("buyers", run=True, rate=_RATE * shops, seconds=seconds)
        samples, workers = await _samples(there, seconds - QUIET)
        with suppress(TimeoutError):
            await there.until(there.seen_to, _REST_SECONDS)
        verdict = await there.verdict()
        for line in await there.blemishes():
            Console(stderr=True).print(line, highlight=False, markup=False)
        await there.close()
    warm = [sample for sample in samples if sample.at >= _WARM_UP * seconds]
    result = Result(
        minutes=minutes,
        shops=shops,
        growth=growth(warm, shops, seconds / _RENEWALS),
        mib={part: round(samples[-1].mib[part], 1) for part in PARTS},
        restarts=restarts(workers),
        turns=verdict.turns,
        duplicates=verdict.duplicates,
        misdelivered=verdict.misdelivered,
        lost=verdict.lost,
    )
    return result, samples


async def _samples(there: House, seconds: float) -> tuple[list[Sample], list[frozenset[Birth]]]:
    """What was taken, and at each of these moments by which workers."""
    clock = asyncio.get_running_loop()
    start, found, seen = clock.time(), list[Sample](), list[frozenset[Birth]]()
    while clock.time() - start < seconds:
        workers = frozenset(holder.process for shop in there.shops if (holder := there.holder(shop)) is not None)
        mib = await asyncio.to_thread(_weigh, workers)
        found.append(Sample(at=clock.time() - start, mib=mib))
        seen.append(workers)
        await asyncio.sleep(_SAMPLE_EVERY)
    return found, seen


def restarts(seen: Sequence[frozenset[Birth]]) -> int:
    """How many workers came after the first ones."""
    return len(frozenset[Birth]().union(*seen)) - len(seen[0])


def _weigh(workers: Iterable[Birth]) -> dict[str, float]:
    """What the workers of all shops take, by part; one that has just ended, nothing."""
    total = dict.fromkeys(PARTS, 0.0)
    for worker in workers:
        with suppress(psutil.Error, OSError):
            total["python"] += own(worker.pid)
            for child in psutil.Process(worker.pid).children(recursive=True):
                with suppress(psutil.Error, OSError):
                    total["driver" if child.name().startswith("node") else "browser"] += own(child.pid)
    return total


def own(pid: int) -> float:
    """MiB that a process takes beside files, with its part of what it shares; raises `OSError` when it is gone."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    kib = {name: int(rest.split()[0]) for name, _colon, rest in (line.partition(":") for line in lines[1:])}
    return (kib["Pss_Anon"] + kib["Pss_Shmem"]) / 1024


def svg(samples: Sequence[Sample], title: str) -> str:
    """The samples as a picture: a line for each part."""
    width, height, edge = _SIZE
    last, most = max(sample.at for sample in samples) or 1.0, max(max(sample.mib.values()) for sample in samples)

    def point(at: float, mib: float) -> str:
        return (
            f"{edge + at / last * (width - 2 * edge):.1f},{height - edge - mib / most * (height - 2 * edge):.1f}"
        )

    lines = [
        f'<polyline fill="none" stroke="{_COLOURS[part]}" stroke-width="1.5" points="'
        + " ".join(point(sample.at, sample.mib[part]) for sample in samples)
        + f'"/><text x="{x}" y="{edge - 20}" fill="{_COLOURS[part]}">{part}</text>'
        for part, x in zip(PARTS, range(width - edge - 210, width, 70), strict=False)
    ]
    steps = [
        f'<text x="{edge - 8}" y="{height - edge - share * (height - 2 * edge) + 4:.0f}" text-anchor="end">'
        f"{most * share:.0f}</text>"
        for share in (0, 0.25, 0.5, 0.75, 1)
    ]
    ends = [
        f'<text x="{edge + share * (width - 2 * edge):.0f}" y="{height - edge + 18}" text-anchor="middle">'
        f"{last * share / 60:.0f}</text>"
        for share in (0, 0.5, 1)
    ]
    frame = f'<rect x="{edge}" y="{edge}" width="{width - 2 * edge}" height="{height - 2 * edge}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"'
            ' font-size="12" fill="#333">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            f'<text x="{edge}" y="{edge - 20}" font-size="14">{title}</text>',
            f'{frame} fill="none" stroke="#ccc"/>',
            *lines,
            *steps,
            *ends,
            "</svg>\n",
        ]
    )


def table(result: Result) -> Table:
    """The figures of a run, for people."""
    title = f"{result.shops} 家店，{result.minutes:g} 分钟"
    shown = Table(title=title, title_justify="left", header_style="bold")
    for heading in ("部分", "最后（MiB）", "每店每小时增长（MiB）"):
        shown.add_column(heading, justify="left" if heading == "部分" else "right")
    for part in PARTS:
        shown.add_row(part, f"{result.mib[part]:.0f}", f"{result.growth[part]:+.2f}")
    shown.add_row("合计", f"{sum(result.mib.values()):.0f}", f"{result.growth['all']:+.2f}")
    for name, value in (("提问", result.turns), ("重复", result.duplicates), ("发错会话", result.misdelivered)):
        shown.add_row(name, str(value), "")
    shown.add_row("没人管", str(result.lost), "")
    shown.add_row("重新起来的进程", str(result.restarts), "")
    return shown


def main() -> int:
    """Measure, print, draw, and say by the exit code whether it hardly grew and nobody was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description="长时间值守，看内存涨不涨")
    parser.add_argument("--minutes", type=at_least(_LEAST_MINUTES), default=60, help="多少分钟，默认 60")
    parser.add_argument("--shops", type=shop_count, default=3, help="几家店，默认 3")
    parser.add_argument("--svg", type=Path, help="把曲线画到这个文件")
    parser.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    given = parser.parse_args()
    result, samples = asyncio.run(measure(given.minutes, given.shops))
    if given.svg is not None:
        title = f"{given.shops} shops: MiB over minutes"
        given.svg.write_text(svg(samples, title), encoding="utf-8")
    if given.json:
        shown = {**asdict(result), "met": result.met, "samples": [asdict(sample) for sample in samples]}
        sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")
    else:
        Console().print(table(result))
    return 0 if result.met else 1


if __name__ == "__main__":
    sys.exit(main())
