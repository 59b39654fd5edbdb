"""What buyers' talk is like in general: how common each gram is in it, and what it is usually about.

Some thousand lines that buyers of many trades might write ship with the matcher, gathered by subject
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
from knowledge.postings import Floats, Postings

Grams = tuple[list[str], list[str], list[str]]


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
        texts = [text for subject in subjects for text in subject]
        grams = [phrase(text, latin=lines.latin).grams() for text in texts]
        others = [phrase(text, latin=lines.latin).grams() for text in lines.near]
        self.shares = [_shares([each[kind] for each in [*grams, *others]]) for kind in range(2)]
        owner = np.repeat(np.arange(len(subjects), dtype=np.int32), [len(subject) for subject in subjects])
        kinds = [Postings([each[kind] for each in grams], owner, len(subjects), {}) for kind in range(3)]
        self._head = Head(kinds, owner, len(subjects))

    def meanings(self, grams: Sequence[Grams]) -> Floats:
        """For each text how much it is like each subject, as a row of length 1."""
        found = self._head.scores_of(grams)
        return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6), np.float32)

    def talks(self, meaning: Floats) -> float:
        """How much a text of that meaning is talk that asks nothing, about 0 to 1."""
        return 0.0 if self._talk is None else float(meaning[self._talk])


def _shares(documents: Sequence[Sequence[str]]) -> Mapping[str, float]:
    counts = Counter(gram for grams in documents for gram in grams)
    return {gram: uses / len(documents) for gram, uses in counts.items() if uses > 1}


SHIPPED = Path(__file__).with_name("background.json")


@cache
def shipped_background(*, latin: bool) -> Background:
    """The background that ships, for knowledge in Latin letters or not."""
    data = json.loads(SHIPPED.read_text(encoding="utf-8"))["latin" if latin else "han"]
    return Background(Lines(subjects=data["subjects"], near=data["near"], talk=data["talk"], latin=latin))
