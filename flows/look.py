"""One look at an open conversation: all that a visit decides on, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.duty import Duty
from flows.inbox import Waiter
from flows.mind import Mind
from flows.transcript import Transcript
from flows.views import OpenThread
from storage.records import (
    Conversation,
    HandoffState,
    Known,
    Reply,
    ReplyKind,
    ReplyState,
    Sender,
    Turn,
    TurnState,
)

KEPT_MESSAGES = 40
# Whom nobody answers is asked for patience so many seconds before the time is up.
HOLD_BEFORE = 30.0
# What the buyer has, or may have.
_SAID = frozenset({ReplyState.confirmed, ReplyState.sending, ReplyState.unverified})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The thread, what the ledger knows of it, and how the shop is served just now."""

    waiter: Waiter
    thread: OpenThread
    known: Known
    transcript: Transcript
    mind: Mind
    duty: Duty

    @property
    def conversation(self) -> Conversation:
        """The conversation, as the ledger knows it."""
        return self.known.conversation

    @property
    def replies(self) -> tuple[Reply, ...]:
        """Its replies, newest first."""
        return self.known.replies

    @property
    def turn(self) -> Turn | None:
        """Its newest turn."""
        return self.known.turn

    @property
    def running_turn(self) -> Turn | None:
        """The conversation's turn while nobody has said anything to it: what the buyer adds belongs to it."""
        turn = self.turn
        if turn is None or turn.holding_at is not None or turn.reply_at is not None:
            return None
        return turn if turn.state in (TurnState.open, TurnState.handed) else None

    @property
    def person_spoke_last(self) -> bool:
        """Whether the newest word in the thread is a person's, from the shop."""
        spoken = [said for said in self.thread.messages if said.sender is not Sender.system]
        return self.transcript.person is not None and spoken[-1] == self.transcript.person

    @property
    def person_answered(self) -> bool:
        """Whether a person spoke after what the turn that waits was asked, whatever minute the console tells."""
        turn, person = self.turn, self.transcript.person
        if turn is None or person is None or turn.state not in (TurnState.open, TurnState.handed):
            return False
        keys = [said.key for said in self.thread.messages]
        return turn.last_key in keys and keys.index(person.key) > keys.index(turn.last_key)

    @property
    def taken(self) -> frozenset[str]:
        """Own bubbles that confirmed a reply."""
        return frozenset(reply.message_key for reply in self.replies if reply.message_key)

    def given(self, since: datetime) -> frozenset[str]:
        """The entries that were answered here after a moment."""
        answers = [reply for reply in self.replies if reply.kind is ReplyKind.answer and reply.state in _SAID]
        answers = [reply for reply in answers if reply.drafted_at >= since]
        return frozenset(entry for reply in answers if reply.entry for entry in reply.entry.split("+"))

    @property
    def told(self) -> bool:
        """Whether the buyer's newest message got a text that asks for patience."""
        newest = self.thread.latest.buyer
        held = [reply for reply in self.replies if reply.kind is ReplyKind.hold and reply.state in _SAID]
        return any(reply.newest_key == newest for reply in held)

    @property
    def reached(self) -> bool:
        """Whether something of ours was said to the buyer's newest message, or may have been."""
        newest = self.thread.latest.buyer
        return any(reply.newest_key == newest and reply.state in _SAID for reply in self.replies)

    @property
    def claimed(self) -> bool:
        """Whether a person has taken it on."""
        return any(handoff.state is HandoffState.claimed for handoff in self.known.handoffs)

    @property
    def held(self) -> int:
        """Texts that asked for patience since something was answered."""
        count = 0
        for reply in self.replies:
            if reply.state not in _SAID:
                continue
            if reply.kind is not ReplyKind.hold:
                break
            count += 1
        return count
