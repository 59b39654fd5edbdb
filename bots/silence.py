"""Where people want silence in one shop, as they last ordered it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage.records import Pause


@dataclass(slots=True)
class Silence:
    """The pauses that hold in `shop`, or in some of its conversations."""

    shop: str
    _pauses: tuple[Pause, ...] = ()

    def is_news(self, pauses: Sequence[Pause]) -> bool:
        """Whether people want something else of this shop than before."""
        return self._of(pauses) != self._pauses

    def take(self, pauses: Sequence[Pause]) -> list[Pause]:
        """Go by these from now on; those among them that are new."""
        before, self._pauses = self._pauses, self._of(pauses)
        return [pause for pause in self._pauses if pause not in before]

    def covers(self, conversation: str) -> bool:
        """Whether nothing may be said in a conversation."""
        return any(pause.covers(self.shop, conversation) for pause in self._pauses)

    @property
    def why(self) -> str:
        """Why the whole shop is silent, for people to read; empty where it is not."""
        whole = next((pause for pause in self._pauses if pause.covers(self.shop)), None)
        return "" if whole is None else f"{whole.by} 让它暂停：只看不说，买家的话转给人工"

    def _of(self, pauses: Sequence[Pause]) -> tuple[Pause, ...]:
        return tuple(pause for pause in pauses if pause.shop in (None, self.shop))
