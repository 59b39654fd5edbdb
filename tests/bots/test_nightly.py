"""What is done each night by the one in charge, and what becomes of a night on which it cannot be done."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from loguru import logger

from base.errors import LedgerUnavailable
from bots.alerts.needs import Facts, needs_of
from bots.home import Home
from bots.jobs import _calendar
from bots.up import _Watch
from storage.ledger import Ledger
from storage.thread import LedgerThread
from tests.flows.paper import Set
from tests.fresh import fresh

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def clock() -> Set:
    """A clock that goes when told to."""
    return Set()


@pytest.fixture
async def ledger(home: Home, clock: Set) -> AsyncIterator[LedgerThread]:
    """Its ledger."""
    opened = await LedgerThread.open(fresh(home.ledger), clock)
    yield opened
    await opened.close()


@pytest.fixture
def watch(home: Home, ledger: LedgerThread, clock: Set) -> _Watch:
    """The one in charge of it."""
    watch = _Watch(home, ledger, clock, cast(Any, SimpleNamespace()))
    watch._charge = cast(Any, SimpleNamespace(held=True))
    return watch


def kept_for(home: Home, clock: Set, days: float) -> Path:
    """A picture of so many days ago."""
    path = home.evidence / f"tea-handoff-{days}.png"
    path.write_bytes(b"x")
    moment = (clock.now() - timedelta(days=days)).timestamp()
    os.utime(path, (moment, moment))
    return path


async def test_twenty_nights_leave_the_copies_of_fourteen(watch: _Watch, home: Home, clock: Set) -> None:
    for _ in range(20):
        clock.go(86400)
        await watch._nightly()
    copies = sorted(path.name for path in home.backups.iterdir())
    assert (len(copies), copies[0], copies[-1]) == (14, "ledger-2026-11-30.db", "ledger-2026-12-13.db")


async def test_where_no_copy_can_be_written_people_are_called_and_what_is_to_go_goes(
    watch: _Watch, home: Home, ledger: LedgerThread, clock: Set
) -> None:
    home.backups.rmdir()
    home.backups.write_text("")
    old, young = kept_for(home, clock, 14.5), kept_for(home, clock, 13.5)
    await watch._nightly()
    assert (old.exists(), young.exists()) == (False, True)
    events = await ledger(Ledger.severe_events, clock.now() - timedelta(hours=1))
    nothing: dict[str, Any] = {name: [] for name in ("shops", "handoffs", "unanswered", "signs", "pauses")}
    facts = Facts(
        now=clock.now(),
        watched_since=clock.now(),
        titles={},
        answering=frozenset(),
        events=events,
        free=2**40,
        **nothing,
    )
    (need,) = needs_of(facts)
    assert (need.key, need.urgent, need.due_at) == ("event/alert/backup/", True, clock.now())
    assert need.subject.startswith("今天的账本备份没有写成，清出磁盘空间，检查备份文件夹能不能写（")


async def test_no_step_of_a_night_keeps_the_next_from_being_taken(
    watch: _Watch, home: Home, clock: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_args: object, **_more: object) -> None:
        raise LedgerUnavailable("账本被锁住了")

    for method in ("backup", "event", "forget_seen"):
        monkeypatch.setattr(Ledger, method, locked)
    old = kept_for(home, clock, 15)
    lines: list[str] = []
    with heard(lines):
        await watch._nightly()
    assert not old.exists()
    assert [line for line in lines if "job" in line] == ["a job of the calendar failed: 账本被锁住了"] * 2


async def test_the_error_of_a_job_is_in_our_log_and_the_job_is_done_again() -> None:
    lines: list[str] = []
    done = 0
    again = asyncio.Event()

    async def job() -> None:
        nonlocal done
        done += 1
        if done == 2:
            again.set()
        raise OSError("没有这个文件夹")

    with heard(lines), _calendar(ZONE, job, CronTrigger(second="*")):
        async with asyncio.timeout(20):
            await again.wait()
    assert lines[0] == "a job of the calendar failed: 没有这个文件夹"


@contextmanager
def heard(lines: list[str]) -> Iterator[None]:
    """What is logged while the block runs."""
    sink = logger.add(lambda message: lines.append(message.record["message"]), format="{message}")
    try:
        yield
    finally:
        logger.remove(sink)
