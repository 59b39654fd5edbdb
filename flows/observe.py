"""A shop in the mode `observe`: decide and record, disturb nothing, say nothing.

Opening a conversation would clear the mark that tells the staff of it. So the decision is made from the row's
preview; only when the row no longer waits, because somebody answered, the thread is opened and read, and what was
said stands in the ledger beside what the bot would have said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from base.errors import ConsoleNotReady
from flows.answer import Answerer
from flows.decide import Situation
from flows.inbox import Waiter, mark_of
from flows.look import KEPT_MESSAGES
from flows.mind import Mind
from flows.trail import trail
from flows.transcript import own_bubbles, read_transcript, since
from flows.views import OpenThread, Row
from knowledge.entry import Scope
from storage.ledger import Ledger
from storage.records import Turn, TurnState


@dataclass(slots=True)
class Observer:
    """Watches the conversations of one shop."""

    act: Answerer
    _watched: dict[str, int] = field(default_factory=dict)
    _quiet: dict[str, str] = field(default_factory=dict)

    def watch(self, turn: Turn) -> None:
        """Have the turn's conversation read once somebody has answered."""
        self._watched[turn.conversation_key] = turn.id

    def unwatch(self, key: str) -> None:
        """It has been read, or is answered here by now."""
        self._watched.pop(key, None)

    def note_rows(self, rows: Sequence[Row], now: float) -> None:
        """Have a watched conversation read once its row has stopped to wait, and when it changes after that."""
        quiet = {row.key: mark_of(row) for row in rows if not self.act.inbox.visibly_waits(row)}
        for key in self._watched:
            if key in quiet and quiet[key] != self._quiet.get(key):
                self.act.inbox.add(key, now)
        self._quiet = {key: mark for key, mark in quiet.items() if key in self._watched}

    async def visit(self, waiter: Waiter, mind: Mind) -> None:
        """First the preview, then, when somebody has answered, the thread."""
        compares = not waiter.mark and waiter.key in self._quiet and waiter.key in self._watched
        if waiter.mark:
            await self._guess(waiter, mind)
        elif compares:
            await self._compare(waiter)
        now = self.act.clock.steady()
        self.act.inbox.done(waiter.key, now)
        if not compares and waiter.key in self._quiet and waiter.key in self._watched:
            self.act.inbox.add(waiter.key, now)  # somebody answered while this visit was on

    async def _guess(self, waiter: Waiter, mind: Mind) -> None:
        card = self.act.card
        turn = await self.act.open_turn(waiter)
        self.watch(turn)
        scope = Scope(shop=card.shop, platform=card.platform, now=self.act.clock.now(), product=card.product)
        situation = Situation(clock=waiter.clock, seen=({},))
        thought = await asyncio.to_thread(mind.think, [waiter.preview], scope, situation, category=card.category)
        await self.act.ledger(
            Ledger.decide_turn,
            turn.id,
            outcome=thought.decision.outcome.value,
            entry=thought.entry,
            confidence=thought.decision.confidence,
            reason=thought.decision.reason,
            would_say=thought.text,
        )
        trail(card.shop, turn.id).info("{}: would {}", waiter.key, thought.decision.outcome.value)

    async def _compare(self, waiter: Waiter) -> None:
        page = self.act.page
        opened = await page.press_row(waiter.key, timeout=2.0)
        if opened.thread is None:
            raise ConsoleNotReady("打不开会话：点了没有反应")
        await self._note(waiter.key, opened.thread)
        # Left open, the conversation would count what its buyer says next as read.
        await page.reload()
        await page.wait_signal(["logged_in", "logged_out"], timeout=10)

    async def _note(self, key: str, thread: OpenThread) -> None:
        ledger = self.act.ledger
        conversation = await ledger(Ledger.conversation, self.act.card.shop, key)
        await ledger(Ledger.record_messages, conversation.id, thread.messages[-KEPT_MESSAGES:])
        ours = own_bubbles(thread.messages, await ledger(Ledger.replies, conversation.id))
        transcript = read_transcript(thread.messages, ours=ours, handled_key=conversation.handled_key)
        if transcript.asked:
            return  # somebody has looked, nobody has answered
        person, turn = transcript.person, await ledger(Ledger.turn, self._watched[key])
        if turn.state is TurnState.open:
            await ledger(
                Ledger.fill_turn, turn.id, since(thread.messages, conversation.handled_key), asked_at=None
            )
        if person is not None:
            await ledger(Ledger.person_replied, conversation.id, person.at or self.act.clock.now())
        elif turn.state is TurnState.open:
            await ledger(Ledger.close_turn, turn.id, TurnState.observed)
        await ledger(Ledger.note_conversation, conversation.id, handled_key=thread.latest.buyer)
        self.unwatch(key)  # only now: what the ledger could not take is read again
