"""Reading a list of which only the rows in sight are in the page: it is rolled with the wheel, as a person does.

What was seen out of sight is remembered until a whole pass over the list no longer finds it, or the page is loaded
anew. Between readings the list rests at its top, where news arrives.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from base.clock import Clock

RawRow = Sequence[Any]
# Rolls by so many pixels, down if positive, and gives what is then in the page; by 0 it only looks.
Roll = Callable[[float], Awaitable[Mapping[str, Any]]]

# A part of what is in sight is seen twice, so that no row falls between two looks.
_STRIDE = 0.8
_MOST_STRIDES = 400
_PASS_SECONDS = 3.0
# A long list is passed over more rarely: at most this part of the time is spent on it.
_SHARE = 0.05


@dataclass(slots=True)
class Rolling:
    """The whole list of one console, out of looks at parts of it; `wanted`: does the mouse have better to do."""

    roll: Roll
    clock: Clock
    wanted: Callable[[], bool]
    _seen: dict[str, list[RawRow]] = field(default_factory=dict)
    _place: dict[str, float] = field(default_factory=dict)
    _next_pass: float = 0.0
    _loaded: float | None = None

    async def rows(self) -> list[RawRow] | None:
        """All rows known by now; None where the list itself is not there. Leaves the list at its top."""
        view = await self.roll(0)
        if view["top"] and view["rows"] and view["loaded"] == self._loaded:
            self._note(view)  # where somebody was pressed out of sight: what that took from their row is known
        view = await self._to(0.0, view)
        if view["rows"] is None:
            return None
        if view["loaded"] != self._loaded:
            self._loaded, self._next_pass = view["loaded"], 0.0
            self._place.clear()
            self._seen.clear()
        if view["most"] <= 0:
            self._seen.clear()
        self._note(view)
        now = self.clock.steady()
        if view["most"] > 0 and now >= self._next_pass:
            await self._pass(view)
            took = self.clock.steady() - now
            self._next_pass = now + max(_PASS_SECONDS, took / _SHARE)
        return self.known(view["rows"])

    def known(self, rows: Sequence[RawRow]) -> list[RawRow]:
        """What is in the page just now, and beside it what was seen before."""
        self._seen |= _by_key(rows)
        return [row for row in rows if not row[0]] + [row for own in self._seen.values() for row in own]

    async def show(self, key: str) -> bool:
        """Roll until the row of `key` is in the page; False when the whole list does not have it."""
        view = await self.roll(0)
        if _holds(view, key):
            return True
        if key in self._place:
            view = await self._to(self._place[key], view)
        if _holds(view, key):
            return True
        view = await self._to(0.0, view)
        async for part in self._down(view):
            if _holds(part, key):
                return True
        return False

    async def _pass(self, view: Mapping[str, Any]) -> None:
        found = _keys(view)
        async for part in self._down(view):
            self._note(part)
            found |= _keys(part)
            view = part
            if self.wanted():
                break
        if view["top"] >= view["most"] - 1:
            self._seen = {key: rows for key, rows in self._seen.items() if key in found}
            self._place = {key: top for key, top in self._place.items() if key in found}
        await self._to(0.0, view)

    async def _down(self, view: Mapping[str, Any]) -> AsyncIterator[Mapping[str, Any]]:
        for _stride in range(_MOST_STRIDES):
            before = view["top"]
            if before >= view["most"] - 1:
                return
            view = await self.roll(view["height"] * _STRIDE)
            yield view
            if view["top"] <= before:  # something lies over the list
                return

    async def _to(self, top: float, view: Mapping[str, Any]) -> Mapping[str, Any]:
        way = min(top, view["most"]) - view["top"]
        return await self.roll(way) if abs(way) >= 1 else view

    def _note(self, view: Mapping[str, Any]) -> None:
        fresh = _by_key(view["rows"] or ())
        self._seen |= fresh
        self._place |= dict.fromkeys(fresh, float(view["top"]))


def _by_key(rows: Sequence[RawRow]) -> dict[str, list[RawRow]]:
    """A conversation may stand in the list more than once."""
    found: dict[str, list[RawRow]] = {}
    for row in rows:
        if row[0]:
            found.setdefault(row[0], []).append(row)
    return found


def _keys(view: Mapping[str, Any]) -> set[str]:
    return {row[0] for row in view["rows"] or () if row[0]}


def _holds(view: Mapping[str, Any], key: str) -> bool:
    return key in _keys(view)
