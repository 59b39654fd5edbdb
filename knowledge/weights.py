"""The trained weights that ship with the matcher: they name no entry, so they serve any file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.features import SCORES, WINNER

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What `bench/train_confidence.py` learns: how scores make a rank, and a winner's features a confidence.

    The confidence is a logistic function of the features by their `slopes`, and the `bias`.
    """

    ranking: Doubles
    slopes: Doubles
    bias: float

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Trained:
        """Weights as the training wrote them; ValueError if they were trained for other features."""
        if data["scores"] != list(SCORES) or data["winner"] != list(WINNER):
            raise ValueError("weights.json belongs to other features: run bench/train_confidence.py")
        return cls(ranking=np.array(data["ranking"]), slopes=np.array(data["slopes"]), bias=data["bias"])

    def rank(self, scores: NDArray[np.floating]) -> Doubles:
        """One number a row of scores, to order entries by."""
        return np.asarray(scores @ self.ranking, np.float64)

    def confidence(self, features: NDArray[np.floating]) -> float:
        """How likely the winner is right, 0 to 1."""
        total = float(self.slopes @ features) + self.bias
        return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


SHIPPED = Path(__file__).with_name("weights.json")


@cache
def shipped() -> Trained:
    """The weights that ship."""
    return Trained.from_json(json.loads(SHIPPED.read_text(encoding="utf-8")))
