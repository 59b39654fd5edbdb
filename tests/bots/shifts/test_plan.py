"""What is on when: by tables, and against an oracle that paints each minute."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.shifts.coverage import Cover
from bots.shifts.drawing import coverage_svg
from bots.shifts.plan import OFF, Do, Plan, Work, daily
from bots.shifts.roster import Roster
from tests.bots.shifts.oracle import ZONES, Written, plan_of, slowly, written_near

ZONE = ZoneInfo("Asia/Shanghai")
# Days on which something happens: ends of years and months, holidays, make-up days, the clock put on and back.
TURNS = [
    date(2025, 12, 31),
    date(2026, 2, 28),
    date(2024, 2, 29),
    date(2026, 10, 1),
    date(2026, 10, 10),
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2026, 4, 5),
    date(2026, 3, 22),
]
turns = st.sampled_from(TURNS)
situations = turns.flatmap(
    lambda day: st.tuples(
        st.just(datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=14)),
        written_near(day),
        written_near(day),
        st.sampled_from(ZONES).map(ZoneInfo),
    )
)
ALWAYS = Written(("每天",), ("00:00-24:00",), Work())


def at(text: str, zone: ZoneInfo = ZONE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def on(plan: Plan, text: str) -> Do:
    return plan.at(at(text), ZONE).do


# --- against the oracle -----------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=120)
@given(situations, st.integers(0, 59))
def test_every_minute_is_as_the_oracle_paints_it(
    situation: tuple[datetime, list[Written], list[Written], ZoneInfo], second: int
) -> None:
    start, rows, _people, zone = situation
    end = start + timedelta(hours=52)
    plan = plan_of(rows)
    spells = list(plan.spells(start, end, zone))
    assert [spells[0].start, *(spell.end for spell in spells)] == [*(spell.start for spell in spells), end]
    assert all(one.work != two.work for one, two in pairwise(spells))
    number = 0
    for moment, work in slowly(rows, start, end, zone):
        while moment >= spells[number].end:
            number += 1
        assert spells[number].work == work, moment
        if moment.minute % 15 in (0, 14):
            assert plan.at(moment + timedelta(seconds=second), zone) == work


@settings(deadline=None, max_examples=60)
@given(situations)
def test_the_next_shift_and_the_gaps_are_as_the_oracle_finds_them(
    situation: tuple[datetime, list[Written], list[Written], ZoneInfo],
) -> None:
    start, rows, people, zone = situation
    end = start + timedelta(hours=40)
    bots_on = [work.on for _moment, work in slowly(rows, start, end, zone)]
    people_on = [work.on for _moment, work in slowly(people, start, end, zone)]
    alone = {
        start + timedelta(minutes=number)
        for number, both in enumerate(zip(bots_on, people_on, strict=True))
        if not any(both)
    }
    # Asked by the zone's own clock, in which Python compares two moments as the hands stand.
    roster = Roster(bots=plan_of(rows), people=plan_of(people), zone=zone)
    found = list(roster.gaps(start.astimezone(zone), end.astimezone(zone)))
    assert alone == {
        gap.start + timedelta(minutes=number) for gap in found for number in range(round(gap.hours * 60))
    }
    assert all(one.end < two.start for one, two in pairwise(found))
    first = plan_of(rows).next_on(start, zone)
    expected = next((start + timedelta(minutes=number) for number, there in enumerate(bots_on) if there), None)
    assert first == expected if expected is not None else first is None or first >= end


# --- by tables --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("09:00-22:00", ["09:00", "21:59:59"], ["08:59:59", "22:00", "00:00"]),
        ("22:00-06:00", ["22:00", "23:59:59", "00:00", "05:59"], ["06:00", "21:59", "12:00"]),
        ("00:00-24:00", ["00:00", "12:00", "23:59:59"], []),
        ("18:00-24:00", ["18:00", "23:59"], ["00:00", "17:59"]),
        ("08:00-08:00", ["08:00", "07:59", "00:00"], []),
        ("9:00 至 22:00", ["09:00"], ["08:59"]),
        ("09:00~22:00", ["09:00"], ["08:59"]),
    ],
)
def test_a_span_that_is_the_same_each_day(hours: str, inside: list[str], outside: list[str]) -> None:
    plan = daily(hours)
    for day in ("2026-11-23", "2026-12-31", "2027-01-01", "2024-02-29"):
        assert all(on(plan, f"{day} {text}") is Do.answer for text in inside)
        assert all(on(plan, f"{day} {text}") is Do.off for text in outside)


def test_only_the_rows_that_name_a_day_most_narrowly_count() -> None:
    plan = plan_of(
        [
            Written(("每天",), ("09:00-22:00",), Work()),
            Written(("周六", "周日"), ("10:00-16:00",), Work(Do.hold)),
            Written(("节假日",), ("00:00-24:00",), OFF),
            Written(("调休上班日",), ("09:00-12:00", "14:00-18:00"), Work()),
            Written(("2026-10-02",), ("11:00-12:00",), Work(Do.people_first, 20)),
        ]
    )
    assert [on(plan, f"2026-11-23 {clock}") for clock in ("09:00", "22:00")] == [Do.answer, Do.off]  # a Monday
    assert [on(plan, f"2026-11-21 {clock}") for clock in ("09:00", "10:00")] == [Do.off, Do.hold]
    assert on(plan, "2026-10-01 12:00") is Do.off  # 国庆节
    assert [on(plan, f"2026-10-02 {clock}") for clock in ("11:00", "12:00")] == [Do.people_first, Do.off]
    made_up = [on(plan, f"2026-10-10 {clock}") for clock in ("09:00", "13:00", "17:59", "20:00")]
    assert made_up == [Do.answer, Do.off, Do.answer, Do.off]  # a Saturday that is worked


def test_workdays_follow_the_calendar_and_weekdays_do_not() -> None:
    office = plan_of([Written(("工作日",), ("09:00-18:00",), Work())])
    monday = plan_of([Written(("周一至周五",), ("09:00-18:00",), Work())])
    days = ["2026-10-05 10:00", "2026-10-10 10:00", "2026-10-12 10:00"]  # holiday, make-up Saturday, Monday
    assert [on(office, day) for day in days] == [Do.off, Do.answer, Do.answer]
    assert [on(monday, day) for day in days] == [Do.answer, Do.off, Do.answer]
    assert office.asks_calendar
    assert not monday.asks_calendar


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    nights = plan_of([Written(("周五",), ("22:00-09:00",), Work())])
    assert [on(nights, text) for text in ("2026-11-20 21:59", "2026-11-20 22:00", "2026-11-21 08:59")] == [
        Do.off,
        Do.answer,
        Do.answer,
    ]
    assert on(nights, "2026-11-20 03:00") is Do.off
    assert on(nights, "2026-11-21 09:00") is Do.off


def test_a_new_day_outranks_the_night_before() -> None:
    rows = [
        Written(("工作日",), ("22:00-09:00",), Work()),
        Written(("节假日",), ("00:00-24:00",), Work(Do.hold)),
    ]
    assert on(plan_of(rows), "2026-10-01 03:00") is Do.hold  # the night of 30 September goes on into it


def test_when_the_next_shift_begins() -> None:
    people = plan_of([Written(("工作日",), ("09:00-18:00",), Work())])
    assert people.next_on(at("2026-09-30 18:00"), ZONE) == at("2026-10-08 09:00")
    assert people.next_on(at("2026-10-09 18:00"), ZONE) == at("2026-10-10 09:00")
    assert people.next_on(at("2026-10-10 08:59"), ZONE) == at(
        "2026-10-10 09:00"
    )  # what was just asked is remembered
    assert people.next_on(at("2026-10-10 09:00"), ZONE) == at("2026-10-10 09:00")
    assert people.next_on(at("2026-09-30 20:00"), ZONE) == at("2026-10-08 09:00")
    assert people.next_on(at("2026-10-10 10:30"), ZONE) == at("2026-10-10 10:30")
    assert people.next_on(at("2026-12-31 20:00"), ZONE) == at("2027-01-01 09:00")  # 2027 is not known yet
    assert plan_of([Written(("2020-01-01",), ("09:00-18:00",), Work())]).next_on(at("2026-01-01"), ZONE) is None


def test_where_nobody_is_rostered_two_months_are_not_looked_through_at_every_question() -> None:
    later = plan_of([Written(("2026-06-01",), ("09:00-18:00",), Work())])
    assert later.next_on(at("2026-03-31 09:00"), ZONE) is None
    days = len(later._known)
    assert later.next_on(at("2026-04-01 08:59"), ZONE) is None  # what was found a day before
    assert len(later._known) == days
    assert later.next_on(at("2026-04-01 09:00"), ZONE) == at("2026-06-01 09:00")


def test_an_hour_that_comes_twice_is_covered_twice_and_one_left_out_is_nobodys() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = daily("22:00-02:30")
    back = list(night.spells(at("2026-10-24 20:00", berlin), at("2026-10-25 12:00", berlin), berlin))
    lengths = [(spell.work.do, (spell.end - spell.start).total_seconds() / 3600) for spell in back]
    assert lengths == [(Do.off, 2), (Do.answer, 4.5), (Do.off, 0.5), (Do.answer, 0.5), (Do.off, 9.5)]
    forward = list(night.spells(at("2026-03-28 20:00", berlin), at("2026-03-29 12:00", berlin), berlin))
    lengths = [(spell.work.do, (spell.end - spell.start).total_seconds() / 3600) for spell in forward]
    assert lengths == [(Do.off, 2), (Do.answer, 4), (Do.off, 9)]


def test_gaps_while_the_clock_is_put_back_and_on() -> None:
    york = ZoneInfo("America/New_York")

    def gaps(hours: str, first: str, last: str) -> list[tuple[str, float]]:
        roster = Roster(bots=daily(hours), people=Plan(rows=()), zone=york)
        begin, end = (datetime.fromisoformat(text).replace(tzinfo=york) for text in (first, last))
        return [(f"{gap.start.astimezone(york):%d %H:%M}", gap.hours) for gap in roster.gaps(begin, end)]

    assert gaps("08:00-22:00", "2027-11-06 12:00", "2027-11-07 12:00") == [("06 22:00", 11)]
    assert gaps("08:00-22:00", "2027-03-13 12:00", "2027-03-14 12:00") == [("13 22:00", 9)]
    twice = gaps("01:30-01:45", "2027-11-07 00:00", "2027-11-07 06:00")
    assert twice == [("07 00:00", 1.5), ("07 01:45", 0.75), ("07 01:45", 4.25)]


def test_the_picture_of_a_day_with_an_hour_twice() -> None:
    york = ZoneInfo("America/New_York")
    roster = Roster(bots=daily("01:30-01:45"), people=Plan(rows=()), zone=york)
    picture = coverage_svg([Cover(shops={"tea": "茶"}, roster=roster)], date(2027, 11, 7), 1)
    bars = re.findall(r'<rect x="([^"]+)" y="\d+" width="([^"]+)" height="12"[^>]*><title>没有人', picture)
    hours = [((float(x) - 150) / 30, float(width) / 30) for x, width in bars]
    assert hours == [(0, 1.5), (1.75, 0.25), (1, 0.5), (1.75, 22.25)]


def test_a_day_that_never_was() -> None:
    apia = ZoneInfo("Pacific/Apia")  # 30 December 2011 was left out
    start, end = at("2011-12-29 00:00", apia), at("2012-01-01 00:00", apia)
    rows = [Written(("2011-12-30",), ("00:00-24:00",), Work(Do.hold)), ALWAYS]
    assert [spell.work.do for spell in plan_of(rows).spells(start, end, apia)] == [Do.answer]
    assert end - start == timedelta(days=2)


def test_nothing_is_on_without_rows_and_no_time_has_no_spells() -> None:
    now = at("2026-11-23 12:00")
    assert Plan(rows=()).at(now, ZONE) == OFF
    assert [spell.work for spell in Plan(rows=()).spells(now, now + timedelta(days=9), ZONE)] == [OFF]
    assert list(daily("09:00-18:00").spells(now, now, ZONE)) == []
