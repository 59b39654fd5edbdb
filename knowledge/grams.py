"""Tokens and pairs of tokens, by letter and by sound, and how much each tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import log

from knowledge.pinyin import sound
from knowledge.text import core, normalise

# Pasted pages are no questions; a longer text is matched by its beginning.
MAX_TOKENS = 80

_TOKEN = re.compile(r"[a-z]+|[0-9]+|[^\s\w]|[^\W0-9a-z_]")
# Characters that stand in any question and tell little about which one it is.
_FAINT = frozenset("的了吗么呢啊呀吧哦嘛我你您们这那个是有在就都也还要给下么一什怎请帮想")
_FAINT_WEIGHT = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A text made ready for matching: its point, how that sounds, and the grams of both."""

    text: str
    core: str
    sound: str
    tokens: tuple[str, ...]
    letters: frozenset[str]
    sounds: frozenset[str]


def phrase(text: str) -> Phrase:
    """`text` made ready; anything goes in, whatever its length."""
    text = normalise(text)
    point = core(text)[: 2 * MAX_TOKENS]
    tokens = tuple(_tokens(point)[:MAX_TOKENS])
    spoken = sound(point)
    return Phrase(
        text=text,
        core=point,
        sound=spoken,
        tokens=tokens,
        letters=frozenset(_pairs(tokens)),
        sounds=frozenset(_pairs(_tokens(spoken)[:MAX_TOKENS])),
    )


def faint(gram: str) -> float:
    """How much a gram tells by its characters alone: 1, or less for those of any question."""
    return _FAINT_WEIGHT if all(char in _FAINT for char in gram) else 1.0


class Weights:
    """How much each gram tells within one body of knowledge; a gram that it never saw tells most."""

    def __init__(self, documents: Iterable[Iterable[str]]) -> None:
        sets = [set(document) for document in documents]
        counts = Counter(gram for document in sets for gram in document)
        total = len(sets) + 1
        self.known: Mapping[str, float] = {
            gram: faint(gram) * log(total / (count + 0.5)) for gram, count in counts.items()
        }
        self._unseen = log(total / 0.5)

    def __getitem__(self, gram: str) -> float:
        return self.known[gram] if gram in self.known else faint(gram) * self._unseen

    def sum(self, grams: Iterable[str]) -> float:
        """The weight of all of them."""
        return sum(map(self.__getitem__, grams))


def _tokens(text: str) -> list[str]:
    return ["0" if token.isdigit() else token for token in _TOKEN.findall(text)]


def _pairs(tokens: Iterable[str]) -> list[str]:
    tokens = list(tokens)
    return tokens + [f"{first}{second}" for first, second in pairwise(tokens)]
