"""Bots at work for a test: the real worker, browser and ledger, told only what a shop is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from base.clock import SystemClock
from base.places import shared
from bots.settings import Settings, Shop, load_shop_pack
from bots.worker import Worker, Workplace
from flows.login import Credentials
from flows.mind import Mind
from knowledge.model import Knowledge, load_knowledge
from storage.ledger import Ledger
from storage.thread import LedgerThread

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """A worker at work, its ledger, and what its bots know."""

    worker: Worker
    ledger: LedgerThread
    knowledge: Knowledge
    task: asyncio.Task[None]


def off_duty_hours() -> str:
    """A span in which it is not now: nobody is on shift."""
    hour = (SystemClock().now().astimezone(ZONE).hour + 8) % 24
    return f"{hour:02d}:00-{(hour + 2) % 24:02d}:00"


@asynccontextmanager
async def attending(
    folder: Path,
    shops: Sequence[Shop],
    password: str,
    *,
    live: bool = True,
    people: str | None = None,
    visits: int = 4,
) -> AsyncIterator[Attended]:
    """Bots attend `shops` until the block ends; all accounts have one `password`; `folder` holds the ledger."""
    knowledge = load_knowledge(shared("knowledge.yaml"))
    mind = Mind.of(knowledge)
    settings = Settings(shops=list(shops), people=people or off_duty_hours(), visits=visits)
    ledger = await LedgerThread.open(folder / "ledger.db", SystemClock())
    packs = {shop.id: load_shop_pack(shop, folder) for shop in shops}
    for shop in shops:
        pack = packs[shop.id]
        await ledger(Ledger.put_shop, shop.id, title=shop.id, console=pack.name, platform=pack.platform)
        if live:
            await ledger(Ledger.go_live, shop.id)
    logins = {shop.id: shop.login.user if shop.login else "" for shop in shops}
    worker = Worker(
        Workplace(
            settings=settings,
            packs=packs,
            credentials={shop: Credentials(user=user, password=lambda: password) for shop, user in logins.items()},
            states=folder,
            seats=folder,
            evidence=folder,
            ledger=ledger,
            mind=lambda: mind,
            clock=SystemClock(),
            zone=ZONE,
        )
    )
    task = asyncio.create_task(worker.run())
    try:
        yield Attended(worker=worker, ledger=ledger, knowledge=knowledge, task=task)
    finally:
        worker.stop()
        await asyncio.gather(task, return_exceptions=True)
        await ledger.close()


async def eventually(happened: Callable[[], Awaitable[bool]], seconds: float = 50.0) -> None:
    """Wait for something that no event tells of; fails when `seconds` are over."""
    async with asyncio.timeout(seconds):
        while not await happened():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.1)
