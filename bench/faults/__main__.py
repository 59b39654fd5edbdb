"""`python -m bench.faults`: faults injected into the real bots at every state of a reply, judged by the consoles.

`[--json] [--short] [--injections N] [--seed S] [--dialect D] [--fault F]`. Exit code 1 where the needs are missed:
nothing said twice or to the wrong buyer, nobody lost, hardly anything unverified, and soon back at work.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.faults.campaign import Verdict, run
from bench.faults.consoles import CONSOLES
from bench.faults.judging import Tally, met
from bench.faults.plan import plan
from bench.faults.strikes import FAULTS
from bench.given import whole
from tests.consoles.host import ConsoleFailed

FULL, SHORT = 5_000, 500
SEED = 7


def figures(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The JSON: a tally for each fault, one for all, and whether the needs are met."""
    tallies: dict[str, Tally] = {name: Tally() for name in FAULTS}
    total, alone = Tally(), Tally()
    for verdict in verdicts:
        name = verdict.struck.fault
        for tally in (tallies[name], total, *(() if FAULTS[name].person else (alone,))):
            tally.add(verdict.tally)
    shown = {name: tally.shown() for name, tally in tallies.items() if tally.injections}
    found = {"faults": shown, "total": total.shown(), "without_person": alone.shown()}
    return {**found, "met": met(found["total"], found["without_person"], shown.get("worker_killed"))}


def table(found: dict[str, Any]) -> Table:
    """The same for people."""
    shown = Table(title="故障注入：机器人有没有多发、错发、漏掉，多久恢复", title_justify="left")
    shown.add_column("故障")
    for heading in (
        "次数",
        "轮",
        "重复",
        "发错会话",
        "丢失",
        "待核实",
        "sending 以外",
        "p50 秒",
        "p95 秒",
        "最长 秒",
    ):
        shown.add_column(heading, justify="right")
    for name, one in [*found["faults"].items(), ("合计", found["total"])]:
        counts = [one[key] for key in ("injections", "turns", "duplicates", "misdelivered", "lost", "unverified")]
        times = ["–" if value is None else f"{value:.1f}" for value in one["recovery_s"].values()]
        bad = any(counts[2:5]) or one["unverified_outside"]
        row = (*map(str, counts), str(one["unverified_outside"]), *times)
        shown.add_row(name, *row, style="bold red" if bad else None)
    return shown


def main() -> int:
    """Measure, print, and say by the exit code whether the needs are met."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.faults",
        description="在回复的每个状态注入故障，以后台自己的记录判定：有没有重复、发错、丢失，多久恢复",
        epilog="例：python -m bench.faults --short --json",
    )
    parser.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    parser.add_argument("--short", action="store_true", help=f"只注入 {SHORT} 次（默认 {FULL} 次）")
    parser.add_argument("--injections", type=whole(1), help="注入几次")
    parser.add_argument("--seed", type=int, default=SEED, help=f"随机种子，相同的种子有相同的计划（默认 {SEED}）")
    parser.add_argument("--dialect", action="append", choices=CONSOLES, help="只在这种页面上（可以写几次）")
    parser.add_argument("--fault", action="append", choices=FAULTS, help="只注入这种故障（可以写几次）")
    parser.add_argument("--keep", type=Path, help="日志和账本留在这个文件夹里（默认用完就删）")
    given = parser.parse_args()
    count = given.injections or (SHORT if given.short else FULL)
    legs = plan(injections=count, seed=given.seed, consoles=given.dialect or CONSOLES, faults=given.fault or ())
    err = Console(stderr=True)
    # How soon they are back is measured: they must not wait for one another's starts.
    lanes = os.cpu_count() or 1
    verdicts: list[Verdict] = []
    complete = False

    def told(line: str) -> None:
        err.print(line, highlight=False)

    with TemporaryDirectory(prefix="nightdesk-faults-") as name:
        folder = given.keep or Path(name)
        try:
            asyncio.run(run(legs, folder, lanes=lanes, told=told, judged=verdicts.extend))
            complete = True
        except ConsoleFailed as error:
            err.print(str(error), highlight=False, style="red")
            return 2
        except (KeyboardInterrupt, ExceptionGroup) as error:
            err.print(f"没有做完，下面只是已经判定的部分：{error!r}", highlight=False, style="red")
    verdicts.sort(key=lambda verdict: verdict.struck.number)
    found = {"seed": given.seed, **figures(verdicts)}
    for verdict in verdicts:
        if not clean(verdict):
            err.print(f"{asdict(verdict.struck)} {verdict.tally.shown()}", highlight=False, style="red")
    if given.json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    else:
        Console().print(table(found))
    return 0 if complete and found["met"] else 1


def clean(verdict: Verdict) -> bool:
    """Whether nothing went wrong in an injection."""
    tally = verdict.tally
    return not (tally.duplicates or tally.misdelivered or tally.lost or tally.unverified_outside)


if __name__ == "__main__":
    sys.exit(main())
