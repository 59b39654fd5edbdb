"""The rosters of the shops of `shops.yaml`, with their consoles' time zones, and a look at them each morning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from base.clock import Clock
from bots.home import Home
from bots.jobs import each_morning
from bots.roll import read_packs
from bots.settings import Settings
from bots.shifts.calendar import missing_words
from bots.shifts.coverage import Cover, audit_words, covers
from bots.shifts.plan import Do, Plan, Work
from flows.duty import Mode
from storage.ledger import Ledger
from storage.records import Severity
from storage.thread import LedgerThread

_AUDITED = timedelta(days=7)
_MONDAY = 0


def covers_of(settings: Settings, folder: Path) -> list[Cover]:
    """Who covers which shops, as far as each one's mode lets its bots go. `folder` is that of `shops.yaml`.

    Raises `ConfigError` for a pack that cannot be read, with the line that names it.
    """
    rosters = {}
    packs = read_packs(settings, Home(folder))
    for shop in settings.shops:
        zone = ZoneInfo(packs[shop.id].meter.time_zone)
        roster = settings.roster(shop, zone)
        roster = replace(roster, bots=_within(shop.mode, roster.bots))
        rosters[shop.id] = (shop.title or shop.id, roster)
    return covers(rosters)


def _within(mode: Mode, plan: Plan) -> Plan:
    """What bots do of a plan: who only observes covers nobody, and who only holds answers nobody."""
    if mode == "answer":
        return plan
    rows = [replace(row, work=Work(Do.hold)) if row.work.do is Do.answer else row for row in plan.rows]
    return replace(plan, rows=rows if mode == "hold" else ())


def missing_years(
    settings: Settings, found: Sequence[Cover], now: datetime, ahead: timedelta = timedelta()
) -> list[int]:
    """The years whose public holidays ought to be known and are not, where that makes a difference.

    That is to a shop's roster, or to who is called.
    """
    calendar = settings.calendar.calendar()
    places = settings.on_call(settings.alerts).places if settings.alerts else ()
    called = any(place.plan.asks_calendar for place in places)
    years: set[int] = set()
    for zone in {cover.roster.zone for cover in found if called or cover.asks_calendar}:
        last = (now + ahead).astimezone(zone).year
        years |= {*calendar.missing(now, zone), *([] if calendar.knows(last) else [last])}
    return sorted(years)


@contextmanager
def auditing(
    settings: Callable[[], Settings],
    folder: Path,
    ledger: LedgerThread,
    clock: Clock,
    zone: ZoneInfo,
    in_charge: Callable[[], bool],
) -> Iterator[None]:
    """Each morning while the block runs, if that is ours to do, people are told what `audit` finds."""

    async def look() -> None:
        if in_charge():
            await audit(settings(), folder, ledger, clock, zone)

    with each_morning(zone, look):
        yield


async def audit(settings: Settings, folder: Path, ledger: LedgerThread, clock: Clock, zone: ZoneInfo) -> None:
    """Put on record whether the next seven days have gaps, and on Mondays which year's holidays are missing."""
    now = clock.now()
    found = covers_of(settings, folder)
    bare = audit_words([(cover, list(cover.roster.gaps(now, now + _AUDITED))) for cover in found])
    severity: Severity = "warning" if bare else "info"
    await ledger(Ledger.event, "coverage", severity=severity, why=bare or "以后七天每家店都有机器人或人工")
    missing = missing_years(settings, found, now)
    if missing and now.astimezone(zone).weekday() == _MONDAY:
        await ledger(Ledger.event, "calendar", severity="warning", why=missing_words(missing))
