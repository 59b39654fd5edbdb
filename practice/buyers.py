"""Buyers who live by the plan: they come, ask, and sometimes have more to say once they are answered."""

from __future__ import annotations

import asyncio
import re
import time
from functools import partial

from practice.console import Console
from practice.model import Json, Kind, Sender, Via
from practice.plan import QUIET, Ask, Visit, visits
from practice.questions import load_questions
from practice.truth import Asked

PICKS = 0.8
NONE_OF_THEM = "都不是"
# 1 退货流程，2 退货运费
_CHOICE = re.compile(r"([1-9])[ .、:：]*([\u4e00-\u9fff]{2,12})(?=[，,、；;？?。 \n]|$)")


class Buyers:
    """Those of one shop, or of all; at most one run at a time, a new one replaces what is left of the old."""

    def __init__(self, console: Console, shop: str | None = None) -> None:
        self._console = console
        self._desks = console.chosen(shop)
        self._run: asyncio.Task[None] | None = None
        self._visits: set[asyncio.Task[None]] = set()
        self._replies: dict[tuple[str, str], asyncio.Queue[str]] = {}
        # Who says nothing more before somebody has spoken to them.
        self._listening: set[tuple[str, str]] = set()
        self._asked = 0
        self._begun: int | None = None
        self._until: int | None = None
        for desk in self._desks:
            desk.listen(partial(self._hear, desk.shop))

    def start(self, *, rate: float, seconds: float | None) -> None:
        """Begin to come: `rate` turns a second over all their shops, for so many seconds or until stopped."""
        self.stop()
        self._begun = self._console.moments.now()
        self._until = None if seconds is None else self._begun + int(seconds * 1000)
        self._run = asyncio.create_task(self._come(rate, seconds))

    def stop(self) -> None:
        """Nobody says anything more."""
        for task in [*self._visits, *([self._run] if self._run else [])]:
            task.cancel()
        self._visits.clear()
        self._run = None

    def report(self) -> Json:
        """Whether buyers still come or have more to say, how many turns they asked, and when their time began and
        is over (epoch ms or None).
        """
        silent = sum(self._replies[key].empty() for key in self._listening)
        coming = (self._run is not None and not self._run.done()) or len(self._visits) > silent
        return {"coming": coming, "asked": self._asked, "begun": self._begun, "until": self._until}

    async def _come(self, rate: float, seconds: float | None) -> None:
        shops = {desk.shop: desk.trade for desk in self._desks}
        begun = time.monotonic()
        last = None if seconds is None else begun + seconds - QUIET
        for visit in visits(load_questions(), shops, seed=self._console.seed, rate=rate, seconds=seconds):
            await asyncio.sleep(begun + visit.at - time.monotonic())
            task = asyncio.create_task(self._visit(visit, last))
            self._visits.add(task)
            task.add_done_callback(self._visits.discard)

    async def _visit(self, visit: Visit, last: float | None) -> None:
        desk = self._console.desks[visit.shop]
        uid = desk.new_uid()
        desk.conversation(uid)
        desk.note(uid, "", sender=Sender.system, via=Via.buyers, kind=Kind.card)
        self._replies[visit.shop, uid] = asyncio.Queue()
        try:
            await self._talk(visit, uid, last)
        finally:
            del self._replies[visit.shop, uid]

    async def _talk(self, visit: Visit, uid: str, last: float | None) -> None:
        desk = self._console.desks[visit.shop]
        turn = await self._say(visit.shop, uid, visit.ask)
        picked = pick(await self._reply(visit.shop, uid), visit.ask.topic)
        if picked is not None:
            await asyncio.sleep(PICKS)
            self._console.ask(visit.shop, uid, picked, via=Via.buyers, turn=turn)
            await self._reply(visit.shop, uid)
        if visit.thanks is None and visit.second is None:
            return
        await asyncio.sleep(visit.pause)
        # Nobody speaks in the last seconds, and who was given to a colleague waits for that one.
        if (last is not None and time.monotonic() + 1 > last) or desk.known(uid).owner is not None:
            return
        if visit.thanks is not None:
            self._console.ask(visit.shop, uid, visit.thanks, via=Via.buyers, needs_answer=False)
        if visit.second is not None:
            await self._say(visit.shop, uid, visit.second)

    async def _reply(self, shop: str, uid: str) -> str:
        self._listening.add((shop, uid))
        try:
            return await self._replies[shop, uid].get()
        finally:
            self._listening.discard((shop, uid))

    async def _say(self, shop: str, uid: str, ask: Ask) -> Asked | None:
        turn: Asked | None = None
        for gap, text in ask.says:
            await asyncio.sleep(gap)
            if turn is None:
                turn = self._console.truth.begin(shop, uid, topic=ask.topic, needs_answer=True, via=Via.buyers)
                self._asked += 1
            self._console.ask(shop, uid, text, via=Via.buyers, turn=turn)
        return turn

    def _hear(self, shop: str, event: Json) -> None:
        if event["type"] == "said" and event["message"]["sender"] is Sender.shop:
            replies = self._replies.get((shop, event["message"]["conversation"]))
            if replies is not None:
                replies.put_nowait(event["message"]["text"])


def pick(text: str, topic: str | None) -> str | None:
    """What a buyer says to numbered choices: the number of what they meant, or that it is none of them."""
    offered = _CHOICE.findall(text)
    if len(offered) < 2:
        return None
    other = next((number for number, name in offered if name.startswith("其他")), NONE_OF_THEM)
    return next((number for number, name in offered if name == topic), other)
