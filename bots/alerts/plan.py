"""Who is told what now: pure, from what needs a person, what was told before, and who is on call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bots.alerts.needs import EVENT_LASTS, Kind, Need
from bots.alerts.words import Case, call_letter, held_letter, over_letter, removed_letter
from storage.calls import AlertKind, Call, Letter

# A need must be gone for as long before it is over; one that comes back within the second span is the same one.
_SETTLED = timedelta(seconds=60)
FLAP = timedelta(minutes=30)
_GAP = timedelta(seconds=60)
_URGENT_GAP = timedelta(seconds=15)
_HOUR = timedelta(hours=1)
_LONGEST = timedelta(hours=4)
_BRIEFEST = timedelta(seconds=45)
# Whoever takes something on is left alone with it for so long; then it is asked about again.
_IN_HAND = timedelta(hours=1)
# These end by themselves, however their shop is.
_APART = frozenset({Kind.handoff, Kind.event})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A letter to somebody, as the cap counts it."""

    person: str
    kind: AlertKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Who is on call now, in order; whether only alerts may ring; how much, how fast; what was sent this hour.

    `unwell`: the shops whose calls cannot be over yet. `listed`: those that are watched at all. `own`: who is on
    call for single shops.
    """

    people: Sequence[str]
    quiet: bool
    per_hour: int
    escalate: timedelta
    sent: Sequence[Sent]
    unwell: frozenset[str]
    listed: frozenset[str]
    own: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def called(self, shop: str | None) -> Sequence[str]:
        """Who is on call for what concerns a shop, or none."""
        return self.people if shop is None else self.own.get(shop, self.people)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The calls that have changed, and the letters to send."""

    calls: list[Call]
    letters: list[Letter]


def plan(now: datetime, needs: Sequence[Need], calls: Sequence[Call], rules: Rules) -> Plan:
    """What to tell whom at this moment, and how the calls stand afterwards."""
    before = {call.key: call for call in calls}
    after: dict[str, Call] = {}
    due: dict[str, list[Case]] = {}
    for need in needs:
        call = after[need.key] = _met(need, before.get(need.key), now)
        moment = _due_at(need, call, rules, now)
        if moment is not None and moment <= now:
            due.setdefault(_next_up(call, rules.called(need.shop)), []).append(Case(need=need, call=call))
    for call in calls:
        if call.key not in after:
            after[call.key] = _missed(call, rules, now)
    owed: dict[str, list[Call]] = {}
    for call in after.values():
        if call.over_at is not None and call.owed:
            for person in call.people:
                owed.setdefault(person, []).append(call)
    letters = []
    for person in dict.fromkeys((*rules.people, *due, *owed)):
        for letter, changed in _tell(person, due.get(person, []), owed.get(person, []), rules, now):
            letters.append(letter)
            after |= {call.key: _told(letter, after[call.key], call, now) for call in changed}
        full = _full(person, rules, now)
        for case in due.get(person, []):
            if after[case.call.key].told_at != now and (full or not _rings(case.call, rules)):
                after[case.call.key] = replace(case.call, held=True)
    return Plan(calls=[call for call in after.values() if call != before.get(call.key)], letters=letters)


def _met(need: Need, call: Call | None, now: datetime) -> Call:
    """The call of a need that is there: a new one, or the old one come back."""
    if call is None or (call.over_at is not None and now - call.over_at > FLAP):
        return Call(
            key=need.key,
            kind=need.kind,
            shop=need.shop,
            subject=need.subject,
            severity=need.severity,
            began_at=need.since,
        )
    times = call.times + (call.over_at is not None)
    there = replace(call, gone_at=None, over_at=None, times=times)
    return replace(there, kind=need.kind, subject=need.subject, severity=need.severity)


def _missed(call: Call, rules: Rules, now: datetime) -> Call:
    """The call of a need that is not there: over, unless it may come back at once."""
    if call.over_at is not None or (call.kind not in _APART and call.shop in rules.unwell):
        return call
    if call.gone_at is None:
        return replace(call, gone_at=now)
    if _within(_SETTLED, call.gone_at, now):
        return call
    ended = replace(call, over_at=now)
    # That a buyer was seen to is news only to whoever was called in addition. An event that is merely old has not
    # ended. What had to wait for the morning is told then, though it is over.
    aged = call.kind == Kind.event and now - call.began_at >= EVENT_LASTS
    if aged or (call.kind == Kind.handoff and call.rounds < 2):
        return replace(ended, owed=False)
    if call.held and call.told_at is None:
        return replace(ended, owed=True, people=tuple(rules.called(call.shop)[:1]))
    return ended


