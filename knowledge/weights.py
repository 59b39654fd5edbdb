"""The trained weights that ship with the matcher: they name no entry, so they serve any file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.features import SCORES, WINNER

Doubles = NDArray[np.float64]
_LEAST_CHANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """A chance as a logistic function of some numbers by their `slopes`, and the `bias`."""

    slopes: Doubles
    bias: float

    def chance(self, values: NDArray[np.floating]) -> float:
        """Between 0 and 1."""
        total = float(self.slopes @ values) + self.bias
        return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What `bench/train_confidence.py` learns.

    `ranking`: how scores make a rank. `winner`: how a winner's features make a confidence. `company`: how one
    question's confidence and that of another in the same message, both as log odds, make the first one's anew.
    """

    ranking: Doubles
    winner: Logistic
    company: Logistic

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Trained:
        """Weights as the training wrote them; ValueError if they were trained for other features."""
        if data["scores"] != list(SCORES) or data["winner"] != list(WINNER):
            raise ValueError("weights.json belongs to other features: run bench/train_confidence.py")
        return cls(
            ranking=np.array(data["ranking"]),
            winner=Logistic(slopes=np.array(data["slopes"]), bias=data["bias"]),
            company=Logistic(slopes=np.array(data["company"]["slopes"]), bias=data["company"]["bias"]),
        )

    def rank(self, scores: NDArray[np.floating]) -> Doubles:
        """One number a row of scores, to order entries by."""
        return np.asarray(scores @ self.ranking, np.float64)

    def confidence(self, features: NDArray[np.floating]) -> float:
        """How likely the winner is right, 0 to 1."""
        return self.winner.chance(features)

    def beside(self, confidence: float, other: float) -> float:
        """How likely it is right that a question means its winner, beside another that is as sure as `other`."""
        return max(confidence, self.company.chance(np.array([log_odds(confidence), log_odds(other)])))


def log_odds(chance: float) -> float:
    """The logarithm of how much likelier than not it is."""
    chance = min(1 - _LEAST_CHANCE, max(_LEAST_CHANCE, chance))
    return log(chance / (1 - chance))


SHIPPED = Path(__file__).with_name("weights.json")


@cache
def shipped() -> Trained:
    """The weights that ship."""
    return Trained.from_json(json.loads(SHIPPED.read_text(encoding="utf-8")))
