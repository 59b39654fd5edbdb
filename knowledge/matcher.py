"""Which entries a buyer's text asks for, best first, with a confidence that means its share of right answers."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from knowledge.entry import Scope as Scope
from knowledge.features import Looks, look, winner_features
from knowledge.index import Index, Search
from knowledge.library import Library
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
# Shops and goods whose competing entries are kept at hand; what follows up on an answer makes a place of its own.
_PLACES = 256
# Consoles offer buyers questions to tap, which come word for word: what was found for so many texts is kept.
_TEXTS = 1024


class Matcher:
    """Matches texts with the entries of one body of knowledge; built once, then good for every shop and thread."""

    def __init__(self, knowledge: Knowledge | Library, trained: Trained | None = None) -> None:
        library = knowledge if isinstance(knowledge, Library) else Library(knowledge)
        self._library = library
        self._entries = library.topics
        self._index = Index(self._entries)
        self.trained = trained or shipped()
        self._befores = frozenset(
            entry.after
            for topic in self._entries
            for each in topic.entries.values()
            for entry in each
            if entry.after
        )
        self._open_there: dict[object, bytes] = {}
        self._found = lru_cache(maxsize=_TEXTS)(self._find)

    def match(self, text: str, scope: Scope) -> list[Ranked]:
        """The entries that `text` may ask for in that scope, at most five, best first; often none.

        One whose dates have passed is among them (`Active.covers`): what it would have answered must not go to its
        neighbour.
        """
        return settle(self._library, self._found(text, self._open(scope)), scope)

    def _find(self, text: str, competing: bytes) -> tuple[Ranked, ...]:
        """What may be asked for among the entries that compete: a truth value for each of them."""
        search = self._index.search(text, np.frombuffer(competing, np.bool_))
        if search is None:
            return ()
        search = self._allowed(search)
        if not len(search.candidates):
            return ()
        looks = look(self._index, search)
        return tuple(
            self._ranked(search, looks, place, confidence)
            for place, confidence in self._confidences(search, looks)[:MOST]
            if confidence >= _LEAST
        )

    def _open(self, scope: Scope) -> bytes:
        """Which entries compete there, as for `_find`: the same at any time, so that is looked for once."""
        place = (scope.shop, scope.platform, scope.product, scope.given & self._befores)
        found = self._open_there.get(place)
        if found is None:
            if len(self._open_there) >= _PLACES:
                self._open_there.clear()
            found = self._open_there[place] = bytes(topic.competes(scope) for topic in self._entries)
        return found

    def _allowed(self, search: Search) -> Search:
        """Without the entries that have a forbidden word in the text."""
        text, core = search.phrase.text, search.phrase.core
        barred = [
            any(word in text or word in core for word in self._index.words[number].none)
            for number in search.candidates.tolist()
        ]
        return replace(search, candidates=search.candidates[~np.array(barred, np.bool_)])

    def _confidences(self, search: Search, looks: Looks) -> list[tuple[int, float]]:
        """Each look's place with its confidence: the winner's is calibrated, the others' follow by their odds."""
        scored = self.trained.rank(looks.scores)
        same = np.array([self._is_same(search, int(nearest)) for nearest in looks.nearest])
        order = np.lexsort((looks.numbers, -scored, ~same))
        ranks = scored[order]
        odds = np.exp(np.minimum(0, ranks - ranks[0]))
        features = winner_features(self._index, search, looks, order.astype(np.int32), ranks.astype(np.float32))
        first = self.trained.confidence(features)
        if same.sum() == 1:
            first = max(first, _SAME)
        return [(int(place), first * float(odd)) for place, odd in zip(order, odds, strict=True)]

    def _is_same(self, search: Search, example: int) -> bool:
        """Whether the text is that example, or sounds just like it."""
        asked, index = search.phrase, self._index
        sounds_same = len(asked.sounds) >= _SAME_SOUNDS and asked.sound == index.spoken[example]
        return sounds_same or asked.core == index.cores[example]

    def _ranked(self, search: Search, looks: Looks, place: int, confidence: float) -> Ranked:
        question = self._index.questions[looks.nearest[place]]
        likeness = f"字面相似 {looks.score(place, 'ratio'):.0%}，读音相似 {looks.score(place, 'sound'):.0%}"
        slips = "改正错字后，" if search.phrase.corrected else ""
        keyword = "，有关键词" if looks.score(place, "keyword") else ""
        reason = f"{slips}与例句“{question}”{likeness}{keyword}"
        return Ranked(
            entry=self._entries[looks.numbers[place]].id, confidence=confidence, question=question, reason=reason
        )
