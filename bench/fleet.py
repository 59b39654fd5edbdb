"""How fast and how dear a reply is: `python -m bench.fleet`, ours beside the usual way and the least there is.

The same buyers come to the same shops in turn for each: single questions that the knowledge surely answers, by
chance at so many a second. Latency is from the buyer's message to the reply, both by the console's clock;
processor time is that of all processes of the bots, the console's and the buyers' left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from base.places import shared
from bench.given import over, shop_count, whole
from bench.house import SETTLE_SECONDS
from bench.rigs import BARE, KINDS, SEED, Rig, rig
from bench.sure import sure_questions
from knowledge.model import load_knowledge
from storage.meter import percentile

# After the last question, for whoever is not served yet.
_REST_SECONDS = 30.0
_LOOK = 0.5
_P50_MS, _P99_MS, _CPU_RATIO = 60.0, 250.0, 1.3

Questions = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One run. Times are milliseconds, of the turns that got a reply; `lost`: those that had none when the time
    was over; `duplicates`: what was said beyond the first reply, to those who had asked before the run as well.
    """

    turns: int = 0
    p50_ms: float | None = None
    p99_ms: float | None = None
    replies_per_s: float = 0.0
    cpu_ms_per_reply: float | None = None
    duplicates: int = 0
    misdelivered: int = 0
    lost: int = 0

    @property
    def clean(self) -> bool:
        """Whether somebody asked, and everybody got one reply, and the right one."""
        return self.turns > 0 and not (self.duplicates or self.misdelivered or self.lost)


@asynccontextmanager
async def at_work(kind: str, shops: int, questions: Questions) -> AsyncIterator[Rig]:
    """That rig, once every shop has answered somebody: what a page does only once is no part of a reply."""
    async with rig(kind, shops) as there:
        begun, (topic, text) = (await there.practice.truth())["now"], questions[0]
        for row in there.practice.shops:
            await there.practice.say(row["id"], text, topic=topic)
        await _served(there, begun, _REST_SECONDS)
        yield there


async def play(
    there: Rig, questions: Questions, *, rate: float, seconds: float, rest: float = _REST_SECONDS
) -> Figures:
    """Let buyers come at `rate` a second for so long, and wait until all are served, `rest` seconds at most."""
    cpu = there.cpu()
    begun = await ask(there, questions, rate=rate, seconds=seconds, rest=rest)
    return await judged(there, begun, there.cpu() - cpu)


async def ask(there: Rig, questions: Questions, *, rate: float, seconds: float, rest: float) -> int:
    """As `play`, unjudged; the moment by the console's clock at which it began."""
    throw = random.Random(f"{SEED} {rate}")  # noqa: S311 - play that must repeat
    shops = [row["id"] for row in there.practice.shops]
    begun: int = (await there.practice.truth())["now"]
    start, at = time.monotonic(), 0.0
    asking: list[asyncio.Task[Any]] = []
    while (at := at + throw.expovariate(rate)) < seconds:
        topic, text = throw.choice(questions)
        shop = throw.choice(shops)
        await asyncio.sleep(start + at - time.monotonic())
        asking.append(asyncio.create_task(there.practice.say(shop, text, topic=topic)))
    await asyncio.gather(*asking)
    await _served(there, begun, rest)
    return begun


async def judged(there: Rig, begun: int, cpu: float) -> Figures:
    """What became of those who asked since then, and who was told again meanwhile; `cpu`: seconds spent on it."""
    await asyncio.sleep(SETTLE_SECONDS)
    return figures_of((await there.practice.truth())["turns"], begun, cpu, there.right)


async def _served(there: Rig, begun: int, rest: float) -> None:
    """Until all who asked since `begun` are served or `rest` seconds are over."""
    end = time.monotonic() + rest
    while True:
        turns = (await there.practice.truth())["turns"]
        if all(turn["got"] for turn in turns if turn["asked_first"] >= begun) or time.monotonic() >= end:
            return
        await asyncio.sleep(_LOOK)


