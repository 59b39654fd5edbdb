"""How well questions find their entries: ours beside what others would take, on messages that nothing learnt from.

`python -m bench.match [--json]`: the sets of bench/faqs, and those of real buyers in ../shared/matching where that
is there. R@P is the share of messages in scope that are answered right at the largest cut that keeps the precision
over all messages; precision, coverage and out of scope answered are at the shipped defaults (for others at a cut
of 0.85). Ranges in brackets are of 95% of 400 resamplings of the messages.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.match_cases import SHARED, Case, Message, own_cases, shared_cases
from bench.match_methods import METHODS, Found

_RESAMPLINGS, _SEED = 400, 20261123
_FOLDS = 5
_LEAST_PRECISION = 0.98
_PRECISIONS = {"r_at_p90": 0.90, "r_at_p95": 0.95, "r_at_p98": 0.98}
_COLUMNS = ("top1", "top3", *_PRECISIONS, "precision", "coverage", "oos_answered", "both")
_RANGED = ("top1", "r_at_p98", "precision", "coverage")

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What a method made of each message: `sure` scores, and marks for what was found, and what was answered."""

    sure: NDArray[np.float64]
    in_scope: Bools
    right: Bools
    among_three: Bools
    answered: Bools
    answered_right: Bools
    both: Bools
    folds: NDArray[np.int_]

    @classmethod
    def of(cls, found: Sequence[Found], messages: Sequence[Message]) -> Outcomes:
        """The outcomes of one method on a case's messages."""
        pairs = list(zip(found, messages, strict=True))

        def marks(test: Callable[[Found, Message], bool]) -> Bools:
            return np.array([test(each, message) for each, message in pairs], np.bool_)

        return cls(
            sure=np.array([each.sure for each in found]),
            in_scope=marks(lambda each, message: bool(message.entries)),
            right=marks(lambda each, message: each.entry in message.entries),
            among_three=marks(lambda each, message: set(message.entries) <= set(each.three)),
            answered=marks(lambda each, message: bool(each.answered)),
            answered_right=marks(
                lambda each, message: bool(each.answered) and set(each.answered) <= set(message.entries)
            ),
            both=marks(lambda each, message: set(each.answered) == set(message.entries)),
            folds=np.array([_fold(message) for message in messages]),
        )

    def take(self, which: NDArray[Any]) -> Outcomes:
        """Those of some messages."""
        return Outcomes(**{name: getattr(self, name)[which] for name in self.__slots__})

    def measures(self, *, paired: bool) -> dict[str, float | None]:
        """All numbers but the ranges; None where a set has no messages to tell."""
        known = int(self.in_scope.sum())
        outside = ~self.in_scope
        found: dict[str, float | None] = {
            "top1": float(self.right[self.in_scope].mean()),
            "top3": float(self.among_three[self.in_scope].mean()),
        }
        found |= {name: self.recall(precision) for name, precision in _PRECISIONS.items()}
        found["precision"] = float(self.answered_right[self.answered].mean()) if self.answered.any() else None
        found["coverage"] = float(self.answered_right.sum()) / known
        found["oos_answered"] = float(self.answered[outside].mean()) if outside.any() else None
        found["both"] = float(self.both.mean()) if paired else None
        return found

    def recall(self, precision: float) -> float:
        """The share of messages in scope answered right at the largest cut that keeps the precision."""
        rights, cuts = self._at_cuts()
        kept = np.flatnonzero(rights / np.maximum(1, cuts) >= precision)
        return float(rights[kept[-1]]) / int(self.in_scope.sum()) if len(kept) else 0.0

    def cut(self, precision: float) -> float:
        """The lowest score at which the precision is kept; above 1 where none does."""
        rights, cuts = self._at_cuts()
        kept = np.flatnonzero(rights / np.maximum(1, cuts) >= precision)
        return float(np.sort(self.sure)[::-1][kept[-1]]) if len(kept) else 2.0

    def _at_cuts(self) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
        order = np.argsort(-self.sure, kind="stable")
        return np.cumsum(self.right[order]), np.arange(1, len(order) + 1)


