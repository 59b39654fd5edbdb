"""Tokens and pairs of tokens, by letter and by sound, and how much each tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

from knowledge.pinyin import sound
from knowledge.speech import manners
from knowledge.spelling import Spelling
from knowledge.synonyms import plainly
from knowledge.text import core, normalise

# Pasted pages are no questions; a longer text is matched by its beginning.
MAX_TOKENS = 80

_TOKEN = re.compile(r"[a-z]+|[0-9]+|[^\s\w]|[^\W0-9a-z_]")
# Characters that stand in any question and tell little about which one it is.
_FAINT = frozenset("的了吗么呢啊呀吧哦嘛我你您们这那个是有在就都也还要给下么一什怎请帮想")
_FAINT_WEIGHT = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One token in its place: its letters, its sound, and the pairs of sounds that it is part of."""

    letters: str
    sound: str
    pairs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A text made ready for matching: its point, how that sounds, the grams of both, and how it asks.

    `spelled`: it is written in pinyin, so that only its sounds can be compared. `corrected`: it had slips.
    """

    text: str
    core: str
    sound: str
    letters: frozenset[str]
    sounds: frozenset[str]
    manners: frozenset[str]
    spelled: bool
    corrected: bool


def phrase(text: str, spelling: Spelling | None = None) -> Phrase:
    """`text` made ready, its slips put right where a spelling is given; anything goes in, whatever its length."""
    typed = normalise(text)[: 4 * MAX_TOKENS]
    text = spelling.correct(typed) if spelling else typed
    point = plainly(core(text)[: 2 * MAX_TOKENS])
    spoken = sound(point)
    tokens, sounds = _tokens(point), _tokens(spoken)
    return Phrase(
        text=text,
        core=point,
        sound=spoken,
        letters=frozenset(_with_pairs(tokens)),
        sounds=frozenset(_with_pairs(sounds)),
        manners=manners(text),
        spelled=point.isascii() and not spoken.isascii(),
        corrected=text != typed,
    )


def places(asked: Phrase) -> tuple[Place, ...]:
    """The tokens of a phrase in their places; by sound alone where letters and sounds do not run side by side."""
    letters, sounds = _tokens(asked.core), _tokens(asked.sound)
    pairs = ["", *(first + second for first, second in pairwise(sounds)), ""]
    return tuple(
        Place(letters=letter, sound=spoken, pairs=tuple(pair for pair in pairs[at : at + 2] if pair))
        for at, (letter, spoken) in enumerate(
            zip(letters if len(letters) == len(sounds) else sounds, sounds, strict=True)
        )
    )


class Weights:
    """How much each gram tells within one body of knowledge; a gram that it never saw tells most."""

    def __init__(self, documents: Iterable[Iterable[str]]) -> None:
        sets = [set(document) for document in documents]
        counts = Counter(gram for document in sets for gram in document)
        self._unseen = log((len(sets) + 1) / 0.5)
        self._known = {gram: faint(gram) * log((len(sets) + 1) / (count + 0.5)) for gram, count in counts.items()}

    def __contains__(self, gram: str) -> bool:
        return gram in self._known

    def __getitem__(self, gram: str) -> float:
        return self._known[gram] if gram in self._known else faint(gram) * self._unseen

    def sum(self, grams: Iterable[str]) -> float:
        """The weight of all of them."""
        return sum(map(self.__getitem__, grams))

    def sum_known(self, grams: Iterable[str]) -> float:
        """The weight of grams that are all known; a KeyError otherwise."""
        return sum(map(self._known.__getitem__, grams))


def faint(gram: str) -> float:
    """How much a gram tells by its characters alone: 1, or less for those of any question."""
    return _FAINT_WEIGHT if _FAINT.issuperset(gram) else 1.0


def _tokens(text: str) -> list[str]:
    return ["0" if token.isdigit() else token for token in _TOKEN.findall(text)][:MAX_TOKENS]


def _with_pairs(tokens: Sequence[str]) -> list[str]:
    return [*tokens, *(first + second for first, second in pairwise(tokens))]
