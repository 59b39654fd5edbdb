"""Where bad manners are tried: a practice console of one dialect, whose shops may each have others at a time, with
bots that stay while the manners change."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loguru import logger

from base.clock import SystemClock
from base.places import shared
from bench.house import standing
from bots.demo.judge import Verdict, heard
from bots.demo.run import verdict_on, workplace
from bots.logs import start_log
from bots.worker import Worker
from flows.pack import Pack
from knowledge.model import Knowledge, load_knowledge
from practice.client import Practice
from practice.plan import QUIET
from storage.ledger import Ledger
from storage.records import ShopState
from storage.thread import LedgerThread

Manners = tuple[str, ...]

# What a pack must say where the chat stands inside something.
SHAPES: Mapping[str, Mapping[str, object]] = {
    "frames": {"frames": [".workbench-frame", ".workbench-frame"]},
    "shadow": {"shadow": [".desk-host"]},
}
_READY_SECONDS = 120.0
# The slowest manner tells of a buyer after half a minute only, and a colleague's draft is left alone for a minute.
_REST_SECONDS = 150.0
_LOOK = 0.4
# Badges that lie would show on the rows of all earlier buyers: a cell shall not hang on those before it.
_ROWS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of the turns asked under some manners, in a shop or (None) in all, between two moments; `took`:
    milliseconds to the first replies that came while it was looked at.
    """

    manners: Manners
    shop: str | None
    begun: int
    ended: int
    verdict: Verdict
    took: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Bots at work; each cell has buyers of its own, in a shop the same in every cell."""

    practice: Practice
    ledger: LedgerThread
    knowledge: Knowledge
    work: asyncio.Task[None]

    async def play(self, manners: Manners, seconds: float, *, turns: int, shop: str | None = None) -> Tried:
        """Let buyers come while the pages have these manners, until all are seen to or it is late."""
        # Sessions that are lost minutes apart would be taken for a quarrel over the account.
        for one in self._shops(shop):
            await self.ledger(Ledger.command, one, "return")
        await self.wait_ready(shop)
        where = {} if shop is None else {"shop": shop}
        await self.practice.control("manners", names=list(manners), **where)
        rate = turns / (seconds - QUIET)
        coming = await self.practice.control("buyers", run=True, rate=rate, seconds=seconds, **where)
        await asyncio.sleep(seconds - QUIET)
        return await self._seen_to(manners, shop, coming["begun"])

    async def rest(self, manners: Manners, shop: str, since: int) -> None:
        """Leave the shop these manners only, until everybody who asked since then is seen to or it is late."""
        await self.practice.control("manners", names=list(manners), shop=shop)
        await self._seen_to(manners, shop, since)

    async def again(self, tried: Tried) -> Tried:
        """Judged once more: what came late counts too."""
        now = await self._tried(tried.manners, tried.shop, tried.begun, tried.ended)
        return replace(tried, verdict=now.verdict)

    async def wait_ready(self, shop: str | None = None) -> None:
        """Return once the shop, or every shop, has let its bot in."""
        shops = self._shops(shop)
        async with asyncio.timeout(_READY_SECONDS):
            while any(
                row.shop in shops and row.state is not ShopState.ready
                for row in await self.ledger(Ledger.shop_rows)
            ):
                await self._look()

    def _shops(self, shop: str | None) -> Sequence[str]:
        return [row["id"] for row in self.practice.shops] if shop is None else [shop]

    async def _seen_to(self, manners: Manners, shop: str | None, begun: int) -> Tried:
        """Judged once everybody is answered or stands before a person and nothing is in the air, or it is late."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _REST_SECONDS
        while True:
            late = loop.time() >= end
            if late or await self._calm(shop, begun):
                tried = await self._tried(manners, shop, begun, None)
                if late or not tried.verdict.lost:
                    return tried
            await self._look()

    async def _calm(self, shop: str | None, begun: int) -> bool:
        """Whether nobody comes any more, all got a word or stand before a person, and nothing is in the air."""
        truth = await self._truth(shop, begun)
        if truth["buyers"]["coming"]:
            return False
        queue = standing(await self.ledger(Ledger.handoffs, shop=shop))
        asked = [turn for turn in truth["turns"] if turn["needs_answer"]]
        if not all(heard(turn) or (turn["shop"], turn["conversation"]) in queue for turn in asked):
            return False
        return not any([await self.ledger(Ledger.unfinished, one) for one in self._shops(shop)])

    async def _tried(self, manners: Manners, shop: str | None, begun: int, ended: int | None) -> Tried:
        truth = await self._truth(shop, begun)
        ended = ended or truth["now"]
        turns = [turn for turn in truth["turns"] if turn["asked_first"] <= ended]
        there = {(turn["shop"], turn["conversation"]) for turn in turns}
        messages = [one for one in truth["messages"] if (one["shop"], one["conversation"]) in there]
        part = {**truth, "turns": turns, "messages": messages}
        verdict = await verdict_on(part, self.practice, self.ledger, self.knowledge)
        asked = [turn for turn in turns if turn["needs_answer"] and turn["got"]]
        took = sorted(turn["got"][0]["at"] - turn["asked_first"] for turn in asked)
        return Tried(manners=manners, shop=shop, begun=begun, ended=ended, verdict=verdict, took=tuple(took))

    async def _truth(self, shop: str | None, since: int) -> Mapping[str, Any]:
        return await self.practice.truth(since=since, **({} if shop is None else {"shop": shop}))

    async def _look(self) -> None:
        if self.work.done():
            self.work.result()
            raise RuntimeError("the bots have stopped")
        await asyncio.sleep(_LOOK)


def _fitted(pack: Pack, shape: Manners) -> Pack:
    return pack.model_copy(update={key: value for one in shape for key, value in SHAPES[one].items()})


@asynccontextmanager
async def ground(dialect: str, shapes: Sequence[Manners]) -> AsyncIterator[Ground]:
    """Bots that are in; `shapes`: for each shop, where the chat stands inside its page, from the start on."""
    knowledge = load_knowledge(shared("knowledge.yaml"))
    with tempfile.TemporaryDirectory(prefix="nightdesk-bench-") as name:
        start_log(Path(name), terminal=False)
        practice = await Practice.start("--shops", str(len(shapes)), "--rows", str(_ROWS), "--dialect", dialect)
        ledger = await LedgerThread.open(Path(name) / "ledger.db", SystemClock())
        place = workplace(practice, ledger, knowledge, Path(name))
        inside = dict(zip(place.packs, shapes, strict=True))
        packs = {shop: _fitted(pack, inside[shop]) for shop, pack in place.packs.items()}
        # No shop waits for the slow presses of another.
        settings = place.settings.model_copy(update={"visits": len(shapes)})
        worker = Worker(replace(place, packs=packs, settings=settings))
        try:
            for row in practice.shops:
                shop = row["id"]
                await practice.control("manners", names=list(inside[shop]), shop=shop)
                await ledger(
                    Ledger.put_shop, shop, title=row["title"], console=packs[shop].name, platform="practice"
                )
                await ledger(Ledger.go_live, shop)
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
