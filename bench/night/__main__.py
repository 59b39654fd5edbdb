"""A simulated week, or its busiest hour in real browsers: `python -m bench.night`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.fleet import measure
from bench.fleet import table as fleet_table
from bench.given import over, whole
from bench.night.fast import run_fast
from bench.night.figures import Found, figures_of
from bench.night.report import pictures, report
from bench.night.week import CAMPAIGN, DAILY, Given, crowd_of, live

_OURS = "ours"


def main() -> int:
    """Live through it, print or write what came of it, and say by the exit code whether it was sound."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.night",
        description="快进的一周：真的排班、决策、账本、计量和告警，页面、时钟、买家和人是模拟的",
        epilog="例：python -m bench.night --report docs/night；python -m bench.night --real 30 --json",
    )
    parser.add_argument("--shops", type=whole(1), default=53, help="几家店（默认 53）")
    parser.add_argument("--days", type=whole(1), default=7, help="几天（默认 7）")
    parser.add_argument("--daily", type=over(0), default=DAILY, help=f"平常一天每家店几个提问（默认 {DAILY:g}）")
    parser.add_argument("--seed", type=int, default=1, help="同一个数，同一周（默认 1）")
    parser.add_argument("--report", type=Path, metavar="文件夹", help="把报告和图写到这里")
    parser.add_argument("--real", type=over(0), metavar="分钟", help="用真的浏览器，按活动那一小时的提问跑几分钟")
    parser.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    given = parser.parse_args()
    week = Given(shops=given.shops, hours=24 * given.days, daily=given.daily, seed=given.seed)
    if given.real is not None:
        return _real(week, given.real, as_json=given.json)
    with tempfile.TemporaryDirectory(prefix="nightdesk-night-") as name:
        lived = run_fast(lambda loop: live(loop, week, Path(name)))
    found = figures_of(lived)
    if given.report is not None:
        given.report.mkdir(parents=True, exist_ok=True)
        for name, text in {"README.md": report(lived, found), **pictures(lived, found)}.items():
            (given.report / name).write_text(text, encoding="utf-8")
    if given.json:
        sys.stdout.write(json.dumps({**asdict(found), "sound": found.sound}, ensure_ascii=False) + "\n")
    else:
        Console().print(_table(found))
    return 0 if found.sound else 1


def _real(week: Given, minutes: float, *, as_json: bool) -> int:
    """So many minutes at the rate of the campaign's first hour, with real browsers and the practice console."""
    rate = crowd_of(week).hourly(CAMPAIGN.start, 1)[0] / 3600
    found = asyncio.run(measure([_OURS], week.shops, rate, minutes * 60))
    if as_json:
        sys.stdout.write(json.dumps({"rate": rate, "minutes": minutes, **asdict(found[_OURS])}) + "\n")
    else:
        Console().print(fleet_table(found, f"{week.shops} 家店，每秒 {rate:.2f} 个提问，{minutes:g} 分钟"))
    return 0 if found[_OURS].clean else 1


def _table(found: Found) -> Table:
    shown = Table(title="快进的一周", title_justify="left", header_style="bold")
    for heading in ("", "提问", "三分钟内", "回复率"):
        shown.add_column(heading, justify="right" if heading else "left")
    for name, rate in {"全部": found.all, "没有人的时候": found.alone, **found.days}.items():
        shown.add_row(name, str(rate.turns), str(rate.met), f"{rate.share:.2%}")
    told = {
        "没人值守的店时": found.unplanned,
        "转人工": found.handoffs,
        "没回": found.lost,
        "说两遍": found.twice,
        "答错": found.wrong,
    }
    shown.caption = "，".join(f"{name} {count:g}" for name, count in told.items())
    return shown


if __name__ == "__main__":
    sys.exit(main())
