"""Who is there for one shop when, by its platform's clock: bots, people, and when neither. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo

from base.spoken import say_time
from bots.shifts.plan import Do, Plan, Work

# Said for a time where nobody is rostered for as far as is looked.
_LATER = "稍后"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time in which nobody is there; both moments are in UTC, `end` is exclusive."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> float:
        """How long it is."""
        return (self.end - self.start).total_seconds() / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The plans of one shop's bots and of its people."""

    bots: Plan
    people: Plan
    zone: tzinfo

    def work(self, now: datetime) -> Work:
        """What the bots do at `now`; they leave nobody to people who are not there."""
        work = self.bots.at(now, self.zone)
        if work.do is Do.people_first and not self.people_on(now):
            return Work(Do.answer)
        return work

    def people_on(self, now: datetime) -> bool:
        """Whether people are on shift at `now`."""
        return self.people.at(now, self.zone).on

    def people_at(self, now: datetime) -> tuple[bool, str | None]:
        """Whether people are on shift, and if not, when they are back, as a buyer reads it."""
        return presence(self.people, now, self.zone)

    def bots_back(self, now: datetime) -> str | None:
        """When bots are on shift again, as a person reads it."""
        return _back(self.bots, now, self.zone)

    def gaps(self, start: datetime, end: datetime) -> Iterator[Gap]:
        """Every time from `start` to `end` (aware) in which neither bots nor people are on shift."""
        # Two moments of one zone are compared by its wall clock, which is an hour off where that is put back.
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        empty = [spell for spell in self.people.spells(start, end, self.zone) if not spell.work.on]
        for off in self.bots.spells(start, end, self.zone):
            for alone in empty if not off.work.on else ():
                first, last = max(off.start, alone.start), min(off.end, alone.end)
                if first < last:
                    yield Gap(start=first, end=last)


def presence(people: Plan, now: datetime, zone: tzinfo) -> tuple[bool, str | None]:
    """Whether people are there, and if not, when they are back in words: never that somebody comes at once."""
    if people.at(now, zone).on:
        return True, None
    return False, _back(people, now, zone) or _LATER


def _back(plan: Plan, now: datetime, zone: tzinfo) -> str | None:
    """When the next shift begins, in words; None while one is on, and where none is known."""
    back = plan.next_on(now, zone)
    return None if back is None or back <= now else say_time(back, now, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallPlace:
    """Somebody's place among those who are called: when, and for which shops; for all where none is named."""

    name: str
    plan: Plan
    shops: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """Who is called, in order; `swaps`: who has whose place in the shifts that begin on a day."""

    places: Sequence[OnCallPlace]
    swaps: Mapping[date, Mapping[str, str]] = field(default_factory=dict)

    def of(self, shop: str | None) -> OnCall:
        """Those who are called for one shop, or for what concerns none; all where that would be nobody."""
        mine = [place for place in self.places if not place.shops or shop in place.shops]
        return replace(self, places=mine) if mine else self

    def at(self, moment: datetime, zone: tzinfo) -> list[str]:
        """Who is on call at `moment` (aware), in order."""
        on = []
        for place in self.places:
            begun = place.plan.begun(moment, zone)
            if begun is not None:
                on.append(self.swaps.get(begun, {}).get(place.name, place.name))
        return list(dict.fromkeys(on))

    def called(self, moment: datetime, zone: tzinfo) -> list[str]:
        """Who is called at `moment` (aware): everybody where nobody is on call, so that a hole calls somebody."""
        return self.at(moment, zone) or [place.name for place in self.places]
