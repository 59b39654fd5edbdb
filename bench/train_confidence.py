"""Trains what ships with the matcher: `python -m bench.train_confidence` (minutes; seeded, the last digits may vary).

Writes knowledge/background.json (what buyers' talk is like) and knowledge/weights.json (how scores make a rank, and a
winner's features a confidence), and tells how good that is on messages that were left out.
"""

from __future__ import annotations

import json
import random
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.lessons import Lesson, School, read_beyond, read_trades
from knowledge import background, weights
from knowledge.background import Background
from knowledge.features import SCORES, WINNER, winner_features
from knowledge.grams import phrase
from knowledge.weights import Trained

_SEED = 20261123
_SHOPS = 130
_NETS, _UNITS = 6, 12
_EPOCHS, _BATCH = 14, 256
_RATE, _DECAY = 4e-3, 2e-4
_ASKING_DECAY = 3e-3
_RANK_DECAY = 1e-3
_LEAST_USES = 2
_CUTS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """For each lesson its winner's `features`, whether the winner is `right`, and whether there is an entry to find."""

    features: Doubles
    right: NDArray[np.bool_]
    in_scope: NDArray[np.bool_]

    def take(self, which: NDArray[np.bool_]) -> Samples:
        """Some of them."""
        return Samples(features=self.features[which], right=self.right[which], in_scope=self.in_scope[which])


def main() -> None:
    """Learn the background, to rank and to trust; tell how good that is on messages never seen; write it all."""
    texts = _texts()
    general = learn_background(texts, lambda text: True)
    lessons = list(School(random.Random(_SEED), general).lessons(_SHOPS))  # noqa: S311 - dice for training
    ranking = learn_ranking(lessons)
    samples = _samples(lessons, ranking, _halves(texts))
    unseen = np.array([_part(lesson.origin, 5) == 0 for lesson in lessons])
    trial = learn_confidence(samples.take(~unseen), ranking)
    sys.stdout.write(report(samples.take(unseen), trial))
    _write(learn_confidence(samples, ranking))
    _write_background(texts, general)


def learn_background(texts: Sequence[tuple[str, bool]], use: Callable[[str], bool]) -> Background:
    """How common grams are, and which of them ask: a logistic regression on the texts that `use` lets in."""
    documents = [(phrase(text).grams()[0], asks) for text, asks in texts]
    counts = Counter(gram for grams, _ in documents for gram in grams)
    names = {gram: number for number, gram in enumerate(each for each, uses in counts.items() if uses >= _LEAST_USES)}
    inputs = np.zeros((len(documents), len(names)), np.float32)
    for row, (grams, _) in enumerate(documents):
        inputs[row, [names[gram] for gram in grams if gram in names]] = 1 / max(1, len(grams)) ** 0.5
    right = np.array([asks for _, asks in documents], np.float32)
    used = np.array([use(text) for text, _ in texts])
    worth = np.where(right > 0, 1 / right[used].sum(), 1 / (1 - right[used]).sum()) * used / 2
    slopes, bias = np.zeros(len(names), np.float32), 0.0
    step = _Adam([slopes.shape, (1,)], 0.05)
    for _ in range(60):
        off = (1 / (1 + np.exp(-(inputs @ slopes + bias))) - right) * worth
        down, up = step.steps([inputs.T @ off + _ASKING_DECAY / 100 * slopes, np.array([off.sum()])])
        slopes, bias = slopes - down, bias - float(up[0])
    total = len(documents)
    return Background.of(
        {gram: counts[gram] / total for gram in names},
        {gram: round(float(slopes[number]), 3) for gram, number in names.items()},
        round(bias, 3),
    )


def learn_ranking(lessons: Sequence[Lesson]) -> Doubles:
    """Weights of the scores that put the right entry first: a softmax over each message's candidates."""
    known = [lesson for lesson in lessons if lesson.right is not None]
    most = max(len(lesson.looks.numbers) for lesson in known)
    inputs = np.zeros((len(known), most, len(SCORES)))
    there = np.zeros((len(known), most), np.bool_)
    goal = np.zeros((len(known), most))
    for row, lesson in enumerate(known):
        size = len(lesson.looks.numbers)
        inputs[row, :size], there[row, :size] = lesson.looks.scores, True
        goal[row, lesson.right] = 1
    ranking = np.zeros(len(SCORES))
    step = _Adam([ranking.shape], 0.1)
    for _ in range(300):
        ranks = np.where(there, inputs @ ranking, -np.inf)
        odds = np.exp(ranks - ranks.max(axis=1, keepdims=True))
        off = odds / odds.sum(axis=1, keepdims=True) - goal
        (down,) = step.steps([np.einsum("lc,lcs->s", off, inputs) / len(known) + _RANK_DECAY * ranking])
        ranking = np.maximum(0, ranking - down)  # no score speaks against an entry
    return ranking


def learn_confidence(samples: Samples, ranking: Doubles) -> Trained:
    """A few small nets, averaged: each alone would be as sure as its dice made it."""
    dice = np.random.default_rng(_SEED)
    means, spreads = samples.features.mean(axis=0), samples.features.std(axis=0) + 1e-3
    inputs = np.column_stack([(samples.features - means) / spreads, np.ones(len(samples.features))])
    hidden, output, bias = [], [], 0.0
    for _ in range(_NETS):
        rows, weights_out = _learn_net(inputs, samples.right.astype(np.float64), dice)
        unscaled = rows[:, :-1] / spreads
        hidden.append(np.column_stack([unscaled, rows[:, -1] - unscaled @ means]))
        output.append(weights_out[:-1] / _NETS)
        bias += weights_out[-1] / _NETS
    return Trained(ranking=ranking, hidden=np.concatenate(hidden), output=np.append(np.concatenate(output), bias))


