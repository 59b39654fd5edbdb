"""A visit without a browser: a page on paper, a clock that is set, a real ledger."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from base.errors import BrowserGone
from bots.evidence import Evidence
from flows.answer import Answerer
from flows.composer import Composer
from flows.duty import Duty, ShopCard
from flows.gate import Commit, freely
from flows.inbox import Inbox, Waiter
from flows.landing import Landing, Opened, Place, Sent, Written
from flows.mind import Mind
from flows.pack import Pack
from flows.page import ConsolePage
from flows.views import Latest, OpenThread
from flows.visit import Visitor
from knowledge.model import Knowledge
from storage.ledger import Ledger
from storage.records import Handoff, Kind, Reply, Said, Sender, Turn
from storage.thread import LedgerThread
from tests.flows.stage import made_up, pack_for
from tests.fresh import fresh

MIND = Mind.of(
    Knowledge.model_validate(
        {
            "entries": [
                {"id": "发货时间", "questions": ["什么时候发货", "几天能发货"], "answer": "亲，两天内发出"},
                {"id": "发票", "questions": ["可以开发票吗", "怎么开票"], "answer": "亲，订单页申请\n三天内开好"},
                {"id": "加微信", "questions": ["怎么加你们好友", "有微信号吗"], "answer": "亲，加微信abc123"},
            ],
            "holding": {"working": ["亲，稍等", "亲，还在核实"], "after_hours": "亲，已记下，{resume}回复您"},
        }
    )
)
KNOWN, OTHER, BEYOND = "什么时候发货", "可以开发票吗", "能不能顺便帮我带杯奶茶呀"
PASSED, NOWHERE = Landing(passed=True, landed="x", why=""), Landing(passed=False, landed="", why="nothing landed")
AWAY = Duty(mode="answer", staffed=False, resume="明天9点")
STAFFED = Duty(mode="answer", staffed=True, resume=None)


@dataclass(slots=True)
class Set:
    """A clock that goes when told to."""

    moment: datetime = datetime(2026, 11, 23, 4, 0, 5, tzinfo=UTC)
    count: float = 1000.0

    def now(self) -> datetime:
        return self.moment

    def steady(self) -> float:
        return self.count

    def go(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.count += seconds


@dataclass(slots=True)
class Paper:
    """One conversation of a console on paper.

    `landings`: what becomes of the next sends, then all pass; `crossing`: what is said while the next one is on
    its way.
    """

    clock: Set
    pack: Pack
    messages: list[Said] = field(default_factory=list)
    draft: str = ""
    failed: set[str] = field(default_factory=set)
    shows: bool = True
    refuses: str = ""
    listed: bool = True
    signs: frozenset[str] = frozenset({"logged_in"})
    alive: bool = True
    answered_at: float = -math.inf
    crossing: str = ""
    landings: list[Landing] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def say(self, sender: Sender, text: str, *, at: datetime | None = None) -> Said:
        said = Said(
            key=f"m{len(self.messages) + 1}", sender=sender, kind=Kind.text, text=text, at=at or self.clock.now()
        )
        self.messages.append(said)
        return said

    async def thread(self) -> OpenThread | None:
        return OpenThread(
            key="k",
            messages=tuple(self.messages),
            draft=self.draft,
            facts={},
            failed=frozenset(self.failed),
            unparsed=0,
        )

    @property
    def latest(self) -> Latest:
        newest = {said.sender: said.key for said in self.messages}
        return Latest(buyer=newest.get(Sender.buyer), own=newest.get(Sender.shop))

    async def press_row(
        self, _key: str, *, timeout: float, to_write: bool = False, commit: Commit = freely
    ) -> Opened:
        await commit()
        if not self.listed:
            return Opened(passed=False, landed="", why="missing")
        return Opened(passed=True, landed="x", why="", thread=await self.thread())

    async def write(
        self,
        _key: str,
        text: str,
        *,
        before: str,
        latest: Latest | None = None,
        commit: Commit = freely,
        sending: Commit = freely,
    ) -> Written:
        if not await commit():
            return Written(passed=False, landed="", why="paused")
        why = "draft" if before != self.draft else ""
        if latest is not None and latest != self.latest:
            why = "answered" if latest.buyer == self.latest.buyer else "newer message"
        if not why:
            self.draft = text
        if not await sending():
            return Written(passed=False, landed="", why="paused")
        return Written(passed=not why, landed="x", why=why, draft=self.draft, latest=self.latest)

    async def signals(self) -> frozenset[str]:
        return self.signs

    async def composed(self) -> str:
        return self.draft

    async def send(
        self,
        _key: str,
        text: str,
        *,
        latest: Latest,
        known: Sequence[str],
        timeout: float,
        commit: Commit,
        armed: Place | None = None,
        goes_on: bool = False,
    ) -> Sent:
        landing = self.landings.pop(0) if self.landings else PASSED
        if landing.why not in ("covered", "missing") and not await commit():
            return Sent(passed=False, landed="", why="paused")
        if not landing.passed:
            return Sent(**asdict(landing))
        if not self.refuses:
            assert (text, latest) == (self.draft, self.latest)
            self.sent.append(text)
            self.draft = ""
            if self.crossing:
                self.say(Sender.buyer, self.crossing)
                self.crossing = ""
            if self.shows:
                self.say(Sender.shop, text)
        thread, refused = await self.wait_own(known, timeout=timeout)
        return Sent(**asdict(landing), thread=thread, refused=refused)

    async def wait_own(self, known: Sequence[str], *, timeout: float) -> tuple[OpenThread | None, str]:
        if self.shows or self.refuses:
            return await self.thread(), self.refuses
        self.clock.go(timeout)
        return None, ""

    async def picture(self) -> bytes:
        if not self.alive:
            raise BrowserGone("浏览器没了")
        return b"what the page shows"

    async def dismiss_overlays(self) -> bool:
        return False


class NoLimit:
    """A pace that lets everything through."""

    @asynccontextmanager
    async def slot(self, _shop: str, _conversation: str) -> AsyncIterator[None]:
        yield


@dataclass(slots=True)
class Room:
    """A visitor with everything it needs, and its ledger to look into."""

    clock: Set
    paper: Paper
    inbox: Inbox
    visitor: Visitor
    ledger: LedgerThread

    async def visit(self, duty: Duty = AWAY, *, left: float = 170.0, clock: bool = True) -> None:
        """Visit the conversation, whose clock shows so many seconds left."""
        now = self.clock.steady()
        mark = f"{len(self.paper.messages)} messages"
        waiter = Waiter(key="k", since=now, changed=now, late_at=now + left, due_at=now, clock=clock, mark=mark)
        await self.visitor.visit(waiter, await self.paper.thread(), MIND, duty)

    @property
    def comes_back_in(self) -> float | None:
        """Seconds until the next visit; None when nobody waits any more."""
        due = [waiter.due_at - self.clock.steady() for waiter in self.inbox.waiting()]
        return min(due) if due else None

    async def turn(self) -> Turn:
        conversation = await self.ledger(Ledger.conversation, "shop", "k")
        turn = await self.ledger(Ledger.last_turn, conversation.id)
        assert turn is not None
        return turn

    async def replies(self) -> list[Reply]:
        return await self.ledger(Ledger.all_replies)

    async def handoffs(self) -> list[Handoff]:
        return await self.ledger(Ledger.handoffs)


@asynccontextmanager
async def furnished(folder: Path) -> AsyncIterator[Room]:
    """A shop with one conversation."""
    clock = Set()
    pack = pack_for(made_up(2))
    paper = Paper(clock, pack)
    page = cast(ConsolePage, cast(Any, paper))
    ledger = await LedgerThread.open(fresh(folder / "ledger.db"), clock)
    await ledger(Ledger.put_shop, "shop", title="店", console="stage", platform="stage")
    inbox = Inbox(pack.inbox, 180.0)
    composer = Composer(page=page, ledger=ledger, pace=NoLimit(), clock=clock)
    card = ShopCard(shop="shop", title="店", platform="stage", url="", silence=600.0)
    act = Answerer(
        card=card, page=page, ledger=ledger, composer=composer, inbox=inbox, shelf=Evidence(folder), clock=clock
    )
    try:
        yield Room(clock, paper, inbox, Visitor(act), ledger)
    finally:
        await ledger.close()
