"""Whether a shop is covered: by bots, by people, and when by neither. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bots.shifts.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time in which nobody is there; both moments are aware, `end` is exclusive."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> float:
        """How long it is."""
        return (self.end - self.start).total_seconds() / 3600


def gaps(bots: Plan, people: Plan, start: datetime, end: datetime, zone: tzinfo) -> Iterator[Gap]:
    """Every time from `start` to `end` in which neither bots nor people are on shift."""
    empty = [spell for spell in people.spells(start, end, zone) if not spell.work.on]
    for off in bots.spells(start, end, zone):
        for alone in empty if not off.work.on else ():
            first, last = max(off.start, alone.start), min(off.end, alone.end)
            if first < last:
                yield Gap(start=first, end=last)
