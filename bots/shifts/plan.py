"""A plan of shifts: what is on at a moment, and from when to when. Pure: no clock, no file.

A shift belongs to the day on which it begins, and may go on into the next. On each day only those rows count
that name it most narrowly. Where two shifts of a day overlap, the later row counts; where one of the day before
goes on into another, the new one. Hours are those of the wall clock: one that comes twice is covered twice, one
that is left out is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from bots.shifts.calendar import Calendar, DayKind
from bots.shifts.days import DAY, Days, Rank, read_days, read_hours

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
# So far ahead the next shift is looked for: the longest holidays are shorter.
_AHEAD = timedelta(days=62)


class Do(StrEnum):
    """What is done in a shift; of people, only whether they are there (`answer`) or not (`off`)."""

    answer = "answer"
    hold = "hold"
    people_first = "people_first"
    off = "off"


@dataclass(frozen=True, slots=True)
class Work:
    """What is done; `after`: the seconds that people have before the bot answers."""

    do: Do = Do.answer
    after: float = 0.0

    @property
    def on(self) -> bool:
        """Whether anybody is there at all."""
        return self.do is not Do.off


OFF = Work(Do.off)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a plan. `hours`: minutes of the day, each from when to when; past 24 h is the next day."""

    days: Sequence[Days]
    hours: Sequence[tuple[int, int]]
    work: Work = field(default_factory=Work)

    def rank(self, day: date, kind: DayKind) -> int:
        """How narrowly it names `day`, which the calendar calls `kind`; below all ranks where it does not."""
        return max((days.rank for days in self.days if days.holds(day, kind)), default=-1)


# From which minute of its day to which, and what is done.
_Shift = tuple[int, int, Work]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A time without a change; both moments are aware, `end` is exclusive."""

    start: datetime
    end: datetime
    work: Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Rows and the calendar that they are read with."""

    rows: Sequence[Row]
    calendar: Calendar = field(default_factory=Calendar)
    # What is on is asked hundreds of times a second.
    _known: dict[date, Sequence[_Shift]] = field(default_factory=dict, init=False, repr=False, compare=False)
    # Since when, and until when, the next moment at which somebody is there is the same, and which it is.
    _next: dict[tzinfo, tuple[datetime, datetime, datetime | None]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def asks_calendar(self) -> bool:
        """Whether public holidays make a difference."""
        return any(days.kinds for row in self.rows for days in row.days)

    def at(self, moment: datetime, zone: tzinfo) -> Work:
        """What is on at `moment` (aware)."""
        return self._at(*_wall(moment, zone))[1]

    def begun(self, moment: datetime, zone: tzinfo) -> date | None:
        """The day on which the shift began that is on at `moment` (aware); None where nobody is there."""
        day, work = self._at(*_wall(moment, zone))
        return day if work.on else None

    def spells(self, start: datetime, end: datetime, zone: tzinfo) -> Iterator[Spell]:
        """Everything from `start` to `end` (aware), each as long as nothing changes, without a gap."""
        open_: Spell | None = None
        for piece_start, piece_end, offset in offsets(start, end, zone):
            for begin, work in self._changes(piece_start + offset, piece_end + offset):
                if open_ is None:
                    open_ = Spell(start=start, end=end, work=work)
                elif open_.work != work:
                    moment = (begin - offset).astimezone(start.tzinfo)
                    yield Spell(start=open_.start, end=moment, work=open_.work)
                    open_ = Spell(start=moment, end=end, work=work)
        if open_ is not None:
            yield open_

    def next_on(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """When somebody is there: at `moment`, or as the next shift begins; None: not within two months."""
        asked, until, found = self._next.get(zone, (moment, moment, None))
        if not asked <= moment < until:
            ahead = self.spells(moment, moment + _AHEAD, zone)
            found = next((spell.start for spell in ahead if spell.work.on), None)
            # Two months are looked through at length: where they hold nobody, not again before the next day.
            self._next[zone] = moment, found or moment + _DAY, found
        return found

    def _at(self, day: date, minute: int) -> tuple[date, Work]:
        """What is on at a minute of a day, and when that began."""
        for begun, spent in ((day, minute), (day - _DAY, minute + DAY)):
            for start, end, work in self._day(begun):
                if start <= spent < end:
                    return begun, work
        return day, OFF

    def _day(self, day: date) -> Sequence[_Shift]:
        """The shifts that begin on `day`, those that count more first."""
        if day not in self._known:
            self._known[day] = self._begun_on(day)
        return self._known[day]

    def _begun_on(self, day: date) -> Sequence[_Shift]:
        kind = self.calendar.kind(day)
        ranks = [row.rank(day, kind) for row in self.rows]
        narrowest = max(ranks, default=-1)
        if narrowest < Rank.every:
            return ()
        rows = [row for row, rank in zip(self.rows, ranks, strict=True) if rank == narrowest]
        return tuple(reversed([(start, end, row.work) for row in rows for start, end in row.hours]))

    def _changes(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, Work]]:
        """What is on at `start`, and at each moment before `end` at which it may change: by the wall clock."""
        yield start, self._at(*_wall(start, UTC))[1]
        day = start.date()
        while (midnight := datetime.combine(day, time(), tzinfo=start.tzinfo)) < end:
            edges = {0} | {edge for begin, stop, _work in self._day(day) for edge in (begin, stop)}
            edges |= {stop - DAY for _begin, stop, _work in self._day(day - _DAY)}
            for edge in sorted(edge for edge in edges if 0 <= edge < DAY):
                moment = midnight + edge * _MINUTE
                if start < moment < end:
                    yield moment, self._at(day, edge)[1]
            day += _DAY


def daily(hours: str) -> Plan:
    """The plan of a span that is the same each day, such as `22:00-09:00`."""
    return Plan(rows=(Row(days=(read_days("每天"),), hours=(read_hours(hours),)),))


def offsets(start: datetime, end: datetime, zone: tzinfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The times in which the wall clock does not jump, as moments in UTC, with what the clock is ahead of it."""
    moment, last = start.astimezone(UTC), end.astimezone(UTC)
    piece = moment
    while moment < last:
        ahead = min(moment + _DAY / 4, last)
        offset = _offset(moment, zone)
        if _offset(ahead, zone) != offset:
            before, after = moment, ahead
            while after - before > _SECOND:
                middle = before + (after - before) // 2
                before, after = (middle, after) if _offset(middle, zone) == offset else (before, middle)
            ahead = after.replace(microsecond=0)
            yield piece, ahead, offset
            piece = ahead
        moment = ahead
    if piece < last:
        yield piece, last, _offset(piece, zone)


def _wall(moment: datetime, zone: tzinfo) -> tuple[date, int]:
    """The day and its minute by the wall clock."""
    local = moment.astimezone(zone)
    return local.date(), local.hour * 60 + local.minute


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
