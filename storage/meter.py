"""How fast buyers were answered, from their turns; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from storage.records import Turn, TurnState, Wait

THREE_MINUTES = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a set of turns amounts to; each count is explained at `ShopFigures`."""

    waiting: int
    answered: int
    handed: int
    p50_ms: float | None
    p95_ms: float | None
    rate_3min: float | None
    met: int
    due: int


def figures(turns: Iterable[Wait | Turn], *, threshold: float, now: datetime) -> Figures:
    """The figures of these turns; `threshold` in seconds. Ignored and observed turns do not count.

    A first reply within the threshold is met. Due is what got its first reply or has waited past the
    threshold: a turn still inside it is neither a hit nor a miss yet.
    """
    counted = [turn for turn in turns if turn.state not in (TurnState.ignored, TurnState.observed)]
    waits = [first_reply_seconds(turn) for turn in counted]
    replied = sorted(wait for wait in waits if wait is not None)
    met = sum(wait <= threshold for wait in replied)
    late = sum(wait is None and waited(turn, now) > threshold for turn, wait in zip(counted, waits, strict=True))
    due = len(replied) + late
    return Figures(
        waiting=sum(map(_waits, counted)),
        answered=sum(turn.reply_by == "bot" for turn in counted),
        handed=sum(turn.handed_at is not None for turn in counted),
        p50_ms=_milliseconds(replied, 50),
        p95_ms=_milliseconds(replied, 95),
        rate_3min=met / due if due else None,
        met=met,
        due=due,
    )


def first_reply_seconds(turn: Wait | Turn) -> float | None:
    """Seconds from the question to the first reply, holding or substantive; None while there is none."""
    replies = [moment for moment in (turn.holding_at, turn.reply_at) if moment is not None]
    return waited(turn, min(replies)) if replies else None


def waited(turn: Wait | Turn, now: datetime) -> float:
    """Seconds since the buyer asked, by the console's clock if it told, else since we saw it; never below 0."""
    return max(0.0, (now - (turn.asked_at or turn.seen_at)).total_seconds())


def _waits(turn: Wait | Turn) -> bool:
    if turn.state is TurnState.handed:
        return turn.holding_at is None and turn.reply_at is None
    return turn.state is TurnState.open


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile: the smallest of ordered values that `percent` of them do not exceed."""
    return ordered[max(0, ceil(percent * len(ordered) / 100) - 1)] if ordered else None


def _milliseconds(ordered: Sequence[float], percent: int) -> float | None:
    seconds = percentile(ordered, percent)
    return None if seconds is None else round(seconds * 1000, 1)
