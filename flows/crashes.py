"""Which conversations crash their shop's page: they are left to people for a while, and everybody else is served.

Pure: visits and moments in, who is not to be opened out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

WHY = "一接待这个会话，后台页面就崩溃或卡死，机器人先不再打开它，请人工回复"
# In so many visits to it running the page crashed: one crash may come from anywhere.
_RUNNING = 2
# In visits to so many conversations, and none came through since: it is the page that crashes, whatever is opened.
_OTHERS = 3
# For so many seconds it is not opened, and each time that is over a single crash is enough.
_LEFT_ALONE = 1800.0


@dataclass(slots=True)
class Crashes:
    """The crashes of one shop's page, over all pages that it has had. Times are seconds of the steady clock."""

    _running: dict[str, int] = field(default_factory=dict)
    # The conversations in whose visits it crashed since a visit came through.
    _struck: set[str] = field(default_factory=set)
    _until: dict[str, float] = field(default_factory=dict)

    def note(self, key: str, now: float) -> bool:
        """Take in that the page crashed in a visit to `key`: whether that conversation has to be left alone."""
        self._struck.add(key)
        if len(self._struck) >= _OTHERS:  # no conversation's own doing, not of those before either
            self._running.clear()
            self.lift(now)
            return False
        self._running[key] = self._running.get(key, 0) + 1
        return self._running[key] >= _RUNNING

    def came_through(self, key: str) -> None:
        """Take in that a visit to `key` has left the page alive."""
        self._struck.clear()
        self._running.pop(key, None)

    def leave_alone(self, key: str, now: float) -> None:
        """Have `key` not opened for a while."""
        self._until[key] = now + _LEFT_ALONE

    def lift(self, now: float) -> None:
        """Leave nobody alone any longer; whose visit crashes once more is left alone again."""
        self._until = dict.fromkeys(self._until, now)

    def suspects(self, key: str) -> bool:
        """Whether the page crashed in the last visit to `key`, so that it should be opened only for somebody."""
        return key in self._running or key in self._until

    def bars(self, key: str) -> bool:
        """Whether `key` must not be opened."""
        return key in self._until

    def over(self, now: float) -> Iterable[str]:
        """The conversations that may be opened again from now on; told once."""
        free = [key for key, until in self._until.items() if until <= now]
        for key in free:
            del self._until[key]
        return free
