"""Who is in charge: of several `nightdesk up` in one folder one does what must be done once, another stands by."""

from __future__ import annotations

import asyncio
from pathlib import Path

from base.clock import Clock
from bots.seat import Seat, holder_of

# No shop's seat: those end in .lock.
_FIRST, _NEXT = "up.first", "up.next"


class Charge:
    """The seat of the one in charge, and of the one that stands by for it.

    A silent holder is killed by itself: its workers notice, finish what is in hand, and end.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._first = Seat(folder / _FIRST, clock, trees=False)
        self._next = Seat(folder / _NEXT, clock, trees=False)

    @property
    def held(self) -> bool:
        """Whether it is ours."""
        return self._first.held

    async def renew(self) -> None:
        """Give a sign of life, and take the seat if that can be."""
        if self._first.held:
            self._first.renew(())
        elif await asyncio.to_thread(self._first.take):
            self._next.release()
        elif not self._next.renew(()):
            await asyncio.to_thread(self._next.take)

    def release(self) -> None:
        """Give back what is held."""
        self._first.release()
        self._next.release()


def in_charge(folder: Path) -> tuple[int | None, int | None]:
    """The pids of the `nightdesk up` in charge and of the one that stands by, looked at from outside."""
    first, following = holder_of(folder / _FIRST), holder_of(folder / _NEXT)
    return (first.process.pid if first else None, following.process.pid if following else None)
