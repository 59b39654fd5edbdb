"""Chance that can be repeated, and times that never run backwards."""

from __future__ import annotations

import random
import time


def dice(*seed: object) -> random.Random:
    """A source of chance that gives the same throws for the same seed, in every process."""
    return random.Random(":".join(map(str, seed)))  # noqa: S311 - play that must repeat, no secrets


class Moments:
    """Epoch milliseconds that follow the steady clock: a jump of the machine's time does not bend them."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> int:
        """The present moment."""
        return int((time.monotonic() + self._offset) * 1000)
