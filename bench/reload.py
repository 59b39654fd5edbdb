"""A storm of edits while bots work: `python -m bench.reload [--json] [--edits N] [--seconds S]`.

The knowledge file is edited again and again, every third time wrongly, in all the ways that editors write, while
buyers ask five times a second. Each version says in all its texts which one it is: every reply tells what it comes
from. Exit code 1 where a turn was lost, or a text came from a version that was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from loguru import logger
from rich.console import Console
from rich.table import Table

from base.clock import SystemClock
from base.places import shared
from bench.given import over, whole
from bench.ground import Ground
from bots.demo.judge import judge, plain
from bots.demo.run import workplace
from bots.keeper import MindKeeper
from bots.logs import start_log
from bots.worker import Worker
from knowledge.model import load_knowledge
from practice.client import Practice
from practice.plan import QUIET
from storage.ledger import Ledger
from storage.meter import percentile
from storage.records import Reply, ReplyState
from storage.thread import LedgerThread

EDITS, SECONDS, RATE, SHOPS = 200, 75.0, 5.0, 3
_MARK = re.compile(r"（(\d+)号版）")
_BLANK = "@@"
_SAYINGS = ("answer", "working", "after_hours", "greeting", "thanks", "choose")
_SEED = 20261123
_SAID = frozenset({ReplyState.confirmed, ReplyState.sending, ReplyState.unverified})
_LAG_EVERY = 0.01
# Most mistakes are mended at once; of these, each is left long enough to be told of.
_LEFT_EVERY, _LEFT_SECONDS = 30, 3.0
# How long the last edit may take to be live.
_LAST_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One write of the file: its number stands in every answer; a wrong one must never be answered from."""

    number: int
    text: str
    wrong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """What a run came to. `live`: versions that went live; `told_wrong`: edits that were told of as wrong.

    `from_wrong`: texts out of a wrong version, `from_unknown` out of none. Times are milliseconds; `lag`: how
    late the worker's event loop was at most; `live_after`: from a write to its version being live.
    """

    edits: int
    wrong: int
    live: int
    told_wrong: int
    turns: int
    answered: int
    lost: int
    duplicates: int
    misdelivered: int
    wrong_answers: int
    texts: int
    from_wrong: int
    from_unknown: int
    first_reply_p95_ms: float | None
    first_reply_max_ms: float | None
    live_after_p50_ms: float | None
    live_after_p95_ms: float | None
    lag_p99_ms: float | None
    lag_max_ms: float

    @property
    def met(self) -> bool:
        """Whether somebody was answered and no edit did harm; how good answers are is not the question here."""
        faults = self.lost + self.duplicates + self.misdelivered + self.from_wrong + self.from_unknown
        return self.turns > 0 and self.texts > 0 and self.live > 1 and faults == 0


def edits(count: int, throw: random.Random) -> list[Edit]:
    """So many versions of the shipped knowledge, every third one wrong; the last one is good."""
    data = yaml.safe_load(shared("knowledge.yaml").read_text("utf-8"))
    for part in (*data["entries"], data["holding"], data["small_talk"], data):
        for key in _SAYINGS:
            if said := part.get(key):
                part[key] = [f"{text}（{_BLANK}号版）" for text in (said if isinstance(said, list) else [said])]
    data["choose"] = data["choose"][0]
    good = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1_000)
    found = []
    for number in range(1, count + 1):
        text = good.replace(_BLANK, str(number))
        wrong = number % 3 == 0 and number < count
        found.append(Edit(number=number, text=_spoilt(text, throw) if wrong else text, wrong=wrong))
    return found


