"""What becomes of a turn as replies to it go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.ledger import Ledger
from storage.records import ReplyKind, ReplyState, TurnState
from tests.storage.hands import HandClock, ask, draft, take


@pytest.mark.parametrize("kind", [ReplyKind.answer, ReplyKind.choose])
def test_confirmed_answer_answers_the_turn(ledger: Ledger, clock: HandClock, kind: ReplyKind) -> None:
    reply = take(ledger, draft(ledger, ask(ledger, clock), kind), ReplyState.sending)
    seen = clock.go(2)
    ledger.move(reply.id, ReplyState.confirmed, message_key="o1")
    turn = ledger.turn(reply.turn_id)
    assert (turn.state, turn.reply_at, turn.reply_by) == (TurnState.answered, seen, "bot")
    assert (turn.holding_at, turn.holding_by) == (None, None)


def test_confirmed_hold_leaves_the_turn_waiting(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    take(ledger, draft(ledger, turn, ReplyKind.hold), ReplyState.confirmed)
    held = ledger.turn(turn.id)
    assert (held.state, held.holding_at, held.holding_by) == (TurnState.open, clock.now(), "bot")
    assert held.reply_at is None


@pytest.mark.parametrize("seconds", [60, 0, -60])
def test_of_two_holds_the_first_moment_stays(ledger: Ledger, clock: HandClock, seconds: float) -> None:
    turn, first = ask(ledger, clock), clock.now()
    take(ledger, draft(ledger, turn, ReplyKind.hold), ReplyState.confirmed, bubble="o1")
    second = clock.go(seconds)
    take(ledger, draft(ledger, turn, ReplyKind.hold), ReplyState.confirmed, bubble="o2")
    assert ledger.turn(turn.id).holding_at == min(first, second)


@pytest.mark.parametrize("state", [state for state in ReplyState if state is not ReplyState.confirmed])
def test_only_a_confirmed_reply_touches_the_turn(ledger: Ledger, clock: HandClock, state: ReplyState) -> None:
    turn = ask(ledger, clock)
    take(ledger, draft(ledger, turn), state)
    assert ledger.turn(turn.id) == turn


@pytest.mark.parametrize(("seconds", "by"), [(-5, "bot"), (0, "person"), (0.0004, "person"), (5, "person")])
def test_the_first_of_bot_and_person_counts(ledger: Ledger, clock: HandClock, seconds: float, by: str) -> None:
    reply = take(ledger, draft(ledger, ask(ledger, clock)), ReplyState.unverified)
    spoke = clock.go(60)
    ledger.person_replied(reply.conversation_id, spoke)
    ledger.move(reply.id, ReplyState.confirmed, message_key="o1", at=spoke + timedelta(seconds=seconds))
    turn = ledger.turn(reply.turn_id)
    assert (turn.state, turn.reply_by) == (TurnState.answered, by)
    assert turn.reply_at == min(spoke, spoke + timedelta(seconds=seconds))


def test_late_bubble_leaves_the_handoff_to_people(ledger: Ledger, clock: HandClock) -> None:
    reply = take(ledger, draft(ledger, ask(ledger, clock)), ReplyState.unverified)
    handoff = ledger.hand_over(reply.turn_id, reason="没看到气泡", urgent=True, deadline_at=clock.now())
    ledger.move(reply.id, ReplyState.confirmed, message_key="o1")
    assert ledger.turn(reply.turn_id).state is TurnState.answered
    assert [each.id for each in ledger.handoffs()] == [handoff.id]


def test_one_bubble_confirms_one_reply(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    take(ledger, draft(ledger, turn, ReplyKind.hold), ReplyState.confirmed, bubble="o1")
    second = take(ledger, draft(ledger, turn), ReplyState.sending)
    with pytest.raises(ValueError, match="already confirmed"):
        ledger.move(second.id, ReplyState.confirmed, message_key="o1")
    assert ledger.reply(second.id).state is ReplyState.sending
    assert ledger.turn(turn.id).state is TurnState.open


def test_bubbles_of_two_conversations_may_share_a_key(ledger: Ledger, clock: HandClock) -> None:
    for buyer in ("b1", "b2"):
        reply = take(ledger, draft(ledger, ask(ledger, clock, buyer)), ReplyState.confirmed, bubble="1")
        assert reply.message_key == "1"


def test_what_is_given_back_is_what_is_on_record(ledger: Ledger, clock: HandClock) -> None:
    turn = ledger.open_turn("tea", "b1", seen_at=clock.go(0.0004567))
    assert turn == ledger.turn(turn.id)
    half = "茶\ud83d"
    reply = ledger.take_up(turn.id, kind=ReplyKind.answer, entry=None, text=half, newest_key=half)
    assert reply == ledger.reply(reply.id)
    assert ledger.begin(reply.id, ReplyState.sending) == ledger.reply(reply.id)
    assert ledger.move(reply.id, ReplyState.confirmed, why=half, message_key=half) == ledger.reply(reply.id)
    assert ledger.conversation("tea", "b1").handled_key == "茶?"


def test_reason_stays_until_there_is_another(ledger: Ledger, clock: HandClock) -> None:
    reply = take(ledger, draft(ledger, ask(ledger, clock)), ReplyState.sending)
    assert ledger.move(reply.id, ReplyState.unverified, why="没看到气泡").why == "没看到气泡"
    assert ledger.move(reply.id, ReplyState.confirmed, message_key="o1").why == "没看到气泡"


@pytest.mark.parametrize("end", ["answered", "ignored", "observed"])
def test_no_draft_for_a_turn_that_has_ended(ledger: Ledger, clock: HandClock, end: str) -> None:
    turn = ask(ledger, clock)
    if end == "answered":
        ledger.person_replied(turn.conversation_id, clock.now())
    else:
        ledger.close_turn(turn.id, TurnState(end))
    with pytest.raises(ValueError, match=f"has ended: {end}"):
        draft(ledger, turn)
    assert ledger.replies(turn.conversation_id) == []


def test_unfinished_are_those_of_the_shop_oldest_first(ledger: Ledger, clock: HandClock) -> None:
    ledger.put_shop("cup", title="杯子店", console="plain", platform="practice")
    other = ledger.open_turn("cup", "b1", seen_at=clock.now())
    draft(ledger, other)
    made = {
        state: take(ledger, draft(ledger, ask(ledger, clock, f"b{number}")), state)
        for number, state in enumerate(reversed(ReplyState))
    }
    wanted = [made[state] for state in (ReplyState.sending, ReplyState.typing, ReplyState.drafted)]
    assert ledger.unfinished("tea") == wanted


def test_replies_of_a_conversation_newest_first(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    made = [draft(ledger, turn, text=str(number)) for number in range(3)]
    draft(ledger, ask(ledger, clock, "b2"))
    assert ledger.replies(turn.conversation_id, limit=2) == [made[2], made[1]]
    assert len(ledger.all_replies()) == 4


def test_unknown_ids_are_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="no reply 9"):
        ledger.move(9, ReplyState.typing)
    with pytest.raises(ValueError, match="没有编号为 9 的提问"):
        ledger.draft(9, kind=ReplyKind.hold, entry=None, text="稍等", newest_key="m1")