def main() -> None:
    """Measure and tell; exits with 0, for what is to be reached is said in docs/matching.md."""
    asked = argparse.ArgumentParser(prog="bench.match", description=__doc__)
    asked.add_argument("--json", action="store_true", help="print the numbers as JSON")
    as_json = asked.parse_args().json
    shared = shared_cases()
    cases = [*shared, *own_cases()]
    console = Console(stderr=as_json)
    if not shared:
        console.print(f"{SHARED} is not there: only the sets of bench/faqs are measured")
    sets = {case.name: {name: measured(case, name) for name in METHODS} for case in cases}
    result = {
        "set": cases[0].name,
        "methods": sets[cases[0].name],
        "cross_validated": {case.name: cross_validated(case) for case in cases if _has_both(case)},
        "speed": _speed(500),
        "speed_2000": _speed(2000),
        "sets": sets,
    }
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
        return
    for case in cases:
        console.print(_table(case, sets[case.name]))
    for name in ("cross_validated", "speed", "speed_2000"):
        console.print(name, result[name])


def measured(case: Case, method: str) -> dict[str, Any]:
    """The measures of one method on one case, with the ranges of the main ones as `ranges`."""
    outcomes = _outcomes(case, method)
    paired = all(len(message.entries) > 1 for message in case.messages)
    found: dict[str, Any] = {name: _short(value) for name, value in outcomes.measures(paired=paired).items()}
    dice = np.random.default_rng(_SEED)
    samples = [
        outcomes.take(dice.integers(len(case.messages), size=len(case.messages))).measures(paired=paired)
        for _ in range(_RESAMPLINGS)
    ]
    found["ranges"] = {
        name: [_short(float(each)) for each in np.quantile(values, (0.025, 0.975))]
        for name in _RANGED
        if (values := [value for sample in samples if (value := sample[name]) is not None])
    }
    return found


def cross_validated(case: Case) -> dict[str, float | None]:
    """Ours at cuts chosen on other entries' messages: each fifth is answered at the cut that keeps the precision
    on the other four.
    """
    outcomes = _outcomes(case, "ours")
    cuts = [outcomes.take(outcomes.folds != fold).cut(_LEAST_PRECISION) for fold in range(_FOLDS)]
    answered = outcomes.sure >= np.array(cuts)[outcomes.folds]
    right = (answered & outcomes.right).sum()
    return {
        "precision": _short(float(right / answered.sum())) if answered.any() else None,
        "coverage": _short(float(right / outcomes.in_scope.sum())),
        "oos_answered": _short(float(answered[~outcomes.in_scope].mean())),
        "cut": _short(float(np.mean(cuts))),
    }


def _outcomes(case: Case, method: str) -> Outcomes:
    find = METHODS[method](case.entries)
    return Outcomes.of([find(message.text) for message in case.messages], case.messages)


def _has_both(case: Case) -> bool:
    return 0 < len(case.in_scope) < len(case.messages)


def _fold(message: Message) -> int:
    """By the entry, so that no entry is on both sides; what none answers is dealt out."""
    return zlib.crc32((message.entries[0] if message.entries else message.text).encode()) % _FOLDS


def _speed(entries: int) -> dict[str, float]:
    """Speed and memory in a process of its own."""
    told = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.match_speed", str(entries)], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(told.stdout)
    return found


def _table(case: Case, methods: dict[str, dict[str, Any]]) -> Table:
    table = Table(title=f"{case.name}: {len(case.in_scope)} in scope of {len(case.messages)}")
    table.add_column("method")
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    for method, found in methods.items():
        table.add_row(method, *(_cell(found, column) for column in _COLUMNS))
    return table


def _cell(found: dict[str, Any], column: str) -> str:
    if found[column] is None:
        return "-"
    low_high = found["ranges"].get(column)
    between = f" [{low_high[0]:.2f} {low_high[1]:.2f}]" if low_high else ""
    return f"{found[column]:.3f}{between}"


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


if __name__ == "__main__":
    main()
