"""What is struck, when and where: all of it follows from the seed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.faults.consoles import CONSOLES
from bench.faults.strikes import FAULTS
from storage.records import ReplyState

# At these states of a reply, and (None) at any moment.
MOMENTS = (ReplyState.drafted, ReplyState.typing, ReplyState.sending, ReplyState.confirmed, None)
# So many injections on one console and one ledger, then others begin.
CHUNK = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """One strike; `number` counts over the whole campaign and seeds its own chance."""

    number: int
    fault: str
    moment: ReplyState | None

    @property
    def wide(self) -> bool:
        """Whether it strikes all shops."""
        return FAULTS[self.fault].wide


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A part of the campaign on one console."""

    console: str
    seed: int
    injections: tuple[Injection, ...]


def plan(
    *, injections: int, seed: int, consoles: Sequence[str] = CONSOLES, faults: Sequence[str] = ()
) -> list[Leg]:
    """Every fault at every moment over all consoles, as evenly as may be, in an order made by chance."""
    throw = random.Random(seed)  # noqa: S311 - play that must repeat
    names = [name for name in faults or FAULTS if set(FAULTS[name].consoles) & set(consoles)]
    moments = {name: throw.sample(MOMENTS, len(MOMENTS)) for name in names}
    # Every fault once before any comes again.
    cells = [
        (name, moments[name][turn]) for turn in range(len(MOMENTS)) for name in throw.sample(names, len(names))
    ]
    queues: dict[str, list[Injection]] = {console: [] for console in consoles}
    for number, (fault, moment) in zip(range(injections), itertools.cycle(cells), strict=False):
        open_to = [console for console in consoles if console in FAULTS[fault].consoles]
        shortest = min(open_to, key=lambda console: (len(queues[console]), throw.random()))
        queues[shortest].append(Injection(number=number, fault=fault, moment=moment))
    legs = [
        Leg(console=console, seed=seed, injections=tuple(queue[start : start + CHUNK]))
        for console, queue in queues.items()
        for start in range(0, len(queue), CHUNK)
    ]
    throw.shuffle(legs)
    return legs


def rounds(injections: Sequence[Injection], shops: int) -> list[list[Injection]]:
    """What happens at a time: a wide one alone, of the others one in each shop."""
    made: list[list[Injection]] = []
    for one in sorted(injections, key=lambda one: one.wide):
        if one.wide or not made or made[-1][0].wide or len(made[-1]) == shops:
            made.append([])
        made[-1].append(one)
    random.Random(len(injections)).shuffle(made)  # noqa: S311 - play that must repeat
    return made
