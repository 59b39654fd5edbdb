"""Handing a turn to people, and what they make of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.ledger import Ledger
from storage.records import Handoff, HandoffState, ReplyState, Turn, TurnState
from tests.storage.hands import HandClock, ask, draft, say, take


def hand_over(
    ledger: Ledger, clock: HandClock, turn: Turn, *, urgent: bool = False, minutes: float = 2
) -> Handoff:
    deadline = clock.now() + timedelta(minutes=minutes)
    return ledger.hand_over(turn.id, reason="要人工", urgent=urgent, deadline_at=deadline)


def test_hand_over(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    ledger.fill_turn(turn.id, [say("m1", "我要投诉")], asked_at=None)
    handoff = hand_over(ledger, clock, turn, urgent=True)
    assert (handoff.state, handoff.urgent, handoff.text) == (HandoffState.open, True, "我要投诉")
    assert (handoff.shop, handoff.conversation_key) == ("tea", "b1")
    assert handoff.deadline_at - handoff.opened_at == timedelta(minutes=2)
    handed = ledger.turn(turn.id)
    assert (handed.state, handed.handed_at) == (TurnState.handed, clock.now())


def test_twice_is_once(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    first = hand_over(ledger, clock, turn)
    clock.go(9)
    assert hand_over(ledger, clock, turn) == first
    claimed = ledger.claim(first.id, "小王")
    assert hand_over(ledger, clock, turn) == claimed
    assert ledger.handoffs() == [claimed]


def test_what_people_have_already_can_become_urgent_and_stays_so(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    first = hand_over(ledger, clock, turn, minutes=5)
    deadline = clock.now() + timedelta(minutes=1)
    urged = ledger.hand_over(turn.id, reason="快要超时了", urgent=True, deadline_at=deadline)
    assert (urged.id, urged.urgent, urged.reason, urged.deadline_at) == (
        first.id,
        True,
        "要人工；快要超时了",
        deadline,
    )
    assert ledger.hand_over(turn.id, reason="快要超时了", urgent=True, deadline_at=first.deadline_at) == urged
    assert hand_over(ledger, clock, turn) == urged


@pytest.mark.parametrize("state", [TurnState.ignored, TurnState.observed])
def test_no_handoff_of_a_turn_that_has_ended(ledger: Ledger, clock: HandClock, state: TurnState) -> None:
    turn = ask(ledger, clock)
    ledger.close_turn(turn.id, state)
    with pytest.raises(ValueError, match="has ended"):
        hand_over(ledger, clock, turn)


def test_claim_and_finish(ledger: Ledger, clock: HandClock) -> None:
    handoff = hand_over(ledger, clock, ask(ledger, clock))
    claimed = ledger.claim(handoff.id, "小王")
    assert (claimed.state, claimed.claimed_by, claimed.claimed_at) == (HandoffState.claimed, "小王", clock.now())
    clock.go(5)
    assert ledger.claim(handoff.id, "小王") == claimed
    with pytest.raises(ValueError, match="已经由 小王 认领"):
        ledger.claim(handoff.id, "小李")
    done = ledger.finish(handoff.id, "小李")
    assert (done.state, done.claimed_by, done.done_at) == (HandoffState.done, "小王", clock.now())
    for change in (ledger.claim, ledger.finish):
        with pytest.raises(ValueError, match="已经处理完了"):
            change(handoff.id, "小王")
    with pytest.raises(ValueError, match="没有编号为 99"):
        ledger.claim(99, "小王")


def test_finish_unclaimed_notes_who(ledger: Ledger, clock: HandClock) -> None:
    handoff = hand_over(ledger, clock, ask(ledger, clock))
    done = ledger.finish(handoff.id, "小李")
    assert (done.claimed_by, done.claimed_at) == ("小李", clock.now())


def test_finish_ends_the_turn_and_the_next_question_is_a_new_one(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    handoff = hand_over(ledger, clock, turn)
    ledger.finish(handoff.id, "小王")
    ended = ledger.turn(turn.id)
    assert (ended.state, ended.reply_at, ended.reply_by) == (TurnState.answered, clock.now(), "person")
    assert ask(ledger, clock).id != turn.id


def test_finish_keeps_the_reply_that_was_seen(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    handoff = hand_over(ledger, clock, turn)
    take(ledger, draft(ledger, turn), ReplyState.confirmed)
    answered = ledger.turn(turn.id)
    clock.go(60)
    ledger.finish(handoff.id, "小王")
    assert ledger.turn(turn.id) == answered


def test_person_in_the_console_closes_it(ledger: Ledger, clock: HandClock) -> None:
    handoff = hand_over(ledger, clock, ask(ledger, clock))
    ledger.claim(handoff.id, "小王")
    ledger.person_replied(ledger.turn(handoff.turn_id).conversation_id, clock.go(20))
    closed = ledger.handoff(handoff.id)
    assert (closed.state, closed.claimed_by, closed.done_at) == (HandoffState.done, "小王", clock.now())


def test_urgent_first_then_by_deadline(ledger: Ledger, clock: HandClock) -> None:
    made = {
        name: hand_over(ledger, clock, ask(ledger, clock, name), urgent=urgent, minutes=minutes).id
        for name, urgent, minutes in [("late", False, 9), ("soon", False, 1), ("urgent", True, 5)]
    }
    assert [each.id for each in ledger.handoffs()] == [made["urgent"], made["soon"], made["late"]]


def test_selected_by_state_and_shop(ledger: Ledger, clock: HandClock) -> None:
    ledger.put_shop("cup", title="杯子店", console="plain", platform="practice")
    tea = hand_over(ledger, clock, ask(ledger, clock))
    cup = hand_over(ledger, clock, ledger.open_turn("cup", "b1", seen_at=clock.now()))
    assert [each.id for each in ledger.handoffs(shop="cup")] == [cup.id]
    done = ledger.finish(tea.id, "小王")
    assert [each.id for each in ledger.handoffs()] == [cup.id]
    assert ledger.handoffs(states=[HandoffState.done]) == [done]
    assert ledger.handoffs(states=[]) == []


def test_what_was_transferred_is_done_but_not_answered(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    handoff = hand_over(ledger, clock, turn)
    clock.go(5)
    done = ledger.transferred(handoff.id)
    assert (done.state, done.claimed_by, done.done_at) == (HandoffState.done, "transfer", clock.now())
    going_on = ledger.turn(turn.id)
    assert (going_on.state, going_on.reply_at, going_on.reply_by) == (TurnState.handed, None, None)
    assert ledger.handoffs() == []
    ledger.person_replied(going_on.conversation_id, clock.go(20))
    assert ledger.turn(turn.id).reply_by == "person"


def test_transferring_does_not_undo_what_a_person_did(ledger: Ledger, clock: HandClock) -> None:
    claimed, finished = (hand_over(ledger, clock, ask(ledger, clock, name)) for name in ("b1", "b2"))
    ledger.claim(claimed.id, "小王")
    assert ledger.transferred(claimed.id).claimed_by == "小王"
    done = ledger.finish(finished.id, "小王")
    clock.go(5)
    assert ledger.transferred(finished.id) == done
