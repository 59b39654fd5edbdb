"""A question beside an entry, in numbers that name no entry, so that weights for them serve any file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from knowledge.grams import Phrase
from knowledge.index import Example, Index, Known

_QUESTION = re.compile(
    r"[?吗么呢嘛]|什么|啥|怎|咋|多[少久长大重高]|几[天时号点个岁]|哪|谁|为何|能不能|可不可以|可否|能否|是不是|是否|有没有|有木有|要不要|会不会"
    r"|好不好|行不行|[可能会有]以?[不没]"
)
_REQUEST = re.compile(r"帮我|帮忙|麻烦|我[要想]|给我|请|能|可以|求")
_STATEMENT = re.compile(r"我[都已刚]|已经|刚刚|刚才|昨天|前天|上次|之前|了$|的$|算了|不用|知道|好的")
_NOT_NEGATION = re.compile(r"(.)[不没]\1|有木?没?有|不好意思|差不多|不错|没问题|不知道?|没事")
_NEGATION = re.compile(r"[不没别未非无]")

SCORES = (
    "ratio",
    "sound",
    "partial",
    "letters",
    "sounds",
    "evidence",
    "covered",
    "core_covered",
    "asked",
    "keyword",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A close look at one entry: its scores in the order of `SCORES`, and the nearest example."""

    number: int
    scores: tuple[float, ...]
    nearest: Example

    def named(self) -> dict[str, float]:
        """The scores by name."""
        return dict(zip(SCORES, self.scores, strict=True))


def look(index: Index, number: int, asked: Phrase, evidence: float) -> Look:
    """The scores of entry `number` for the question, each 0 to 1 or nearly so."""
    known = index.known[number]
    weight = index.letters.sum(asked.letters) or 1.0
    spoken_weight = index.sounds.sum(asked.sounds) or 1.0
    best = max(known.examples, key=lambda example: _nearness(index, example, asked, weight, spoken_weight))
    ratio = max(fuzz.ratio(asked.core, example.phrase.core) for example in known.examples) / 100
    spoken = max(fuzz.ratio(asked.sound, example.phrase.sound) for example in known.examples) / 100
    partial = max(fuzz.partial_ratio(asked.sound, example.phrase.sound) for example in known.examples) / 100
    singles = [token for token in asked.tokens]
    single_weight = index.letters.sum(singles) or 1.0
    scores = (
        ratio,
        spoken,
        partial,
        _cosine(index.letters.sum(asked.letters & best.phrase.letters), weight, best.letters_weight),
        _cosine(index.sounds.sum(asked.sounds & best.phrase.sounds), spoken_weight, best.sounds_weight),
        evidence / (weight + spoken_weight),
        index.sounds.sum(asked.sounds & known.sounds) / spoken_weight,
        index.letters.sum(token for token in singles if token in known.letters) / single_weight,
        index.sounds.sum(asked.sounds & best.phrase.sounds) / (best.sounds_weight or 1.0),
        float(_hits(known, asked) > 0),
    )
    return Look(number=number, scores=scores, nearest=best)


WINNER = (
    *SCORES,
    *(f"{name}_margin" for name in SCORES),
    "share",
    "score",
    "score_margin",
    "other_keyword",
    "unknown",
    "length",
    "short",
    "question",
    "request",
    "statement",
    "negation",
    "agree",
)


def winner_features(
    index: Index, asked: Phrase, looks: Sequence[Look], ranks: Sequence[float], shares: Sequence[float]
) -> tuple[float, ...]:
    """The features of the first of `looks` (best first), in the order of `WINNER`."""
    best, rest = looks[0], looks[1:]
    top = [max((other.scores[place] for other in rest), default=0.0) for place in range(len(SCORES))]
    margins = [score - other for score, other in zip(best.scores, top, strict=True)]
    weight = index.sounds.sum(asked.sounds) or 1.0
    unknown = index.sounds.sum(gram for gram in asked.sounds if gram not in index.sounds.known) / weight
    length = len(asked.tokens)
    flags = speech(asked.text)
    return (
        *best.scores,
        *margins,
        shares[0],
        ranks[0],
        ranks[0] - (ranks[1] if len(ranks) > 1 else 0.0),
        top[-1],
        unknown,
        min(length, 30) / 30,
        float(length <= 3),
        float(flags[0]),
        float(flags[1]),
        float(flags[2]),
        float(negated(asked.text) != negated(best.nearest.phrase.text)),
        sum(margin >= 0 for margin in margins[:7]) / 7,
    )


def speech(text: str) -> tuple[bool, bool, bool]:
    """Whether normalised text asks, requests, states."""
    asks = bool(_QUESTION.search(text))
    return asks, bool(_REQUEST.search(text)), not asks and bool(_STATEMENT.search(text.rstrip("。.!~ ")))


def negated(text: str) -> bool:
    """Whether normalised text says no to something, as opposed to asking whether or not."""
    return bool(_NEGATION.search(_NOT_NEGATION.sub("", text)))


def _nearness(index: Index, example: Example, asked: Phrase, weight: float, spoken_weight: float) -> float:
    spoken = index.sounds.sum(asked.sounds & example.phrase.sounds)
    written = index.letters.sum(asked.letters & example.phrase.letters)
    return _cosine(spoken, spoken_weight, example.sounds_weight) + _cosine(written, weight, example.letters_weight)


def _cosine(common: float, first: float, second: float) -> float:
    return common / (first * second) ** 0.5 if first > 0 and second > 0 else 0.0


def _hits(known: Known, asked: Phrase) -> int:
    return sum(word in asked.text for word in known.keywords)
