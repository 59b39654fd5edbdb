"""Which texts say much the same: grouped by the letters that they share and others lack."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log, sqrt

from knowledge.text import core, normalise

# How much of their letters two texts must share; below it 退货 and 退款 begin to be one.
ALIKE = 0.4
# Words that every question has say nothing of what it is about, unless it has no others.
_EMPTY = re.compile(r"能不能|可不可以|是不是|有没有|可以|[吗呢么嘛吧啊呀的了是能会我你您这那个有要想就还都也]")

# How much more a rare gram says than a common one: where few texts are compared, what all share is what they mean.
_RARITY = 0.5
# A text is compared with the groups that share one of its rarest grams.
_TELLING = 6

Vector = dict[str, float]


def groups(texts: Sequence[str], alike: float = ALIKE) -> list[list[int]]:
    """The places of texts that are alike, together; the largest group first, in a group the most typical first."""
    cores = [core(normalise(text)) for text in texts]
    places: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(cores):
        places[text].append(place)
    weights = _weights(list(places))
    vectors = {text: _vector(text, weights) for text in places}
    found = _gathered(sorted(places, key=lambda text: -len(places[text])), places, vectors, alike)
    by_size = sorted(found, key=lambda group: -sum(len(places[text]) for text in group))
    return [[place for text in group for place in places[text]] for group in by_size]


def _gathered(
    ordered: Sequence[str], places: dict[str, list[int]], vectors: dict[str, Vector], alike: float
) -> list[list[str]]:
    """Each text joins the group whose middle it is most like, or begins one."""
    found: list[list[str]] = []
    middles: list[Vector] = []
    holders: dict[str, set[int]] = defaultdict(set)
    for text in ordered:
        vector = vectors[text]
        telling = sorted((gram for gram in vector if gram in holders), key=lambda gram: -vector[gram])[:_TELLING]
        near = {number for gram in telling for number in holders[gram]}
        best = max(near, key=lambda number: (likeness(vector, middles[number]), -number), default=None)
        if best is None or likeness(vector, middles[best]) < alike:
            best = len(found)
            found.append([])
            middles.append({})
        found[best].append(text)
        for gram, weight in vector.items():
            middles[best][gram] = middles[best].get(gram, 0.0) + weight * len(places[text])
            holders[gram].add(best)
    return [
        sorted(group, key=lambda text: -likeness(vectors[text], middle))
        for group, middle in zip(found, middles, strict=True)
    ]


def likeness(one: Vector, other: Vector) -> float:
    """From 0, nothing shared, to 1, the same."""
    if len(one) > len(other):
        one, other = other, one
    product = sum(weight * other.get(gram, 0.0) for gram, weight in one.items())
    lengths = sqrt(sum(map(_square, one.values()))) * sqrt(sum(map(_square, other.values())))
    return product / lengths if lengths else 0.0


def _square(number: float) -> float:
    return number * number


def _weights(texts: Sequence[str]) -> Vector:
    counts = Counter(gram for text in texts for gram in set(_grams(text)))
    return {gram: 1 + _RARITY * log((1 + len(texts)) / count) for gram, count in counts.items()}


def _vector(text: str, weights: Vector) -> Vector:
    return {gram: count * weights[gram] for gram, count in Counter(_grams(text)).items()}


def _grams(text: str) -> list[str]:
    bare = text.replace(" ", "")
    bare = _EMPTY.sub("", bare) or bare
    return [*bare, *(bare[place : place + 2] for place in range(len(bare) - 1))]
