"""What buyers' talk is like in general: how common each gram is in it, and what it is usually about.

Some seven thousand lines that buyers of many trades might write ship with the matcher, gathered by subject
(`bench/train_confidence.py` writes them from bench/trades). A text's meaning is how much it is like each of those
subjects, so that two texts which share no word may still mean the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from knowledge.grams import phrase
from knowledge.head import Head
from knowledge.postings import Floats, Gathered, Postings, gather


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What buyers might write in one kind of script: by subject, `near` them, and the `talk` that asks nothing."""

    subjects: Sequence[Sequence[str]]
    near: Sequence[str]
    talk: Sequence[str]
    latin: bool


class Background:
    """The general talk of one kind of script. `shares`: by kind of grams, the share of lines that have each."""

    def __init__(self, lines: Lines) -> None:
        self.latin = lines.latin
        subjects = [*lines.subjects, lines.talk] if lines.talk else list(lines.subjects)
        self._talk = len(subjects) - 1 if lines.talk else None
        texts = (text for subject in subjects for text in subject)
        heard = gather(phrase(text, latin=lines.latin) for text in texts)
        near = gather(phrase(text, latin=lines.latin) for text in lines.near)
        self.shares = [_shares(heard[kind], near[kind]) for kind in range(2)]
        owner = np.repeat(np.arange(len(subjects), dtype=np.int32), [len(subject) for subject in subjects])
        self._kinds = [Postings(each, owner, len(subjects), {}) for each in heard]
        self._head = Head(self._kinds, owner, len(subjects))

    def meaning(self, grams: Sequence[Sequence[str]]) -> Floats:
        """How much a text of those grams is like each subject, as a vector of length 1."""
        found = [kind.known(each) for kind, each in zip(self._kinds, grams, strict=True)]
        return _of_length_one(self._head.scores_of([(np.zeros_like(ids), ids) for ids in found], 1)).ravel()

    def meanings(self, kinds: Sequence[Postings]) -> Floats:
        """The same for all examples that have their grams there, a row for each."""
        found = [own.rows_of(theirs) for own, theirs in zip(self._kinds, kinds, strict=True)]
        return _of_length_one(self._head.scores_of(found, len(kinds[0].example_weight)))

    def talks(self, meaning: Floats) -> float:
        """How much a text of that meaning is talk that asks nothing, about 0 to 1."""
        return 0.0 if self._talk is None else float(meaning[self._talk])


def _of_length_one(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)


def _shares(*texts: Gathered) -> Mapping[str, float]:
    counts: Counter[str] = Counter()
    for each in texts:
        counts.update(dict(zip(each.ids, np.bincount(np.array(each.flat, np.int32)).tolist(), strict=True)))
    total = sum(len(each.sizes) for each in texts)
    return {gram: uses / total for gram, uses in counts.items() if uses > 1}


SHIPPED = Path(__file__).with_name("background.json")


@cache
def shipped_background(*, latin: bool) -> Background:
    """The background that ships, for knowledge in Latin letters or not."""
    data = json.loads(SHIPPED.read_text(encoding="utf-8"))["latin" if latin else "han"]
    return Background(Lines(subjects=data["subjects"], near=data["near"], talk=data["talk"], latin=latin))
