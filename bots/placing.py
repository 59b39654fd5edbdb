"""Which worker attends which shops: pure, from what each worker takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# When a Chromium dies, all its shops go at once.
MOST_SHOPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A worker by its number: its shops, and the MiB that it and its browser take (0: not weighed yet)."""

    number: int
    shops: tuple[str, ...]
    memory: float = 0.0

    @property
    def each(self) -> float:
        """What one of its shops takes, its part of the browser included."""
        return self.memory / max(1, len(self.shops))


def groups(shops: Sequence[str]) -> list[list[str]]:
    """The shops of each worker: as few workers as can be, of about the same size."""
    count = math.ceil(len(shops) / MOST_SHOPS)
    return [list(shops[number::count]) for number in range(count)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The shops of each worker by its number, and those of each worker to be started."""

    kept: Mapping[int, Sequence[str]]
    new: Sequence[Sequence[str]]


def placed(shops: Sequence[str], loads: Sequence[Load], *, limit: float) -> Places:
    """Where each of `shops` is to be attended.

    A shop stays where it is. One that came goes to the lightest worker that can bear one more of what a shop takes
    there and still keep to `limit` (MiB), else to a new worker.
    """
    kept = {load.number: [shop for shop in load.shops if shop in shops] for load in loads}
    new = [shop for shop in shops if all(shop not in load.shops for load in loads)]
    weights = {load.number: load.memory - load.each * (len(load.shops) - len(kept[load.number])) for load in loads}
    rest: list[str] = []
    for shop in new:
        open_to = [
            load
            for load in loads
            if 0 < len(kept[load.number]) < MOST_SHOPS and weights[load.number] + load.each <= limit
        ]
        if not open_to:
            rest.append(shop)
            continue
        lightest = min(open_to, key=lambda load: (weights[load.number], len(kept[load.number])))
        kept[lightest.number].append(shop)
        weights[lightest.number] += lightest.each
    return Places(kept=kept, new=groups(rest))
