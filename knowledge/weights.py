"""The trained weights that ship with the matcher: they name no entry, so they serve any file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

from knowledge.features import SCORES, WINNER


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What `bench/train_confidence.py` learns: how scores make a rank, and a winner's features a confidence."""

    ranking: tuple[float, ...]
    calibration: tuple[float, ...]
    bias: float

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Trained:
        """Weights by the names of their features; a name that is missing is a KeyError."""
        return cls(
            ranking=tuple(data["rank"][name] for name in SCORES),
            calibration=tuple(data["confidence"][name] for name in WINNER),
            bias=data["bias"],
        )

    def rank(self, scores: Sequence[float]) -> float:
        """One number to order entries by."""
        return sum(weight * score for weight, score in zip(self.ranking, scores, strict=True))

    def confidence(self, features: Sequence[float]) -> float:
        """How likely the winner is right, 0 to 1."""
        total = self.bias + sum(weight * each for weight, each in zip(self.calibration, features, strict=True))
        return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


SHIPPED = Trained.from_json(json.loads(Path(__file__).with_name("weights.json").read_text(encoding="utf-8")))
