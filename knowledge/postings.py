"""The grams of one kind over all examples, in flat arrays: who has each, and what it weighs."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from knowledge.grams import Phrase, faint

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]

# So much of the background's frequency counts beside that of the shop's own examples.
_BACKGROUND = 0.5
_SMOOTH = 0.1


@dataclass(frozen=True, slots=True)
class Rows:
    """Lists of numbers of different lengths, end to end: list `r` is `values[starts[r]:starts[r + 1]]`."""

    starts: Ints
    values: Ints

    def gather(self, rows: Ints) -> tuple[Ints, Ints]:
        """The lists of those rows end to end: for each value its place in `rows`, and its position."""
        first, sizes = self.starts[rows], self.starts[rows + 1] - self.starts[rows]
        whence = np.repeat(np.arange(len(rows), dtype=np.int32), sizes)
        shift = np.repeat(first - np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes) if len(rows) else whence
        return whence, (np.arange(len(whence)) + shift).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The grams of texts as they come, kept as numbers: a text's own strings are many times as large."""

    ids: dict[str, int] = field(default_factory=dict)
    flat: array[int] = field(default_factory=lambda: array("i"))
    sizes: array[int] = field(default_factory=lambda: array("i"))

    def add(self, grams: Sequence[str]) -> None:
        """The next text's grams, each once."""
        self.flat.extend([self.ids.setdefault(gram, len(self.ids)) for gram in grams])
        self.sizes.append(len(grams))


