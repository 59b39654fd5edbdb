"""A practice console and an operator's folder for it, in which real `nightdesk up` processes attend its shops."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from base.clock import SystemClock
from base.places import shared
from bots.demo.judge import Verdict, blemished, heard
from bots.demo.run import sides, verdict_on
from bots.home import Home
from bots.processes import Birth, birth, kill, started_by
from bots.seat import Holder, holder_of, seat_path
from knowledge.model import Knowledge, load_knowledge
from practice.client import Practice
from practice.desk import ROWS
from storage.ledger import Ledger
from storage.records import Handoff, ShopState
from storage.thread import LedgerThread

# Once all are served: who is told again is often told a moment later.
SETTLE_SECONDS = 3.0
_READY_SECONDS = 120.0
_LOOK = 0.05
# Between a handoff and the word of patience on record.
_TELLING = timedelta(seconds=3)
_PACK = "practice-plain"
UP = ("-c", "from bots.cli import main; main()")


@dataclass(slots=True, kw_only=True)
class House:
    """What is there, and the `nightdesk up` that run."""

    practice: Practice
    home: Home
    ledger: LedgerThread
    knowledge: Knowledge
    ups: list[Process] = field(default_factory=list)

    @property
    def shops(self) -> list[str]:
        """Their ids."""
        return [row["id"] for row in self.practice.shops]

    async def up(self, start: Sequence[str] = UP, **environ: str) -> Process:
        """One more `nightdesk up` in the folder; `start`: what Python is to run."""
        secrets = {_variable(row["id"]): str(row["password"]) for row in self.practice.shops}
        # Not beside the knowledge, whose folder is watched.
        with (self.home.logs / "up.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, *start, "--home", str(self.home.folder), "up"),
                env={**os.environ, **secrets, **environ},
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        self.ups.append(process)
        return process

    def holder(self, shop: str) -> Holder | None:
        """The worker that has the shop's seat."""
        return holder_of(seat_path(self.home.seats, shop))

    def tree(self) -> set[Birth]:
        """Every process of every `nightdesk up`, and whatever a seat's holder started."""
        running = [process.pid for process in self.ups if process.returncode is None]
        held = [holder for shop in self.shops if (holder := self.holder(shop)) is not None]
        return {
            *(one for pid in running if (one := birth(pid)) is not None),
            *(one for pid in running for one in started_by(pid)),
            *(one for holder in held for one in holder.started),
        }

    async def ready(self) -> None:
        """Until every shop is attended by a living worker."""

        async def attended() -> bool:
            states = {row.state for row in await self.ledger(Ledger.shop_rows)}
            return states == {ShopState.ready} and all(map(self.holder, self.shops))

        await self.until(attended)

    async def answered(self, conversation: str, times: int = 1) -> None:
        """Until a buyer got so many texts from the bots, by the console's own record."""

        async def got() -> bool:
            truth = await self.practice.truth()
            told = [one for one in truth["messages"] if one["conversation"] == conversation]
            return len([one for one in told if one["sender"] == "shop"]) >= times

        await self.until(got)

    async def seen_to(self) -> bool:
        """Whether everybody got a word or stands before a person, nobody is to come, and nothing is in the air."""
        truth = await self.practice.truth()
        queue = standing(await self.ledger(Ledger.handoffs))
        asked = [turn for turn in truth["turns"] if turn["needs_answer"]]
        if not all(heard(turn) or (turn["shop"], turn["conversation"]) in queue for turn in asked):
            return False
        unfinished = [await self.ledger(Ledger.unfinished, shop) for shop in self.shops]
        return not truth["buyers"]["coming"] and not any(unfinished)

    async def until(self, true: Callable[[], Awaitable[bool]], seconds: float = _READY_SECONDS) -> None:
        """Look until it is so; raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while not await true():  # noqa: ASYNC110 - what is waited for is in other processes
                await asyncio.sleep(_LOOK)

    async def verdict(self) -> Verdict:
        """What became of all that was asked, by the console's own record as it is a moment later."""
        await asyncio.sleep(SETTLE_SECONDS)
        return await verdict_on(await self.practice.truth(), self.practice, self.ledger, self.knowledge)

    async def blemishes(self) -> list[str]:
        """Each turn that went wrong, line by line: when (seconds since its first word) who said what."""
        truth = await self.practice.truth()
        bots, queue = await sides(self.practice, self.ledger)
        reasons = {one.where: one.reason for one in await self.ledger(Ledger.handoffs)}
        told = []
        for turn in blemished(truth, self.knowledge, bots=bots, queue=queue):
            reason = reasons.get((turn["shop"], turn["conversation"]), "")
            told.append(f"{turn['shop']}: {turn['topic'] or '—'} {reason}")
            told += [
                f"  {(one['at'] - turn['asked_first']) / 1000:+.3f} {one['sender']}: {one['text']}"
                for one in truth["messages"]
                if (one["shop"], one["conversation"]) == (turn["shop"], turn["conversation"])
            ]
        return told

    async def close(self) -> None:
        """End every `nightdesk up` in order."""
        for process in self.ups:
            if process.returncode is None:
                process.terminate()
        for process in self.ups:
            await process.wait()


def standing(handoffs: Iterable[Handoff]) -> set[tuple[str, str]]:
    """The (shop, conversation) of whom a person can see, without those who were handed over a moment ago: they are
    still to be told so.
    """
    before = SystemClock().now() - _TELLING
    return {one.where for one in handoffs if one.opened_at <= before}


@asynccontextmanager
async def house(shops: int, *, seed: int = 1, rows: int = ROWS, **settings: object) -> AsyncIterator[House]:
    """A folder with so many shops, all live; when the block ends, no process of it is left.

    `rows`: how many conversations a list keeps in which nobody waits; `settings`: what `shops.yaml` says besides.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101 - it is what runs this
    # Whoever ends a benchmark by SIGTERM means the bots as well, which would outlive it. Not by way of SIGINT,
    # which does nothing in what a script has started in the background.
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    practice = await Practice.start("--shops", str(shops), "--seed", str(seed), "--rows", str(rows))
    with tempfile.TemporaryDirectory(prefix="nightdesk-house-") as name:
        home = Home(Path(name))
        _furnish(home, practice, settings)
        ledger = await LedgerThread.open(home.ledger, SystemClock())
        there = House(
            practice=practice, home=home, ledger=ledger, knowledge=load_knowledge(shared("knowledge.yaml"))
        )
        try:
            for shop in there.shops:
                await ledger(Ledger.put_shop, shop, title=shop, console=_PACK, platform="practice")
                await ledger(Ledger.go_live, shop)
            yield there
        finally:
            await asyncio.to_thread(kill, there.tree())
            for process in there.ups:
                await process.wait()
            await ledger.close()
            await practice.stop()
            loop.remove_signal_handler(signal.SIGTERM)


def _furnish(home: Home, practice: Practice, settings: Mapping[str, object]) -> None:
    home.prepare()
    shutil.copy(shared("knowledge.yaml"), home.knowledge)
    shops = [
        {
            "id": row["id"],
            "console": _PACK,
            "url": row["url"],
            "login": {"user": row["user"], "secret": f"env:{_variable(row['id'])}"},
        }
        for row in practice.shops
    ]
    # JSON is YAML. People are away at any hour, so that a handoff is answered with patience at once.
    written = {"people": [{"do": "休息"}], **settings, "shops": shops}
    home.shops.write_text(json.dumps(written), encoding="utf-8")


def _variable(shop: str) -> str:
    return f"PRACTICE_{shop.upper().replace('-', '_')}"
