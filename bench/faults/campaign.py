"""Runs a plan: some consoles at a time, each with its bots; strikes, waits, and judges by their own records."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from base.places import shared
from bench.faults.consoles import THIRD, ChatUiScene
from bench.faults.judging import Asked, Struck, Tally, judge_turn, recovery
from bench.faults.lane import Lane, lane
from bench.faults.plan import Injection, Leg, rounds
from bench.faults.strikes import FAULTS, Target
from bench.sure import sure_questions
from bots.demo.judge import Phrasebook
from knowledge.model import load_knowledge
from storage.ledger import Ledger
from storage.records import Reply, ReplyState

SHOPS = 3
# A reply gets as far as it is to be struck within this, on a machine that is busy with other lanes.
_REACH_SECONDS = 8.0
_SOON = 1.5
_SEEN_TO_SECONDS = 60.0
_LOOK = 0.25
# No knowledge answers it: a word of patience, and a person.
_BEYOND = "你们老板是哪里人呀"
_BEYOND_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One injection judged."""

    struck: Struck
    tally: Tally


@dataclass(slots=True, kw_only=True)
class _Leg:
    """One console's part of the campaign, while it runs."""

    leg: Leg
    lane: Lane
    questions: Sequence[tuple[str, str]]
    told: Callable[[str], None]
    asked: list[Asked] = field(default_factory=list)
    struck: list[Struck] = field(default_factory=list)

    async def run(self) -> None:
        """Every round, each begun when all was seen to in the one before."""
        for batch in rounds(self.leg.injections, len(self.lane.shops)):
            # Sessions that are lost minutes apart would be taken for a quarrel over the account.
            await self.lane.come_back(self.lane.shops)
            await self.lane.ready()
            pairs = zip(batch, self.lane.shops, strict=False)
            await asyncio.gather(*(self._inject(injection, shop) for injection, shop in pairs))

    async def _inject(self, injection: Injection, shop: str) -> None:
        throw = random.Random(f"{self.leg.seed} {injection.number}")  # noqa: S311 - play that must repeat
        fault = FAULTS[injection.fault]
        shops = self.lane.shops if fault.wide else [shop]
        if fault.wide:
            shop = throw.choice(self.lane.shops)
        keys = [await self._ask(one, injection, throw) for one in shops]
        reply = await self._reach(shop, injection, throw)
        begun = _now()
        during = asyncio.gather(*(self._ask(one, injection, throw) for one in shops))
        await fault.strike(Target(lane=self.lane, shop=shop, throw=throw))
        ended = _now()
        keys += await during
        keys += [await self._ask(one, injection, throw) for one in shops]
        await self._seen_to(keys)
        self.struck.append(
            Struck(
                number=injection.number,
                fault=injection.fault,
                console=self.leg.console,
                wanted=injection.moment or "random",
                state=reply.state if reply else "random",
                begun=begun,
                ended=ended,
            )
        )
        seconds = (_now() - ended) / 1000
        self.told(
            f"{self.leg.console} #{injection.number} {injection.fault} @{self.struck[-1].state}: {seconds:.1f} s"
        )

    async def _ask(self, shop: str, injection: Injection, throw: random.Random) -> str:
        entry, text = throw.choice(self.questions)
        beyond = throw.random() < _BEYOND_SHARE
        key = await self.lane.scene.ask(shop, _BEYOND if beyond else text)
        self.asked.append(Asked(key=key, shop=shop, entry=None if beyond else entry, injection=injection.number))
        return key

    async def _reach(self, shop: str, injection: Injection, throw: random.Random) -> Reply | None:
        """The moment: the worker stands still at a reply's state, or goes on at any time."""
        if injection.moment is None:
            await asyncio.sleep(throw.uniform(0, _SOON))
            return None
        return await self.lane.caught(shop, injection.moment, _REACH_SECONDS)

    async def _seen_to(self, keys: Sequence[str]) -> None:
        """Until everybody is; whoever is not by then is judged as it is."""
        end = time.monotonic() + _SEEN_TO_SECONDS
        while time.monotonic() < end and not await self.lane.seen_to(keys):
            await self.lane.keep_up()
            await asyncio.sleep(_LOOK)

    async def judged(self, book: Phrasebook) -> list[Verdict]:
        """Every injection, by what buyers were told."""
        heard = await self.lane.scene.heard([asked.key for asked in self.asked])
        people = await self.lane.people()
        replies = await self.lane.ledger(Ledger.all_replies)
        doubtful = {reply.conversation_key: reply for reply in replies if reply.state is ReplyState.unverified}
        verdicts = []
        for struck in self.struck:
            turns = [asked for asked in self.asked if asked.injection == struck.number]
            tally = Tally(injections=1)
            for asked in turns:
                tally.add(judge_turn(asked, heard[asked.key], book, people))
            unverified = [doubtful[asked.key] for asked in turns if asked.key in doubtful]
            tally.unverified = len(unverified)
            tally.unverified_outside = sum(not _was_sending(reply, struck) for reply in unverified)
            tally.recovery = list(recovery(struck, turns, heard))
            verdicts.append(Verdict(struck=struck, tally=tally))
        strangers = heard.keys() - {asked.key for asked in self.asked}
        if strangers and verdicts:
            verdicts[-1].tally.misdelivered += sum(len(heard[key]) for key in strangers)
        return verdicts


def _was_sending(reply: Reply, struck: Struck) -> bool:
    """Whether the reply was `sending` when the fault struck, or got there while it lasted."""
    at = reply.sending_at
    return at is not None and at.timestamp() * 1000 <= struck.ended


async def run(
    legs: Sequence[Leg],
    folder: Path,
    *,
    lanes: int,
    told: Callable[[str], None],
    judged: Callable[[Sequence[Verdict]], None],
) -> None:
    """All legs, so many at a time, their files under `folder`; `judged` gets the verdicts, however they end.

    Raises `ConsoleFailed` where a console is not installed.
    """
    if any(leg.console == THIRD for leg in legs):
        ChatUiScene.check(folder)  # its turn may come when all else is done
    knowledge = load_knowledge(shared("knowledge.yaml"))
    questions = await asyncio.to_thread(sure_questions, knowledge)
    book = Phrasebook(knowledge)
    room = asyncio.Semaphore(lanes)

    async def one(number: int, leg: Leg) -> None:
        place = folder / f"{number}-{leg.console}"
        async with room, lane(leg.console, place, shops=SHOPS, seed=leg.seed) as opened:
            running = _Leg(leg=leg, lane=opened, questions=questions, told=told)
            try:
                await running.run()
            finally:
                judged(await running.judged(book))

    async with asyncio.TaskGroup() as group:
        for number, leg in enumerate(legs):
            group.create_task(one(number, leg))


def _now() -> int:
    return int(time.time() * 1000)
