"""What is to be looked at after a night: answers beside their questions, misses, open handoffs, downtime; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from base.masking import mask
from bots.shifts.plan import Plan
from storage.meter import THREE_MINUTES, Figures, figures, first_reply_seconds, waited
from storage.nights import NightRecord
from storage.records import By, Event, Handoff, ReplyKind, ShopState, Turn, TurnState
from storage.shops import LOOKED_AFTER, SILENCE

_DAY = timedelta(hours=24)
# The longest that people are away together: a shop may rest for all of the Spring Festival.
_AWAY = 16 * _DAY
# Where people are always there.
_NO_NIGHT = timedelta(hours=12)
# A pause at noon is no night.
_SHORTEST = timedelta(hours=4)
_ATTENDED = (ShopState.ready, ShopState.paused, ShopState.off_shift)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer as a buyer got it, beside what they asked, both masked.

    `seconds`: from the question to the first reply of the turn; `correct`: what a person said of it, if anything.
    """

    reply: int
    turn: int
    shop: str
    conversation: str
    at: datetime | None
    seconds: float | None
    asked: str
    said: str
    kind: ReplyKind
    entry: str
    confidence: float | None
    correct: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A buyer who waited for more than three minutes; `by`: who gave the first reply, None where nobody did."""

    turn: int
    shop: str
    conversation: str
    asked: str
    seen_at: datetime
    seconds: float
    by: By | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Down:
    """A time in which nobody looked after a shop; `state` is None where its worker was gone."""

    shop: str
    start: datetime
    end: datetime
    state: ShopState | None
    why: str

    @property
    def seconds(self) -> float:
        """How long."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopNight:
    """One shop's figures."""

    shop: str
    title: str
    figures: Figures
    down_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """All of it; handoffs are those that are open now, whenever they began."""

    since: datetime
    until: datetime
    shops: Sequence[ShopNight]
    answers: Sequence[Answer]
    misses: Sequence[Miss]
    handoffs: Sequence[Handoff]
    downs: Sequence[Down]


def last_night(people: Plan, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The longest time of the last 24 hours in which no people were there, all of it, up to now where it goes on;
    where there is none that is long, or none that began: the last twelve hours.
    """
    since, first = now - _DAY, now - _AWAY
    absent = [
        spell
        for spell in people.spells(first, now + _AWAY, zone)
        if not spell.work.on
        and spell.end > since
        and first < spell.start
        and min(spell.end, now) - spell.start >= _SHORTEST
    ]
    if not absent:
        return now - _NO_NIGHT, now
    # One that goes on is as long as it will be: the night that began at ten outlasts what is left of the last one.
    night = max(absent, key=lambda spell: (spell.end - max(spell.start, since), spell.start))
    return night.start, min(night.end, now)


def night_of(told: NightRecord) -> Night:
    """A night, from what the ledger holds of it."""
    turns = {turn.id: turn for turn in told.turns}
    downs = sorted(_downs(told), key=lambda down: (down.shop, down.start))
    return Night(
        since=told.since,
        until=told.until,
        shops=[
            ShopNight(
                shop=row.shop,
                title=row.title,
                figures=figures(
                    [turn for turn in told.turns if turn.shop == row.shop], threshold=THREE_MINUTES, now=told.until
                ),
                down_seconds=sum(down.seconds for down in downs if down.shop == row.shop),
            )
            for row in told.shops
        ],
        answers=[
            Answer(
                reply=reply.id,
                turn=reply.turn_id,
                shop=reply.shop,
                conversation=reply.conversation_key,
                at=reply.confirmed_at,
                seconds=first_reply_seconds(turns[reply.turn_id]),
                asked=mask(turns[reply.turn_id].text),
                said=mask(reply.text),
                kind=reply.kind,
                entry=reply.entry or "",
                confidence=turns[reply.turn_id].confidence,
                correct=told.verdicts.get(reply.id),
            )
            for reply in told.answers
        ],
        misses=[miss for turn in told.turns if (miss := _miss(turn, told.until)) is not None],
        handoffs=told.handoffs,
        downs=downs,
    )


def _miss(turn: Turn, now: datetime) -> Miss | None:
    if turn.state in (TurnState.ignored, TurnState.observed):
        return None
    first = first_reply_seconds(turn)
    seconds = waited(turn, now) if first is None else first
    if seconds <= THREE_MINUTES:
        return None
    held = turn.holding_at is not None and (turn.reply_at is None or turn.holding_at <= turn.reply_at)
    return Miss(
        turn=turn.id,
        shop=turn.shop,
        conversation=turn.conversation_key,
        asked=mask(turn.text),
        seen_at=turn.seen_at,
        seconds=seconds,
        by=turn.holding_by if held else turn.reply_by,
    )


def _downs(told: NightRecord) -> Iterator[Down]:
    for row in told.shops:
        mine = [event for event in told.events if event.shop == row.shop]
        yield from _unattended([event for event in mine if event.kind == "shop_state"], told.since, told.until)
        for event in mine:
            if event.kind == "silent":
                start = max(told.since, datetime.fromisoformat(event.detail["since"]))
                end = min(event.at, told.until)
                yield Down(shop=row.shop, start=start, end=end, state=None, why=str(event.detail["why"]))
        # A silence is an event once it is over: this one is not yet.
        if row.beat_at is not None and row.state in LOOKED_AFTER and told.until - row.beat_at > SILENCE:
            start = max(told.since, row.beat_at)
            yield Down(shop=row.shop, start=start, end=told.until, state=None, why="值守进程没有动静")


def _unattended(changes: Sequence[Event], since: datetime, until: datetime) -> Iterator[Down]:
    """The times between changes in which a shop was in a state that answers nobody."""
    ends = [change.at for change in changes[1:]] + [until] * bool(changes)
    for change, end in zip(changes, ends, strict=True):
        state, start = ShopState(change.detail["new"]), max(since, change.at)
        if state not in _ATTENDED and end > start:
            yield Down(
                shop=change.shop or "", start=start, end=end, state=state, why=str(change.detail.get("why") or "")
            )
