"""What buyers' talk is like in general: how common each gram is in it, and how far it tells talk from questions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path

from knowledge.pinyin import sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """`letters`, `sounds`: the share of texts that have a gram. `asking`: what each gram adds to the log odds that
    a text asks something that could be looked up, rather than goes on with a talk; `bias` stands for none of them.
    """

    letters: Mapping[str, float]
    sounds: Mapping[str, float]
    asking: Mapping[str, float]
    bias: float

    @classmethod
    def of(cls, letters: Mapping[str, float], asking: Mapping[str, float], bias: float) -> Background:
        """A background whose sounds follow from its letters."""
        sounds: dict[str, float] = {}
        for gram, share in letters.items():
            heard = gram if gram.isascii() else sound(gram)
            sounds[heard] = min(1.0, sounds.get(heard, 0.0) + share)
        return cls(letters=letters, sounds=sounds, asking=asking, bias=bias)

    def asks(self, grams: Sequence[str]) -> float:
        """How likely a text of these grams asks something, 0 to 1."""
        known = [self.asking[gram] for gram in grams if gram in self.asking]
        return 1 / (1 + exp(-self.bias - sum(known) / max(1, len(grams)) ** 0.5))


SHIPPED = Path(__file__).with_name("background.json")


@cache
def shipped_background() -> Background:
    """The background that ships; `bench/train_confidence.py` writes it."""
    data = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return Background.of(
        {gram: count / data["texts"] for gram, (count, _) in data["grams"].items()},
        {gram: weight for gram, (_, weight) in data["grams"].items()},
        data["bias"],
    )
