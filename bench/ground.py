"""Where bad manners are tried: a practice console of one dialect, with bots that stay while the manners change."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from loguru import logger

from base.clock import SystemClock
from base.places import shared
from bots.demo.judge import Verdict
from bots.demo.run import verdict_on, workplace
from bots.logs import start_log
from bots.worker import Worker
from knowledge.model import Knowledge, load_knowledge
from practice.client import Practice
from practice.plan import QUIET
from storage.ledger import Ledger
from storage.records import ShopState
from storage.thread import LedgerThread

SHOPS, TURNS = 3, 15
# What a pack must say where the chat stands inside something.
SHAPES: Mapping[str, Mapping[str, object]] = {
    "frames": {"frames": [".workbench-frame", ".workbench-frame"]},
    "shadow": {"shadow": [".desk-host"]},
}
_READY_SECONDS = 60.0
# The slowest manner tells of a buyer after half a minute only.
_REST_SECONDS = 60.0
_LOOK = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of the turns that were asked under some manners; `took`: milliseconds to each first reply."""

    manners: tuple[str, ...]
    verdict: Verdict
    took: tuple[float, ...]


@dataclass(slots=True, kw_only=True)
class Ground:
    """Bots at work; each cell has buyers of its own, the same in every cell."""

    practice: Practice
    ledger: LedgerThread
    knowledge: Knowledge
    work: asyncio.Task[None]
    begun: list[tuple[tuple[str, ...], int]] = field(default_factory=list)

    async def play(self, manners: tuple[str, ...], seconds: float, *, turns: int | None = None) -> Tried:
        """Let buyers come while the pages have these manners, until all are seen to or the time is over."""
        # Sessions that are lost minutes apart would be taken for a quarrel over the account.
        for row in self.practice.shops:
            await self.ledger(Ledger.command, row["id"], "return")
        await self.wait_ready()
        await self.practice.control("manners", names=list(manners))
        begun = (await self.practice.truth())["now"]
        self.begun.append((manners, begun))
        rate = (turns or TURNS) / (seconds - QUIET)
        await self.practice.control("buyers", run=True, rate=rate, seconds=seconds)
        await asyncio.sleep(seconds - QUIET)
        await self._wait_seen_to()
        return await self._tried(manners, await self.practice.truth(), begun, None)

    async def all_tried(self) -> Sequence[Tried]:
        """Every cell judged once more: what came late counts too."""
        truth = await self.practice.truth()
        ends = [*(begun for _manners, begun in self.begun[1:]), None]
        return [
            await self._tried(manners, truth, begun, end)
            for (manners, begun), end in zip(self.begun, ends, strict=True)
        ]

    async def _tried(
        self, manners: tuple[str, ...], truth: Mapping[str, Any], begun: int, end: int | None
    ) -> Tried:
        turns = [
            turn
            for turn in truth["turns"]
            if turn["needs_answer"] and turn["asked_first"] >= begun and (end is None or turn["asked_first"] < end)
        ]
        there = {(turn["shop"], turn["conversation"]) for turn in turns}
        messages = [one for one in truth["messages"] if (one["shop"], one["conversation"]) in there]
        part = {**truth, "turns": turns, "messages": messages}
        verdict = await verdict_on(part, self.practice, self.ledger, self.knowledge)
        took = sorted(turn["got"][0]["at"] - turn["asked_first"] for turn in turns if turn["got"])
        return Tried(manners=manners, verdict=verdict, took=tuple(took))

    async def wait_ready(self) -> None:
        """Return once every shop has let its bot in."""
        async with asyncio.timeout(_READY_SECONDS):
            while any(row.state is not ShopState.ready for row in await self.ledger(Ledger.shop_rows)):
                await self._look()

    async def _wait_seen_to(self) -> None:
        """Return once everybody got a word or stands before a person and nothing is in the air, or it is late."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _REST_SECONDS
        while loop.time() < end and not await self._seen_to():
            await self._look()

    async def _seen_to(self) -> bool:
        truth = await self.practice.truth()
        queue = {(one.shop, one.conversation_key) for one in await self.ledger(Ledger.handoffs)}
        told = all(
            turn["got"] or (turn["shop"], turn["conversation"]) in queue
            for turn in truth["turns"]
            if turn["needs_answer"] and turn["asked_first"] >= self.begun[-1][1]
        )
        if not told or truth["buyers"]["coming"]:
            return False
        return not any([await self.ledger(Ledger.unfinished, row["id"]) for row in self.practice.shops])

    async def _look(self) -> None:
        if self.work.done():
            self.work.result()
            raise RuntimeError("the bots have stopped")
        await asyncio.sleep(_LOOK)


@asynccontextmanager
async def ground(dialect: str, shape: tuple[str, ...]) -> AsyncIterator[Ground]:
    """Bots that are in; `shape`: where the chat stands inside the page, from the start on."""
    knowledge = load_knowledge(shared("knowledge.yaml"))
    arguments = ["--shops", str(SHOPS), "--dialect", dialect, *(["--manners", ",".join(shape)] if shape else [])]
    with tempfile.TemporaryDirectory(prefix="nightdesk-bench-") as name:
        start_log(Path(name), terminal=False)
        practice = await Practice.start(*arguments)
        ledger = await LedgerThread.open(Path(name) / "ledger.db", SystemClock())
        place = workplace(practice, ledger, knowledge, Path(name))
        changes = {key: value for one in shape for key, value in SHAPES[one].items()}
        packs = {shop: pack.model_copy(update=changes) for shop, pack in place.packs.items()}
        worker = Worker(replace(place, packs=packs))
        try:
            for row in practice.shops:
                console = packs[row["id"]].name
                await ledger(Ledger.put_shop, row["id"], title=row["title"], console=console, platform="practice")
                await ledger(Ledger.go_live, row["id"])
            work = asyncio.create_task(worker.run())
            there = Ground(practice=practice, ledger=ledger, knowledge=knowledge, work=work)
            try:
                await there.wait_ready()
                yield there
            finally:
                worker.stop()
                await asyncio.gather(work, return_exceptions=True)
        finally:
            await ledger.close()
            await practice.stop()
            logger.remove()
