"""The people behind the bots, who act by the roster: a queue that is worked off by day, a telephone at night."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from base.clock import Clock
from bench.night.console import Door, PaperConsole
from bots.settings import Settings
from bots.shifts.plan import Do
from bots.shifts.roster import Roster
from storage.calls import Alert
from storage.ledger import Ledger
from storage.records import HandoffState
from storage.thread import LedgerThread

# What is assumed of people, in seconds: median and spread (of a log-normal distribution) of what each thing takes.
ANSWERS = (45.0, 0.4)
PICKS_UP = {True: (360.0, 0.8), False: (90.0, 0.7)}
_MENDS = (90.0, 0.5)
# Who sleeps may not hear it; the plan calls the next one.
_SLEEPS_THROUGH = 0.2
_NOTICES = 8.0
_ASLEEP = range(0, 7)
_LOOKS_BACK = timedelta(hours=1)


@dataclass(slots=True)
class People:
    """`clerks`: how many answer buyers while people are on shift; `rang`: every letter, and when it came."""

    consoles: Mapping[str, PaperConsole]
    rosters: Mapping[str, Roster]
    settings: Settings
    ledger: LedgerThread
    clock: Clock
    zone: tzinfo
    throw: random.Random
    clerks: int
    rang: list[tuple[datetime, str, bool]] = field(default_factory=list)
    answers: int = 0
    _busy: int = 0
    _in_hand: set[tuple[str, str]] = field(default_factory=set)
    _called: set[int] = field(default_factory=set)

    # --- by day ------------------------------------------------------------------------------------------------

    async def work(self, tasks: asyncio.TaskGroup) -> None:
        """Once: hand what waits to clerks who are free."""
        now = self.clock.now()
        if not self.settings.people_plan().at(now, self.zone).on:
            return
        for shop, key in [*self._seen_waiting(now), *await self._queue()]:
            if self._busy >= self.clerks:
                return
            if (shop, key) not in self._in_hand:
                self._busy += 1
                tasks.create_task(self._clerk(shop, key))

    def _seen_waiting(self, now: datetime) -> list[tuple[str, str]]:
        """Buyers whom the bots leave to people first."""
        shops = [shop for shop, roster in self.rosters.items() if roster.work(now).do is Do.people_first]
        late = self.clock.steady() - _NOTICES
        return [
            (shop, talk.key)
            for shop in shops
            if self.consoles[shop].connected
            for talk in self.consoles[shop].waiting()
            if talk.turn is not None and talk.turn.at <= late
        ]

    async def _queue(self) -> list[tuple[str, str]]:
        waiting = await self.ledger(Ledger.handoffs, states=(HandoffState.open,))
        return [each.where for each in waiting if self.consoles[each.shop].connected]

    async def _clerk(self, shop: str, key: str) -> None:
        try:
            await self._answer(shop, key, "客服")
        finally:
            self._busy -= 1

    async def _answer(self, shop: str, key: str, by: str) -> None:
        """Read, and write to the buyer in the console, as people do; the bots see it there."""
        if (shop, key) in self._in_hand:
            return
        self._in_hand.add((shop, key))
        try:
            await self._takes(ANSWERS)
            self.consoles[shop].answer(key, "亲，我是人工客服，您的问题已经给您处理好了", by)
            self.answers += 1
        finally:
            self._in_hand.discard((shop, key))

    # --- at night ----------------------------------------------------------------------------------------------

    async def ring(self, tasks: asyncio.TaskGroup) -> None:
        """Once: whoever got a letter since the last time hears it, or not."""
        for letter in await self.ledger(Ledger.alerts, self.clock.now() - _LOOKS_BACK):
            if letter.id in self._called or letter.sent_at is None:
                continue
            self._called.add(letter.id)
            self.rang.append((letter.sent_at, letter.person, letter.kind == "call"))
            if letter.kind == "call":
                tasks.create_task(self._react(letter))

    async def _react(self, letter: Alert) -> None:
        asleep = self.clock.now().astimezone(self.zone).hour in _ASLEEP
        if asleep and self.throw.random() < _SLEEPS_THROUGH:
            return
        await self._takes(PICKS_UP[asleep])
        await self.ledger(Ledger.acknowledge, letter.code, letter.person)
        for call in letter.calls:
            await self._see_to(call, letter.person)

    async def _see_to(self, call: str, person: str) -> None:
        kind, _slash, what = call.partition("/")
        if kind == "handoff":
            handoff = await self.ledger(Ledger.handoff, int(what))
            if handoff.state is HandoffState.open and self.consoles[handoff.shop].connected:
                await self._answer(handoff.shop, handoff.conversation_key, person)
        elif kind == "shop" and self.consoles[what].door is not Door.open:
            await self._takes(_MENDS)
            self.consoles[what].change(door=Door.open)
        elif kind == "waiting":
            for talk in self.consoles[what].waiting():
                await self._answer(what, talk.key, person)

    # --- either ------------------------------------------------------------------------------------------------

    async def _takes(self, what: tuple[float, float]) -> None:
        median, spread = what
        await asyncio.sleep(median * self.throw.lognormvariate(0, spread))


class Telephone:
    """A channel that always gets through; what people do about a letter is theirs."""

    def check(self) -> None:
        """It has an address."""

    async def send(self, _title: str, _text: str, _pictures: Sequence[str] = ()) -> None:
        """It rings."""
