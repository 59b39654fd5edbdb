"""A shop in the mode `observe`: decide and record, disturb nothing, say nothing.

Opening a conversation would clear the mark that tells the staff of it. So the decision is made from the row's
preview; only when the row no longer waits, because somebody answered, the thread is opened and read, and what was
said stands in the ledger beside what the bot would have said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from storage.ledger import Ledger

from base.errors import ConsoleNotReady
from flows.answer import Answerer
from flows.decide import Situation
from flows.inbox import Waiter
from flows.look import KEPT_MESSAGES
from flows.mind import Mind
from flows.transcript import read_transcript
from flows.views import OpenThread, Row
from knowledge.entry import Scope
from storage.records import TurnState


@dataclass(slots=True)
class Observer:
    """Watches the conversations of one shop."""

    act: Answerer
    _watched: dict[str, int] = field(default_factory=dict)

    def note_rows(self, rows: Sequence[Row], now: float) -> None:
        """Have every watched conversation read once its row has stopped to wait."""
        for row in rows:
            if row.key in self._watched and not self.act.inbox.visibly_waits(row):
                self.act.inbox.add(row.key, now)

    async def visit(self, waiter: Waiter, thread: OpenThread | None, mind: Mind) -> None:
        """First the preview, then, when somebody has answered, the thread."""
        if waiter.mark:
            await self._guess(waiter, mind)
        elif waiter.key in self._watched:
            await self._compare(waiter, thread)
        self.act.inbox.done(waiter.key, self.act.clock.steady())

    async def _guess(self, waiter: Waiter, mind: Mind) -> None:
        card = self.act.card
        turn = await self.act.open_turn(waiter)
        self._watched[waiter.key] = turn.id
        scope = Scope(shop=card.shop, platform=card.platform, now=self.act.clock.now(), product=card.product)
        thought = mind.think([waiter.preview], scope, Situation(clock=waiter.clock))
        await self.act.ledger(
            Ledger.decide_turn,
            turn.id,
            outcome=thought.decision.outcome.value,
            entry=thought.entry,
            confidence=thought.decision.confidence,
            reason=thought.decision.reason,
            would_say=thought.text,
        )

    async def _compare(self, waiter: Waiter, thread: OpenThread | None) -> None:
        ledger, page = self.act.ledger, self.act.page
        if thread is None or thread.key != waiter.key:
            await page.press_row(waiter.key)
            thread = await page.wait_thread(waiter.key, timeout=2.0)
        if thread is None:
            raise ConsoleNotReady("打不开会话：点了没有反应")
        turn_id = self._watched.pop(waiter.key)
        conversation = await ledger(Ledger.conversation, self.act.card.shop, waiter.key)
        await ledger(Ledger.record_messages, conversation.id, thread.messages[-KEPT_MESSAGES:])
        transcript = read_transcript(thread.messages, ours={}, handled_key=conversation.handled_key)
        if transcript.person is not None:
            await ledger(Ledger.person_replied, conversation.id, transcript.person.at or self.act.clock.now())
        await ledger(Ledger.close_turn, turn_id, TurnState.observed)
        await ledger(Ledger.note_conversation, conversation.id, handled_key=thread.newest_buyer)
