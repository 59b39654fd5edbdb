"""`nightdesk up`: keep the workers of the shops of `shops.yaml` running until told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from loguru import logger
from rich.console import Console
from rich.live import Live

from base.beat import Beat
from base.clock import Clock, SystemClock
from base.errors import LedgerUnavailable
from bots.alerts.caller import calling
from bots.charge import Charge, in_charge
from bots.child import command
from bots.coverage import auditing
from bots.evidence import KEPT, Evidence
from bots.home import Home
from bots.jobs import Job, attempt, each_night
from bots.logs import start_log
from bots.rehearsal import rehearsing
from bots.roll import Roll, read_roll
from bots.rollkeeper import RollKeeper
from bots.seat import end_the_silent
from bots.settings import Settings
from bots.supervisor import Supervisor
from bots.systemd import notify, started_us
from bots.table import edits_words, figures_table, working
from knowledge.versions import read_version
from storage.backups import copy_of, drop_old
from storage.ledger import Ledger
from storage.records import Severity
from storage.thread import LedgerThread

_ZONE = ZoneInfo("Asia/Shanghai")
_DRAW_EVERY = 1.0
_WORKERS_EVERY = 5.0
_CHARGE_EVERY = 0.5
_SHOWN = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """What may be seen from beside the workers: the ledger and the supervisor, never a flow."""

    home: Home
    roll: Callable[[], Roll]
    ledger: LedgerThread
    clock: Clock
    supervisor: Supervisor
    in_charge: Callable[[], bool]


Beside = Callable[[Vantage], AbstractAsyncContextManager[None]]


def run(home: Home, beside: Beside) -> int:
    """Attend, with `beside` running meanwhile, until SIGINT or SIGTERM.

    Raises `ConfigError` for what the operator can put right.
    """
    roll = read_roll(home)
    read_version(*roll.knowledge(home.folder))
    home.prepare()
    asyncio.run(_supervise(home, roll, beside))
    return 0


async def _supervise(home: Home, roll: Roll, beside: Beside) -> None:
    clock, console = SystemClock(), Console()
    log = not console.is_terminal
    start_log(home.logs, terminal=log)
    async with AsyncExitStack() as stack:
        stack.callback(logger.remove)
        await end_the_silent(home.seats, roll.shops, clock)
        ledger = await LedgerThread.open(home.ledger, clock)
        stack.push_async_callback(ledger.close)
        supervisor = Supervisor(command(home, log=log), roll, clock, watched=not started_us())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, supervisor.stop)
        watch = _Watch(home, ledger, clock, supervisor)
        await stack.enter_async_context(watch.kept())
        keeper = RollKeeper(home, roll, ledger, clock, changed=supervisor.take, in_charge=lambda: watch.in_charge)
        keeper.start()
        stack.push_async_callback(keeper.stop)

        def settings() -> Settings:
            return keeper.roll().settings

        await stack.enter_async_context(calling(home, settings, ledger, clock, _ZONE, lambda: watch.in_charge))
        stack.enter_context(auditing(settings, home.folder, ledger, clock, _ZONE, lambda: watch.in_charge))
        stack.enter_context(rehearsing(home, keeper.roll, ledger, clock, _ZONE, lambda: watch.in_charge))
        vantage = Vantage(
            home=home,
            roll=keeper.roll,
            ledger=ledger,
            clock=clock,
            supervisor=supervisor,
            in_charge=lambda: watch.in_charge,
        )
        await stack.enter_async_context(beside(vantage))
        if console.is_terminal:
            await stack.enter_async_context(watch.shown(console))
        await supervisor.run()


class _Watch:
    """What is done beside the workers: once in a folder by the one in charge, and the live table by each."""

    def __init__(self, home: Home, ledger: LedgerThread, clock: Clock, supervisor: Supervisor) -> None:
        self._home = home
        self._ledger = ledger
        self._clock = clock
        self._supervisor = supervisor
        self._charge = Charge(home.seats, clock)
        self._others: list[str] = []
        self._restless = False
        self._apart: list[str] = []

    @property
    def in_charge(self) -> bool:
        """Whether what must be done once is ours to do."""
        return self._charge.held

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Be in charge or stand by for it, until the block ends."""
        beats = [
            Beat("charge", _CHARGE_EVERY, self._renew),
            Beat("workers", _WORKERS_EVERY, self._tell_of_workers),
        ]
        for beat in beats:
            beat.start()
        notify("READY=1")
        try:
            with each_night(_ZONE, self._nightly):
                yield
        finally:
            notify("STOPPING=1")
            for beat in beats:
                await beat.stop()
            self._charge.release()

    @asynccontextmanager
    async def shown(self, console: Console) -> AsyncIterator[None]:
        """Show the live table until the block ends."""
        with _shown(Live(console=console, refresh_per_second=4)) as live:

            async def draw() -> None:
                shown = await self._ledger(Ledger.figures, since=self._clock.now() - _SHOWN)
                figures = [one for one in shown if one.shop in self._supervisor.shops]
                knowledge = await self._ledger(Ledger.knowledge_trouble)
                trouble = edits_words(knowledge, await self._ledger(Ledger.roll_trouble))
                rows, now = await self._ledger(Ledger.shop_rows), self._clock.now()
                idle = [row.shop for row in rows if row.beat_at is not None and not working(row, now)]
                # A terminal that was stopped takes nothing: only the drawing may wait for it.
                await asyncio.to_thread(live.update, figures_table(figures, self._title(), trouble, idle))

            beat = Beat("table", _DRAW_EVERY, draw)
            beat.start()
            try:
                yield
            finally:
                await beat.stop()

    def _title(self) -> str:
        if not self._others:
            return "Nightdesk 值守中，最近 24 小时（按 Ctrl-C 停止）"
        shops = "、".join(self._others)
        return f"Nightdesk 备用中：{shops} 由另一个 nightdesk up 值守，它一停就由这里接手（按 Ctrl-C 停止）"

    async def _renew(self) -> None:
        notify("WATCHDOG=1")  # first: a disk that takes nothing must not have us ended before anybody is called
        await self._charge.renew()
        others = self._supervisor.others
        if others != self._others:
            self._others = others
            first, _next = in_charge(self._home.seats)
            if others:
                logger.info("备用中：{} 由另一个 nightdesk up（pid {}）值守", "、".join(others), first)
            else:
                logger.info("所有店铺都由这里值守")

    async def _tell_of_workers(self) -> None:
        restless = self._supervisor.restless
        if restless != self._restless:
            why = "值守进程一启动就退出，反复重启，原因在日志里" if restless else "值守进程不再退出了"
            severity: Severity = "alert" if restless else "info"
            await self._ledger(Ledger.event, "worker", severity=severity, why=why)
            self._restless = restless
        while news := self._supervisor.news:
            await self._ledger(Ledger.event, "moved", severity="info", why=news[0])
            news.pop(0)
        apart = self._supervisor.apart
        for shop in [shop for shop in apart if shop not in self._apart]:
            why = "这家店让值守进程反复退出，已经单独放开，别的店不受影响；先由人工回复，原因在日志里"
            await self._ledger(Ledger.event, "apart", shop=shop, severity="alert", why=why)
        for shop in [shop for shop in self._apart if shop not in apart]:
            await self._ledger(Ledger.event, "apart", shop=shop, severity="info", why="这家店的值守进程不再退出了")
        self._apart = apart

    async def _nightly(self) -> None:
        """The copy first, and what is to go all the same where no copy can be written."""
        if not self._charge.held:
            return
        before = self._clock.now() - KEPT
        steps: tuple[Job, ...] = (
            self._copy,
            partial(asyncio.to_thread, drop_old, self._home.backups),
            partial(self._ledger, Ledger.forget_seen, before),
            partial(asyncio.to_thread, Evidence(self._home.evidence).sweep, before),
        )
        for step in steps:
            await attempt(step)

    async def _copy(self) -> None:
        night = self._clock.now().astimezone(_ZONE).date()
        try:
            await self._ledger(Ledger.backup, copy_of(self._home.backups, night))
        except LedgerUnavailable as error:
            logger.error("no copy of the ledger: {}", error)
            reason = error.__cause__ or error
            why = f"今天的账本备份没有写成，清出磁盘空间，检查备份文件夹能不能写（{reason}）"
            await self._ledger(Ledger.event, "backup", severity="alert", why=why)


@contextmanager
def _shown(live: Live) -> Iterator[Live]:
    """Have it on the terminal until the block ends; that may have been closed by then."""
    live.start()
    try:
        yield live
    finally:
        with suppress(OSError):
            live.stop()
