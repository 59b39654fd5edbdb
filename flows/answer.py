"""Acting on a decision: what is said, what goes to a person, and what the ledger is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from base.clock import Clock
from base.masking import mask
from flows.composer import UNLIKE, Composer
from flows.decide import Decision, Outcome, Situation
from flows.duty import ShopCard
from flows.facts import views_of
from flows.inbox import Inbox, Waiter
from flows.look import HOLD_BEFORE, Look
from flows.mind import Thought
from flows.page import ConsolePage
from flows.situation import to_person
from flows.trail import trail
from flows.transfer import transfer
from flows.views import OpenThread, Row
from flows.witness import Shelf, testify
from knowledge.entry import Scope
from storage.ledger import Ledger
from storage.records import Handoff, Reply, ReplyKind, ReplyState, Said, Turn, TurnState
from storage.thread import LedgerThread

_LOOK_AGAIN = 3.0
_SEND_TRIES = 3
# A buyer who could not be served may be so a while later.
_LATER = 30.0
_MISSED = frozenset({ReplyState.failed, ReplyState.blocked})
# Asked again a day later, a question is a new one.
_GIVEN_FOR = timedelta(hours=24)
_MOST_STATUS = 20


@dataclass(slots=True, kw_only=True)
class Answerer:
    """Decides on what a look shows and carries it out, in one shop."""

    card: ShopCard
    page: ConsolePage
    ledger: LedgerThread
    composer: Composer
    inbox: Inbox
    shelf: Shelf
    clock: Clock
    # The turn that the visit in hand is about, once that is known.
    in_hand: int | None = None
    # Whether the page took no words in the visit in hand.
    unsaid: bool = False
    # The newest words of each open thread whose turn is on record.
    _noted: dict[str, str] = field(default_factory=dict)

    async def open_turn(self, waiter: Waiter) -> Turn:
        """The conversation's open turn, on record since the waiter was first seen."""
        waited = timedelta(seconds=max(0.0, self.clock.steady() - waiter.since))
        seen_at = self.clock.now() - waited
        turn = await self.ledger(Ledger.open_turn, self.card.shop, waiter.key, seen_at=seen_at)
        self.in_hand = turn.id
        if waiter.open_key:
            self._noted[waiter.key] = waiter.open_key
        return turn

    async def note_spoken(self) -> None:
        """Put on record who spoke in the open thread: no mark tells of them to whoever begins after us."""
        spoken = [waiter for waiter in self.inbox.waiting() if waiter.open_key]
        self._noted = {one.key: self._noted[one.key] for one in spoken if one.key in self._noted}
        for waiter in spoken:
            if not waiter.mark and self._noted.get(waiter.key) != waiter.open_key:
                await self.open_turn(waiter)

    async def leave_to_people(self) -> None:
        """Put on record who waits and is left to people first: nobody is lost, and every answer is counted."""
        for waiter in list(self.inbox.waiting()):
            if not waiter.left and not waiter.again and (waiter.mark or waiter.open_key):
                await self.open_turn(waiter)
                self.inbox.leave(waiter.key)

    async def answer(self, look: Look) -> bool:
        """Decide on what is fresh and act; False when the thread changed meanwhile."""
        fresh = look.transcript.fresh
        turn = look.running_turn or await self.open_turn(look.waiter)
        self.in_hand = turn.id
        thought = self._modest(await self._think(look), look)
        decision = thought.decision
        would_say = thought.text if look.duty.mode != "answer" or look.duty.paused else ""
        await self.ledger(
            Ledger.decide_turn,
            turn.id,
            outcome=decision.outcome.value,
            entry=thought.entry,
            confidence=decision.confidence,
            reason=decision.reason,
            would_say=would_say,
            said=fresh,
            asked_at=_to_the_second(fresh[0]),
        )
        waits = (self.clock.now() - turn.seen_at).total_seconds()
        log = trail(self.card.shop, turn.id)
        # No word of who the buyer is: a console may make its ids of names or phone numbers.
        log.info("decided after {:.3f} s: {} ({})", waits, decision.outcome.value, decision.reason)
        if not await self._act(look, turn, thought):
            return False
        said = decision.outcome in (Outcome.answer, Outcome.choose)
        offered = tuple(map(str, decision.offers)) if said else ()
        conversation = look.conversation
        # What a confirmed reply was said to is handled already.
        handled = self.composer.settled == look.waiter.key and fresh[-1].key == look.thread.latest.buyer
        if not handled or offered != conversation.choices:
            await self.ledger(
                Ledger.note_conversation, conversation.id, handled_key=fresh[-1].key, choices=offered
            )
        return True

    async def hold(self, look: Look, turn: Turn) -> bool:
        """Ask for patience, but where silence is wanted; False when the thread changed meanwhile."""
        if look.duty.paused:
            self._come_back(look, None)
            return True
        text = look.mind.holding_text(self.card.shop, len(look.replies), look.duty.resume)
        self.inbox.watch(look.waiter.key, said=text)
        return await self._say(look, turn, ReplyKind.hold, "", text)

    async def hand_over(
        self, turn_id: int, reason: str, *, urgent: bool = False, late_at: float | None = None
    ) -> Handoff:
        """Put the turn before a person, to be answered before `late_at` (steady clock, seconds)."""
        left = 0.0 if late_at is None else late_at - self.clock.steady()
        deadline = self.clock.now() + timedelta(seconds=left)
        before = await self.ledger(Ledger.pending, turn_id)
        handoff = await self.ledger(Ledger.hand_over, turn_id, reason=reason, urgent=urgent, deadline_at=deadline)
        self.inbox.watch(handoff.conversation_key)
        if before is None or before.reason != handoff.reason:  # what people have already is no news
            trail(self.card.shop, turn_id).info("handoff {}: {}", handoff.id, mask(reason))
        return handoff

    async def leave(self, waiter: Waiter, reason: str, rows: Iterable[Row] = ()) -> None:
        """Put a buyer who cannot be served before a person; what their row shows in `rows` is no news any more."""
        turn = await self.open_turn(waiter)
        await self.hand_over(turn.id, reason, urgent=True, late_at=waiter.late_at)
        self.inbox.watch(waiter.key, said=next((row.preview for row in rows if row.key == waiter.key), ""))

    async def is_awaited(self, waiter: Waiter) -> bool:
        """Whether anybody waits for a word there, by list or ledger, or one of ours may not have arrived."""
        new = waiter.mark and not self.inbox.is_dealt_with(waiter)
        if new or waiter.open_key or waiter.key in self.inbox.doubted:
            return True
        conversation = await self.ledger(Ledger.conversation, self.card.shop, waiter.key)
        turn = await self.ledger(Ledger.last_turn, conversation.id)
        if turn is not None and turn.state in (TurnState.open, TurnState.handed):
            return True
        unfinished = await self.ledger(Ledger.unfinished, self.card.shop)
        return any(reply.conversation_key == waiter.key for reply in unfinished)

    def look_later(self, waiter: Waiter) -> None:
        """Have a buyer looked at again who was put before a person and told nothing, while there is time."""
        now, last = self.clock.steady(), self._in_time(waiter)
        if last is not None:
            self.inbox.add(waiter.key, now, at=min(now + _LATER, last), since=waiter.since)

    async def leave_unread(self, rows: Sequence[Row], reason: str) -> None:
        """Put before a person who falls due while no thread can be read: once for what their row shows."""
        now = self.clock.steady()
        for waiter in list(self.inbox.waiting()):
            if waiter.due_at > now:
                continue
            if waiter.kept or not self.inbox.is_dealt_with(waiter):
                await self.leave(waiter, reason, rows)
            self.inbox.done(waiter.key, now)

    async def show_seen(self, handoff: Handoff, reply: Reply, thread: OpenThread) -> None:
        """Add to the handoff of a reply of which nobody knows whether it arrived what the page shows."""
        self.inbox.watch(handoff.conversation_key)
        await testify(self.page, self.ledger, self.shelf, handoff, reply, thread)

    async def _think(self, look: Look) -> Thought:
        zone = ZoneInfo(self.page.pack.meter.time_zone)
        situation = Situation(
            kinds=frozenset(said.kind for said in look.transcript.fresh),
            clock=look.waiter.clock,
            given=look.given(self.clock.now() - _GIVEN_FOR),
            offered=look.conversation.choices,
            handed=bool(look.known.handoffs),
            claimed=look.claimed,
            held=look.held,
            repeats=look.transcript.repeats,
            robot=look.transcript.robot is not None,
            staffed=look.duty.staffed,
            seen=views_of(look.thread.facts, look.thread.orders, self.clock.now(), zone),
        )
        card = self.card
        product = look.thread.facts.get("product.id", card.product)
        scope = Scope(shop=card.shop, platform=card.platform, now=self.clock.now(), product=product)
        texts = [said.text for said in look.transcript.fresh if said.text]
        # On a thread of its own: a long turn would stop every shop of the worker meanwhile.
        return await asyncio.to_thread(
            look.mind.think,
            *(texts, scope, situation),
            category=card.category,
            variant=len(look.replies),
            resume=look.duty.resume,
        )

    def _modest(self, thought: Thought, look: Look) -> Thought:
        """What the mode or the guard forbids to be said goes to a person."""
        decision = thought.decision
        if decision.outcome not in (Outcome.answer, Outcome.choose):
            return thought
        reason = "这家店只发安抚话术" if look.duty.mode == "hold" else ""
        if look.duty.paused:
            reason = "已暂停，机器人不说话"
        verdict = look.mind.check(thought.text, platform=self.card.platform, category=self.card.category)
        if not verdict.allowed:
            reason = verdict.reason
        if not reason:
            return thought
        staffed = look.duty.staffed or look.duty.paused
        situation = Situation(staffed=staffed, held=look.held, clock=look.waiter.clock)
        outcome = to_person(situation, look.mind.policy, reason).outcome
        return replace(thought, decision=replace(decision, outcome=outcome, reason=reason))

    async def _act(self, look: Look, turn: Turn, thought: Thought) -> bool:
        decision = thought.decision
        if decision.outcome in (Outcome.answer, Outcome.choose):
            return await self._reply(look, turn, thought)
        if decision.outcome is not Outcome.ignore:
            return await self._to_person(look, turn, decision)
        robot, again_at = look.transcript.robot, None
        if robot is not None:
            await self.ledger(Ledger.robot_replied, look.conversation.id, robot.at or self.clock.now())
        elif turn.state is TurnState.open:
            await self.ledger(Ledger.close_turn, turn.id, TurnState.ignored)
        elif not look.claimed:  # a word of patience is due still, whatever small talk comes before it
            again_at = self._in_time(look.waiter)
        self._come_back(look, again_at)
        return True

    async def _reply(self, look: Look, turn: Turn, thought: Thought) -> bool:
        """Say what is known or offered; what else was asked is put before a person first."""
        decision, handoff = thought.decision, None
        if decision.rest:
            late_at = look.waiter.late_at
            handoff = await self.hand_over(turn.id, decision.rest, urgent=decision.urgent, late_at=late_at)
        kind = ReplyKind.answer if decision.outcome is Outcome.answer else ReplyKind.choose
        if not await self._say(look, turn, kind, thought.entry, thought.text):
            return False
        if handoff is not None:
            await self._transfer(look, handoff)
        return True

    async def _to_person(self, look: Look, turn: Turn, decision: Decision) -> bool:
        """A word of patience where it is due, then a colleague in the console, else whoever reads the queue."""
        waiter = look.waiter
        status = mask(look.thread.facts.get("order.status", "")[:_MOST_STATUS])
        reason = f"{decision.reason}（订单：{status}）" if status else decision.reason
        handoff = await self.hand_over(turn.id, reason, urgent=decision.urgent, late_at=waiter.late_at)
        hurry = self.card.transfer and not look.held and waiter.late_at - self.clock.steady() <= HOLD_BEFORE
        if decision.outcome is Outcome.hold or hurry:
            if not await self.hold(look, turn):
                return False
            await self._transfer(look, handoff)
            return True
        # Who was told to wait before is told again only where a clock runs.
        told = look.mind.policy.told_enough(look.held, clock=waiter.clock)
        if await self._transfer(look, handoff) or told:
            self._come_back(look, None)
        else:
            self._come_back(look, waiter.late_at - HOLD_BEFORE)
        return True

    async def _transfer(self, look: Look, handoff: Handoff) -> bool:
        """Whether a colleague has the conversation now; then the bot is silent there as after a person's word."""
        if not self.card.transfer or look.duty.paused:
            return False
        # Should the page go away meanwhile, nothing that was said to the buyer is said again.
        await self.ledger(
            Ledger.note_conversation, look.conversation.id, handled_key=look.transcript.fresh[-1].key
        )
        why = await transfer(self.page, look.waiter.key, self.card.colleagues)
        log = trail(self.card.shop, handoff.turn_id)
        if why:
            log.info("handoff {} stays in the queue: {}", handoff.id, mask(why))
            return False
        log.info("handoff {} went to a colleague", handoff.id)
        await self.ledger(Ledger.transferred, handoff.id)
        await self.ledger(Ledger.event, "transfer", shop=self.card.shop, handoff=handoff.id, turn=handoff.turn_id)
        # A console may tell no seconds, and what the colleague says in this minute must still count as news.
        minute = self.clock.now().replace(second=0, microsecond=0)
        until = minute + timedelta(seconds=self.card.silence - 2)
        await self.ledger(Ledger.note_conversation, look.conversation.id, silent_until=until)
        return True

    async def _say(self, look: Look, turn: Turn, kind: ReplyKind, entry: str, text: str) -> bool:
        reply = await self.composer.say(
            turn, kind=kind, entry=entry, text=text, thread=look.thread, taken=look.taken
        )
        if reply.state is ReplyState.stale and reply.why != UNLIKE:
            return False
        missed, misses = reply.state in (ReplyState.failed, ReplyState.stale), self._misses(look, turn) + 1
        if missed and misses < _SEND_TRIES:
            return False
        soon = self.clock.steady() + _LOOK_AGAIN
        if not missed and reply.state is not ReplyState.blocked:
            self._come_back(look, soon if reply.state is ReplyState.sending else None, said=text)
            return True
        await self.hand_over(turn.id, f"没能发出：{reply.why}", urgent=True, late_at=look.waiter.late_at)
        self.inbox.watch(look.waiter.key, said=look.thread.messages[-1].text)  # its row shows that still: no news
        self.unsaid = missed
        # Where nobody is on shift the buyer is told at once, by the page as it is once it was loaded anew.
        at_once = missed and misses == _SEND_TRIES and not look.duty.staffed
        self._come_back(look, soon if at_once else self._in_time(look.waiter))
        return True

    def may_remind(self, look: Look, turn: Turn) -> bool:
        """Whether a buyer to whom something was to be said, and who has had no word, may be asked for patience at
        once: nobody is there who would answer first.
        """
        alone = not (look.duty.staffed or look.duty.paused or look.claimed)
        # Who was left to people, or where a person wanted silence, has time until half a minute before the limit.
        untold = turn.outcome != Outcome.handoff and not (look.held or look.reached)
        return alone and untold and bool(look.known.handoffs) and self._misses(look, turn) <= _SEND_TRIES

    def _misses(self, look: Look, turn: Turn) -> int:
        """How often words that were to be said in a turn did not get through."""
        mine: list[Reply] = [reply for reply in look.replies if reply.turn_id == turn.id]
        return sum(one.state in _MISSED or one.why == UNLIKE for one in mine)

    def _in_time(self, waiter: Waiter) -> float | None:
        """When a buyer is asked for patience at the latest; None once that is over."""
        at = waiter.late_at - HOLD_BEFORE
        return at if at > self.clock.steady() else None

    def _come_back(self, look: Look, at: float | None, *, said: str = "") -> None:
        now = self.clock.steady()
        if at is None and self.composer.crossed == look.waiter.key:
            at = now
        if at is None:
            settled = self.composer.settled == look.waiter.key
            self.inbox.done(look.waiter.key, now, said=said, settled=settled)
        else:
            self.inbox.add(look.waiter.key, now, at=at)


def _to_the_second(said: Said) -> datetime | None:
    """The console's time where it shows seconds; minutes are too coarse to measure by."""
    return said.at if said.at is not None and (said.at.second or said.at.microsecond) else None
