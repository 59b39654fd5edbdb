"""The look at the roster each morning: what is put on record, and what people are told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from bots.alerts.needs import shortly
from bots.coverage import audit, auditing, covers_of, missing_years
from bots.settings import Settings
from storage.ledger import Ledger
from storage.records import Event
from storage.thread import LedgerThread
from tests.fresh import fresh

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=ZONE)
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=ZONE)


@dataclass(slots=True)
class Stopped:
    """A clock that stands."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def steady(self) -> float:
        return 0.0


@pytest.fixture
def clock() -> Stopped:
    return Stopped(TUESDAY)


@pytest.fixture
async def ledger(tmp_path: Path, clock: Stopped) -> AsyncIterator[LedgerThread]:
    opened = await LedgerThread.open(fresh(tmp_path / "ledger.db"), clock)
    yield opened
    await opened.close()


def settings(people: object, shift: object = "20:00-08:00") -> Settings:
    shops = [
        {"id": name, "title": f"{name}店", "console": "practice-plain", "shift": shift} for name in ("茶", "酒")
    ]
    return Settings.model_validate({"shops": shops, "people": people})


async def severe(ledger: LedgerThread) -> list[Event]:
    found: list[Event] = await ledger(Ledger.severe_events, datetime(2026, 1, 1, tzinfo=ZONE))
    return found


async def test_a_gap_in_the_next_week_is_told_until_it_is_closed(
    ledger: LedgerThread, clock: Stopped, tmp_path: Path
) -> None:
    await audit(settings("08:00-18:00"), tmp_path, ledger, clock, ZONE)
    (event,) = await severe(ledger)
    assert (event.kind, event.severity, event.shop) == ("coverage", "warning", None)
    said = "11-24 周二 18:00 到 20:00（2小时）没有人值守，等 7 段：茶店、酒店"
    assert event.detail["why"] == f"{said}；运行 nightdesk shifts coverage 看全部"
    assert shortly(str(event.detail["why"]), 60).startswith(said)  # nothing is masked, and little cut
    await audit(settings("08:00-20:00"), tmp_path, ledger, clock, ZONE)
    assert await severe(ledger) == []


async def test_it_is_looked_at_every_morning_at_nine_by_who_is_in_charge(
    ledger: LedgerThread, clock: Stopped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[tuple[Callable[[], Awaitable[None]], CronTrigger]] = []

    def add_job(
        _self: AsyncIOScheduler, job: Callable[[], Awaitable[None]], when: CronTrigger, **_more: Any
    ) -> None:
        planned.append((job, when))

    monkeypatch.setattr(AsyncIOScheduler, "add_job", add_job)
    in_charge = False
    now = settings("08:00-18:00")
    with auditing(lambda: now, tmp_path, ledger, clock, ZONE, lambda: in_charge):
        ((job, when),) = planned
        nine = TUESDAY.replace(hour=9)
        assert when.get_next_fire_time(None, nine.replace(hour=8)) == nine
        assert when.get_next_fire_time(nine, nine.replace(minute=1)) == nine.replace(day=25)
        await job()
        assert await severe(ledger) == []
        in_charge = True
        await job()
        assert [event.kind for event in await severe(ledger)] == ["coverage"]
        now = settings("08:00-20:00")  # the file was edited meanwhile
        await job()
        assert await severe(ledger) == []


async def test_what_lies_further_ahead_can_wait(ledger: LedgerThread, clock: Stopped, tmp_path: Path) -> None:
    rows = [{"hours": "00:00-24:00"}, {"days": "2026-12-01", "hours": "12:00-24:00"}]
    await audit(settings(rows, "12:00-13:00"), tmp_path, ledger, clock, ZONE)
    (event,) = await severe(ledger)
    assert "12-01 周二 00:00 到 09:00" in str(event.detail["why"])  # as far as a week reaches
    rows[1]["days"] = "2026-12-02"
    await audit(settings(rows, "12:00-13:00"), tmp_path, ledger, clock, ZONE)
    assert await severe(ledger) == []


@pytest.mark.parametrize(("days", "told"), [("工作日", [2027]), ("节假日", [2027]), ("每天", [])])
def test_a_rota_that_asks_the_calendar_is_reason_enough_to_tell_of_it(
    days: str, told: list[int], tmp_path: Path
) -> None:
    rota = [
        {"name": "小王", "channels": ["群"], "hours": [{"days": days, "hours": "09:00-18:00"}]},
        {"name": "老板", "channels": ["群"]},
    ]
    plain = settings("08:00-20:00").model_dump(mode="json", exclude_unset=True)
    found = Settings.model_validate(plain | {"alerts": {"channels": {"群": "file"}, "people": rota}})
    assert missing_years(found, covers_of(found, tmp_path), MONDAY) == told


@pytest.mark.parametrize(
    ("day", "days", "told"),
    [
        (MONDAY, "工作日", ["calendar"]),
        (TUESDAY, "工作日", []),
        (MONDAY, "每天", []),
        (MONDAY.replace(month=10, day=26), "工作日", []),
    ],
)
async def test_a_calendar_that_lacks_next_year_is_told_on_mondays(
    ledger: LedgerThread, clock: Stopped, tmp_path: Path, day: datetime, days: str, told: list[str]
) -> None:
    clock.moment = day
    rows = [{"days": days, "hours": "09:00-18:00"}]
    await audit(settings(rows, "00:00-24:00"), tmp_path, ledger, clock, ZONE)
    events = await severe(ledger)
    assert [event.kind for event in events] == told
    assert all("2027" in str(event.detail["why"]) for event in events)
