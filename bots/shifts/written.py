"""Shifts as operators write them in `shops.yaml`: a span, the name of a table, or the rows of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bots.shifts.calendar import Calendar
from bots.shifts.days import read_dates, read_days, read_hours
from bots.shifts.plan import Do, Row, Work

Doing = Literal["回答", "只安抚", "人工优先", "休息"]
_DOES: Mapping[Doing, Do] = {
    "回答": Do.answer,
    "只安抚": Do.hold,
    "人工优先": Do.people_first,
    "休息": Do.off,
}
DOING: Mapping[Do, str] = {do: word for word, do in _DOES.items()}


def _hours(text: str) -> str:
    read_hours(text)
    return text


def _days(text: str) -> str:
    read_days(text)
    return text


def _dates(text: str) -> str:
    read_dates(text)
    return text


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Hours = Annotated[str, AfterValidator(_hours)]
_DaysText = Annotated[str, AfterValidator(_days)]
_DatesText = Annotated[str, AfterValidator(_dates)]
_Several = BeforeValidator(_as_list, json_schema_input_type=str | list[str])
Dates = Annotated[tuple[_DatesText, ...], _Several]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShiftRow(_Written):
    """On these days, in these hours, this is done; `after`: the seconds that people have first (人工优先)."""

    days: Annotated[tuple[_DaysText, ...], _Several, Field(min_length=1)] = ("每天",)
    hours: Annotated[tuple[Hours, ...], _Several, Field(min_length=1)] = ("00:00-24:00",)
    do: Doing = "回答"
    after: Annotated[int, Field(ge=1, le=600)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> ShiftRow:
        if self.do == "人工优先" and self.after is None:
            raise ValueError("人工优先要写让人工几秒，例如 after: 30")
        if self.do != "人工优先" and self.after is not None:
            raise ValueError("after 只和 do: 人工优先 写在一起")
        return self

    def row(self) -> Row:
        """The row of a plan that it means."""
        return Row(
            days=[read_days(text) for text in self.days],
            hours=[read_hours(text) for text in self.hours],
            work=Work(_DOES[self.do], self.after or 0.0),
        )


Shifts = str | tuple[ShiftRow, ...]


class OwnDates(_Written):
    """The operators' own days off and days worked, which outrank the public calendar."""

    holidays: Dates = ()
    workdays: Dates = ()

    @model_validator(mode="after")
    def _agree(self) -> OwnDates:
        both = set(each_day(self.holidays)) & set(each_day(self.workdays))
        if both:
            raise ValueError(f"{min(both)} 写了放假，又写了上班，只能留一样")
        return self

    def calendar(self) -> Calendar:
        """The calendar with them."""
        return Calendar(holidays=frozenset(each_day(self.holidays)), workdays=frozenset(each_day(self.workdays)))


def each_day(dates: tuple[str, ...]) -> list[date]:
    """All the days that are named."""
    spans = [read_dates(text) for text in dates]
    return [first + timedelta(days=number) for first, last in spans for number in range((last - first).days + 1)]
