"""How soon all shops are attended: `python -m bench.start`, from a cold start and after a worker's death.

In every shop a buyer asks just before `nightdesk up` begins, and again in each shop of a worker at the moment when
that is killed; told is how long each waits for the answer, by the console's clock. Between the two, at rest, what
the bots take of the processor and of memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import psutil
from rich.console import Console
from rich.table import Table

from base.places import shared
from bench.given import shop_count
from bench.house import House, house
from bench.rigs import bots_of, spent
from bench.sure import sure_questions
from bots.processes import Birth, own_memory
from knowledge.model import load_knowledge
from storage.meter import percentile

_COLD_SECONDS, _CRASH_SECONDS = 60.0, 15.0
_IDLE_CORE = 0.01
_PYTHON_MIB, _SHOP_MIB, _MATCHER_MIB = 150.0, 2.0, 150.0
_REST, _IDLE = 10.0, 20.0
_LATE = 180.0
_SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A run. `cold_s`, `crash_s`: how long the buyers waited, sorted; `idle_core`: of a core, for each shop at
    rest; `python_mib`: what the Python of the biggest worker takes; `shops_of_it`: the shops of that worker;
    `unanswered`: who got a word that was no answer.
    """

    shops: int
    cold_s: Sequence[float]
    crash_s: Sequence[float]
    idle_core: float
    python_mib: float
    shops_of_it: int
    duplicates: int
    misdelivered: int
    wrong: int
    unanswered: int

    @property
    def met(self) -> bool:
        """Whether all were answered rightly, once and soon enough, at little cost."""
        soon = self.cold_s[-1] <= _COLD_SECONDS and self.crash_s[-1] <= _CRASH_SECONDS
        small = self.python_mib <= _PYTHON_MIB + _MATCHER_MIB + _SHOP_MIB * self.shops_of_it
        bad = self.duplicates or self.misdelivered or self.wrong or self.unanswered
        return soon and small and self.idle_core <= _IDLE_CORE and not bad


async def measure(shops: int) -> Started:
    """Start the bots cold, let them rest, kill a worker; raises `TimeoutError` where somebody gets no answer."""
    knowledge = load_knowledge(shared("knowledge.yaml"))
    questions = await asyncio.to_thread(sure_questions, knowledge)
    throw = random.Random(_SEED)  # noqa: S311 - play that must repeat
    async with house(shops, seed=_SEED, burst={"quiet": 0, "most": 0}) as there:

        async def ask(among: Sequence[str]) -> int:
            begun: int = (await there.practice.truth())["now"]
            for shop in among:
                topic, text = throw.choice(questions)
                await there.practice.say(shop, text, topic=topic)
            return begun

        begun = await ask(there.shops)
        await there.up()
        cold = await _answered(there, begun)
        await there.ready()
        await asyncio.sleep(_REST)
        idle = await _idle(there)
        held: dict[Birth, list[str]] = {}
        for shop in there.shops:
            if (holder := there.holder(shop)) is not None:
                held.setdefault(holder.process, []).append(shop)
        biggest = max(held, key=lambda one: len(held[one]))
        memory = own_memory(psutil.Process(biggest.pid))
        os.kill(biggest.pid, signal.SIGKILL)
        crash = await _answered(there, await ask(held[biggest]))
        verdict = await there.verdict()
        await there.close()
    return Started(
        shops=shops,
        cold_s=cold,
        crash_s=crash,
        idle_core=round(idle / shops, 4),
        python_mib=round(memory, 1),
        shops_of_it=len(held[biggest]),
        duplicates=verdict.duplicates,
        misdelivered=verdict.misdelivered,
        wrong=verdict.wrong,
        unanswered=verdict.turns - verdict.answered,
    )


async def _answered(there: House, begun: int) -> list[float]:
    """How long those waited who asked since a moment of the console's clock, in seconds, once all are answered."""
    turns = []

    async def all_got() -> bool:
        nonlocal turns
        turns = [turn for turn in (await there.practice.truth())["turns"] if turn["asked_first"] >= begun]
        return bool(turns) and all(turn["got"] for turn in turns)

    await there.until(all_got, _LATE)
    return sorted((turn["got"][0]["at"] - turn["asked_first"]) / 1000 for turn in turns)


async def _idle(there: House) -> float:
    """Of a core, what all processes of the bots take at rest."""
    start, before = time.monotonic(), spent(bots_of(there))
    await asyncio.sleep(_IDLE)
    return (spent(bots_of(there)) - before) / (time.monotonic() - start)


def table(found: Started) -> Table:
    """The figures for people."""
    shown = Table(title=f"{found.shops} 家店", title_justify="left", header_style="bold")
    for heading in ("", "一半的买家（秒）", "最久（秒）"):
        shown.add_column(heading, justify="right" if heading else "left")
    for name, took in (("从启动到答上", found.cold_s), ("进程被杀到答上", found.crash_s)):
        shown.add_row(name, f"{percentile(took, 50) or 0:.1f}", f"{took[-1]:.1f}")
    counts = (found.duplicates, found.misdelivered, found.wrong, found.unanswered)
    shown.add_row("重复 / 发错 / 答错 / 没答上", " / ".join(map(str, counts)), "")
    shown.add_row("空闲时每店占一个核的", f"{found.idle_core:.1%}", "")
    shown.add_row(f"最大的进程（{found.shops_of_it} 家店）的 Python 内存", f"{found.python_mib:.0f} MiB", "")
    return shown


def main() -> int:
    """Measure, print, and say by the exit code whether the needs are met."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.start", description="从冷启动、从进程被杀，到每家店都答上"
    )
    parser.add_argument("--shops", type=shop_count, default=53, help="几家店（默认 53）")
    parser.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    given = parser.parse_args()
    found = asyncio.run(measure(given.shops))
    if given.json:
        sys.stdout.write(json.dumps({**asdict(found), "met": found.met}, ensure_ascii=False) + "\n")
    else:
        Console().print(table(found))
    return 0 if found.met else 1


if __name__ == "__main__":
    sys.exit(main())
