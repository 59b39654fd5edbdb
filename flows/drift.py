"""Watching whether a shop's page still fits its pack, and remembering what it looked like while it did."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from loguru import logger

from base.clock import Clock
from base.errors import BrowserGone, PageChanged
from flows.mending import Mending, look, mend
from flows.page import ConsolePage
from flows.portrait import Portrait, Sight, portraits, spots
from flows.repair import broken, broken_vital
from flows.tree import Tree
from flows.views import OpenThread, Snapshot
from storage.ledger import Ledger
from storage.records import Kind, Sender, Severity
from storage.thread import LedgerThread

# A page that stands there and cannot be read, in so many readings running and for so long, or so many visits.
_READS = 5
_DOUBT_SECONDS = 10.0
_VISITS = 3
# In so many other conversations an input, or a button, is looked for where one has none.
_OTHERS = 3
_OPEN_SECONDS = 3.0
_ENTRIES = 2
_EXAMINE_EVERY = 60.0
_LOOK_EVERY = 600.0
_LOOK_AGAIN = 10.0
_OVER_EVERY = 10.0
_MOST_THREADS = 20
# Without these nobody is seen to wait, and nothing else would tell.
_MARKS = ("inbox.unread", "inbox.waiting")
# What a single conversation may lack, as a closed one.
_INPUT, _SEND = "composer.input", "composer.send"
_LACKS = {_INPUT: "打开的会话里没有输入框", _SEND: "打开的会话里没有发送按钮"}
_CAN_SEND = "() => window.__nightdesk.canSend()"
_SPOKEN = (Sender.buyer, Sender.shop)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """That a reading does not look right: the likely key, why, and whether that is sure without a closer look."""

    key: str
    why: str
    sure: bool


def doubt_of(snapshot: Snapshot, *, listed: bool, said: Mapping[str, Sender]) -> Doubt | None:
    """What is wrong with a reading. `listed`: rows were seen before; `said`: who said these messages then."""
    if snapshot.rows is None:
        shown = "logged_in" in snapshot.signals
        return Doubt(key="inbox.root", why="后台已登录，会话列表却找不到", sure=True) if shown else None
    if not snapshot.rows and snapshot.unparsed:
        return Doubt(key="inbox.id", why=f"列表里有 {snapshot.unparsed} 行，但认不出会话编号", sure=True)
    if not snapshot.rows and listed:
        return Doubt(key="inbox.row", why="会话列表还在，里面却一行也找不到", sure=False)
    return None if snapshot.thread is None else _doubt_of_thread(snapshot.thread, said)


def _doubt_of_thread(thread: OpenThread, said: Mapping[str, Sender]) -> Doubt | None:
    if thread.unparsed and not thread.messages:
        return Doubt(
            key="thread.message_id", why=f"打开的会话有 {thread.unparsed} 条消息，一条也认不出来", sure=True
        )
    if any(message.sender is not said.get(message.key, message.sender) for message in thread.messages):
        return Doubt(key="thread.shop", why="同一条消息，发送人和以前读到的不一样", sure=False)
    if thread.unparsed:
        return Doubt(key="thread.shop", why=f"打开的会话里有 {thread.unparsed} 条消息认不出是谁说的", sure=False)
    texts = [one.text for one in thread.messages if one.kind is Kind.text and one.sender in _SPOKEN]
    if len(texts) > 1 and not any(texts):
        return Doubt(key="thread.text", why="打开的会话里，消息的文字都读不到", sure=False)
    return None


@dataclass(slots=True)
class _Lack:
    """The conversations without something since it was seen, and where that was."""

    without: set[str] = field(default_factory=set)
    seen_in: str = ""

    def saw(self, conversation: str) -> None:
        self.seen_in = conversation
        self.without.clear()


@dataclass(slots=True)
class Drift:
    """One shop's page against its pack. `key`: what broke, and `why`; until it is right again nothing is sent."""

    shop: str
    page: ConsolePage
    ledger: LedgerThread
    clock: Clock
    key: str = ""
    why: str = ""
    _memory: dict[str, Portrait] | None = None
    _places: dict[str, int] = field(default_factory=dict)
    _known: Sight | None = None
    _said: dict[str, dict[str, Sender]] = field(default_factory=dict)
    _doubt: Doubt | None = None
    _reads: int = 0
    _since: float = 0.0
    _unopened: int = 0
    _lacks: dict[str, _Lack] = field(default_factory=lambda: {key: _Lack() for key in _LACKS})
    _strange: int = 0
    _examine_at: float = 0.0
    _look_at: float = 0.0
    _over_at: float = 0.0
    _told: set[str] = field(default_factory=set)
    # What the last look did not find any more.
    _gone: frozenset[str] = frozenset()
    _sound: bool = False

    async def note(self, snapshot: Snapshot) -> None:
        """Take in one reading; raises `PageChanged` once it is plain that the pack does not fit any more."""
        memory = await self._recalled()
        thread = snapshot.thread
        said = self._said.get(thread.key, {}) if thread else {}
        doubt = doubt_of(snapshot, listed="inbox.row" in memory, said=said)
        same = doubt is not None and self._doubt is not None and doubt.key == self._doubt.key
        now = self.clock.steady()
        self._reads, self._since = (self._reads + 1, self._since) if same else (1, now)
        self._doubt = doubt
        if doubt is None and snapshot.rows is not None:
            await self._note_good(snapshot)
        elif doubt is not None and self._reads >= _READS and now - self._since >= _DOUBT_SECONDS:
            if doubt.sure:
                raise PageChanged(doubt.key, f"{doubt.key}：{doubt.why}")
            await self._examine(doubt)
            await self._tell("page_doubt", f"{doubt.key}：{doubt.why}，但看不出是改版，请到后台看一下", doubt.key)

    async def note_visit(self, *, opened: bool) -> None:
        """Take in whether a conversation could be opened; raises `PageChanged` as `note` does."""
        self._unopened = 0 if opened else self._unopened + 1
        if self._unopened >= _VISITS:
            await self._examine(Doubt(key="thread.root", why="连续几次打不开会话", sure=False))

    async def note_lack(self, key: str, conversation: str, others: Iterable[str]) -> None:
        """Take in that a conversation has no input, or no button to send by: its own affair (it was closed) where
        another has one.

        Raises `PageChanged` as `note` does, and where several running have none.
        """
        without = self._lacks[key].without
        without.add(conversation)
        if await self.open_one(key, others):
            return
        doubt = Doubt(key=key, why=_LACKS[key], sure=len(without) >= _VISITS)
        if doubt.sure:
            raise PageChanged(key, f"{key}：连续 {len(without)} 个会话里都找不到")
        await self._examine(doubt)

    def note_sent(self, conversation: str) -> None:
        """Take in that something was sent there: a console may show its button only beside words."""
        self._lacks[_SEND].saw(conversation)

    async def open_one(self, key: str, others: Iterable[str]) -> bool:
        """Open a conversation to see by; True once what `key` finds is seen in one."""
        lack, most = self._lacks.get(key, self._lacks[_INPUT]), _OTHERS
        if key not in self._lacks:
            most = 1  # any thread will do
        known = [one for one in others if one not in lack.without]
        for one in sorted(known, key=lambda one: one != lack.seen_in)[:most]:
            opened = await self.page.press_row(one, timeout=_OPEN_SECONDS)
            if opened.thread is not None and await self._has(key, opened.thread):
                return True
        return False

    async def _has(self, key: str, thread: OpenThread) -> bool:
        """Whether the open conversation has what it may lack."""
        there = bool(await self.page.run(_CAN_SEND, None)) if key == _SEND else thread.draft is not None
        if there and key in self._lacks:
            self._lacks[key].saw(thread.key)
        return there

    async def note_entry(self) -> None:
        """Take in that the console opened and looked like nothing known; raises `PageChanged` as `note` does."""
        self._strange += 1
        if self._strange >= _ENTRIES:
            await self._examine(Doubt(key="signals.logged_in", why="后台打开了，却认不出是不是已登录", sure=False))

    async def is_over(self, snapshot: Snapshot) -> bool:
        """Whether all is found again; what belongs to a thread can only be told while one is open."""
        memory = await self._recalled()
        thread = snapshot.thread
        said = self._said.get(thread.key, {}) if thread else {}
        if snapshot.rows is None or doubt_of(snapshot, listed=False, said=said):
            return False
        if self.needs_thread and (thread is None or not thread.messages):
            return False
        # Nothing like it may stand there, as in a closed conversation; a button may never do so without words.
        lacks = self.key == _INPUT or (self.key == _SEND and _SEND in memory)
        if lacks and thread is not None and not await self._has(self.key, thread):
            return False
        now = self.clock.steady()
        if now < self._over_at:
            return False
        self._over_at = now + _OVER_EVERY
        if await self._broken(memory) != []:
            return False
        self.key, self._doubt, self._unopened = "", None, 0
        await self.ledger(Ledger.end_drift, self.shop)
        return True

    @property
    def needs_thread(self) -> bool:
        """Whether what broke belongs to the open thread."""
        return self.key.startswith(("thread.", "composer"))

    async def mend(self) -> Mending:
        """Look what broke, and what might find it again; raises `ConsoleError`."""
        return await mend(self.page, self.page.pack, await self._recalled(), self._known)

    # --- looking closely ------------------------------------------------------------------------------------

    async def _examine(self, doubt: Doubt) -> None:
        """Ask the page itself; without portraits of better days there is nothing to compare it with."""
        memory, now = await self._recalled(), self.clock.steady()
        if now < self._examine_at:
            return
        self._examine_at = now + _EXAMINE_EVERY
        keys = await self._broken(memory)
        if keys:
            raise PageChanged(keys[0], f"{'、'.join(keys)}：{doubt.why}")

    async def _broken(self, memory: Mapping[str, Portrait]) -> list[str] | None:
        """The vital keys that broke; None where the page cannot be described."""
        sight = await self._look()
        if sight is None:
            return None
        return await asyncio.to_thread(broken_vital, self.page.pack, memory, sight, self._known)

    async def _look(self) -> Sight | None:
        """The page as it is; None where it cannot be described, which must not keep it from being read."""
        try:
            return await look(self.page, self.page.pack)
        except BrowserGone:
            raise
        except Exception as error:
            logger.bind(shop=self.shop).opt(exception=error).error("no look at the page: {}", type(error).__name__)
            return None

    async def _note_good(self, snapshot: Snapshot) -> None:
        self._strange = 0
        if not self._sound:  # what went on before the page, or all of us, began anew
            await self.ledger(Ledger.end_drift, self.shop)
            self._sound = True
        if snapshot.unparsed:
            await self._tell("rows_unparsed", f"列表里有 {snapshot.unparsed} 行认不出会话编号，其余照常")
        elif "rows_unparsed" in self._told:
            self._told.remove("rows_unparsed")
            await self.ledger(Ledger.event, "rows_unparsed", shop=self.shop, why="列表里的行又都认得出了")
        thread = snapshot.thread
        if thread is not None and thread.draft is not None:
            self._lacks[_INPUT].saw(thread.key)
        if thread is not None and thread.messages:
            self._said.pop(thread.key, None)
            self._said[thread.key] = {message.key: message.sender for message in thread.messages}
            for old in list(self._said)[:-_MOST_THREADS]:
                del self._said[old]
        new = thread is not None and "thread.message" not in await self._recalled()
        if snapshot.rows and (new or self.clock.steady() >= self._look_at):
            self._look_at = self.clock.steady() + _LOOK_EVERY
            await self._look_over()

    async def _tell(self, kind: str, why: str, key: str = "", *, severity: Severity = "warning") -> None:
        """Tell people, once for each kind and key."""
        if kind + key in self._told:
            return
        self._told.add(kind + key)
        logger.bind(shop=self.shop).warning("{}: {}", kind, why)
        await self.ledger(Ledger.event, kind, shop=self.shop, severity=severity, key=key, why=why)

    # --- remembering ----------------------------------------------------------------------------------------

    async def _look_over(self) -> None:
        """While all reads well: see what else is gone, and keep what each key's element looks like."""
        pack, memory = self.page.pack, await self._recalled()
        sight = await self._look()
        if sight is None:
            return
        gone = await asyncio.to_thread(broken, pack, memory, sight, self._known)
        # A page that is only loading lacks something too, but not at two looks.
        before, self._gone = self._gone, frozenset(gone)
        if self._gone - before:
            self._look_at = self.clock.steady() + _LOOK_AGAIN
        for key in (key for key in gone if key in before):
            why = f"选择器包的 {key} 找不到了，很像它的元素还在：后台可能改版了，请到后台看一下"
            await self._tell("key_gone", why, key, severity="alert" if key in _MARKS else "warning")
        if sight.open_id and sight.rows:
            memory.update(portraits(pack, sight))
            self._known = replace(sight, tree=Tree(()), found={}, held={})  # what was read, without the page
            await self._keep(sight, memory)

    async def _keep(self, sight: Sight, memory: Mapping[str, Portrait]) -> None:
        """Put the portraits away; tell of keys that only a later selector of theirs finds now."""
        pack = self.page.pack
        for spot in spots(pack):
            place = next((place for place, found in enumerate(sight.found[spot.key]) if found), None)
            # What may be absent has alternatives rather than fallbacks.
            if place is not None and not spot.passing:
                if place > self._places.get(spot.key, place):
                    why = f"选择器包的 {spot.key} 前 {place} 个写法失效了，靠备选才找到：快要对不上了"
                    await self._tell("fallback_used", why, spot.key)
                else:
                    self._places[spot.key] = place
        kept = {"places": self._places, "portraits": {key: asdict(one) for key, one in memory.items()}}
        await self.ledger(Ledger.put_portraits, self.shop, kept)

    async def _recalled(self) -> dict[str, Portrait]:
        if self._memory is None:
            kept: Mapping[str, Any] = await self.ledger(Ledger.portraits, self.shop)
            self._places = dict(kept.get("places", {}))
            self._memory = {key: _portrait(one) for key, one in kept.get("portraits", {}).items()}
        return self._memory


def _portrait(kept: Mapping[str, Any]) -> Portrait:
    plain: dict[str, Any] = {name: tuple(part) if isinstance(part, list) else part for name, part in kept.items()}
    return Portrait(**plain)


def told(mending: Mending, pack: str) -> Mapping[str, Any]:
    """What people are shown of it, as plain data."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(mending)))
    del plain["copy"]
    return {"pack": pack, "confidence": mending.confidence, **plain}
