"""What happens by the calendar: shifts begin and end, the ledger is copied, the roster looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from loguru import logger

Job = Callable[[], Awaitable[object]]
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


async def attempt(job: Job) -> None:
    """Do a job; its error goes to our log, and no further: APScheduler tells Python's own, which nobody keeps."""
    try:
        await job()
    except Exception as error:  # what comes after it has to be done all the same
        logger.opt(exception=error).error("a job of the calendar failed: {}", error)


@contextmanager
def _calendar(zone: ZoneInfo, job: Job, when: CronTrigger) -> Iterator[None]:
    scheduler = AsyncIOScheduler(timezone=zone)
    scheduler.add_job(partial(attempt, job), when, coalesce=True, misfire_grace_time=_GRACE, max_instances=1)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
