"""Trains what ships with the matcher: `python -m bench.train_confidence` (minutes; seeded, the last digits vary).

Writes knowledge/background.json (lines that buyers might write) and knowledge/weights.json (how scores make a
rank, and a winner's features a confidence, alone and beside another question), and tells how good that is on
messages that were left out.
"""

from __future__ import annotations

import json
import random
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from bench.lessons import Lesson, School
from bench.lines import read_beyond, read_lines, read_trades
from flows.situation import Policy
from knowledge import background, weights
from knowledge.features import SCORES, WINNER, winner_features
from knowledge.weights import Logistic, Trained, log_odds

_SEED = 5
_SHOPS = 36
_STEPS, _RATE, _DECAY, _PARTS = 600, 0.05, 0.3, 5
_COMPANY = 300
_RANK_STEPS, _RANK_RATE, _RANK_DECAY = 300, 0.1, 1e-3
_CUTS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """For each lesson its winner's `features`, whether the winner is `right`, and whether an entry answers it.

    `asks`: it asks by its form. `shops` and `winners` are numbers: which shop was asked, which entry won there.
    """

    features: Doubles
    right: NDArray[np.bool_]
    in_scope: NDArray[np.bool_]
    asks: NDArray[np.bool_]
    shops: NDArray[np.int_]
    winners: NDArray[np.int_]

    def take(self, which: NDArray[np.bool_]) -> Samples:
        """Some of them."""
        return Samples(**{each.name: getattr(self, each.name)[which] for each in fields(self)})


def main() -> None:
    """Learn the background, to rank and to trust; tell how good that is on messages never seen; write it all."""
    write_background()
    lessons = list(School(random.Random(_SEED)).lessons(_SHOPS))  # noqa: S311 - dice for training
    ranking = learn_ranking(lessons)
    samples = _samples(lessons, ranking)
    unseen = np.array([_part(lesson.origin, 5) == 0 for lesson in lessons])
    trial = learn_confidence(samples.take(~unseen), ranking)
    sys.stdout.write(report(samples.take(unseen), trial))
    _write(learn_confidence(samples, ranking))


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
    step = _Adam([ranking.shape], _RANK_RATE)
    for _ in range(_RANK_STEPS):
        ranks = np.where(there, inputs @ ranking, -np.inf)
        odds = np.exp(ranks - ranks.max(axis=1, keepdims=True))
        off = odds / odds.sum(axis=1, keepdims=True) - goal
        (down,) = step.steps([np.einsum("lc,lcs->s", off, inputs) / len(known) + _RANK_DECAY * ranking])
        ranking = np.maximum(0, ranking - down)  # no score speaks against an entry
    return ranking


def learn_confidence(samples: Samples, ranking: Doubles) -> Trained:
    """A logistic regression held back so hard that it leans on all features a little: what made-up shops teach
    must hold for real ones. A second one, of its score alone on samples that the first did not learn from, then
    makes the confidence mean what it says.
    """
    slopes, bias = _logistic(samples.features, samples.right, _DECAY)
    parts = np.arange(len(samples.right)) * _PARTS // len(samples.right)
    scores = np.zeros(len(samples.right))
    for part in range(_PARTS):
        own, own_bias = _logistic(samples.features[parts != part], samples.right[parts != part], _DECAY)
        scores[parts == part] = samples.features[parts == part] @ own + own_bias
    (stretch,), shift = _logistic(scores[:, None], samples.right, 0.0)
    return Trained(
        ranking=ranking,
        winner=Logistic(slopes=stretch * slopes, bias=float(stretch * bias + shift)),
        company=_learn_company(samples, stretch * scores + shift),
    )


def _learn_company(samples: Samples, odds: Doubles) -> Logistic:
    """How sure one of two clear questions in a message is: those of two entries that two messages to one shop ask
    for, in every other pair two that it knows. `odds` are the log odds of each message alone.
    """
    throw = random.Random(_SEED)  # noqa: S311 - dice for training
    clear = samples.asks & (odds >= log_odds(Policy().choose_at))
    pairs: list[list[int]] = []
    for shop in np.unique(samples.shops):
        asked = np.flatnonzero(clear & (samples.shops == shop)).tolist()
        known = [each for each in asked if samples.in_scope[each]]
        for pool in (asked, known) if len(known) > 1 else ():
            pairs += [throw.sample(pool, 2) for _ in range(_COMPANY)]
    one, other = np.array(pairs).T
    apart = samples.winners[one] != samples.winners[other]
    one, other = one[apart], other[apart]
    slopes, bias = _logistic(np.column_stack([odds[one], odds[other]]), samples.right[one], 0.0)
    return Logistic(slopes=slopes, bias=bias)


def _logistic(features: Doubles, right: NDArray[np.bool_], decay: float) -> tuple[Doubles, float]:
    """Slopes and bias that tell what is right from the features as they come; `decay` holds them back."""
    means, spreads = features.mean(axis=0), features.std(axis=0) + 1e-3
    inputs = np.column_stack([(features - means) / spreads, np.ones(len(features))])
    weights_, held = np.zeros(inputs.shape[1]), np.append(np.full(features.shape[1], decay), 0.0)
    step = _Adam([weights_.shape], _RATE)
    for _ in range(_STEPS):
        off = 1 / (1 + np.exp(-(inputs @ weights_))) - right
        weights_ = weights_ - step.steps([inputs.T @ off / len(off) + held * weights_])[0]
    slopes = weights_[:-1] / spreads
    return slopes, float(weights_[-1] - slopes @ means)


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


def _samples(lessons: Sequence[Lesson], ranking: Doubles) -> Samples:
    """The winners' features."""
    features = np.zeros((len(lessons), len(WINNER)))
    right = np.zeros(len(lessons), np.bool_)
    winners = np.zeros(len(lessons), np.int_)
    for row, lesson in enumerate(lessons):
        ranks = lesson.looks.scores @ ranking
        order = np.argsort(-ranks, kind="stable").astype(np.int32)
        features[row] = winner_features(
            lesson.index, lesson.search, lesson.looks, order, ranks[order].astype(np.float32)
        )
        right[row] = lesson.right == order[0]
        winners[row] = lesson.looks.numbers[order[0]]
    return Samples(
        features=features,
        right=right,
        in_scope=np.array([lesson.in_scope for lesson in lessons]),
        asks=np.array([lesson.search.phrase.manners > 0 for lesson in lessons]),
        shops=np.array([lesson.shop for lesson in lessons]),
        winners=winners,
    )


def _part(text: str, parts: int) -> int:
    return zlib.crc32(text.encode()) % parts


def _write(trained: Trained) -> None:
    def short(values: Doubles) -> list[float]:
        return [float(f"{value:.4g}") for value in values]

    data = {
        "scores": SCORES,
        "winner": WINNER,
        "ranking": short(trained.ranking),
        "slopes": short(trained.winner.slopes),
        "bias": round(trained.winner.bias, 4),
        "company": {"slopes": short(trained.company.slopes), "bias": round(trained.company.bias, 4)},
    }
    text = json.dumps(data).replace(', "', ',\n"')
    weights.SHIPPED.write_text(text + "\n", encoding="utf-8")


def write_background() -> None:
    """Gather what ships of buyers' talk."""
    trades, beyond = read_trades(), read_beyond()
    lines = {"han": read_lines(trades, beyond, latin=False), "latin": read_lines(trades, beyond, latin=True)}
    data = {
        name: {"subjects": each.subjects, "near": each.near, "talk": each.talk} for name, each in lines.items()
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("],", "],\n")
    background.SHIPPED.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
