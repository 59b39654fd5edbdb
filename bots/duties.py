"""What one shop's bot may do at this moment: by its settings, its shifts, and whether a person let it answer."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from base.clock import Clock
from bots.settings import Settings, Shop
from bots.shifts.plan import Do, Work
from bots.shifts.roster import Roster
from flows.duty import Duty, Mode
from flows.pack import Pack


@dataclass(slots=True)
class Duties:
    """`live`: whether a person has let the shop answer buyers."""

    clock: Clock
    shop: Shop
    roster: Roster
    live: bool = False

    @classmethod
    def of(cls, shop: Shop, settings: Settings, pack: Pack, clock: Clock) -> Duties:
        """Those of a shop that nobody has let answer yet."""
        return cls(clock, shop, settings.roster(shop, ZoneInfo(pack.meter.time_zone)))

    @property
    def work(self) -> Work:
        """What the shift on now has the bots do."""
        return self.roster.work(self.clock.now())

    @property
    def mode(self) -> Mode:
        """How far the bot may go while it works."""
        if not self.live:
            return "observe"
        return "hold" if self.shop.mode == "answer" and self.work.do is Do.hold else self.shop.mode

    @property
    def rest(self) -> str:
        """Until when there is nothing to do, in words."""
        back = self.roster.bots_back(self.clock.now())
        return f"{back}再值守" if back else "没有排机器人的班"

    def duty(self, *, paused: bool) -> Duty:
        """What a visit goes by; `paused`: whether people want silence where it goes."""
        staffed, resume = self.roster.people_at(self.clock.now())
        return Duty(mode=self.mode, staffed=staffed, resume=resume, paused=paused)
