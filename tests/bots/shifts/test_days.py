"""The words for days and hours, and the calendar behind them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bots.shifts.calendar import Calendar, DayKind, missing_words
from bots.shifts.days import Rank, read_dates, read_days, read_hours

ZONE = ZoneInfo("Asia/Shanghai")
PUBLIC = frozenset({date(2027, 1, 1), date(2027, 5, 1), date(2027, 10, 1)})


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        ("周一", {0}),
        ("星期天", {6}),
        ("周一至周五", {0, 1, 2, 3, 4}),
        ("周六-周日", {5, 6}),
        ("周五到周一", {4, 5, 6, 0}),
        ("周末", {5, 6}),
        ("每天", set(range(7))),
    ],
)
def test_weekdays(text: str, weekdays: set[int]) -> None:
    assert read_days(text).weekdays == weekdays


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11-11", date(2026, 11, 11), date(2026, 11, 11)),
        ("2026/1/2", date(2026, 1, 2), date(2026, 1, 2)),
        ("2026-12-31至2027-01-02", date(2026, 12, 31), date(2027, 1, 2)),
        ("2026-12-31 ~ 2027-01-02", date(2026, 12, 31), date(2027, 1, 2)),
        ("２０２６-１１-１１", date(2026, 11, 11), date(2026, 11, 11)),
    ],
)
def test_dates(text: str, first: date, last: date) -> None:
    days = read_days(text)
    assert (days.rank, days.first, days.last) == (Rank.date, first, last)
    assert days.holds(first, DayKind.workday)
    assert not days.holds(date(2026, 6, 1), DayKind.workday)


@pytest.mark.parametrize(
    "text", ["", "周八", "每日", "2026-13-01", "2026-02-30", "11-11", "2026-11-12至2026-11-11", "[周一]"]
)
def test_what_are_no_days(text: str) -> None:
    with pytest.raises(ValueError, match=r"哪些天|没有这一天|后面的日期"):
        read_days(text)


@pytest.mark.parametrize("text", ["周一", "节假日", "每天", "11-11"])
def test_where_only_dates_are_allowed_nothing_else_is_proposed(text: str) -> None:
    with pytest.raises(ValueError, match=f"^“{text}”不是日期，这里只能写日期") as caught:
        read_dates(text)
    assert "每天、" not in str(caught.value)


@pytest.mark.parametrize("text", ["09:00-22:00", "09：00－22：00", " ０９:００～２２:００　", "9:00 至 22:00"])
def test_hours_as_an_input_method_leaves_them(text: str) -> None:
    assert read_hours(text) == (9 * 60, 22 * 60)


@pytest.mark.parametrize("text", ["9点到22点", "09:00-24:30", "25:00-26:00", "09:00", ""])
def test_what_are_no_hours(text: str) -> None:
    with pytest.raises(ValueError, match="09:00-22:00"):
        read_hours(text)


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 10, 1), DayKind.holiday, "国庆节"),
        (date(2026, 10, 3), DayKind.holiday, "国庆节"),
        (date(2026, 10, 10), DayKind.makeup, "调休上班"),
        (date(2026, 11, 21), DayKind.weekend, ""),
        (date(2026, 11, 23), DayKind.workday, ""),
        (date(2031, 10, 1), DayKind.workday, ""),
        (date(2031, 10, 4), DayKind.weekend, ""),
    ],
)
def test_the_public_calendar(day: date, kind: DayKind, name: str) -> None:
    assert (Calendar().kind(day), Calendar().name(day)) == (kind, name)


def test_the_operators_own_dates_outrank_it() -> None:
    calendar = Calendar(
        holidays=frozenset({date(2026, 10, 10), date(2027, 1, 1)}),
        workdays=frozenset({date(2026, 10, 1), date(2027, 1, 9)}),
    )
    days = [date(2026, 10, 10), date(2027, 1, 1), date(2026, 10, 1), date(2027, 1, 9)]
    assert [calendar.kind(day) for day in days] == [
        DayKind.holiday,
        DayKind.holiday,
        DayKind.workday,
        DayKind.makeup,
    ]
    assert [calendar.name(day) for day in days] == ["放假", "放假", "上班", "上班"]


@pytest.mark.parametrize(
    ("moment", "own", "years"),
    [
        ("2026-10-31 23:59", frozenset(), []),
        ("2026-11-01 00:00", frozenset(), [2027]),
        ("2027-03-01 00:00", frozenset(), [2027]),
        ("2027-12-01 00:00", frozenset(), [2027, 2028]),
        ("2026-11-01 00:00", PUBLIC, []),
        ("2026-11-01 00:00", PUBLIC - {date(2027, 5, 1)}, [2027]),
        ("2025-12-01 00:00", frozenset(), []),
    ],
)
def test_a_year_that_is_missing_is_told_of_from_november_on(
    moment: str, own: frozenset[date], years: list[int]
) -> None:
    local = datetime.fromisoformat(moment).replace(tzinfo=ZONE)
    assert Calendar(holidays=own).missing(local.astimezone(UTC), ZONE) == years
    assert all(str(year) in missing_words(years) for year in years)
