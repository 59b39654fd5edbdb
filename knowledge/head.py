"""A linear classifier over all grams, trained on the entries' own examples when the knowledge is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zlib import crc32

import numpy as np

from knowledge.postings import Floats, Found, Ints, Postings
from knowledge.solving import blocks, solve

# Grams share so many columns by their hash: enough that collisions hardly matter, few enough to solve at load.
_WIDTH = 2048
_CHUNK = 1000
_BLOCK = 256
_RIDGE = 0.3
# The chance that a gram is lost to a slip. Training on all noisy copies at once has a closed form: what two grams
# say together shrinks by the square of what is kept, what each says alone only once.
_LOST = 0.3


class Head:
    """Ridge regression on which entry an example belongs to, each entry counting alike."""

    def __init__(self, kinds: Sequence[Postings], owner: Ints, entries: int) -> None:
        self._kinds = [(_columns(kind.names(), salt), kind) for salt, kind in enumerate(kinds)]
        sizes = np.bincount(owner, minlength=entries)
        worth = (len(owner) / max(1, entries) / np.maximum(sizes, 1))[owner].astype(np.float32)
        gram = np.zeros((_WIDTH, _WIDTH), np.float32)
        target = np.zeros((entries, _WIDTH), np.float32)
        for part in blocks(len(owner), _CHUNK):
            rows = np.arange(part.start, part.stop, dtype=np.int32)
            weight = np.sqrt(worth[rows, None])
            inputs = self._inputs(rows) * weight
            for own in blocks(_WIDTH, _BLOCK):  # it is symmetric: the lower half will do
                gram[own, : own.stop] += inputs[:, own].T @ inputs[:, : own.stop]
            here = np.arange(owner[rows[0]], owner[rows[-1]] + 1)
            target[here] += ((owner[rows, None] == here) * weight).T @ inputs
        target -= target.sum(axis=0) / max(1, entries)
        kept = 1 - _LOST
        alone = gram.diagonal().copy()
        gram *= kept * kept
        gram[np.diag_indices(_WIDTH)] += kept * _LOST * alone + _RIDGE
        self._weights = solve(gram, kept * target.T)

    def scores(self, found: Sequence[Found]) -> Floats:
        """For each entry how much the question is like its examples, about 0 to 1."""
        columns = [own[each.ids] for (own, _), each in zip(self._kinds, found, strict=True)]
        values = [each.weights[each.known] for each in found]
        norm = float(np.sqrt(sum(float(each.weights @ each.weights) for each in found))) or 1.0
        column, value = np.concatenate(columns), np.concatenate(values)
        return np.asarray((value * np.sign(column)) @ self._weights[np.abs(column) - 1] / norm, np.float32)

    def scores_of(self, found: Sequence[tuple[Ints, Ints]], count: int) -> Floats:
        """The same for `count` texts, a row each; for each kind which text each known gram is of, and its id."""
        scores = np.zeros((count, self._weights.shape[1]), np.float32)
        for rows in blocks(count, _CHUNK):
            parts = []
            for (own, kind), (whence, ids) in zip(self._kinds, found, strict=True):
                here = slice(*np.searchsorted(whence, [rows.start, rows.stop]))
                parts.append((own, kind, whence[here] - rows.start, ids[here]))
            scores[rows] = self._matrix(parts, rows.stop - rows.start) @ self._weights
        return scores

    def _inputs(self, rows: Ints) -> Floats:
        """The examples' grams as a matrix, each row of length 1."""
        parts = []
        for own, kind in self._kinds:
            whence, places = kind.of_example.gather(rows)
            parts.append((own, kind, whence, kind.of_example.values[places]))
        return self._matrix(parts, len(rows))

    def _matrix(self, parts: Sequence[tuple[Ints, Postings, Ints, Ints]], rows: int) -> Floats:
        """Grams of each kind, with the row that each is of and its id, as a matrix of rows of length 1."""
        values = [kind.weights[ids] for _own, kind, _whence, ids in parts]
        whence = np.concatenate([each for _own, _kind, each, _ids in parts])
        columns = np.concatenate([own[ids] for own, _kind, _whence, ids in parts])
        value = np.concatenate(values)
        squares = np.bincount(whence, weights=value * value, minlength=rows)
        value = value * np.sign(columns) / np.sqrt(np.maximum(squares, 1e-6))[whence]
        at = whence.astype(np.int64) * _WIDTH + np.abs(columns) - 1
        return np.bincount(at, weights=value, minlength=rows * _WIDTH).astype(np.float32).reshape(rows, _WIDTH)


def _columns(names: Iterable[str], salt: int) -> Ints:
    """Each gram's column, from 1, with the sign that keeps collisions from adding up."""
    hashes = np.array([crc32(f"{salt}{name}".encode()) for name in names], np.int64)
    return ((hashes % _WIDTH + 1) * np.where(hashes >> 31 & 1, 1, -1)).astype(np.int32)
