"""The slow way to say what is on: each day painted minute by minute, each moment looked up by the wall clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

import chinese_calendar
from hypothesis import strategies as st

from bots.shifts.days import read_days, read_hours
from bots.shifts.plan import Do, Plan, Row, Work

NAMES = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
WORDS = ["每天", "工作日", "休息日", "节假日", "调休上班日", "周末", *NAMES]
ZONES = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
]


@dataclass(frozen=True, slots=True)
class Written:
    """A row as an operator writes it."""

    days: tuple[str, ...]
    hours: tuple[str, ...]
    work: Work


def plan_of(rows: Sequence[Written]) -> Plan:
    """The plan under test."""
    return Plan(
        rows=[
            Row(
                days=[read_days(text) for text in row.days],
                hours=[read_hours(text) for text in row.hours],
                work=row.work,
            )
            for row in rows
        ]
    )


def _rank(word: str, day: date) -> int:
    rests, name = chinese_calendar.get_holiday_detail(day)
    if word[0].isdigit():
        first, _to, last = word.partition("至")
        return 3 if first <= day.isoformat() <= (last or first) else -1
    if word in ("节假日", "调休上班日"):
        return 2 if name is not None and rests is (word == "节假日") else -1
    met = {
        "每天": True,
        "工作日": chinese_calendar.is_workday(day),
        "休息日": chinese_calendar.is_holiday(day),
        "周末": day.weekday() > 4,
    }
    hit = met[word] if word in met else NAMES[day.weekday()] == word
    return -1 if not hit else 0 if word == "每天" else 1


def _painted(rows: Sequence[Written], day: date) -> dict[int, Work]:
    """The minutes of the shifts that begin on `day`; those past midnight count on."""
    minutes: dict[int, Work] = {}
    ranks = [max(_rank(word, day) for word in row.days) for row in rows]
    for row, rank in zip(rows, ranks, strict=True):
        if rank < 0 or rank < max(ranks):
            continue
        for hours in row.hours:
            start, end = (int(part[:2]) * 60 + int(part[3:]) for part in hours.split("-"))
            for minute in range(start, end if start < end else end + 1440):
                minutes[minute] = row.work
    return minutes


def slowly(
    rows: Sequence[Written], start: datetime, end: datetime, zone: tzinfo
) -> Iterator[tuple[datetime, Work]]:
    """What is on in each minute."""
    days: dict[date, dict[int, Work]] = {}
    moment = start
    while moment < end:
        local = moment.astimezone(zone)
        today, eve = local.date(), local.date() - timedelta(days=1)
        for day in (today, eve):
            if day not in days:
                days[day] = _painted(rows, day)
        minute = local.hour * 60 + local.minute
        work = days[today].get(minute) or days[eve].get(minute + 1440)
        yield moment, work or Work(Do.off)
        moment += timedelta(minutes=1)


times = st.builds(
    lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.sampled_from([0, 1, 30, 45])
)
spans = st.builds(lambda start, end: f"{start}-{end}", times, times | st.just("24:00"))
works = st.sampled_from([Work(), Work(Do.hold), Work(Do.people_first, 30), Work(Do.off)])


def written_near(day: date) -> st.SearchStrategy[list[Written]]:
    """Rows of which some name dates around `day`."""
    near = st.integers(-3, 3).map(lambda days: (day + timedelta(days=days)).isoformat())
    dates = near | st.tuples(near, near).map(lambda pair: "至".join(sorted(pair)))
    row = st.builds(
        Written,
        st.lists(st.sampled_from(WORDS) | dates, min_size=1, max_size=2).map(tuple),
        st.lists(spans, min_size=1, max_size=2).map(tuple),
        works,
    )
    return st.lists(row, min_size=1, max_size=4)
