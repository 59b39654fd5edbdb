"""What happens by the calendar: shifts begin and end, the ledger is copied at night."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

Job = Callable[[], Awaitable[None]]
_GRACE = 3600


@contextmanager
def calendar(zone: ZoneInfo, *, shifts: Job, nightly: Job) -> Iterator[None]:
    """Runs `shifts` at the start of each minute and `nightly` at 04:30, local time of `zone`."""
    scheduler = AsyncIOScheduler(timezone=zone)
    options = {"coalesce": True, "misfire_grace_time": _GRACE, "max_instances": 1}
    scheduler.add_job(shifts, CronTrigger(second=0, timezone=zone), id="shifts", **options)
    scheduler.add_job(nightly, CronTrigger(hour=4, minute=30, timezone=zone), id="nightly", **options)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
