"""The trained weights that ship with the matcher: they name no entry, so they serve any file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, tanh
from operator import mul
from pathlib import Path
from typing import Any

from knowledge.features import SCORES, WINNER


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What `bench/train_confidence.py` learns: how scores make a rank, and a winner's features a confidence.

    The confidence is a logistic function over one small hidden layer: `hidden` has a row of weights for
    each unit, the last of a row is its bias, and so is the last of `output`.
    """

    ranking: tuple[float, ...]
    hidden: tuple[tuple[float, ...], ...]
    output: tuple[float, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Trained:
        """Weights as the training wrote them; ValueError if they were trained for other features."""
        if data["scores"] != list(SCORES) or data["winner"] != list(WINNER):
            raise ValueError("weights.json belongs to other features: run bench/train_confidence.py")
        return cls(
            ranking=tuple(data["ranking"]),
            hidden=tuple(tuple(row) for row in data["hidden"]),
            output=tuple(data["output"]),
        )

    def rank(self, scores: Sequence[float]) -> float:
        """One number to order entries by."""
        return _product(self.ranking, scores)

    def confidence(self, features: Sequence[float]) -> float:
        """How likely the winner is right, 0 to 1."""
        inputs = [*features, 1.0]
        units = [tanh(_product(row, inputs)) for row in self.hidden]
        total = _product(self.output, [*units, 1.0])
        return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


def _product(weights: Sequence[float], values: Sequence[float]) -> float:
    return float(sum(map(mul, weights, values)))


SHIPPED = Path(__file__).with_name("weights.json")


def shipped() -> Trained:
    """The weights that ship."""
    return Trained.from_json(json.loads(SHIPPED.read_text(encoding="utf-8")))
