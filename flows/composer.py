"""Saying one thing to one buyer, exactly once: the rules of sending, each act preceded by its commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from base.clock import Clock
from base.errors import BrowserGone, ConsoleNotReady, NoInput
from flows.gate import freely
from flows.landing import Landing, Place
from flows.pack import Composer as ComposerPack
from flows.page import ConsolePage
from flows.trail import trail
from flows.transcript import find_bubble, plain
from flows.views import Latest, OpenThread
from storage.ledger import Ledger
from storage.records import Reply, ReplyKind, ReplyState, Sender, Turn
from storage.thread import LedgerThread

SEEN_WITHIN = 2.0
# A page may show a bubble before its server has it: what broke down later may have swallowed what was said before.
_JUST_SAID = 10.0
# An input that was left with other words than were typed: somebody was at it, or it never takes them as they are.
UNLIKE = "输入框里的字和要发的不一样"
_BUYER_SPOKE, _SHOP_SPOKE = "买家又说话了", "同事已经回复了"
# A reply that is still so as its conversation is opened was cut off on an earlier page.
_CUT_OFF = frozenset({ReplyState.typing, ReplyState.sending})
# Why the gate stopped an event whose moment was wrong, rather than its page.
_UNTIMELY = {
    "newer message": _BUYER_SPOKE,
    "answered": _SHOP_SPOKE,
    "draft": "输入框里有别人没发出的话",
    "other conversation": "会话不在眼前了",
    "paused": "已暂停",
}


class Pace(Protocol):
    """Lets a send through when the shop's and the conversation's limits allow it."""

    def slot(self, shop: str, conversation: str) -> AbstractAsyncContextManager[None]:
        """Waits until one more message may leave."""
        ...


@dataclass(slots=True)
class _Seen:
    """Words of ours that stood on the page at a moment of the steady clock."""

    text: str
    at: float
    undone: bool = False


@dataclass(slots=True)
class Composer:
    """Writes and sends in one shop's page."""

    page: ConsolePage
    ledger: LedgerThread
    pace: Pace
    clock: Clock
    # What was typed in each conversation and not sent, unless it is known to be out of its input again: a rest of
    # it means no person is there. And whole texts that may be left of an earlier page.
    _left: dict[str, str] = field(default_factory=dict)
    _earlier: dict[str, str] = field(default_factory=dict)
    # Replies of which the console has it that they never left. Not kept over a restart: then a person must look.
    never_left: set[int] = field(default_factory=set)
    # The conversation with whose last reply all was done, as the page shows it, and its buyer's newest message; ""
    # where it has to be read anew.
    settled: str = ""
    answered: str = ""
    # The conversation whose buyer spoke while the last reply was on its way there, as the page shows it, or "".
    crossed: str = ""
    # Whether somebody else waits in this shop, so that the page is read after what is said now.
    goes_on: bool = False
    # The last bubble of ours that was seen, by conversation.
    _seen: dict[str, _Seen] = field(default_factory=dict)

    async def say(
        self, turn: Turn, *, kind: ReplyKind, entry: str, text: str, thread: OpenThread, taken: frozenset[str]
    ) -> Reply:
        """Say `text`, decided on when `thread` was as it is; `taken` are own bubbles that are accounted for.

        Returns the reply as far as it came: confirmed; still `sending` when its bubble was not seen in time;
        stale when the buyer or a person was quicker; blocked when the console refused; failed when nothing left.
        """
        text = fit(text, self.page.pack.composer)
        newest = thread.latest.buyer or ""
        fits = len(text) <= self.page.pack.composer.max_chars
        put = Ledger.take_up if fits else Ledger.draft

        async def record() -> Reply:
            return await self.ledger(put, turn.id, kind=kind, entry=entry, text=text, newest_key=newest)

        if not fits:
            return await self._move(await record(), ReplyState.blocked, "超过这个后台的字数上限")
        # On record only once it may leave: what is taken up is typed at once.
        async with self.pace.slot(turn.shop, turn.conversation_key):
            return await self._type(record, text, thread, taken)

    def just_said(self) -> list[str]:
        """The conversations in which something was said a moment ago."""
        since = self.clock.steady() - _JUST_SAID
        self._seen = {key: seen for key, seen in self._seen.items() if seen.at >= since}
        return list(self._seen)

    def is_undone(self, thread: OpenThread) -> bool:
        """Whether what was said there a moment ago, and was seen, is now marked as never sent; told once."""
        seen = self._seen.get(thread.key) if thread.key in self.just_said() else None
        failed = [said for said in thread.messages if said.key in thread.failed]
        if seen is None or seen.undone or not any(plain(said.text) == plain(seen.text) for said in failed):
            return False
        seen.undone = True
        return True

    def remember(self, key: str, replies: Iterable[Reply], draft: str | None) -> None:
        """What the last typed reply, of a conversation's newest first, may have left in its input: nothing where
        that holds no `draft`.
        """
        last = next((reply for reply in replies if reply.typing_at is not None), None)
        if not draft:
            self._left.pop(key, None)
        elif key not in self._earlier and last is not None and last.state in _CUT_OFF:
            self._left[key] = plain(last.text)
        elif key not in self._earlier and last is not None and last.state is not ReplyState.confirmed:
            self._earlier[key] = plain(last.text)
        self._earlier.setdefault(key, "")

    def is_ours(self, key: str, draft: str) -> bool:
        """Whether what the input of a conversation holds is a rest of our own typing; of what was typed elsewhere,
        or on an earlier page, only the whole text counts: a colleague may well begin with the same words.
        """
        rest = plain(draft)
        typed = self._left.get(key, "").startswith(rest)
        return not rest or typed or rest in {*self._left.values(), *self._earlier.values()}

    async def _type(
        self, record: Callable[[], Awaitable[Reply]], text: str, thread: OpenThread, taken: frozenset[str]
    ) -> Reply:
        recorded: list[Reply] = []

        async def commit() -> bool:
            recorded.append(await record())
            begun = recorded[-1].state is ReplyState.typing
            if begun:
                self._left[thread.key] = plain(text)
            return begun

        async def sending() -> bool:
            recorded.append(await self.ledger(Ledger.begin, recorded[-1].id, ReplyState.sending))
            return recorded[-1].state is ReplyState.sending

        before, latest = thread.draft or "", thread.latest
        write = partial(self.page.write, thread.key, text, before=before, latest=latest, sending=sending)
        written = await write(commit=commit)
        if recorded[-1].state is ReplyState.drafted:
            return await self._move(recorded[-1], ReplyState.stale, _UNTIMELY["paused"])
        if written.why == "covered" and await self.page.dismiss_overlays():
            written = await write()
        reply = recorded[-1]
        if written.why:
            return await self._give_up(reply, written, "没能写进输入框")
        if written.latest != latest or plain(written.draft or "") != plain(text):
            spoke = written.latest is not None and written.latest != latest
            reason = _who_spoke(written.latest, latest) if spoke else UNLIKE
            # On record first: nothing was sent, whatever becomes of the page now.
            reply = await self._move(reply, ReplyState.stale, reason)
            await self._clear(thread.key, written.draft)
            return reply
        return await self._send(reply, thread, taken, written.armed)

    async def _send(self, reply: Reply, before: OpenThread, taken: frozenset[str], armed: Place | None) -> Reply:
        key, text = reply.conversation_key, reply.text

        async def unpaused() -> bool:
            # A pause stops in the page what was armed before it; what is armed only now has to ask.
            return not await self.ledger(Ledger.is_paused, reply.shop, key)

        until = self.clock.steady() + SEEN_WITHIN
        own = {said.key for said in before.messages if said.sender is Sender.shop}
        send = partial(self.page.send, key, text, latest=before.latest, known=sorted(own), timeout=SEEN_WITHIN)
        send = partial(send, goes_on=self.goes_on)
        sent = await (send(commit=freely, armed=armed) if armed else send(commit=unpaused))
        if sent.why == "covered" and await self.page.dismiss_overlays():
            sent = await send(commit=unpaused)
        if not sent.passed:
            return await self._give_up(reply, sent, "没能按到发送")
        self._left.pop(key, None)
        thread, refused = sent.thread, sent.refused
        while True:
            reply = await self._judge(reply, thread, refused, taken)
            left = until - self.clock.steady()
            if reply.state is not ReplyState.sending or left <= 0:
                self.settled = key if reply.state is ReplyState.confirmed and sent.settled else ""
                self.answered = reply.newest_key
                self.crossed = key if thread and thread.latest.buyer != before.latest.buyer else ""
                return reply
            own |= {said.key for said in thread.messages if said.sender is Sender.shop} if thread else set()
            thread, refused = await self.page.wait_own(sorted(own), timeout=left)

    async def _judge(self, reply: Reply, thread: OpenThread | None, refused: str, taken: frozenset[str]) -> Reply:
        messages = thread.messages if thread and thread.key == reply.conversation_key else ()
        bubble = find_bubble(reply.text, messages, after=reply.newest_key, taken=taken)
        failed = bubble is not None and thread is not None and bubble in thread.failed
        if failed or (bubble is None and refused in ("offline", "expired")):
            # The console has it that nothing left. What its server has shows once the page was loaded anew.
            self._left[reply.conversation_key] = plain(reply.text)
            self.never_left.add(reply.id)
            raise ConsoleNotReady("后台显示消息没有发出去")
        if bubble is not None:
            self._seen[reply.conversation_key] = _Seen(text=reply.text, at=self.clock.steady())
            return await self._move(reply, ReplyState.confirmed, bubble=bubble)
        if refused:
            self._left[reply.conversation_key] = plain(reply.text)
            return await self._move(reply, ReplyState.blocked, "后台拒绝了这条消息")
        return reply

    async def _give_up(self, reply: Reply, landing: Landing, what: str) -> Reply:
        """Nothing left for the buyer: stale when the moment was wrong, failed when the page was."""
        if landing.why in _UNTIMELY:
            reply = await self._move(reply, ReplyState.stale, _UNTIMELY[landing.why])
            await self._clear(reply.conversation_key, await self.page.composed())
            return reply
        typed = reply.state is ReplyState.sending and self.page.pack.composer.key is None
        reply = await self._move(reply, ReplyState.failed, f"{what}：{landing.why} {landing.landed}".rstrip())
        if landing.why == "missing":
            thread = await self.page.thread()
            if thread is None or thread.key != reply.conversation_key:  # the page loaded itself anew
                raise ConsoleNotReady(f"{what}：会话不在眼前了")
            if not typed:
                raise NoInput("composer.input", "这个会话里没有输入框（可能已经结束了），机器人回复不了")
            await self._clear(thread.key, thread.draft)  # else whoever comes to write there finds it
            raise NoInput("composer.send", "这个会话里没有发送按钮（可能已经结束了），机器人回复不了")
        if landing.why == "offline":
            raise ConsoleNotReady(f"{what}：后台断线了")
        if landing.why == "gone":
            raise BrowserGone(f"{what}：页面没了")
        return reply

    async def _clear(self, key: str, draft: str | None) -> None:
        """Take our own words out of the input; what a person wrote stays."""
        if draft and self.is_ours(key, draft) and not (await self.page.write(key, "", before=draft)).why:
            self._left.pop(key, None)

    async def _move(self, reply: Reply, state: ReplyState, why: str = "", bubble: str | None = None) -> Reply:
        moved = await self.ledger(Ledger.move, reply.id, state, why=why, message_key=bubble)
        trail(moved.shop, moved.turn_id).info("reply {}: {} {}", moved.id, state.value, why)
        return moved


def _who_spoke(latest: Latest | None, before: Latest) -> str:
    return _BUYER_SPOKE if latest is None or latest.buyer != before.buyer else _SHOP_SPOKE


def fit(text: str, pack: ComposerPack) -> str:
    """`text` as this console can take it."""
    return " ".join(text.split("\n")) if pack.lines == "join" else text
