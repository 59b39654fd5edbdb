"""Two `nightdesk up` in one folder, frozen and thawed at random: nobody hears both: `python -m bench.seats`.

What is frozen: a worker; a worker with its browser; its browser alone; a whole `nightdesk up`; and a worker just
between its last check and the press. Some thaw before they are taken over, some are killed for it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field

import psutil
from rich.console import Console
from rich.table import Table

from bench.altered import FREEZE, START
from bench.given import over
from bench.house import House, house
from bots.demo.judge import Verdict
from bots.processes import Birth, birth, started_by
from practice.plan import QUIET
from storage.ledger import Ledger
from storage.records import ReplyState

SHOPS = 2
_RATE = 0.4
_FROZEN = (0.3, 7.0)
_PAUSE = (3.0, 10.0)
_KINDS = ("worker", "tree", "browser", "up")
_BETWEEN = "between"
_SHARE = "0.05"
_LOOK = 0.05
_REST_SECONDS = 240.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A run: how often each was frozen, how often a shop changed hands, and what became of the turns."""

    seconds: float
    frozen: Mapping[str, int]
    changes: int
    turns: int
    duplicates: int
    misdelivered: int
    lost: int
    unverified: int
    first_reply_s: Mapping[str, float | None]

    @property
    def met(self) -> bool:
        """Whether something froze, somebody asked, and nobody was answered twice or by mistake, or forgotten."""
        tried = self.turns > 0 and any(self.frozen.values())
        return tried and not (self.duplicates or self.misdelivered or self.lost)


@dataclass(slots=True)
class Frost:
    """Freezes and thaws, and counts."""

    house: House
    chance: random.Random
    frozen: Counter[str] = field(default_factory=Counter)
    changes: int = 0
    _thaws: set[asyncio.Task[None]] = field(default_factory=set)
    _cold: set[Birth] = field(default_factory=set)
    _holders: dict[str, Birth] = field(default_factory=dict)

    async def blow(self, seconds: float) -> None:
        """Freeze something after each pause for so long; a dead `nightdesk up` is started anew."""
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            await asyncio.sleep(self.chance.uniform(*_PAUSE))
            self._freeze(self.chance.choice(_KINDS))
            for process in list(self.house.ups):
                if process.returncode is not None:
                    self.house.ups.remove(process)
                    await self.house.up(START, **{FREEZE: _SHARE})
        await asyncio.gather(*self._thaws)

    def _freeze(self, kind: str) -> None:
        holder = self.house.holder(self.chance.choice(self.house.shops))
        if holder is None:
            return
        own = {holder.process, *started_by(holder.process.pid), *holder.started}
        up = next((one for one in self.house.ups if holder.process in started_by(one.pid)), None)
        found = {
            "worker": {holder.process},
            "tree": own,
            "browser": set(holder.started),
            "up": own if up is None else {*started_by(up.pid), *filter(None, [birth(up.pid)])},
        }[kind]
        self._stop(kind, found)

    def _stop(self, kind: str, found: Iterable[Birth]) -> None:
        births = set(found)
        self.frozen[kind] += 1
        self._cold |= births
        _signal(births, signal.SIGSTOP)
        thaw = asyncio.create_task(self._thaw(births, self.chance.uniform(*_FROZEN)))
        self._thaws.add(thaw)
        thaw.add_done_callback(self._thaws.discard)

    async def _thaw(self, births: set[Birth], seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._cold -= births
        _signal(births, signal.SIGCONT)

    async def watch(self) -> None:
        """Notice who froze itself, and when a shop changes hands, until cancelled."""
        while True:
            for shop in self.house.shops:
                holder = self.house.holder(shop)
                if holder is None:
                    continue
                self.changes += self._holders.get(shop, holder.process) != holder.process
                self._holders[shop] = holder.process
                if holder.process not in self._cold and _is_frozen(holder.process):
                    self._stop(_BETWEEN, [holder.process])
            await asyncio.sleep(_LOOK)


def _signal(births: Iterable[Birth], number: signal.Signals) -> None:
    for one in births:
        with suppress(ProcessLookupError):
            if birth(one.pid) == one:
                os.kill(one.pid, number)


def _is_frozen(process: Birth) -> bool:
    with suppress(psutil.Error):
        return psutil.Process(process.pid).status() == psutil.STATUS_STOPPED
    return False


async def measure(seconds: float, *, seed: int) -> Result:
    """Let buyers come and things freeze for so many seconds, then wait until all are seen to."""
    async with house(SHOPS, seed=seed) as there:
        await there.up(START, **{FREEZE: _SHARE})
        await there.ready()
        await there.up(START, **{FREEZE: _SHARE})
        frost = Frost(there, random.Random(seed))  # noqa: S311 - no secret
        await there.practice.control("buyers", run=True, rate=_RATE, seconds=seconds + QUIET)
        watching = asyncio.create_task(frost.watch())
        await frost.blow(seconds)
        with suppress(TimeoutError):
            await there.until(there.seen_to, _REST_SECONDS)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        verdict = await there.verdict()
        replies = await there.ledger(Ledger.all_replies)
        await there.close()
        return _result(seconds, frost, verdict, sum(one.state is ReplyState.unverified for one in replies))


def _result(seconds: float, frost: Frost, verdict: Verdict, unverified: int) -> Result:
    times = {name: None if ms is None else round(ms / 1000, 2) for name, ms in verdict.first_reply_ms.items()}
    return Result(
        seconds=seconds,
        frozen=dict(sorted(frost.frozen.items())),
        changes=frost.changes,
        turns=verdict.turns,
        duplicates=verdict.duplicates,
        misdelivered=verdict.misdelivered,
        lost=verdict.lost,
        unverified=unverified,
        first_reply_s=times,
    )


def table(result: Result) -> Table:
    """The figures of a run, for people."""
    shown = Table(
        title=f"两个 nightdesk up，轮流冻住 {result.seconds:.0f} 秒", title_justify="left", header_style="bold"
    )
    shown.add_column("项目")
    shown.add_column("数", justify="right")
    rows = {
        **{f"冻住：{kind}": count for kind, count in result.frozen.items()},
        "店铺换手": result.changes,
        "提问": result.turns,
        "重复": result.duplicates,
        "发错会话": result.misdelivered,
        "没人管": result.lost,
        "没有确认发出": result.unverified,
        **{f"首响 {name}（秒）": value for name, value in result.first_reply_s.items()},
    }
    for name, value in rows.items():
        shown.add_row(name, "–" if value is None else str(value))
    return shown


def main() -> int:
    """Measure, print, and say by the exit code whether nobody was answered twice."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.seats", description="两个 nightdesk up 轮流冻住，看有没有重复回复"
    )
    parser.add_argument("--minutes", type=over(0), default=10, help="多少分钟，默认 10")
    parser.add_argument("--seed", type=int, default=1, help="同样的数，同样的买家；默认 1")
    parser.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    given = parser.parse_args()
    result = asyncio.run(measure(given.minutes * 60, seed=given.seed))
    if given.json:
        sys.stdout.write(json.dumps({**asdict(result), "met": result.met}, ensure_ascii=False) + "\n")
    else:
        Console().print(table(result))
    return 0 if result.met else 1


if __name__ == "__main__":
    sys.exit(main())
