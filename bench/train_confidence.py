"""Trains knowledge/weights.json: `python -m bench.train_confidence` (a minute; the last digits may vary)."""

from __future__ import annotations

import json
import random
import sys
import zlib
from collections.abc import Sequence
from math import exp, sqrt, tanh
from operator import mul

from bench.lessons import Lesson, School
from knowledge.features import SCORES, WINNER, winner_features
from knowledge.weights import SHIPPED, Trained

_SEED = 20261123
_SHOPS = 60
_NETS, _UNITS, _EPOCHS = 10, 8, 5
_RATE, _DECAY = 0.01, 1e-3
_RANK_RATE, _RANK_DECAY = 0.1, 5e-4
_CUTS = (0.5, 0.6, 0.7, 0.8, 0.9)

Vector = list[float]
Sample = tuple[Vector, bool]
Net = tuple[list[Vector], Vector]


def main() -> None:
    """Learn to rank and to trust, tell how good that is on messages never seen, write the weights."""
    throw = random.Random(_SEED)  # noqa: S311 - dice for training, no secrets
    lessons = list(School(throw).lessons(_SHOPS))
    ranking = learn_ranking(lessons, throw)
    samples = [_sample(lesson, ranking) for lesson in lessons]
    unseen = [zlib.crc32(lesson.origin.encode()) % 5 == 0 for lesson in lessons]
    pairs = list(zip(lessons, samples, unseen, strict=True))
    trial = learn_confidence([sample for _, sample, out in pairs if not out], ranking, throw)
    in_scope = sum(lesson.right is not None for lesson, _, out in pairs if out)
    sys.stdout.write(_report([sample for _, sample, out in pairs if out], in_scope, trial))
    _write(learn_confidence(samples, ranking, throw))


def learn_ranking(lessons: Sequence[Lesson], throw: random.Random) -> tuple[float, ...]:
    """Weights of the scores that put the right entry first: a softmax over each message's candidates."""
    weights = [0.0] * len(SCORES)
    known = [lesson for lesson in lessons if lesson.right is not None]
    for rate in _rates(_RANK_RATE):
        throw.shuffle(known)
        for lesson in known:
            ranks = [_product(weights, look.scores) for look in lesson.looks]
            odds = [exp(rank - max(ranks)) for rank in ranks]
            for place, (look, odd) in enumerate(zip(lesson.looks, odds, strict=True)):
                off = odd / sum(odds) - (place == lesson.right)
                if abs(off) > 0.001:
                    weights = [
                        weight - rate * off * score for weight, score in zip(weights, look.scores, strict=True)
                    ]
            weights = [weight * (1 - rate * _RANK_DECAY) for weight in weights]
    return tuple(weights)


def learn_confidence(samples: Sequence[Sample], ranking: tuple[float, ...], throw: random.Random) -> Trained:
    """A few small nets, averaged: each alone would be as sure as its dice made it."""
    columns = list(zip(*(features for features, _ in samples), strict=True))
    means = [sum(column) / len(column) for column in columns]
    spreads = [
        sqrt(sum((each - mean) ** 2 for each in column) / len(column)) or 1.0
        for column, mean in zip(columns, means, strict=True)
    ]
    scaled = [
        (
            [(each - mean) / spread for each, mean, spread in zip(features, means, spreads, strict=True)] + [1.0],
            right,
        )
        for features, right in samples
    ]
    nets = [_learn_net(scaled, throw) for _ in range(_NETS)]
    hidden = [_unscaled(row, means, spreads) for rows, _ in nets for row in rows]
    output = [weight / _NETS for _, weights in nets for weight in weights[:-1]]
    bias = sum(weights[-1] for _, weights in nets) / _NETS
    return Trained(ranking=ranking, hidden=tuple(hidden), output=(*output, bias))


def _learn_net(samples: Sequence[Sample], throw: random.Random) -> Net:
    """One hidden layer by plain gradient descent on the log loss."""
    width = len(samples[0][0])
    hidden = [[throw.gauss(0, 1 / sqrt(width)) for _ in range(width)] for _ in range(_UNITS)]
    output = [throw.gauss(0, 1 / sqrt(_UNITS)) for _ in range(_UNITS)] + [0.0]
    order = list(samples)
    for rate in _rates(_RATE):
        throw.shuffle(order)
        for inputs, right in order:
            units = [tanh(_product(row, inputs)) for row in hidden] + [1.0]
            off = 1 / (1 + exp(-_product(output, units))) - right
            for place, unit in enumerate(units[:-1]):
                slope = rate * off * output[place] * (1 - unit * unit)
                hidden[place] = [
                    weight - slope * each - rate * _DECAY * weight
                    for weight, each in zip(hidden[place], inputs, strict=True)
                ]
            output = [
                weight - rate * (off * unit + _DECAY * weight) for weight, unit in zip(output, units, strict=True)
            ]
    return hidden, output


def _rates(first: float) -> list[float]:
    """The step of each epoch, down to nearly nothing."""
    return [first * (1 - epoch / _EPOCHS) for epoch in range(_EPOCHS)]


def _unscaled(row: Vector, means: Vector, spreads: Vector) -> tuple[float, ...]:
    """A unit's weights for features as they come instead of scaled ones."""
    weights = [weight / spread for weight, spread in zip(row[:-1], spreads, strict=True)]
    return (*weights, row[-1] - _product(weights, means))


def _sample(lesson: Lesson, ranking: tuple[float, ...]) -> Sample:
    """The winner's features, and whether it is right."""
    ranked = sorted(enumerate(lesson.looks), key=lambda pair: -_product(ranking, pair[1].scores))
    ranks = [_product(ranking, look.scores) for _, look in ranked]
    share = 1 / sum(exp(rank - ranks[0]) for rank in ranks)
    looks = [look for _, look in ranked]
    return winner_features(lesson.index, lesson.search, looks, ranks, share), ranked[0][0] == lesson.right


def _report(samples: Sequence[Sample], in_scope: int, trained: Trained) -> str:
    """Precision and coverage at some cuts; coverage counts right answers among messages that have one."""
    marks = [(trained.confidence(features), right) for features, right in samples]
    lines = [f"{len(samples)} messages not trained on, {in_scope} in scope", "cut   precision  coverage"]
    for cut in _CUTS:
        said = [right for confidence, right in marks if confidence >= cut]
        lines.append(f"{cut:.2f}  {sum(said) / max(1, len(said)):9.3f}  {sum(said) / in_scope:8.3f}")
    return "\n".join(lines) + "\n"


def _write(trained: Trained) -> None:
    def short(values: Sequence[float]) -> list[float]:
        return [round(value, 4) for value in values]

    data = {
        "scores": SCORES,
        "winner": WINNER,
        "ranking": short(trained.ranking),
        "hidden": [short(row) for row in trained.hidden],
        "output": short(trained.output),
    }
    text = json.dumps(data).replace("], [", "],\n[").replace(', "', ',\n"')
    SHIPPED.write_text(text + "\n", encoding="utf-8")


def _product(weights: Sequence[float], values: Sequence[float]) -> float:
    return float(sum(map(mul, weights, values)))


if __name__ == "__main__":
    main()
