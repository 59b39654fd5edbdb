"""`nightdesk demo`: the practice console with its buyers, bots that serve it, a live table, and a verdict."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from loguru import logger
from rich.console import Console
from rich.live import Live

from base.clock import SystemClock
from base.errors import ConfigError, Problem
from base.masking import keep_secret
from base.places import shared
from bots.demo.judge import Verdict, heard, judge, plain
from bots.demo.report import summary
from bots.logs import start_log
from bots.settings import Login, Settings, Shop, load_shop_pack
from bots.sign import refusals
from bots.table import figures_table
from bots.worker import Worker, Workplace
from flows.login import Credentials
from flows.mind import Mind
from flows.pack import Limit, Pace
from knowledge.model import Knowledge, load_knowledge
from practice.client import LOOKS, ROUGHLY, Practice, PracticeError
from storage.ledger import Ledger
from storage.records import ReplyState, ShopState
from storage.thread import LedgerThread

_ZONE = ZoneInfo("Asia/Shanghai")
_READY_SECONDS = 60.0
_REST_SECONDS = 15.0
_LOOK = 0.5
# Turns a second in each shop; a marketplace shop in a sale sees about as many.
_RATE = 1.5
# Where every press takes a second, one mouse cannot open more.
_ROUGH_RATE = 0.4


# Our own console takes whatever its buyers need, whichever marketplace it looks like.
_PACE = Pace(shop=Limit(messages=600, seconds=60), conversation=Limit(messages=20, seconds=60))


def run(*, seconds: float, shops: int, seed: int, dialect: str, rough: bool, as_json: bool) -> int:
    """Run the demo for `seconds` after the shops are open; returns the exit code: 0 if all went well.

    `dialect`: how the pages look; `rough`: whether they have bad manners.
    """
    if dialect not in LOOKS:
        hint = f"可以写 {'、'.join(LOOKS)}"
        raise ConfigError(Problem(message=f"练习台没有“{dialect}”这种页面", hint=hint))
    console = Console(stderr=as_json)
    arguments = ["--shops", str(shops), "--seed", str(seed), "--dialect", dialect, *(ROUGHLY if rough else ())]
    verdict = asyncio.run(_run(arguments, seconds, _ROUGH_RATE if rough else _RATE, console))
    if verdict is None:
        console.print("已停止。")
        return 130
    console.print(summary(verdict))
    if as_json:
        sys.stdout.write(json.dumps(asdict(verdict), ensure_ascii=False) + "\n")
    return 1 if verdict.shortcomings else 0


async def _run(arguments: Sequence[str], seconds: float, rate: float, console: Console) -> Verdict | None:
    knowledge = load_knowledge(shared("knowledge.yaml"))
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nightdesk-demo-")))
        start_log(folder, terminal=False)
        stack.callback(logger.remove)
        try:
            practice = await Practice.start(*arguments)
        except PracticeError as error:
            raise ConfigError(Problem(message=str(error))) from None
        stack.push_async_callback(practice.stop)
        ledger = await LedgerThread.open(folder / "ledger.db", SystemClock())
        stack.push_async_callback(ledger.close)
        worker = Worker(workplace(practice, ledger, knowledge, folder))
        return await _Play(practice, ledger, worker, knowledge, console).play(seconds, rate)


def workplace(practice: Practice, ledger: LedgerThread, knowledge: Knowledge, folder: Path) -> Workplace:
    """The demo's shops as a worker attends them."""
    clock = SystemClock()
    # Always a night shift: people come on in eight hours, so that whatever is handed over is told when.
    start = (clock.now().astimezone(_ZONE).hour + 8) % 24
    rows = practice.shops
    console = _pack_for(practice.dialect)
    settings = Settings(
        people=f"{start:02d}:00-{(start + 2) % 24:02d}:00",
        shops=[
            Shop(
                id=row["id"],
                title=row["title"],
                console=console,
                url=row["url"],
                login=Login(user=row["user"]),
            )
            for row in rows
        ],
    )
    passwords = {row["id"]: str(row["password"]) for row in rows}
    for password in passwords.values():
        keep_secret(password)
    mind = Mind.of(knowledge)
    return Workplace(
        settings=settings,
        packs={
            shop.id: load_shop_pack(shop, folder).model_copy(update={"pace": _PACE}) for shop in settings.shops
        },
        credentials={
            row["id"]: Credentials(user=row["user"], password=partial(passwords.__getitem__, row["id"]))
            for row in rows
        },
        states=folder,
        seats=folder,
        evidence=folder,
        ledger=ledger,
        mind=lambda: mind,
        clock=clock,
        zone=_ZONE,
    )


