"""What becomes of a conversation that could not be served: it is put off ever longer, in the end a person's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from base.clock import Clock
from base.masking import mask
from flows.answer import Answerer
from flows.crashes import WHY as CRASHES
from flows.duty import Duty
from flows.inbox import Waiter
from flows.trail import trail
from flows.views import Row

_BACK_OFF = (2.0, 5.0, 15.0, 30.0)
# A conversation that is not in the list will hardly come back: its buyer needs a person soon.
_UNLISTED = (2.0, 5.0)


@dataclass(slots=True)
class Unserved:
    """The conversations of one shop's page whose visits failed."""

    act: Answerer
    clock: Clock
    _failures: dict[str, int] = field(default_factory=dict)

    def served(self, key: str) -> None:
        """The conversation was visited, and nothing failed."""
        self._failures.pop(key, None)

    async def put_off(self, waiter: Waiter, duty: Duty, why: str, *, listed: bool) -> None:
        """Have it visited a little later; after a few tries it is left to a person."""
        failures = self._failures[waiter.key] = self._failures.get(waiter.key, 0) + 1
        log = trail(self.act.card.shop, self.act.in_hand)
        log.warning("visit failed for the {}. time: {}", failures, mask(why))
        now = self.clock.steady()
        pauses = _BACK_OFF if listed else _UNLISTED
        if failures > len(pauses):
            await self.leave(waiter, duty, f"试了几次都没接待成：{why}")
            if duty.mode != "observe":
                self.act.look_later(waiter)
        else:
            self.act.inbox.add(waiter.key, now, at=now + pauses[failures - 1])

    async def leave(self, waiter: Waiter, duty: Duty, why: str, rows: Sequence[Row] = ()) -> None:
        """Leave it to a person; what its row shows in `rows` is no news any more."""
        # First: a fault here too must not have it visited for ever.
        self.act.inbox.done(waiter.key, self.clock.steady())
        if duty.mode != "observe":  # else its staff sees to it as ever
            await self.act.leave(waiter, why, rows)
        self._failures.pop(waiter.key, None)

    async def note_crash(self, waiter: Waiter, duty: Duty, rows: Sequence[Row], *, begun: float) -> None:
        """Take in that the page crashed in a visit begun at `begun`; what does so again is left to a person."""
        crashes = self.act.inbox.crashes
        # A page that had crashed before, or a browser that is gone, is not this conversation's doing.
        if self.act.page.answered_at > begun and crashes.note(waiter.key, self.clock.steady()):
            await self.leave(waiter, duty, CRASHES, rows)
            crashes.leave_alone(waiter.key, self.clock.steady())  # only once a person has it

    async def keeps_shut(self, waiter: Waiter, duty: Duty, rows: Sequence[Row]) -> bool:
        """Whether it is not to be opened, since the page crashed there; what its buyer says more is a person's."""
        crashes = self.act.inbox.crashes
        if duty.mode == "observe" or not crashes.suspects(waiter.key):
            return False
        if crashes.bars(waiter.key):
            await self.leave(waiter, duty, CRASHES, rows)
            return True
        if await self.act.is_awaited(waiter):
            return False
        self.act.inbox.done(waiter.key, self.clock.steady())  # a crash for nobody
        return True
