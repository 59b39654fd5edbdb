"""What happens by the calendar: shifts begin and end, the ledger is copied, the roster looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

Job = Callable[[], Awaitable[None]]
_GRACE = 3600


@contextmanager
def each_minute(zone: ZoneInfo, job: Job) -> Iterator[None]:
    """Runs `job` at the start of each minute."""
    with _calendar(zone, job, CronTrigger(second=0, timezone=zone)):
        yield


@contextmanager
def each_night(zone: ZoneInfo, job: Job) -> Iterator[None]:
    """Runs `job` at 04:30, local time of `zone`."""
    with _calendar(zone, job, CronTrigger(hour=4, minute=30, timezone=zone)):
        yield


@contextmanager
def each_morning(zone: ZoneInfo, job: Job) -> Iterator[None]:
    """Runs `job` at 09:00, local time of `zone`, when people can see to what it finds."""
    with _calendar(zone, job, CronTrigger(hour=9, timezone=zone)):
        yield


@contextmanager
def _calendar(zone: ZoneInfo, job: Job, when: CronTrigger) -> Iterator[None]:
    scheduler = AsyncIOScheduler(timezone=zone)
    scheduler.add_job(job, when, coalesce=True, misfire_grace_time=_GRACE, max_instances=1)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
