"""Ways to find the entry of a message: what others would take, and ours. A score is 0 to 1 but for BM25."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from rapidfuzz import fuzz, process

from flows.scoring import Scorer
from knowledge.model import Knowledge
from knowledge.text import core, normalise

# What a shop would set by hand; ours decides by its own defaults.
CUT = 0.85
_SATURATION, _LENGTH = 1.5, 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The entry of a message and how sure that is; `answered`: the entries that would be answered, `three`: the
    likeliest three.
    """

    entry: str | None
    sure: float
    answered: tuple[str, ...]
    three: tuple[str, ...]


Method = Callable[[str], Found]
_Scores = Callable[[str], Sequence[float]]


def ours(entries: Sequence[dict[str, Any]]) -> Method:
    """The matcher and the decision on top, with the shipped weights and defaults."""
    scorer = Scorer(Knowledge.model_validate({"entries": entries}))

    def find(text: str) -> Found:
        score = scorer.score(text)
        return Found(entry=score.entry, sure=score.confidence, answered=score.answered, three=score.choices)

    return find


def _ratio(texts: Sequence[str]) -> _Scores:
    return lambda text: [score / 100 for score in process.cdist([text], texts, scorer=fuzz.ratio)[0]]


def _wratio(texts: Sequence[str]) -> _Scores:
    return lambda text: [score / 100 for score in process.cdist([text], texts, scorer=fuzz.WRatio)[0]]


def _tfidf(texts: Sequence[str]) -> _Scores:
    grams = [Counter(_grams(text)) for text in texts]
    uses = Counter(gram for each in grams for gram in each)
    unseen = log(len(texts) + 1) + 1

    def vector(counts: Counter[str]) -> dict[str, float]:
        raw = {
            gram: count * (log((len(texts) + 1) / (uses[gram] + 1)) + 1 if gram in uses else unseen)
            for gram, count in counts.items()
        }
        length = sum(value * value for value in raw.values()) ** 0.5 or 1.0
        return {gram: value / length for gram, value in raw.items()}

    vectors = [vector(each) for each in grams]

    def scores(text: str) -> list[float]:
        asked = vector(Counter(_grams(text)))
        return [sum(value * each.get(gram, 0.0) for gram, value in asked.items()) for each in vectors]

    return scores


def _bm25(texts: Sequence[str]) -> _Scores:
    grams = [Counter(_grams(text)) for text in texts]
    uses = Counter(gram for each in grams for gram in each)
    sizes = [sum(each.values()) for each in grams]
    typical = sum(sizes) / len(sizes)

    def one(asked: Sequence[str], own: Counter[str], size: int) -> float:
        stretch = _SATURATION * (1 - _LENGTH + _LENGTH * size / typical)
        return sum(
            log((len(texts) - uses[gram] + 0.5) / (uses[gram] + 0.5) + 1)
            * own[gram]
            * (_SATURATION + 1)
            / (own[gram] + stretch)
            for gram in asked
            if gram in own
        )

    def scores(text: str) -> list[float]:
        asked = _grams(text)
        return [one(asked, own, size) for own, size in zip(grams, sizes, strict=True)]

    return scores


def _by_examples(build: Callable[[Sequence[str]], _Scores]) -> Callable[[Sequence[dict[str, Any]]], Method]:
    """A method that takes the entry of the most similar example."""

    def method(entries: Sequence[dict[str, Any]]) -> Method:
        owners = [each["id"] for each in entries for _ in each["questions"]]
        scores = build([core(normalise(text)) for each in entries for text in each["questions"]])

        def find(text: str) -> Found:
            best: dict[str, float] = {}
            for owner, score in zip(owners, scores(core(normalise(text))), strict=True):
                best[owner] = max(best.get(owner, 0.0), float(score))
            order = sorted(best, key=lambda entry: -best[entry])
            first, sure = order[0], best[order[0]]
            return Found(entry=first, sure=sure, answered=(first,) if sure >= CUT else (), three=tuple(order[:3]))

        return find

    return method


def _grams(text: str) -> list[str]:
    return [*text, *(text[at : at + 2] for at in range(len(text) - 1))]


METHODS: dict[str, Callable[[Sequence[dict[str, Any]]], Method]] = {
    "ratio": _by_examples(_ratio),
    "WRatio": _by_examples(_wratio),
    "char TF-IDF": _by_examples(_tfidf),
    "BM25": _by_examples(_bm25),
    "ours": ours,
}
