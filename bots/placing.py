"""Which worker attends which shops: pure, from what each worker takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# When a Chromium dies, all its shops go at once, for some seconds; but every worker costs 250 MiB and beats of its
# own: with ten shops each, a reply of 53 takes a twelfth more of the processor.
MOST_SHOPS = 18
# So much of the memory that a worker may take is filled up when shops come back together.
_FILLED = 0.8
# One bad shop of eighteen is found with five more. Where all are sick it is the machine, and more make it worse.
_MOST_EXTRA = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A worker by its number: its shops, and the MiB that it and its browser take (0: not weighed yet).

    `sick`: what keeps it from looking after its shops, in words; `well`: whether nothing has for a long time.
    """

    number: int
    shops: tuple[str, ...]
    memory: float = 0.0
    sick: str = ""
    well: bool = False

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Shops that leave a worker one by one: all for a new one (`apart`), else each for the lightest."""

    source: int
    shops: tuple[str, ...]
    why: str
    apart: bool


def spread(loads: Sequence[Load], *, limit: float) -> Spread | None:
    """What is to be moved next, if anything.

    Half of a sick worker's shops: one half is rid of the shop that makes it sick, the other half is divided again,
    until that shop is alone. Once all have been well for long, the shops of a worker that is not needed any more
    go back to the others.
    """
    count = sum(len(load.shops) for load in loads)
    needed = math.ceil(count / MOST_SHOPS)
    for load in loads:
        if load.sick and len(load.shops) > 1 and len(loads) < needed + _MOST_EXTRA:
            return Spread(source=load.number, shops=load.shops[len(load.shops) // 2 :], why=load.sick, apart=True)
    if len(loads) <= needed or not all(load.well for load in loads):
        return None
    spare = min(loads, key=lambda load: len(load.shops))
    others = [load for load in loads if load is not spare]
    if placed([shop for load in loads for shop in load.shops], others, limit=limit * _FILLED).new:
        return None
    return Spread(source=spare.number, shops=spare.shops, why="", apart=False)
