"""How often a shop comes back by itself into a session that it lost. Pure.

Whoever logs in elsewhere with the bot's account puts the bot out, and a bot that comes straight back puts them
out. So it comes back once in a while, and then yields to the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

COOL_DOWN = 900.0


class Loss(StrEnum):
    """How a session ended: the console said that the account is used elsewhere, or that the session ran out, or
    nothing, and there was its login form: which somebody's login may have brought about as well.
    """

    kicked = "kicked"
    expired = "expired"
    unexplained = "unexplained"


# So many returns in a cool-down are nobody's harm.
_FREE: Mapping[Loss, int] = {Loss.kicked: 1, Loss.expired: 3, Loss.unexplained: 1}


@dataclass(slots=True)
class Returns:
    """When one shop came back after its losses. Times are seconds of the steady clock."""

    _at: dict[Loss, list[float]] = field(default_factory=dict)

    def wait(self, loss: Loss, now: float) -> float:
        """Seconds to stay away after a loss: none where it has not come back too often of late."""
        times = self._at.get(loss, ())
        return 0.0 if len(times) < _FREE[loss] else max(0.0, times[-_FREE[loss]] + COOL_DOWN - now)

    def note(self, loss: Loss, now: float) -> None:
        """It has come back, and perhaps put somebody out by that."""
        self._at[loss] = [*self._at.get(loss, ()), now][-_FREE[loss] :]

    def forget(self) -> None:
        """A person wants the bot back: what was before does not count."""
        self._at.clear()
