"""When a page must be loaded anew before what it shows is acted on. Pure: readings and moments in.

A session can be dead behind a page that looks healthy, a list can come back from a lost connection without its
marks, and some lists keep up only by loading. Loading costs a moment; a buyer whom nobody sees costs more.
"""

from __future__ import annotations

from dataclasses import dataclass

from flows.pack import Refresh
from flows.views import Snapshot

# Nothing moved for so long: prove that the session lives.
_IDLE = 300.0
_ARRIVED = 3.0
# A page that says it is offline has so long to come back by itself.
_OFFLINE = 20.0
# Without its list for so long it is not loading: it has gone somewhere else.
_GONE = 4.0
# Something may have passed it by, and somebody always waits: it goes on so for so long.
_MISSING = 20.0
# The page's requests are refused though the session lives: this console is like that, so ask ever more rarely.
_DENIED = (0.0, 60.0, 300.0, 900.0)


@dataclass(slots=True)
class Freshness:
    """How far one shop's page can be trusted. Times are seconds of the steady clock.

    `there`: the list stands on the page, and the page says nothing of a lost connection.
    """

    refresh: Refresh
    loaded_at: float
    there: bool = False
    doubted: bool = False
    _stood: bool = False
    _missed_at: float | None = None
    _moved_at: float = 0.0
    _away: bool = False
    _denials: int = 0
    _offline_at: float | None = None
    _gone_at: float | None = None
    _rows: frozenset[tuple[str, str, str | None]] = frozenset()

    def loaded(self, now: float) -> None:
        """The page was loaded anew."""
        self.loaded_at = now
        self.there = self.doubted = self._away = self._stood = False
        self._offline_at = None

    def entered(self, now: float) -> None:
        """As `loaded`, by a login or a first visit: what was refused before tells nothing any more."""
        if self._stood:
            self._miss(now)
        self.loaded(now)
        self._denials = 0
        self._gone_at = None

    def moved(self, now: float) -> None:
        """Somebody was served, or somebody spoke: the console is at work."""
        self._moved_at = now

    def doubt(self) -> None:
        """Something on the page did not do what it shows."""
        self.doubted = True

    def note(self, snapshot: Snapshot, now: float) -> None:
        """Take in a reading of the page."""
        offline = "offline" in snapshot.signals
        if not offline or self._offline_at is None:
            self._offline_at = now if offline else None
        if offline and self._stood:  # what a page shows while it begins is no lost line
            self._miss(now)
        if snapshot.rows is not None or self._gone_at is None:
            self._gone_at = now if snapshot.rows is None else None
        # Its clocks would tick, and its groups change with them, without any server.
        rows = frozenset((row.key, row.preview, row.unread) for row in snapshot.rows or ())
        if rows != self._rows:
            self._rows = rows
            self.moved(now)
        # A list that is empty right after loading is likely still on its way.
        listed = bool(snapshot.rows) or (snapshot.rows is not None and now - self.loaded_at >= _ARRIVED)
        self.there = listed and not offline
        self._stood |= self.there
        if self._away and self.there:
            self.doubted = True
        self._away = offline or (self._away and not self.there)
        if "denied" in snapshot.signals and now - self.loaded_at >= _DENIED[min(self._denials, len(_DENIED) - 1)]:
            self._denials += 1
            self.doubted = True

    @property
    def astray(self) -> bool:
        """Whether the list was missing from the last reading."""
        return self._gone_at is not None

    def lost(self, now: float) -> bool:
        """Whether the list has been missing for too long."""
        return self._gone_at is not None and now - self._gone_at >= _GONE

    def cut_off(self, now: float) -> bool:
        """Whether the page has been without its server for too long."""
        return self._offline_at is not None and now - self._offline_at >= _OFFLINE

    def outlived(self, now: float, *, calm: bool) -> bool:
        """Whether a page that hides what has passed it by must give way to a new one: nobody waits, or at last."""
        sound = self.there and not self.doubted
        return self._missed_at is not None and sound and (calm or now - self._missed_at >= _MISSING)

    def _miss(self, now: float) -> None:
        """Its server was out of its reach: what was said then may have passed this page by."""
        if self._missed_at is None:
            self._missed_at = now

    def due(self, now: float) -> bool:
        """Whether the page must be loaded anew now."""
        if self.refresh.kind == "reload":
            return self.doubted or now - self.loaded_at >= self.refresh.every
        return self.doubted or now - max(self.loaded_at, self._moved_at) > _IDLE
