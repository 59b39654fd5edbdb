"""`nightdesk up`: attend the shops of `shops.yaml` until told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

from loguru import logger
from rich.console import Console
from rich.live import Live

from base.beat import Beat
from base.clock import Clock, SystemClock
from bots.home import Home
from bots.keeper import MindKeeper
from bots.logs import start_log
from bots.seat import Seat
from bots.secrets import password_of, secret_for
from bots.settings import Settings, Shop, load_settings, load_shop_pack
from bots.table import figures_table
from bots.worker import Worker, Workplace
from flows.login import Credentials
from flows.mind import Mind
from flows.pack import Pack
from storage.ledger import Ledger
from storage.thread import LedgerThread

_ZONE = ZoneInfo("Asia/Shanghai")
_DRAW_EVERY = 1.0
_SHOWN = timedelta(hours=24)


def run(home: Home) -> int:
    """Attend until SIGINT or SIGTERM; raises `ConfigError` for what the operator can put right."""
    settings = load_settings(home.shops)
    packs = {shop.id: load_shop_pack(shop, home.folder) for shop in settings.shops}
    home.prepare()
    asyncio.run(_attend(home, settings, packs))
    return 0


async def _attend(home: Home, settings: Settings, packs: Mapping[str, Pack]) -> None:
    clock = SystemClock()
    console = Console()
    async with AsyncExitStack() as stack:
        for shop in settings.shops:
            stack.enter_context(Seat(home, shop.id))
        start_log(home.logs, terminal=not console.is_terminal)
        stack.callback(logger.remove)
        ledger = await LedgerThread.open(home.ledger, clock)
        stack.push_async_callback(ledger.close)
        keeper = await MindKeeper.open(home.folder / settings.knowledge, ledger)
        _warn_of_blocked(keeper.mind(), settings, packs)
        keeper.start()
        stack.push_async_callback(keeper.stop)
        worker = Worker(
            Workplace(
                settings=settings,
                packs=packs,
                credentials={shop.id: _credentials(shop, home) for shop in settings.shops},
                states=home.state("").parent,
                backups=home.backups,
                evidence=home.evidence,
                ledger=ledger,
                mind=keeper.mind,
                clock=clock,
                zone=_ZONE,
            )
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, worker.stop)
        if console.is_terminal:
            await stack.enter_async_context(_live_table(console, ledger, clock))
        await worker.run()


def _credentials(shop: Shop, home: Home) -> Credentials | None:
    return Credentials(user=shop.login.user, password=secret_for(password_of(shop), home)) if shop.login else None


def _warn_of_blocked(mind: Mind, settings: Settings, packs: Mapping[str, Pack]) -> None:
    """Say at once which answers a platform would not let out; when one comes up it goes to a person."""
    for entry in mind.knowledge.entries:
        texts = mind.knowledge.spoken(entry) if entry.live else []
        for shop in settings.shops:
            for verdict in mind.guard.check_all(texts, platform=packs[shop.id].platform, category=shop.category):
                if not verdict.allowed:
                    logger.bind(shop=shop.id).warning("entry {} will not be sent: {}", entry.id, verdict.reason)


@asynccontextmanager
async def _live_table(console: Console, ledger: LedgerThread, clock: Clock) -> AsyncIterator[None]:
    with Live(console=console, refresh_per_second=4) as live:

        async def draw() -> None:
            since = clock.now() - _SHOWN
            figures = await ledger(Ledger.figures, since=since)
            live.update(figures_table(figures, "Nightdesk 值守中，最近 24 小时（按 Ctrl-C 停止）"))

        beat = Beat("table", _DRAW_EVERY, draw)
        beat.start()
        try:
            yield
        finally:
            await beat.stop()
