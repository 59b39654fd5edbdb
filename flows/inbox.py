"""Who waits in one shop, since when, and how urgently. Pure: readings of the list and moments in.

A buyer writes in bursts: a conversation falls due when its row has been quiet for a moment, or has waited
long enough. A mark that stays after it was dealt with (badges lie) makes a conversation due again only when the
row has changed, or at growing intervals.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flows.crashes import Crashes
from flows.pack import Inbox as InboxPack
from flows.transcript import plain
from flows.views import Row
from flows.waiting import read_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """How long to let a buyer finish, in seconds: so much quiet, and at most so long in all."""

    quiet: float = 0.6
    most: float = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiter:
    """A conversation that waits. Times are seconds of the steady clock.

    `late_at`: when the platform's limit is reached; `due_at`: when it may be served; `clock`: whether the row
    shows one. Why it waits: `mark`, what its row looks like; `open_key`, a buyer's message in the open thread;
    `kept`, something unfinished that no mark tells of. `again`: only a second look: its mark is the one that was
    dealt with before, or a person was asked for who may have answered. `left`: left to people, and on record.
    """

    key: str
    since: float
    changed: float
    late_at: float
    due_at: float
    clock: bool
    mark: str = ""
    open_key: str = ""
    kept: bool = False
    again: bool = False
    left: bool = False
    preview: str = ""

    def urgency(self, now: float) -> tuple[bool, float]:
        """Sorts the most urgent first: who can still be served in time, by time left; then who waited longest.

        A second look takes no time from the others, and a badge, which may lie, little from whose clock runs.
        """
        return (self.again or self.late_at < now, self.late_at + (0.0 if self.clock else _CLOCKS_FIRST))

    def left_to_people(self, seconds: float) -> Waiter:
        """Due only when people have had so long for it, but never so late that the platform's limit is missed.

        What no mark tells of, something of ours that is unfinished, is not theirs to do.
        """
        if not seconds or not (self.mark or self.open_key or self.left):
            return self
        until = min(self.since + seconds, self.late_at - _PEOPLE_UNTIL)
        return replace(self, due_at=max(self.due_at, until))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Handled:
    mark: str
    again_at: float
    tries: int
    said: str = ""


_CLOCKS_FIRST = 30.0
# The seconds before the platform's limit from which on people are not waited for.
_PEOPLE_UNTIL = 40.0
# So many characters of a row's preview tell whose words they are.
_TELLING = 4
_RETRY = (10.0, 30.0, 60.0, 120.0)
# A mark that went although something is unfinished: somebody was there, look soon.
_SERVED = 5.0


@dataclass(slots=True)
class Inbox:
    """The waiting conversations of one shop. `threshold`: the platform's limit in seconds; `doubted`: those whose
    last reply may have been lost although its bubble was seen; `crashes`: those that are left alone for a while.
    """

    pack: InboxPack
    threshold: float
    burst: Burst = field(default_factory=Burst)
    doubted: set[str] = field(default_factory=set)
    crashes: Crashes = field(default_factory=Crashes)
    _waiting: dict[str, Waiter] = field(default_factory=dict)
    _handled: dict[str, _Handled] = field(default_factory=dict)
    _later: dict[str, float] = field(default_factory=dict)
    _watched: dict[str, str] = field(default_factory=dict)

    def update(self, rows: Sequence[Row], now: float) -> None:
        """Take in a full reading of the list."""
        marks = self.see(rows, now)
        listed = {row.key for row in rows}
        for waiter in [waiter for waiter in self._waiting.values() if waiter.mark and waiter.key not in marks]:
            # A row that is gone altogether may have been pushed out of a short list: nobody has served it.
            if waiter.kept or waiter.open_key or waiter.key not in listed:
                self._waiting[waiter.key] = replace(waiter, mark="", clock=False)
                if waiter.key in listed:
                    self._later[waiter.key] = min(self._later.get(waiter.key, now), now + _SERVED)
            else:  # somebody else has served it: the mark is gone
                del self._waiting[waiter.key]
        for key in [key for key in self._handled if key not in marks]:
            del self._handled[key]
        for row in rows:
            if row.key in self._watched and row.key not in marks:
                self._look_for_news(row, now)
        for key in self.crashes.over(now):  # a person may have answered: only its thread tells
            self.add(key, now)

    def see(self, rows: Sequence[Row], now: float) -> Mapping[str, str]:
        """Take in who waits, not who waits no longer: the list may have lost its marks. Gives the mark of each."""
        marks = {row.key: mark_of(row) for row in rows if self.visibly_waits(row)}
        for row in rows:
            if row.key in marks and not self._is_handled(row, marks[row.key], now):
                self._note(row, marks[row.key], now)
        return marks

    def note_thread(self, key: str, newest: str, now: float) -> None:
        """Take in the open conversation's newest message, the buyer's own: it may raise no mark in the list."""
        old = self._waiting.get(key) or self._new(key, now)
        if old.open_key != newest:
            self._later.pop(key, None)
            self._put(replace(old, changed=now, open_key=newest, again=False), None)

    def add(self, key: str, now: float, *, at: float | None = None, since: float | None = None) -> None:
        """Have a conversation served, whatever its row shows: an open turn, or a bubble to look for.

        `at`: not before then; `since`: when its buyer was first seen to wait, if that was before `now`.
        """
        new = self._new(key, now if since is None else since)
        self._waiting[key] = replace(self._waiting.get(key) or new, kept=True, again=False)
        self._later[key] = now if at is None else at

    def leave(self, key: str) -> None:
        """Have a conversation served later even if its mark goes: who opens it takes that, and may not answer."""
        if key in self._waiting:
            self._waiting[key] = replace(self._waiting[key], kept=True, left=True)

    def watch(self, key: str, *, said: str = "") -> None:
        """Have a conversation read when its row changes: a person was asked for, whose answer raises no mark.

        `said`: the newest words there that are known already.
        """
        self._watched[key] = plain(said)

    def watch_on(self, key: str, *, said: str) -> None:
        """As `watch`; what is known of a row that is watched already stays known."""
        self._watched.setdefault(key, plain(said))

    def unwatch(self, key: str) -> None:
        """The person has answered."""
        self._watched.pop(key, None)

    def done(self, key: str, now: float, *, said: str = "", settled: bool = False) -> None:
        """A conversation was dealt with: while its row looks as it did, it is looked at again only rarely.

        `said`: our words, if we spoke: a row that shows them changed on our account. `settled`: its row was seen
        without any mark since: whatever it shows from now on is news.
        """
        waiter = self._waiting.pop(key, None)
        self._later.pop(key, None)
        self.doubted.discard(key)
        if settled:
            self._handled.pop(key, None)
        if waiter is None or settled:
            return
        old = self._handled.get(key)
        tries = old.tries + 1 if old and old.mark == waiter.mark else 0
        again = now + _RETRY[min(tries, len(_RETRY) - 1)]
        self._handled[key] = _Handled(mark=waiter.mark, again_at=again, tries=tries, said=plain(said))

    def is_dealt_with(self, waiter: Waiter) -> bool:
        """Whether its row looks as it did when it was dealt with: a mark that has stayed, and nothing new."""
        handled = self._handled.get(waiter.key)
        return bool(waiter.mark) and handled is not None and handled.mark == waiter.mark

    def keep(self, *, unread: bool = False) -> None:
        """A page that was loaded anew may have lost its marks: who waits is looked at whatever their row shows.

        `unread`: who was dealt with, too, since nobody could be read.
        """
        self._waiting = {key: replace(waiter, kept=True) for key, waiter in self._waiting.items()}
        if unread:
            self.forget()

    def forget(self) -> None:
        """Look anew at every row that waits, whatever was done about it: the shop's mode has changed."""
        self._handled.clear()

    def clear(self) -> None:
        """Know of nobody any more: the shop is left alone, for hours perhaps."""
        for known in (self._waiting, self._handled, self._later, self._watched, self.doubted):
            known.clear()
        self.crashes = Crashes()

    def waiting(self) -> Iterable[Waiter]:
        """All who wait, with the moment each falls due; of whom a person has, and may not be opened, only what is
        new.
        """
        for waiter in self._waiting.values():
            if self.crashes.bars(waiter.key) and (not waiter.mark or self.is_dealt_with(waiter)):
                continue
            yield replace(waiter, due_at=max(waiter.due_at, self._later.get(waiter.key, 0.0)))

    def calm(self, rows: Iterable[Row]) -> list[str]:
        """The conversations whose marks nobody misses: of buyers who do not wait, or were put before a person; but
        none that is left alone.
        """
        return [row.key for row in rows if row.key not in self._waiting and not self.crashes.bars(row.key)]

    def waiter(self, row: Row, now: float) -> Waiter:
        """The waiter of a row, whether or not it waits."""
        return self._waiting.get(row.key) or replace(self._new(row.key, now), preview=row.preview)

    def visibly_waits(self, row: Row) -> bool:
        """Whether the row itself shows that its buyer waits."""
        in_group = any(re.search(pattern, row.group) for pattern in self.pack.waiting_groups)
        return row.unread is not None or row.waiting is not None or in_group

    def _look_for_news(self, row: Row, now: float) -> None:
        shown = plain(row.preview).rstrip(".")  # a long one may be cut
        if not self._watched[row.key].startswith(shown):
            self._watched[row.key] = shown
            old = self._waiting.get(row.key)
            self.add(row.key, now)
            self._waiting[row.key] = replace(self._waiting[row.key], again=old is None or old.again)

    def _is_handled(self, row: Row, mark: str, now: float) -> bool:
        handled = self._handled.get(row.key)
        if handled is None:
            return False
        shown = plain(row.preview).rstrip("….")
        if row.waiting is None and len(shown) >= _TELLING and handled.said.startswith(shown):
            handled = self._handled[row.key] = replace(handled, mark=mark)
        return handled.mark == mark and now < handled.again_at

    def _note(self, row: Row, mark: str, now: float) -> None:
        old = self._waiting.get(row.key) or self._new(row.key, now)
        clock = read_clock(row.waiting, self.threshold) if row.waiting else None
        late_at = now + clock.left if clock else old.late_at
        handled = self._handled.get(row.key)
        ticks = row.waiting is not None
        again = not ticks and handled is not None and handled.mark == mark
        waiter = replace(old, late_at=late_at, clock=ticks, again=again, preview=row.preview)
        if waiter.mark == mark:
            self._waiting[row.key] = waiter
        else:
            self._later.pop(row.key, None)
            self._put(replace(waiter, changed=now, mark=mark), clock.left if clock else None)

    def _new(self, key: str, now: float) -> Waiter:
        return Waiter(key=key, since=now, changed=now, late_at=now + self.threshold, due_at=now, clock=False)

    def _put(self, waiter: Waiter, left: float | None) -> None:
        due = min(waiter.since + self.burst.most, waiter.changed + self.burst.quiet)
        # Little time left is no time to listen for more.
        if left is not None and left < 10:
            due = waiter.changed
        self._waiting[waiter.key] = replace(waiter, due_at=due)


def mark_of(row: Row) -> str:
    """What a waiting row looks like, but for its ticking clock; holds nothing that a buyer said."""
    seen: Mapping[str, object] = {
        "unread": row.unread,
        "preview": row.preview,
        "time": row.time,
        "group": row.group,
    }
    return hashlib.blake2s(repr(sorted(seen.items())).encode(), digest_size=8).hexdigest()
