"""Equations by blocks: what is found solves them, whatever the size and whatever stands above the diagonal."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.solving import blocks, solve


@pytest.mark.parametrize("size", [1, 127, 128, 300])
def test_what_is_found_solves_the_equations(size: int) -> None:
    dice = np.random.default_rng(size)
    rows = dice.normal(size=(2 * size, size))
    matrix = rows.T @ rows + np.eye(size)
    expected = dice.normal(size=(size, 3))
    lower = np.tril(matrix).astype(np.float32)
    found = solve(lower, (matrix @ expected).astype(np.float32))
    assert np.abs(found - expected).max() < 0.01


def test_blocks_are_all_places_in_order() -> None:
    assert [list(range(10)[block]) for block in blocks(10, 4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert blocks(0, 4) == []
