"""What an unfinished reply has become is noted whole or not at all: a half of it would be said again."""

from __future__ import annotations

import pytest

from storage.ledger import Ledger
from storage.records import ReplyState, TurnState
from tests.storage.hands import HandClock, ask, draft, take

DOUBT = "请人工核对"


def test_an_unverified_reply_is_handled_and_with_a_person(ledger: Ledger, clock: HandClock) -> None:
    reply = take(ledger, draft(ledger, ask(ledger, clock)), ReplyState.sending)
    handoff = ledger.settle(reply, ReplyState.unverified, bubble=None, doubt=DOUBT, deadline_at=clock.now())
    assert handoff is not None and (handoff.reason, handoff.urgent) == (DOUBT, True)
    assert ledger.conversation("tea", "b1").handled_key == "m1"
    assert ledger.turn(reply.turn_id).state is TurnState.handed


def test_a_crash_in_the_middle_leaves_nothing_noted(
    ledger: Ledger, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = take(ledger, draft(ledger, ask(ledger, clock)), ReplyState.sending)

    def killed(*_arguments: object, **_more: object) -> None:
        raise KeyboardInterrupt

    for step in ("hand_over", "note_conversation"):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(ledger, step, killed)
            ledger.settle(reply, ReplyState.unverified, bubble=None, doubt=DOUBT, deadline_at=clock.now())
        assert ledger.reply(reply.id).state is ReplyState.sending
        assert ledger.conversation("tea", "b1").handled_key is None
        assert ledger.handoffs() == []


def test_who_was_answered_meanwhile_needs_nobody(ledger: Ledger, clock: HandClock) -> None:
    reply = take(ledger, draft(ledger, ask(ledger, clock)), ReplyState.sending)
    ledger.person_replied(reply.conversation_id, clock.now())
    assert ledger.settle(reply, ReplyState.unverified, bubble=None, doubt=DOUBT, deadline_at=clock.now()) is None
    assert ledger.reply(reply.id).state is ReplyState.unverified
    assert ledger.handoffs() == []


def test_what_never_left_may_be_decided_on_again(ledger: Ledger, clock: HandClock) -> None:
    reply = take(ledger, draft(ledger, ask(ledger, clock)), ReplyState.typing)
    assert ledger.settle(reply, ReplyState.failed, bubble=None, doubt=DOUBT, deadline_at=clock.now()) is None
    assert ledger.conversation("tea", "b1").handled_key is None
    assert ledger.turn(reply.turn_id).state is TurnState.open


def test_what_was_seen_is_handled_with_its_confirmation(ledger: Ledger, clock: HandClock) -> None:
    reply = take(ledger, draft(ledger, ask(ledger, clock)), ReplyState.confirmed)
    assert ledger.conversation("tea", "b1").handled_key == "m1"
    assert ledger.turn(reply.turn_id).state is TurnState.answered


def test_a_bubble_seen_late_does_not_take_back_what_was_handled_since(ledger: Ledger, clock: HandClock) -> None:
    reply = take(ledger, draft(ledger, ask(ledger, clock)), ReplyState.unverified)
    ledger.note_conversation(reply.conversation_id, handled_key="m9")
    ledger.move(reply.id, ReplyState.confirmed, message_key="o1")
    assert ledger.conversation("tea", "b1").handled_key == "m9"