def _spoilt(text: str, throw: random.Random) -> str:
    """As hands slip: a line cut short, a key misspelt, a fact that is not there, a key twice, a tab, nothing."""
    half = text.rfind("answer:", 0, len(text) // 2)
    return throw.choice(
        [
            text[: half + 4],
            text.replace("questions:", "qustions:", 1),
            text.replace("{facts.", "{fatcs.", 1),
            f"{text}\nentries: []\n",
            text.replace("\n  ", "\n\t", 1),
            "",
        ]
    )


def write(path: Path, text: str, throw: random.Random) -> None:
    """Write as editors do: in place, in two halves, by a new file, or with the old one gone first."""
    way = throw.randrange(4)
    if way == 0:
        path.write_text(text, "utf-8")
    elif way == 1:
        with path.open("w", encoding="utf-8") as file:
            file.write(text[: len(text) // 2])
            file.flush()
            file.write(text[len(text) // 2 :])
    else:
        fresh = path.with_name("4913~")
        fresh.write_text(text, "utf-8")
        if way == 3:
            path.unlink()
        fresh.replace(path)


async def storm(*, count: int, seconds: float, rate: float = RATE, shops: int = SHOPS) -> Storm:
    """Let buyers come for so many seconds and edit so many times meanwhile."""
    throw = random.Random(_SEED)  # noqa: S311 - dice for a storm, no secrets
    done = edits(count, throw)
    async with _attended(shops, done[0].text) as (ground, file):
        lags: list[float] = []
        lagging = asyncio.create_task(_measure_lag(lags))
        editing = asyncio.create_task(_edit(file, done[1:], seconds - QUIET, throw))
        await ground.play((), seconds, turns=round(rate * (seconds - QUIET)))
        written = await editing
        await _last_is_live(ground, len(done))
        lagging.cancel()
        return await _judged(ground, done, written, sorted(lags))


@asynccontextmanager
async def _attended(shops: int, first: str) -> AsyncIterator[tuple[Ground, Path]]:
    """Bots that are in, with the file that they answer from."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nightdesk-bench-")))
        start_log(folder, terminal=False)
        stack.callback(logger.remove)
        home = folder / "home"
        home.mkdir()
        file = home / "knowledge.yaml"
        file.write_text(first, "utf-8")
        practice = await Practice.start("--shops", str(shops), "--seed", "3")
        stack.push_async_callback(practice.stop)
        ledger = await LedgerThread.open(folder / "ledger.db", SystemClock())
        stack.push_async_callback(ledger.close)
        keeper = await MindKeeper.open(file, ledger, SystemClock())
        keeper.start()
        stack.push_async_callback(keeper.stop)
        knowledge = load_knowledge(shared("knowledge.yaml"))
        place = workplace(practice, ledger, knowledge, folder)
        for row in practice.shops:
            console = place.packs[row["id"]].name
            await ledger(Ledger.put_shop, row["id"], title=row["title"], console=console, platform="practice")
            await ledger(Ledger.go_live, row["id"])
        worker = Worker(replace(place, mind=keeper.mind))
        work = asyncio.create_task(worker.run())
        ground = Ground(practice=practice, ledger=ledger, knowledge=knowledge, work=work)
        try:
            await ground.wait_ready()
            yield ground, file
        finally:
            worker.stop()
            await asyncio.gather(work, return_exceptions=True)


async def _edit(file: Path, done: Sequence[Edit], seconds: float, throw: random.Random) -> dict[int, float]:
    """Edit at uneven times; when each edit was written, by its number, in seconds of the epoch."""
    clock, written = SystemClock(), {}
    left = [edit.number for edit in done if edit.wrong and edit.number % _LEFT_EVERY == 0]
    pause = max(0.0, seconds - len(left) * _LEFT_SECONDS) / len(done)
    for edit in done:
        await asyncio.sleep(pause * throw.uniform(0.2, 1.8))
        await asyncio.to_thread(write, file, edit.text, throw)
        written[edit.number] = clock.now().timestamp()
        if edit.number in left:
            await asyncio.sleep(_LEFT_SECONDS)
    return written


async def _measure_lag(lags: list[float]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        asked = loop.time()
        await asyncio.sleep(_LAG_EVERY)
        lags.append((loop.time() - asked - _LAG_EVERY) * 1_000)


async def _last_is_live(ground: Ground, last: int) -> None:
    """Return once the last version, which is good, is live."""
    async with asyncio.timeout(_LAST_SECONDS):
        while last not in await _live_since(ground):  # noqa: ASYNC110 - the ledger tells when it is asked
            await asyncio.sleep(0.1)


async def _live_since(ground: Ground) -> dict[int, float]:
    """The versions that went live, by number, with when they did."""
    found = {}
    for note in await ground.ledger(Ledger.knowledge_notes):
        if note.state == "live":
            text = "".join((await ground.ledger(Ledger.knowledge_files, note.digest) or {}).values())
            found[int(_MARK.findall(text)[0])] = note.at.timestamp()
    return found


async def _judged(
    ground: Ground, done: Sequence[Edit], written: Mapping[int, float], lags: Sequence[float]
) -> Storm:
    truth = await ground.practice.truth()
    replies = [each for each in await ground.ledger(Ledger.all_replies) if each.state in _SAID]
    live = await _live_since(ground)
    notes = await ground.ledger(Ledger.knowledge_notes)
    handoffs = await ground.ledger(Ledger.handoffs)
    verdict = judge(
        _unmarked(truth),
        ground.knowledge,
        bots=frozenset(row["user"] for row in ground.practice.shops),
        intended=[(reply.shop, reply.conversation_key, plain(_MARK.sub("", reply.text))) for reply in replies],
        queue=frozenset(handoff.where for handoff in handoffs),
    )
    sources = [number for reply in replies for number in _sources(reply)]
    wrong = {edit.number for edit in done if edit.wrong}
    took = sorted(turn["got"][0]["at"] - turn["asked_first"] for turn in truth["turns"] if turn["got"])
    after = sorted((live[number] - at) * 1_000 for number, at in written.items() if number in live)
    return Storm(
        edits=len(done),
        wrong=len(wrong),
        live=len(live),
        told_wrong=sum(note.state == "broken" for note in notes),
        turns=verdict.turns,
        answered=verdict.answered,
        lost=verdict.lost,
        duplicates=verdict.duplicates,
        misdelivered=verdict.misdelivered,
        wrong_answers=verdict.wrong,
        texts=len(sources),
        from_wrong=sum(number in wrong for number in sources),
        from_unknown=sum(number not in live for number in sources),
        first_reply_p95_ms=percentile(took, 95),
        first_reply_max_ms=max(took, default=None),
        live_after_p50_ms=percentile(after, 50),
        live_after_p95_ms=percentile(after, 95),
        lag_p99_ms=percentile(lags, 99),
        lag_max_ms=max(lags, default=0.0),
    )


def _sources(reply: Reply) -> list[int]:
    """The versions that the parts of what was said came from; without any it came from nowhere."""
    return [int(number) for number in _MARK.findall(reply.text)] or [0]


def _unmarked(value: Any) -> Any:
    """The console's record with the versions' numbers taken out of what was said."""
    if isinstance(value, str):
        return _MARK.sub("", value)
    if isinstance(value, dict):
        return {key: _unmarked(inner) for key, inner in value.items()}
    return [_unmarked(inner) for inner in value] if isinstance(value, list) else value


def table(found: Storm) -> Table:
    """The figures, a line each."""
    shown = Table(title="边改知识库边值守", title_justify="left", show_header=False)
    names = {
        "edits": "改动",
        "wrong": "其中改错",
        "live": "启用的版本",
        "turns": "买家的提问",
        "answered": "答了",
        "lost": "没人管",
        "from_wrong": "用了错的版本",
        "from_unknown": "不知出自哪个版本",
        "first_reply_p95_ms": "首响 p95 毫秒",
        "live_after_p50_ms": "改动到启用 p50 毫秒",
        "lag_max_ms": "事件循环最多晚 毫秒",
    }
    for key, value in asdict(found).items():
        if key in names:
            shown.add_row(names[key], "–" if value is None else f"{value:.0f}")
    return shown


def main() -> int:
    """Measure, print, and say by the exit code whether all went well."""
    parser = argparse.ArgumentParser(prog="python -m bench.reload", description="边改知识库边值守")
    parser.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    parser.add_argument("--edits", type=whole(2), default=EDITS, help=f"改几次（默认 {EDITS}）")
    parser.add_argument("--seconds", type=over(QUIET), default=SECONDS, help=f"几秒（默认 {SECONDS:g}）")
    given = parser.parse_args()
    found = asyncio.run(storm(count=given.edits, seconds=given.seconds))
    if given.json:
        sys.stdout.write(json.dumps(asdict(found) | {"met": found.met}, ensure_ascii=False) + "\n")
    else:
        Console().print(table(found))
    return 0 if found.met else 1


if __name__ == "__main__":
    sys.exit(main())
