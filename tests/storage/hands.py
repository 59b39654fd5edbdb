"""What the ledger's tests take in hand: a clock that stands, and the shortest way to a turn and a reply."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage.ledger import Ledger
from storage.records import Kind, Reply, ReplyKind, ReplyState, Said, Sender, Turn

WAY = {
    ReplyState.drafted: (),
    ReplyState.typing: (ReplyState.typing,),
    ReplyState.sending: (ReplyState.typing, ReplyState.sending),
    ReplyState.confirmed: (ReplyState.typing, ReplyState.sending, ReplyState.confirmed),
    ReplyState.unverified: (ReplyState.typing, ReplyState.sending, ReplyState.unverified),
    ReplyState.failed: (ReplyState.failed,),
    ReplyState.stale: (ReplyState.stale,),
    ReplyState.blocked: (ReplyState.blocked,),
}


class HandClock:
    """A clock that goes on only when told to."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 3, 20, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self.moment

    def steady(self) -> float:
        """Seconds that never jump."""
        return self.moment.timestamp()

    def go(self, seconds: float) -> datetime:
        """Go on by so many seconds; the moment reached."""
        self.moment += timedelta(seconds=seconds)
        return self.moment


def say(key: str, text: str = "什么时候发货", *, sender: Sender = Sender.buyer, kind: Kind = Kind.text) -> Said:
    """One message, without the console's time."""
    return Said(key=key, sender=sender, kind=kind, text=text, at=None)


def ask(ledger: Ledger, clock: HandClock, buyer: str = "b1") -> Turn:
    """The buyer's running turn in the shop `tea`, or a new one."""
    return ledger.open_turn("tea", buyer, seen_at=clock.now())


def draft(ledger: Ledger, turn: Turn, kind: ReplyKind = ReplyKind.answer, text: str = "今天发") -> Reply:
    """A drafted reply to the turn."""
    return ledger.draft(turn.id, kind=kind, entry="ship", text=text, newest_key="m1")


def take(ledger: Ledger, reply: Reply, state: ReplyState, *, bubble: str = "o1") -> Reply:
    """The drafted reply taken all the way to a state."""
    for step in WAY[state]:
        reply = ledger.move(reply.id, step, message_key=bubble if step is ReplyState.confirmed else None)
    return reply
