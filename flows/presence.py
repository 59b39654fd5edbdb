"""Being shown as online: when to press for it, and when to tell people that pressing does not help. Pure.

A console gives no buyers to an account that it shows as away, and drops accounts to away by itself. A robot of
its own answers them too, where it is switched on: people are told of that as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from storage.records import Severity

# One reading may fall into a page that is being drawn.
_READINGS = 2
_TRIES = 3
_PAUSE = 60.0


class Step(StrEnum):
    """What to do about it now. `lost`: it has just gone, so press; `stuck`: the tries are over, so tell people."""

    none = "none"
    lost = "lost"
    press = "press"
    stuck = "stuck"
    back = "back"


# What people are told of it.
NEWS: Mapping[Step, tuple[Severity, str]] = {
    Step.lost: ("warning", "后台显示账号不在线，正在切回在线"),
    Step.stuck: ("alert", "账号一直不在线，切不回来：平台不会再分配买家过来，请到后台看一下"),
    Step.back: ("info", "账号又在线了"),
}


@dataclass(slots=True)
class Presence:
    """How one shop's account is shown, over the readings of its page. Times are seconds of the steady clock.

    `can_press`: whether the pack says how to go online.
    """

    can_press: bool
    _away: int = 0
    _tries: int = 0
    _told: bool = False
    _rest_until: float = 0.0

    def note(self, away: bool, now: float) -> Step:
        """Take in a reading: what it asks for."""
        if not away:
            return self._is_back()
        self._away += 1
        if self._away < _READINGS or now < self._rest_until:
            return Step.none
        self._away = 0  # what a press has done shows in the next readings
        if not self._told and (self._tries >= _TRIES or not self.can_press):
            self._told = True
            return Step.stuck
        if not self.can_press:
            return Step.none
        self._tries += 1
        if self._told:
            self._rest_until = now + _PAUSE
        return Step.lost if self._tries == 1 else Step.press

    def _is_back(self) -> Step:
        was_away = self._tries > 0 or self._told
        self._away = self._tries = 0
        self._told = False
        self._rest_until = 0.0
        return Step.back if was_away else Step.none


@dataclass(slots=True)
class Rival:
    """Whether the platform's own robot is switched on in a shop, over the readings of its page."""

    on: bool = False
    _others: int = 0

    def note(self, shown: bool) -> bool:
        """Take in a reading; True when it makes a difference."""
        self._others = self._others + 1 if shown is not self.on else 0
        if self._others < _READINGS:
            return False
        self.on, self._others = shown, 0
        return True
