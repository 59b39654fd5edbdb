"""Which days a row of a shift table is for, as operators write it: 每天, 周一至周五, 节假日, 2026-11-11."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from bots.shifts.calendar import DayKind

# Minutes.
DAY = 24 * 60
_WEEKDAYS = "一二三四五六日"
_WEEKDAY = r"(?:周|星期)([一二三四五六日天])"
_TO = r"\s*(?:至|到|~|-|–|—)\s*"
_ONE = re.compile(_WEEKDAY)
_SPAN = re.compile(_WEEKDAY + _TO + _WEEKDAY)
_DATE = r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"
_DATES = re.compile(_DATE + rf"(?:{_TO}" + _DATE.replace(r"\2", r"\6") + ")?")
_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–~至到]\s*([01]?\d|2[0-3]|24(?=:00)):([0-5]\d)")
_LONGEST = timedelta(days=366)
_WAYS = "每天、周一、周一至周五、工作日、休息日、节假日、调休上班日，或日期 2026-11-11、2026-11-10至2026-11-12"


class Rank(IntEnum):
    """How narrowly days are named: on each day only the narrowest rows count."""

    every = 0
    week = 1
    calendar = 2
    date = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Some days: of these weekdays (Monday is 0), of these kinds, or from `first` to `last`, both included."""

    rank: Rank
    weekdays: frozenset[int] = frozenset()
    kinds: frozenset[DayKind] = frozenset()
    first: date = date.max
    last: date = date.min

    def holds(self, day: date, kind: DayKind) -> bool:
        """Whether `day`, which the calendar calls `kind`, is one of them."""
        return day.weekday() in self.weekdays or kind in self.kinds or self.first <= day <= self.last


_NAMED = {
    "每天": Days(rank=Rank.every, weekdays=frozenset(range(7))),
    "周末": Days(rank=Rank.week, weekdays=frozenset({5, 6})),
    "工作日": Days(rank=Rank.week, kinds=frozenset({DayKind.workday, DayKind.makeup})),
    "休息日": Days(rank=Rank.week, kinds=frozenset({DayKind.weekend, DayKind.holiday})),
    "节假日": Days(rank=Rank.calendar, kinds=frozenset({DayKind.holiday})),
    "调休上班日": Days(rank=Rank.calendar, kinds=frozenset({DayKind.makeup})),
}


def read_days(text: str) -> Days:
    """The days that `text` names; raises `ValueError` with what may be written."""
    text = unicodedata.normalize("NFKC", text).strip()
    if text in _NAMED:
        return _NAMED[text]
    if one := _ONE.fullmatch(text):
        return Days(rank=Rank.week, weekdays=frozenset({_weekday(one[1])}))
    if span := _SPAN.fullmatch(text):
        first, last = _weekday(span[1]), _weekday(span[2])
        days = range(first, last + 1 if first <= last else last + 8)
        return Days(rank=Rank.week, weekdays=frozenset(day % 7 for day in days))
    first_day, last_day = _read_dates(text, f"看不懂“{text}”是哪些天，可以写：{_WAYS}")
    return Days(rank=Rank.date, first=first_day, last=last_day)


def read_dates(text: str) -> tuple[date, date]:
    """A date, or the first and the last of several; raises `ValueError` with what may be written."""
    return _read_dates(text, f"“{text}”不是日期，这里只能写日期：2026-11-11，或 2026-11-10至2026-11-12")


def _read_dates(text: str, otherwise: str) -> tuple[date, date]:
    """The dates of `text`; raises `ValueError`, with `otherwise` where there are none."""
    found = _DATES.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise ValueError(otherwise)
    try:
        first = date(int(found[1]), int(found[3]), int(found[4]))
        last = date(int(found[5]), int(found[7]), int(found[8])) if found[5] else first
    except ValueError:
        raise ValueError(f"没有这一天：{text}") from None
    if not timedelta() <= last - first <= _LONGEST:
        raise ValueError(f"后面的日期要晚于前面的，最多隔一年：{text}")
    return first, last


def read_hours(text: str) -> tuple[int, int]:
    """A span such as `22:00-09:00` in minutes of its first day, overnight past 24 h; raises `ValueError`.

    One that ends when it begins lasts a whole day.
    """
    found = _HOURS.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise ValueError('时间段要写成 "09:00-22:00" 这样')
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    return start, end if start < end else end + DAY


def _weekday(char: str) -> int:
    return _WEEKDAYS.index("日" if char == "天" else char)