def report(samples: Samples, trained: Trained) -> str:
    """Precision and coverage at some cuts; coverage counts right answers among messages that have one."""
    sure = np.array([trained.confidence(features) for features in samples.features])
    in_scope = max(1, int(samples.in_scope.sum()))
    lines = [
        f"{len(sure)} messages not trained on, {in_scope} in scope, top-1 {samples.right.sum() / in_scope:.3f}",
        "cut   precision  coverage  oos answered",
    ]
    for cut in _CUTS:
        said = sure >= cut
        precision = samples.right[said].mean() if said.any() else 1.0
        outside = (said & ~samples.in_scope).sum() / max(1, (~samples.in_scope).sum())
        lines.append(f"{cut:.2f}  {precision:9.3f}  {samples.right[said].sum() / in_scope:8.3f}  {outside:12.3%}")
    return "\n".join(lines) + "\n"


class _Adam:
    """Steps down a slope, each weight at its own pace."""

    def __init__(self, shapes: Sequence[tuple[int, ...]], rate: float) -> None:
        self.rate = rate
        self._first = [np.zeros(shape) for shape in shapes]
        self._second = [np.zeros(shape) for shape in shapes]
        self._count = 0

    def steps(self, slopes: Sequence[NDArray[np.floating]]) -> list[Doubles]:
        """How far to go down for each slope."""
        self._count += 1
        found = []
        for first, second, slope in zip(self._first, self._second, slopes, strict=True):
            first += 0.1 * (slope - first)
            second += 0.001 * (slope * slope - second)
            scaled = first / (1 - 0.9**self._count)
            found.append(self.rate * scaled / (np.sqrt(second / (1 - 0.999**self._count)) + 1e-8))
        return found


def _learn_net(inputs: Doubles, right: Doubles, dice: np.random.Generator) -> tuple[Doubles, Doubles]:
    """One hidden layer on the log loss."""
    width = inputs.shape[1]
    hidden = dice.normal(0, width**-0.5, (_UNITS, width))
    output = np.append(dice.normal(0, _UNITS**-0.5, _UNITS), 0.0)
    step = _Adam([hidden.shape, output.shape], _RATE)
    for epoch in range(_EPOCHS):
        step.rate = _RATE * (1 - epoch / _EPOCHS)
        order = dice.permutation(len(inputs))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            units = np.tanh(inputs[batch] @ hidden.T)
            off = 1 / (1 + np.exp(-(units @ output[:-1] + output[-1]))) - right[batch]
            slope = (off[:, None] * output[:-1] * (1 - units * units)).T @ inputs[batch] / len(batch)
            down, up = step.steps([slope, np.append(off @ units, off.sum()) / len(batch)])
            hidden = hidden * (1 - _DECAY) - down
            output = output * (1 - _DECAY) - up
    return hidden, output


def _samples(lessons: Sequence[Lesson], ranking: Doubles, halves: Sequence[Background]) -> Samples:
    """The winners' features; how much a text asks is told by a background that did not learn from it."""
    asks = WINNER.index("asks")
    features = np.zeros((len(lessons), len(WINNER)))
    right = np.zeros(len(lessons), np.bool_)
    for row, lesson in enumerate(lessons):
        ranks = lesson.looks.scores @ ranking
        order = np.argsort(-ranks, kind="stable").astype(np.int32)
        found = winner_features(lesson.index, lesson.search, lesson.looks, order, ranks[order].astype(np.float32))
        features[row] = found
        features[row, asks] = halves[_part(lesson.origin, 2)].asks(lesson.search.phrase.grams()[0])
        right[row] = lesson.right == order[0]
    return Samples(features=features, right=right, in_scope=np.array([lesson.in_scope for lesson in lessons]))


def _texts() -> list[tuple[str, bool]]:
    """Every text of the lessons, once, with whether it asks something that could be looked up."""
    beyond = read_beyond()
    asking = {text: True for trade in read_trades() for text in (*trade.texts(), *trade.near)}
    return list((asking | dict.fromkeys(beyond["beyond"], True) | dict.fromkeys(beyond["talk"], False)).items())


def _halves(texts: Sequence[tuple[str, bool]]) -> list[Background]:
    """For each half of the texts a background learnt from the other half."""
    return [learn_background(texts, lambda text, half=half: _part(text, 2) != half) for half in range(2)]  # type: ignore[misc]


def _part(text: str, parts: int) -> int:
    return zlib.crc32(text.encode()) % parts


def _write(trained: Trained) -> None:
    def short(values: Doubles) -> list[float]:
        return [float(f"{value:.4g}") for value in values]

    data = {
        "scores": SCORES,
        "winner": WINNER,
        "ranking": short(trained.ranking),
        "hidden": [short(row) for row in trained.hidden],
        "output": short(trained.output),
    }
    text = json.dumps(data).replace("], [", "],\n[").replace(', "', ',\n"')
    weights.SHIPPED.write_text(text + "\n", encoding="utf-8")


def _write_background(texts: Sequence[tuple[str, bool]], general: Background) -> None:
    grams = {gram: [round(share * len(texts)), general.asking[gram]] for gram, share in general.letters.items()}
    data = {"texts": len(texts), "bias": general.bias, "grams": grams}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("],", "],\n")
    background.SHIPPED.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
