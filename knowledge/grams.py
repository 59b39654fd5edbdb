"""A text made ready for matching: its point, its tokens by letter and by sound, and the grams of both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.english import STOP, stem
from knowledge.pinyin import letters, sound
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
_FAINT_STEMS = frozenset(map(stem, STOP))
_SPELT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A text made ready: its point, how that sounds, the tokens of both, and how it asks.

    `spelled`: it is written in pinyin, so that only its sounds can be compared. `corrected`: it had slips.
    """

    text: str
    core: str
    sound: str
    letters: tuple[str, ...]
    sounds: tuple[str, ...]
    manners: int
    spelled: bool
    corrected: bool

    def grams(self) -> tuple[list[str], list[str], list[str]]:
        """The grams by letter (one token or two), by sound (one or two), and by its sounds' spelling (three)."""
        return _with_pairs(self.letters), _with_pairs(self.sounds), _spelt(self.core, self.sound)


def phrase(text: str, spelling: Spelling | None = None, *, latin: bool = False) -> Phrase:
    """`text` made ready, its slips put right where a spelling is given; anything goes in, whatever its length.

    `latin`: the knowledge is in a language of Latin letters, which then are no pinyin.
    """
    typed = normalise(text)[: 4 * MAX_TOKENS]
    text = spelling.correct(typed) if spelling and not latin else typed
    point = plainly(core(text)[: (6 if latin else 2) * MAX_TOKENS])
    spoken = point if latin else sound(point)
    tokens = _tokens(point)
    return Phrase(
        text=text,
        core=point,
        sound=spoken,
        letters=tokens,
        sounds=tokens if latin else _tokens(spoken),
        manners=manners(text),
        spelled=not latin and point.isascii() and not spoken.isascii(),
        corrected=text != typed,
    )


def faint(gram: str) -> float:
    """How much a gram tells by its characters alone: 1, or less for those of any question."""
    if gram.isascii():
        return _FAINT_WEIGHT if _FAINT_STEMS.issuperset(gram.split()) else 1.0
    return _FAINT_WEIGHT if _FAINT.issuperset(gram) else 1.0


def _tokens(text: str) -> tuple[str, ...]:
    found = _TOKEN.findall(text)[:MAX_TOKENS]
    return tuple("0" if token.isdigit() else stem(token) if token.isascii() else token for token in found)


def pair(first: str, second: str) -> str:
    """Two neighbours as one gram; Latin words keep a space between them."""
    return f"{first} {second}" if first.isascii() and second.isascii() else first + second


def _with_pairs(tokens: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*tokens, *(pair(first, second) for first, second in pairwise(tokens))]))


def _spelt(point: str, spoken: str) -> list[str]:
    spelt = letters(spoken)[: 6 * MAX_TOKENS]
    if spoken == point:
        spelt = f" {spelt} "
    return list(dict.fromkeys(spelt[at : at + _SPELT] for at in range(len(spelt) - _SPELT + 1)))
