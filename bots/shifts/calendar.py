"""Which days are worked: the public holidays and make-up workdays of China, the operators' own dates on top."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from functools import lru_cache

import chinese_calendar

# From then on next year's days ought to be known; the State Council publishes them in the first half of November.
_ASKED_FROM_MONTH = 11
# Public holidays with a fixed date: where the operators have written all three, they have written the year.
_FIXED = ((1, 1), (5, 1), (10, 1))


class DayKind(StrEnum):
    """What the calendar makes of a day; `makeup`: a day of the weekend that is worked."""

    workday = "workday"
    weekend = "weekend"
    holiday = "holiday"
    makeup = "makeup"


@dataclass(frozen=True, slots=True)
class _Public:
    """A day of the package's; `name`: of the holiday that it is, or is worked for; else nothing."""

    rests: bool
    name: str


@lru_cache(maxsize=4096)
def _public(day: date) -> _Public | None:
    """What the package makes of `day`, for which it looks through all its years; None for one that it lacks."""
    try:
        rests, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    return _Public(rests, str(chinese_calendar.Holiday(name).chinese) if name else "")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar with the operators' own `holidays` and `workdays`, which outrank it."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def kind(self, day: date) -> DayKind:
        """What `day` is; in a year that nobody knows, only the weekday tells."""
        weekend = day.weekday() >= 5
        if day in self.holidays:
            return DayKind.holiday
        if day in self.workdays:
            return DayKind.makeup if weekend else DayKind.workday
        public = _public(day)
        if public is not None and public.name:
            return DayKind.holiday if public.rests else DayKind.makeup
        return DayKind.weekend if weekend else DayKind.workday

    def name(self, day: date) -> str:
        """What a day out of the ordinary is called: `国庆节`, `调休上班`, `放假`, `上班`; else nothing."""
        if day in self.holidays:
            return "放假"
        if day in self.workdays:
            return "上班"
        public = _public(day)
        if public is None or not public.name:
            return ""
        return public.name if public.rests else "调休上班"

    def knows(self, year: int) -> bool:
        """Whether the public holidays of a year are known, from the package or from the operators."""
        if all(date(year, month, day) in self.holidays for month, day in _FIXED):
            return True
        return _public(date(year, 1, 1)) is not None

    def missing(self, moment: datetime, zone: tzinfo) -> list[int]:
        """The years that ought to be known at `moment` (aware) and are not; from November on the next one too."""
        today = moment.astimezone(zone).date()
        years = [today.year, today.year + 1] if today.month >= _ASKED_FROM_MONTH else [today.year]
        return [year for year in years if not self.knows(year)]


def missing_words(years: Iterable[int]) -> str:
    """What an operator is told of years that are not known."""
    named = "、".join(map(str, years))
    return (
        f"没有 {named} 年的放假安排，那一年的节假日和调休会按平常的星期算："
        "升级 Nightdesk，或在 shops.yaml 的 calendar 里写上（至少有元旦、劳动节和国庆）"
    )