def _pack_for(dialect: str) -> str:
    own = f"practice-{dialect}"
    return own if shared(f"selectors/{own}.yaml").is_file() else dialect


@dataclass(slots=True)
class _Play:
    """One run: bots in, buyers in, buyers out, verdict."""

    practice: Practice
    ledger: LedgerThread
    worker: Worker
    knowledge: Knowledge
    console: Console

    async def play(self, seconds: float, rate: float) -> Verdict | None:
        """Returns None when told to stop before the end."""
        for row in self.practice.shops:
            pack = _pack_for(self.practice.dialect)
            await self.ledger(Ledger.put_shop, row["id"], title=row["title"], console=pack, platform="practice")
            await self.ledger(Ledger.go_live, row["id"])
        work = asyncio.create_task(self.worker.run())
        stopped = _on_signals()
        try:
            await self._until(work, stopped, self._all_ready, _READY_SECONDS)
            await self.practice.control("buyers", run=True, rate=rate * len(self.practice.shops), seconds=seconds)
            with Live(console=self.console, refresh_per_second=4) as live:
                await self._until(work, stopped, lambda: self._show(live, over=False), seconds)
                await self._until(work, stopped, lambda: self._show(live, over=True), _REST_SECONDS)
            if not self.console.is_terminal:
                self.console.print()  # the table ends without a line's end there
            if stopped.is_set():
                return None
            return await verdict_on(await self.practice.truth(), self.practice, self.ledger, self.knowledge)
        finally:
            self.worker.stop()
            await work

    async def _until(
        self, work: asyncio.Task[None], stopped: asyncio.Event, done: Callable[[], Awaitable[bool]], seconds: float
    ) -> None:
        """Look again and again until `done` says so, the time is over, or somebody stops us."""
        clock = asyncio.get_running_loop()
        end = clock.time() + seconds
        while clock.time() < end and not stopped.is_set() and not await done():
            if work.done():
                await work
                raise ConfigError(Problem(message="机器人提前停下了"))
            if refused := refusals([self.worker.sign()]):
                raise ConfigError(*refused)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), _LOOK)

    async def _all_ready(self) -> bool:
        return all(row.state is ShopState.ready for row in await self.ledger(Ledger.shop_rows))

    async def _show(self, live: Live, *, over: bool) -> bool:
        """Draw the table; once the buyers are gone, whether all that they asked was seen to."""
        figures = await self.ledger(Ledger.figures)
        live.update(figures_table(figures, "Nightdesk 演示：机器人正在练习台值守"))
        if not over:
            return False
        truth = await self.practice.truth()
        asked = [turn for turn in truth["turns"] if turn["needs_answer"]]
        return not truth["buyers"]["coming"] and all(map(heard, asked))


async def verdict_on(
    truth: Mapping[str, Any], practice: Practice, ledger: LedgerThread, knowledge: Knowledge
) -> Verdict:
    """A run judged, or the part of it that is left in `truth`."""
    meant = (ReplyState.sending, ReplyState.confirmed, ReplyState.unverified)
    bots, queue = await sides(practice, ledger)
    replies = await ledger(Ledger.all_replies)
    return judge(
        truth,
        knowledge,
        bots=bots,
        intended=[
            (reply.shop, reply.conversation_key, plain(reply.text)) for reply in replies if reply.state in meant
        ],
        queue=queue,
    )


async def sides(practice: Practice, ledger: LedgerThread) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """The bots' accounts, and the (shop, conversation) of every handoff that a person can see."""
    handoffs = await ledger(Ledger.handoffs)
    queue = frozenset(handoff.where for handoff in handoffs)
    return frozenset(row["user"] for row in practice.shops), queue


def _on_signals() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped
