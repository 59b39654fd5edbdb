"""Which entries a buyer's text asks for, best first, with a confidence that means its share of right answers."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from knowledge.entry import Scope as Scope
from knowledge.features import Look, look, winner_features
from knowledge.index import Index, Search
from knowledge.library import Library, Topic
from knowledge.model import Knowledge
from knowledge.settle import Ranked as Ranked
from knowledge.settle import settle
from knowledge.weights import Trained, shipped

MOST = 5
# Below this a match is noise and not worth showing.
_LEAST = 0.02
# What an operator wrote as an example is answered when a buyer writes just that, or what sounds just like it.
_SAME = 0.99
_SAME_SOUNDS = 4


class Matcher:
    """Matches texts with the entries of one body of knowledge; built once, then good for every shop."""

    def __init__(self, knowledge: Knowledge | Library, trained: Trained | None = None) -> None:
        library = knowledge if isinstance(knowledge, Library) else Library(knowledge)
        self._library = library
        self._entries = library.topics
        self._index = Index(self._entries, [topic.texts for topic in self._entries])
        self._trained = trained or shipped()

    def match(self, text: str, scope: Scope) -> list[Ranked]:
        """The entries that `text` may ask for in that scope, at most five, best first; often none.

        An entry that does not hold just now is never among them, yet it competes: what it would have answered
        must not go to its neighbour.
        """
        search = self._index.search(text)
        looks = [
            look(self._index, search, number) for number in search.candidates if self._holds(number, scope, search)
        ]
        if not looks or not search.places:
            return []
        found = [
            _ranked(self._entries[each.number], each, confidence, corrected=search.phrase.corrected)
            for each, confidence in self._confidences(search, looks)[:MOST]
            if confidence >= _LEAST
        ]
        return settle(self._library, found, scope)

    def _holds(self, number: int, scope: Scope, search: Search) -> bool:
        """Whether the entry is good there and then, and none of its forbidden words is in the text."""
        entry, none_words = self._entries[number], self._index.known[number].none_words
        text, core = search.phrase.text, search.phrase.core
        barred = any(word in text or word in core for word in none_words)
        return not barred and entry.competes(scope)

    def _confidences(self, search: Search, looks: Sequence[Look]) -> list[tuple[Look, float]]:
        """Each look with its confidence: the winner's is calibrated, the others have theirs by their odds."""
        rank = self._trained.rank
        ordered = sorted(looks, key=lambda each: (not _is_same(search, each), -rank(each.scores), each.number))
        ranks = [rank(each.scores) for each in ordered]
        odds = [exp(min(0.0, rank - ranks[0])) for rank in ranks]
        share = 1 / sum(odds)
        trusted = self._trained.confidence(winner_features(self._index, search, ordered, ranks, share))
        first = min(trusted, share)  # nobody is surer of the winner than its odds against its rivals allow
        if [_is_same(search, each) for each in ordered].count(True) == 1:
            first = max(first, _SAME)
        return [(each, first * odd) for each, odd in zip(ordered, odds, strict=True)]


def _is_same(search: Search, found: Look) -> bool:
    """Whether the text is an example of the entry, or sounds just like one."""
    asked, nearest = search.phrase, found.nearest.phrase
    return asked.core == nearest.core or (len(search.places) >= _SAME_SOUNDS and asked.sound == nearest.sound)


def _ranked(entry: Topic, found: Look, confidence: float, *, corrected: bool) -> Ranked:
    likeness = f"字面相似 {found.score('ratio'):.0%}，读音相似 {found.score('sound'):.0%}"
    slips = "改正错字后，" if corrected else ""
    keyword = "，有关键词" if found.score("keyword") else ""
    reason = f"{slips}与例句“{found.nearest.question}”{likeness}{keyword}"
    return Ranked(entry=entry.id, confidence=confidence, question=found.nearest.question, reason=reason)
