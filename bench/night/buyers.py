"""Who asks when in the week: the practice console's buyers, by the hours at which people shop. Pure."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from itertools import accumulate, takewhile

from bots.shifts.calendar import Calendar, DayKind
from practice.plan import Visit, visits
from practice.questions import load_questions

# The share of a day's questions in each of its hours, from midnight on: few at night, a peak at noon, most at nine
# in the evening. They add up to one.
PROFILE = (
    *(0.020, 0.011, 0.006, 0.004, 0.004, 0.006, 0.011, 0.021),
    *(0.033, 0.045, 0.054, 0.056, 0.057, 0.054, 0.052, 0.051),
    *(0.050, 0.048, 0.052, 0.064, 0.083, 0.091, 0.077, 0.050),
)
# Who does not work has time to shop.
_KINDS = {DayKind.workday: 1.0, DayKind.makeup: 1.0, DayKind.weekend: 1.15, DayKind.holiday: 1.25}
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """From when to when so many times the usual ask."""

    start: datetime
    end: datetime
    times: float

    def at(self, moment: datetime) -> float:
        """How many times the usual it is then."""
        return self.times if self.start <= moment < self.end else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """`daily`: what all shops are asked on an ordinary day; `zone`: where the buyers live."""

    daily: float
    zone: tzinfo
    campaign: Campaign

    def hourly(self, start: datetime, hours: int) -> list[float]:
        """How many questions each hour from `start` (aware, on the hour) brings on average."""
        calendar = Calendar()
        found = []
        for number in range(hours):
            moment = start + number * _HOUR
            local = moment.astimezone(self.zone)
            usual = self.daily * PROFILE[local.hour] * _KINDS[calendar.kind(local.date())]
            found.append(usual * self.campaign.at(moment))
        return found

    def visits(self, start: datetime, hours: int, shops: Mapping[str, str], seed: int) -> Iterator[Visit]:
        """The buyers of so many hours in the order of their coming; `shops`: id to trade."""
        hourly = self.hourly(start, hours)
        when = _spread(hourly)
        # One a second, then each second stretched to the time in which one question is to be expected.
        even = visits(load_questions(), shops, seed=seed, rate=1.0, seconds=None)
        for visit in takewhile(lambda each: each.at < sum(hourly), even):
            yield replace(visit, at=when(visit.at))


def _spread(hourly: Sequence[float]) -> Callable[[float], float]:
    """In which second of the hours a question comes before which so many are to be expected."""
    before = [0.0, *accumulate(hourly)]

    def when(expected: float) -> float:
        hour = bisect(before, expected) - 1
        return 3600.0 * (hour + (expected - before[hour]) / hourly[hour])

    return when
