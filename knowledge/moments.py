"""When an entry is active: dates and hours as operators write them, in the platforms' time zone."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time, timedelta, timezone
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

# China has one time zone and no summer time: a fixed offset needs no zone database on the machine.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_HOURS = re.compile(r"(\d{1,2}):(\d{2}) ?[-~至到—–]+ ?(\d{1,2}):(\d{2})")
_DAY = timedelta(days=1)
_AGES = 1e6


def _moment(value: object, *, end: bool) -> object:
    if value is None or isinstance(value, datetime):
        return value
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", str(value)).strip())
    if found is None:
        raise ValueError(f"看不懂这个日期：{value}，写成 2026-11-01 20:00 或 2026-11-01")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    except ValueError:
        raise ValueError(f"没有这一天或这个时刻：{value}") from None
    return moment + _DAY if end and found[4] is None else moment


def _start(value: object) -> object:
    return _moment(value, end=False)


def _end(value: object) -> object:
    return _moment(value, end=True)


def _hours(value: object) -> object:
    if value is None or isinstance(value, tuple):
        return value
    found = _HOURS.fullmatch(unicodedata.normalize("NFKC", str(value)).strip())
    if found is None:
        raise ValueError(f"看不懂这个时段：{value}，写成 09:00-22:00")
    first, last = _clock(found[1], found[2]), _clock(found[3], found[4])
    if first == last:
        raise ValueError("时段的开始和结束相同；全天有效就不用写 hours")
    return first, last


def _clock(hour: str, minute: str) -> time:
    if (hour, minute) == ("24", "00"):
        return time()
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError(f"没有这个时刻：{hour}:{minute}") from None


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Shift = Literal["people", "bots"]


class Active(BaseModel):
    """A span of time, daily hours, the shifts in which people or only bots are there, or several of these.

    `end` is exclusive, and a last day given alone counts whole.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: Annotated[datetime | None, BeforeValidator(_start, json_schema_input_type=str | None)] = Field(
        default=None, alias="from"
    )
    end: Annotated[datetime | None, BeforeValidator(_end, json_schema_input_type=str | None)] = Field(
        default=None, alias="to"
    )
    hours: Annotated[tuple[time, time] | None, BeforeValidator(_hours, json_schema_input_type=str | None)] = None
    shifts: Annotated[
        tuple[Shift, ...], BeforeValidator(_as_list, json_schema_input_type=Shift | list[Shift])
    ] = ()

    @model_validator(mode="after")
    def _forward(self) -> Active:
        if self.start and self.end and self.start >= self.end:
            raise ValueError("结束（to）要晚于开始（from）")
        return self

    @property
    def width(self) -> tuple[float, bool, bool]:
        """What compares spans: the smaller is active for less. Days first, then hours and shifts."""
        open_ends = (self.start is None) + (self.end is None)
        days = (self.end - self.start) / _DAY if self.start and self.end else open_ends * _AGES
        return (days, self.hours is None, not self.shifts)

    def ends_by(self, now: datetime) -> bool:
        """Whether the last day of the span is today or tomorrow; not once it has passed."""
        if self.end is None or self.end <= now:
            return False
        last = (self.end - timedelta(seconds=1)).astimezone(SHANGHAI).date()
        return last - now.astimezone(SHANGHAI).date() <= _DAY

    def covers(self, now: datetime, *, staffed: bool | None = None) -> bool:
        """Whether the entry is active at `now` (aware); `staffed`: whether people are on shift, if known."""
        if (self.start and now < self.start) or (self.end and now >= self.end):
            return False
        if self.shifts and staffed is not None and ("people" if staffed else "bots") not in self.shifts:
            return False
        if self.hours is None:
            return True
        first, last = self.hours
        clock = now.astimezone(SHANGHAI).time()
        if first < last:
            return first <= clock < last
        return clock >= first or clock < last
