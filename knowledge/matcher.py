"""Which entries a buyer's text asks for, best first, with a confidence that means its share of right answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from knowledge.entry import Entry, Scope
from knowledge.features import Look, look, winner_features
from knowledge.grams import Phrase, phrase
from knowledge.index import Index
from knowledge.model import Knowledge
from knowledge.weights import SHIPPED, Trained

MOST = 5
# Below this a match is noise and not worth showing.
_LEAST = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """An entry that a text may ask for; `question` is its nearest example, `reason` says in words why."""

    entry: str
    confidence: float
    question: str
    reason: str


class Matcher:
    """Matches texts with the entries of one body of knowledge; built once, then safe for every shop."""

    def __init__(self, knowledge: Knowledge, trained: Trained = SHIPPED) -> None:
        self._entries = [entry for entry in knowledge.entries if entry.status != "draft"]
        self._index = Index(self._entries)
        self._trained = trained

    def match(self, text: str, scope: Scope) -> list[Ranked]:
        """The entries that `text` may ask for in that scope, at most five, best first; often none.

        An entry that lacks a fact is never among them, yet it competes: what it would have answered must
        not go to its neighbour.
        """
        asked = phrase(text)
        if not asked.tokens:
            return []
        looks = self._looks(asked, scope)
        if not looks:
            return []
        ranked = self._confidences(asked, looks)
        return [
            _ranked(self._entries[each.number], each, confidence)
            for each, confidence in ranked[:MOST]
            if confidence >= _LEAST and not self._entries[each.number].unfilled
        ]

    def _looks(self, asked: Phrase, scope: Scope) -> list[Look]:
        evidence = self._index.evidence(asked)
        return [
            look(self._index, number, asked, evidence[number])
            for number in self._index.candidates(asked, evidence)
            if _holds(self._entries[number], scope)
        ]

    def _confidences(self, asked: Phrase, looks: Sequence[Look]) -> list[tuple[Look, float]]:
        """Each look with its confidence: the winner's is calibrated, the others share what is left."""
        by_rank = sorted(((self._trained.rank(each.scores), each) for each in looks), key=lambda pair: -pair[0])
        ranks = [rank for rank, _ in by_rank]
        ordered = [each for _, each in by_rank]
        odds = [exp(rank - ranks[0]) for rank in ranks]
        shares = [odd / sum(odds) for odd in odds]
        first = self._trained.confidence(winner_features(self._index, asked, ordered, ranks, shares))
        known = first / shares[0]  # what the winner's share of the evidence amounts to in confidence
        return [
            (each, first if place == 0 else min(first, known * share))
            for place, (each, share) in enumerate(zip(ordered, shares, strict=True))
        ]


def _holds(entry: Entry, scope: Scope) -> bool:
    return entry.scope.covers(scope) and entry.active.covers(scope.now)


def _ranked(entry: Entry, found: Look, confidence: float) -> Ranked:
    scores = found.named()
    reason = f"与例句“{found.nearest.question}”字面相似 {scores['ratio']:.0%}，读音相似 {scores['sound']:.0%}"
    if scores["keyword"]:
        reason += "，有关键词"
    return Ranked(entry=entry.id, confidence=confidence, question=found.nearest.question, reason=reason)
