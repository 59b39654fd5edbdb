"""A question beside an entry, in numbers that name no entry, so that weights for them serve any file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

from rapidfuzz import fuzz

from knowledge.grams import Place, Weights
from knowledge.index import Example, Index, Known, Search
from knowledge.speech import denies, refuses, states

SCORES = (
    "ratio",  # most similar example, by letters
    "sound",  # the same by sounds
    "partial",  # the most similar part of an example, by sounds
    "letters",  # cosine of grams with the nearest example
    "sounds",
    "evidence",  # what the grams say for the entry, by all its examples
    "covered",  # share of the question's sounds that some example has
    "vocabulary",  # the same without pairs
    "asked",  # share of the nearest example that the question has
    "keyword",
    "keyword_share",
    "manner",  # asks in the way of the nearest example
    "any_manner",  # or of any
    "votes",  # share of the nearest examples that are the entry's
    "said",  # words that only the entry's answer has
)
WINNER = (
    *SCORES,
    *(f"{name}_margin" for name in SCORES),
    "share",  # of the winner among the candidates
    "rank_margin",
    "length",
    "question",
    "bare",  # no question, no request
    "statement",
    "denial",
    "refusal",
    "left",  # weight of tokens that the entry does not explain
    "left_share",
    "left_nearest",  # that its nearest example does not explain
    "left_nearest_share",
    "left_known",  # that it does not explain, though some other entry knows them
)

# Exact comparison is for the examples that sound most alike; the others cannot be the nearest.
_CLOSEST = 8
_LONG = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A close look at one entry: its scores in the order of `SCORES`, and the nearest example."""

    number: int
    scores: tuple[float, ...]
    nearest: Example

    def score(self, name: str) -> float:
        """One score by its name."""
        return self.scores[SCORES.index(name)]


def look(index: Index, search: Search, number: int) -> Look:
    """The scores of one entry for the question, most of them 0 to 1."""
    asked, known = search.phrase, index.known[number]
    heard = sorted(
        (
            (fuzz.ratio(asked.sound, example.phrase.sound) / 100, place)
            for place, example in enumerate(known.examples)
        ),
        reverse=True,
    )
    closest = [known.examples[place] for _, place in heard[:_CLOSEST]]
    letters, sounds, nearest = _nearest(index, search, closest)
    sound = heard[0][0]
    ratio = sound if asked.spelled else max(fuzz.ratio(asked.core, each.phrase.core) for each in closest) / 100
    partial = max(fuzz.partial_ratio(asked.sound, each.phrase.sound) for each in closest) / 100
    words = [word for word in known.any_words if word in asked.text or word in asked.core]
    all_words = known.all_words and all(word in asked.text or word in asked.core for word in known.all_words)
    return Look(
        number=number,
        nearest=nearest,
        scores=(
            ratio,
            sound,
            partial,
            letters,
            sounds,
            search.evidence[number] / (search.sounds_weight + (0.0 if asked.spelled else search.letters_weight)),
            index.sounds.sum_known(asked.sounds & known.sounds) / search.sounds_weight,
            _vocabulary(index.sounds, search, known),
            index.sounds.sum_known(asked.sounds & nearest.phrase.sounds) / (nearest.sounds_weight or 1.0),
            float(bool(words or all_words)),
            min(1.0, sum(map(len, words)) / max(1, len(asked.core))),
            _overlap(asked.manners, nearest.phrase.manners),
            max(_overlap(asked.manners, example.phrase.manners) for example in known.examples),
            search.votes.get(number, 0.0),
            index.letters.sum((asked.letters & known.said) - known.letters) / search.letters_weight,
        ),
    )


def winner_features(
    index: Index, search: Search, looks: Sequence[Look], ranks: Sequence[float], share: float
) -> list[float]:
    """The features of the first of `looks` (best first), in the order of `WINNER`."""
    best, rest = looks[0], looks[1:]
    asked = search.phrase
    rivals = [max(scores) for scores in zip(*(other.scores for other in rest), strict=True)] or [0.0] * len(SCORES)
    asks = bool(asked.manners - {"request"})
    return [
        *best.scores,
        *(score - rival for score, rival in zip(best.scores, rivals, strict=True)),
        share,
        ranks[0] - (ranks[1] if rest else 0.0),
        min(len(search.places), _LONG) / _LONG,
        float(asks),
        float(not asked.manners),
        float(not asks and states(asked.text)),
        float(denies(asked.text) != denies(best.nearest.phrase.text)),
        float(refuses(asked.text) and not refuses(best.nearest.phrase.text)),
        *_left(index, search, index.known[best.number], best.nearest),
    ]


def _left(index: Index, search: Search, known: Known, nearest: Example) -> tuple[float, ...]:
    """How much of the question stays unexplained, by the entry and by its nearest example."""
    weights = [
        (place, index.sounds[place.sound] if search.phrase.spelled else index.letters[place.letters])
        for place in search.places
    ]
    total = sum(weight for _, weight in weights) or 1.0
    by_entry = [pair for pair in weights if not _explained(pair[0], known.letters, known.sounds)]
    left = sum(weight for _, weight in by_entry)
    left_known = sum(weight for place, weight in by_entry if place.letters in index.letters)
    near = nearest.phrase
    left_nearest = sum(weight for place, weight in weights if not _explained(place, near.letters, near.sounds))
    return log1p(left), left / total, log1p(left_nearest), left_nearest / total, log1p(left_known)


def _explained(place: Place, letters: frozenset[str], sounds: frozenset[str]) -> bool:
    """Whether a token is known as written, or sounds known together with a neighbour (a slip of the keyboard)."""
    return place.letters in letters or (place.sound in sounds and any(pair in sounds for pair in place.pairs))


def _nearest(index: Index, search: Search, examples: Sequence[Example]) -> tuple[float, float, Example]:
    """The example that shares most grams with the question, and how much: by letters and by sounds."""
    found = []
    for example in examples:
        each, asked = example.phrase, search.phrase
        sounds = _cosine(index.sounds, asked.sounds & each.sounds, search.sounds_weight, example.sounds_weight)
        letters = (
            sounds
            if asked.spelled
            else _cosine(
                index.letters, asked.letters & each.letters, search.letters_weight, example.letters_weight
            )
        )
        found.append((letters, sounds, example))
    return max(found, key=lambda each: each[0] + each[1])


def _cosine(weights: Weights, common: frozenset[str], first: float, second: float) -> float:
    return float(weights.sum_known(common) / (first * second) ** 0.5) if second > 0 else 0.0


def _vocabulary(weights: Weights, search: Search, known: Known) -> float:
    sounds = {place.sound for place in search.places}
    return weights.sum_known(sounds & known.sounds) / (weights.sum(sounds) or 1.0)


def _overlap(first: frozenset[str], second: frozenset[str]) -> float:
    return len(first & second) / len(first | second) if first or second else 1.0
