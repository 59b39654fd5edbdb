"""From topics that a text may mean to the entries that a shop answers with there and then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.entry import Scope
from knowledge.library import Library, Topic
from knowledge.text import core, normalise

# An entry that holds for less takes the place of one with a question in common from this share of its confidence.
_NEAR = 0.25
_SUREST = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """An entry that a text may ask for; `question` is its nearest example, `reason` says in words why."""

    entry: str
    confidence: float
    question: str
    reason: str


def settle(library: Library, ranked: Sequence[Ranked], scope: Scope) -> list[Ranked]:
    """`ranked` topics as the entries of `scope`, best first; what holds for less goes before what always holds.

    A topic of which no entry holds just now gives way to one that has the same question, else to nobody: its entry
    stays where it is, for what was asked of it must not go to its neighbour.
    """
    left = [(library.topic(each.entry), each) for each in ranked]
    settled: list[Ranked] = []
    while left:
        best = left.pop(0)
        for rival in list(left):
            winner = _winner(best, rival, scope)
            if winner is not None:
                left.remove(rival)
                confidence = min(_SUREST, best[1].confidence + rival[1].confidence)
                best = (winner[0], replace(winner[1], confidence=confidence))
        entries = best[0].holding(scope) or best[0].competing(scope)[:1]
        share = best[1].confidence / max(1, len(entries))
        settled += [replace(best[1], entry=entry.id, confidence=share) for entry in entries]
    return sorted(settled, key=lambda each: -each.confidence)


_Found = tuple[Topic, Ranked]


def _winner(one: _Found, other: _Found, scope: Scope) -> _Found | None:
    """Which of two topics answers for both, the first being the likelier; None where they are two things."""
    common = one[0].cores & other[0].cores
    if not common:
        return None
    shared = any(core(normalise(ranked.question)) in common for _topic, ranked in (one, other))
    here, there = one[0].holding(scope), other[0].holding(scope)
    if here and there and here[0].width != there[0].width:
        near = shared or other[1].confidence >= _NEAR * one[1].confidence
        return min(one, other, key=lambda found: found[0].holding(scope)[0].width) if near else None
    if shared and bool(here) != bool(there):
        return one if here else other
    return None