def gather(phrases: Iterable[Phrase]) -> tuple[Gathered, ...]:
    """The grams of texts, by their kind: by letter, by sound, by spelling."""
    kinds = (Gathered(), Gathered(), Gathered())
    for each in phrases:
        for kind, grams in zip(kinds, each.grams(), strict=True):
            kind.add(grams)
    return kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The grams of one question: all `weights`, their `total`; `known`: the places of those that have `ids`."""

    weights: Floats
    total: float
    known: Ints
    ids: Ints


class Postings:
    """One kind of grams. `owner` is each example's entry, ascending; `background` the share of general lines that
    have a gram: what stands in any talk tells little, though this shop's examples hardly use it.
    """

    def __init__(self, examples: Gathered, owner: Ints, entries: int, background: Mapping[str, float]) -> None:
        self._ids = examples.ids
        sizes, flat = np.array(examples.sizes, np.int32), np.array(examples.flat, np.int32)
        count, grams = len(sizes), len(self._ids)
        self.of_example = Rows(_starts(sizes), flat)
        document = np.repeat(np.arange(count, dtype=np.int32), sizes)
        self.examples = _inverted(flat, document, grams)
        pairs, uses = np.unique(flat.astype(np.int64) * entries + owner[document], return_counts=True)
        self.entries = Rows(
            _starts(np.bincount(pairs // entries, minlength=grams)), (pairs % entries).astype(np.int32)
        )
        common = np.fromiter((background.get(gram, 0.0) for gram in self._ids), np.float64, grams)
        self._faint = np.fromiter(map(faint, self._ids), np.float32, grams)
        self._most = float(count)
        self._general = background
        seen = np.bincount(flat, minlength=grams)
        self.weights = self._faint * self._idf(seen, common)
        self.example_weight = np.add.reduceat(self.weights[flat], self.of_example.starts[:-1]) if count else common
        self.evidence = self._evidence(uses, np.bincount(owner, minlength=entries), seen)

    def find(self, grams: Sequence[str]) -> Found:
        """A question's grams looked up; one that was never seen weighs most, unless all the world says it."""
        numbers = np.fromiter((self._ids.get(gram, -1) for gram in grams), np.int32, len(grams))
        known = np.flatnonzero(numbers >= 0).astype(np.int32)
        weights = np.zeros(len(grams), np.float32)
        weights[known] = self.weights[numbers[known]]
        for place in np.flatnonzero(numbers < 0).tolist():
            gram = grams[place]
            weights[place] = (
                faint(gram) * self._idf(np.zeros(1, np.int32), np.array([self._general.get(gram, 0.0)]))[0]
            )
        return Found(weights=weights, total=float(weights.sum()) or 1.0, known=known, ids=numbers[known])

    def known(self, grams: Iterable[str]) -> Ints:
        """The ids of those grams that are known."""
        return np.array([self._ids[gram] for gram in grams if gram in self._ids], np.int32)

    def rows_of(self, others: Postings) -> tuple[Ints, Ints]:
        """The grams of another's examples that are known here end to end: which example each is of, and its id."""
        same = np.fromiter((self._ids.get(gram, -1) for gram in others.names()), np.int32, len(others._ids))
        of_example = others.of_example
        ids = same[of_example.values]
        whence = np.repeat(np.arange(len(of_example.starts) - 1, dtype=np.int32), np.diff(of_example.starts))
        return whence[ids >= 0], ids[ids >= 0]

    def overlap(self, found: Found) -> Floats:
        """For each example the weight of the grams that it shares with the question."""
        whence, places = self.examples.gather(found.ids)
        weights = found.weights[found.known][whence]
        return np.bincount(
            self.examples.values[places], weights=weights, minlength=len(self.example_weight)
        ).astype(np.float32)

    def speaks(self, found: Found, entries: int) -> Floats:
        """For each entry what the question's grams say for it: a naive Bayes log ratio."""
        _, places = self.entries.gather(found.ids)
        return np.bincount(self.entries.values[places], weights=self.evidence[places], minlength=entries).astype(
            np.float32
        )

    def has(self, found: Found, columns: Ints, width: int) -> NDArray[np.bool_]:
        """Whether an entry has a gram: a row for each gram of the question, a column for each of `width` entries.

        `columns` is each entry's column, -1 for those that are not looked at.
        """
        table = np.zeros((len(found.weights), width), np.bool_)
        whence, places = self.entries.gather(found.ids)
        column = columns[self.entries.values[places]]
        wanted = column >= 0
        table[found.known[whence[wanted]], column[wanted]] = True
        return table

    def example_has(self, found: Found, example: int) -> NDArray[np.bool_]:
        """Whether the example has each gram of the question."""
        own = self.of_example.values[self.of_example.starts[example] : self.of_example.starts[example + 1]]
        has = np.zeros(len(found.weights), np.bool_)
        has[found.known] = np.isin(found.ids, own)
        return has

    def names(self) -> Iterable[str]:
        """All grams, by id."""
        return self._ids

    def _idf(self, seen: NDArray[np.integer], common: NDArray[np.float64]) -> Floats:
        uses = seen + _BACKGROUND * common * self._most
        return np.log((self._most * (1 + _BACKGROUND) + 1) / (uses + 0.5)).clip(0.05).astype(np.float32)

    def _evidence(self, uses: NDArray[np.int64], sizes: NDArray[np.int64], seen: NDArray[np.int64]) -> Floats:
        """For each use of a gram by an entry, how much more it speaks for it than for one that lacks it."""
        everywhere = np.repeat(seen, np.diff(self.entries.starts))
        total, typical = self._most, self._most / max(1, len(sizes))
        here = _log_ratio(uses, sizes[self.entries.values].astype(np.float64), everywhere, total)
        without = _log_ratio(np.zeros_like(uses), np.full(len(uses), typical), everywhere, total)
        faints = np.repeat(self._faint, np.diff(self.entries.starts))
        return (faints * (here - without)).astype(np.float32)


def _log_ratio(
    uses: NDArray[np.int64], size: NDArray[np.float64], everywhere: NDArray[np.int64], total: float
) -> NDArray[np.float64]:
    here = (uses + _SMOOTH) / (size + 2 * _SMOOTH)
    elsewhere = (everywhere - uses + _SMOOTH) / (np.maximum(total - size, 0) + 2 * _SMOOTH)
    return np.log(here / elsewhere)


def _starts(sizes: NDArray[np.integer]) -> Ints:
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)


def _inverted(flat: Ints, document: Ints, grams: int) -> Rows:
    order = np.argsort(flat, kind="stable")
    return Rows(_starts(np.bincount(flat, minlength=grams)), document[order])