def figures_of(
    told: Sequence[Mapping[str, Any]], begun: int, cpu: float, right: Callable[[str, str, str], bool]
) -> Figures:
    """The figures of the turns asked since `begun`, of all that the console tells of; `cpu`: seconds spent, not
    known where less than none; `right` as in a `Rig`.
    """
    turns = [turn for turn in told if turn["asked_first"] >= begun]
    earlier = [turn for turn in told if turn["asked_first"] < begun]
    took = sorted(turn["got"][0]["at"] - turn["asked_first"] for turn in turns if turn["got"])
    replies = [(turn, one) for turn in turns for one in turn["got"]]
    again = [(turn, one) for turn in earlier for one in turn["got"][1:] if one["at"] >= begun]
    said = [*replies, *again]
    span = max((one["at"] for _turn, one in replies), default=0) - min(
        (at["asked_first"] for at in turns), default=0
    )
    return Figures(
        turns=len(turns),
        p50_ms=percentile(took, 50),
        p99_ms=percentile(took, 99),
        replies_per_s=round(1000 * len(replies) / span, 2) if span > 0 and replies else 0.0,
        cpu_ms_per_reply=round(1000 * cpu / len(replies), 1) if replies and cpu >= 0 else None,
        duplicates=len(said) - len(took),
        misdelivered=sum(not right(turn["conversation"], turn["topic"], one["text"]) for turn, one in said),
        lost=len(turns) - len(took),
    )


async def measure(
    kinds: Sequence[str], shops: int, rate: float, seconds: float, rounds: int = 1
) -> dict[str, Figures]:
    """Each in turn, so many times: a machine may be slow for minutes."""
    questions = await asyncio.to_thread(sure_questions, load_knowledge(shared("knowledge.yaml")))
    found: dict[str, list[Figures]] = {kind: [] for kind in kinds}
    for _round in range(rounds):
        for kind in kinds:
            async with at_work(kind, shops, questions) as there:
                found[kind].append(await play(there, questions, rate=rate, seconds=seconds))
            Console(stderr=True).print(f"{kind}: {found[kind][-1]}", highlight=False)
    return {kind: middle(each) for kind, each in found.items()}


def middle(rounds: Sequence[Figures]) -> Figures:
    """One for several rounds: what went wrong in all of them, and of each other figure the median."""

    def median(name: str) -> float | None:
        told = [value for one in rounds if (value := getattr(one, name)) is not None]
        return statistics.median(told) if told else None

    counted = ("turns", "duplicates", "misdelivered", "lost")
    total = {name: sum(getattr(one, name) for one in rounds) for name in counted}
    return Figures(**{**{name: median(name) for name in asdict(rounds[0])}, **total})


def met(found: Mapping[str, Figures]) -> bool:
    """Whether ours is as fast as it must be, and hardly dearer than the least there is."""
    ours, floor = found["ours"], found.get("floor")
    dear = floor is not None and (ours.cpu_ms_per_reply or math.inf) > _CPU_RATIO * (floor.cpu_ms_per_reply or 0)
    quick = (ours.p50_ms or 0) <= _P50_MS and (ours.p99_ms or 0) <= _P99_MS
    return ours.clean and quick and not dear


def table(found: Mapping[str, Figures], title: str) -> Table:
    """The figures for people."""
    shown = Table(title=title, title_justify="left", header_style="bold")
    heads = ("", "提问", "p50 毫秒", "p99 毫秒", "每秒回复", "每条 CPU 毫秒", "重复", "发错", "没回")
    for heading in heads:
        shown.add_column(heading, justify="right" if heading else "left")
    for kind, figures in found.items():
        shown.add_row(kind, *("–" if value is None else f"{value:g}" for value in asdict(figures).values()))
    return shown


def main() -> int:
    """Measure, print, and say by the exit code whether the needs are met, as far as they were measured."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.fleet",
        description="同样的买家，几种值守方式：我们的、常见做法（naive）、浏览器的极限（floor）、"
        "不经 Playwright 传话的极限（bare）",
        epilog="例：python -m bench.fleet --shops 53 --rate 10 --seconds 60 --json",
    )
    parser.add_argument("--shops", type=shop_count, default=53, help="几家店（默认 53）")
    parser.add_argument("--rate", type=over(0), default=10, help="所有店铺合计每秒几个提问（默认 10）")
    parser.add_argument("--seconds", type=over(0), default=60, help="提问多少秒（默认 60）")
    kinds = (*KINDS, BARE)
    parser.add_argument("--only", nargs="+", choices=kinds, default=kinds, help="只测其中几种")
    parser.add_argument("--rounds", type=whole(1), default=1, help="各测几轮，数字取中位数（默认 1）")
    parser.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    given = parser.parse_args()
    found = asyncio.run(measure(given.only, given.shops, given.rate, given.seconds, given.rounds))
    if given.json:
        shown = {kind: asdict(figures) for kind, figures in found.items()}
        sys.stdout.write(
            json.dumps({**shown, "met": {"ours", "floor"} <= {*found} and met(found)}, ensure_ascii=False) + "\n"
        )
    else:
        Console().print(table(found, f"{given.shops} 家店，每秒 {given.rate:g} 个提问，{given.seconds:g} 秒"))
    return 0 if "ours" not in found or met(found) else 1


if __name__ == "__main__":
    sys.exit(main())