def _due_at(need: Need, call: Call, rules: Rules, now: datetime) -> datetime | None:
    """When the need is to be told next; None: not until something changes."""
    if need.taken or (call.acked_at is not None and _within(_IN_HAND, call.acked_at, now)):
        return None
    if call.acked_at is not None and need.kind is Kind.event and need.since <= call.acked_at:
        return None  # nobody can see whether it was mended: who took it on knows
    if call.told_at is None or call.told_at > now or need.kind not in call.kinds:
        return need.due_at
    if need.severity == "alert" and not call.alarmed:
        return need.due_at  # it could wait when it was told
    if not need.repeated:
        return need.due_at if need.since > call.told_at + FLAP else None
    if any(moment is not None and moment > call.told_at for moment in (call.acked_at, need.forgotten_at)):
        return need.due_at  # who took it on since has not done it in time
    people = rules.called(need.shop)
    if call.people and set(people).isdisjoint(call.people):
        return need.due_at  # all who were told have gone off duty
    wait = min(rules.escalate * (1 << min(max(0, call.rounds - 1), 8)), _LONGEST)
    if call.rounds >= len(people) and call.people and not set(people) <= set(call.people):
        wait = rules.escalate  # somebody has come on duty since
    if need.deadline is not None and need.deadline > call.told_at and call.rounds < len(people):
        wait = min(wait, max((need.deadline - call.told_at) / 2, _BRIEFEST))
    return call.told_at + wait


def _next_up(call: Call, people: Sequence[str]) -> str:
    """Who is told next of those on call: whom it was not told yet, in order, then whom it was told longest ago."""
    if not call.people:  # they know that it was over, and it came back
        return people[call.rounds % len(people)]
    fresh = (person for person in people if person not in call.people)
    return next(fresh, None) or min(people, key=call.people.index)


def _tell(
    person: str, due: Sequence[Case], owed: Sequence[Call], rules: Rules, now: datetime
) -> Iterator[tuple[Letter, list[Call]]]:
    """The letters to one person, each with the calls that it is about."""
    due = [case for case in due if _rings(case.call, rules)]
    owed = [call for call in owed if _rings(call, rules)]
    if not due and not owed:
        return
    urgent = any(_urgent(case, rules, now) for case in due)
    mine = _this_hour(person, rules, now)
    full = _full(person, rules, now)
    gap = _URGENT_GAP if urgent and not full else _GAP
    if any(now - sent.at < gap for sent in mine):
        return
    if full and not urgent:
        if not any(sent.kind == "held" for sent in mine):
            yield held_letter(person, len(due) + len(owed), rules.per_hour), []
        return
    if due:
        yield call_letter(person, due, now, urgent=urgent), [case.call for case in due]
    if full:
        return
    # Of a shop that is watched no more nobody knows whether it is well.
    gone = [call for call in owed if call.shop is not None and call.shop not in rules.listed]
    for letter, ended in ((over_letter, [call for call in owed if call not in gone]), (removed_letter, gone)):
        if ended:
            yield letter(person, ended), ended


def _this_hour(person: str, rules: Rules, now: datetime) -> list[Sent]:
    return [sent for sent in rules.sent if sent.person == person and _within(_HOUR, sent.at, now)]


def _within(span: timedelta, moment: datetime, now: datetime) -> bool:
    """Whether a moment lies so shortly back. One ahead does not: a clock that was set back silences nobody."""
    return timedelta() <= now - moment < span


def _full(person: str, rules: Rules, now: datetime) -> bool:
    return sum(sent.kind != "held" for sent in _this_hour(person, rules, now)) >= rules.per_hour


def _rings(call: Call, rules: Rules) -> bool:
    return call.severity == "alert" or not rules.quiet


def _urgent(case: Case, rules: Rules, now: datetime) -> bool:
    """Whether it goes past the cap: until each on call was told once, and while a buyer's clock runs."""
    need, rounds = case.need, case.call.rounds
    running = need.deadline is not None and need.deadline > now
    untold = rounds < len(rules.called(need.shop)) or not case.call.alarmed
    return (running and (need.urgent or not rounds)) or (need.urgent and untold)


def _told(letter: Letter, call: Call, seen: Call, now: datetime) -> Call:
    """The call after a letter about it: `seen` is how the letter saw it."""
    if letter.kind == "over":
        people = tuple(person for person in call.people if person != letter.person)
        return replace(call, people=people, owed=bool(people), held=False)
    return replace(
        call,
        rounds=call.rounds + 1,
        told_at=now,
        kinds=tuple(dict.fromkeys((*call.kinds, seen.kind))),
        alarmed=call.alarmed or seen.severity == "alert",
        people=(*(person for person in call.people if person != letter.person), letter.person),
        held=False,
    )
