"""Conversations, what was said in them, and the turns of their buyers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.ledger import Ledger
from storage.records import Kind, ReplyKind, ReplyState, Said, Sender, Turn, TurnState
from storage.rows import cells
from tests.storage.hands import HandClock, ask, draft, say, take

End = Callable[[Ledger, Turn, HandClock], object]

ENDS: dict[str, End] = {
    "ignored": lambda ledger, turn, _: ledger.close_turn(turn.id, TurnState.ignored),
    "observed": lambda ledger, turn, _: ledger.close_turn(turn.id, TurnState.observed),
    "answered by a person": lambda ledger, turn, clock: ledger.person_replied(turn.conversation_id, clock.now()),
    "answered by the robot": lambda ledger, turn, clock: ledger.robot_replied(turn.conversation_id, clock.now()),
    "answered by a bot": lambda ledger, turn, _: take(ledger, draft(ledger, turn), ReplyState.confirmed),
}


def hand_over(ledger: Ledger, turn: Turn, clock: HandClock) -> int:
    deadline = clock.now() + timedelta(minutes=2)
    return ledger.hand_over(turn.id, reason="要人工", urgent=False, deadline_at=deadline).id


def test_conversation_is_made_once(ledger: Ledger) -> None:
    made = ledger.conversation("tea", "b1")
    assert (made.shop, made.key, made.handled_key, made.choices) == ("tea", "b1", None, ())
    assert ledger.conversation("tea", "b1") == made
    assert ledger.conversation("tea", "b2").id != made.id


def test_only_what_is_given_changes(ledger: Ledger, clock: HandClock) -> None:
    made = ledger.conversation("tea", "b1")
    ledger.note_conversation(made.id, handled_key="m1", silent_until=clock.now(), choices=["a", "b"])
    full = replace(made, handled_key="m1", silent_until=clock.now(), choices=("a", "b"))
    assert ledger.conversation("tea", "b1") == full
    ledger.note_conversation(made.id, silent_until=None, choices=())
    assert ledger.conversation("tea", "b1") == replace(full, silent_until=None, choices=())
    ledger.note_conversation(made.id)
    with pytest.raises(ValueError, match="no row 99"):
        ledger.note_conversation(99, handled_key="m2")


def test_open_turn_is_found_again(ledger: Ledger, clock: HandClock) -> None:
    turn, seen = ask(ledger, clock), clock.now()
    clock.go(5)
    assert ask(ledger, clock) == turn
    assert turn.seen_at == seen
    assert ask(ledger, clock, "b2").id != turn.id


@pytest.mark.parametrize("handed", [False, True])
def test_a_turn_that_another_process_opens_meanwhile_is_the_one(
    ledger: Ledger, clock: HandClock, path: Path, monkeypatch: pytest.MonkeyPatch, handed: bool
) -> None:
    others: list[int] = []
    look = ledger._running_turn

    def slow(shop: str, key: str) -> Turn | None:
        found = look(shop, key)
        if not others:
            with closing(Ledger.open(path, clock)) as other:
                others.append(ask(other, clock).id)
                if handed:
                    hand_over(other, other.turn(others[0]), clock)
        return found

    monkeypatch.setattr(ledger, "_running_turn", slow)
    assert ask(ledger, clock).id == others[0]
    assert len(ledger._store.rows("select id from turns")) == 1


def test_open_turn_with_a_holding_is_found_again(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    take(ledger, draft(ledger, turn, ReplyKind.hold), ReplyState.confirmed)
    assert ask(ledger, clock).id == turn.id


def test_handed_turn_runs_on_until_somebody_says_something(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    hand_over(ledger, turn, clock)
    assert ask(ledger, clock).id == turn.id
    take(ledger, draft(ledger, turn, ReplyKind.hold), ReplyState.confirmed)
    assert ask(ledger, clock).id != turn.id


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_after_its_end_comes_a_new_turn(ledger: Ledger, clock: HandClock, end: End) -> None:
    turn = ask(ledger, clock)
    end(ledger, turn, clock)
    assert ledger.open_turns("tea") == []
    new = ask(ledger, clock)
    assert new.id != turn.id
    assert ledger.last_turn(turn.conversation_id) == new
    with pytest.raises(ValueError, match="has ended"):
        ledger.fill_turn(turn.id, [say("m1")], asked_at=None)


def test_fill_collects_what_the_buyer_said(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    ledger.record_messages(turn.conversation_id, [say("m0", "早"), say("m1", "在吗")])
    ledger.fill_turn(turn.id, [say("m1", "在吗")], asked_at=None)
    more = [say("m2", "", kind=Kind.image), say("s1", "系统提示", sender=Sender.system), say("m3", "多久发")]
    ledger.fill_turn(turn.id, more, asked_at=None)
    filled = ledger.turn(turn.id)
    assert (filled.first_key, filled.last_key, filled.text) == ("m1", "m3", "在吗\n多久发")


def test_fill_without_the_buyer_changes_nothing(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    ledger.fill_turn(turn.id, [say("s1", sender=Sender.system)], asked_at=None)
    assert ledger.turn(turn.id) == turn


def test_recalled_message_leaves_the_turn_but_not_the_ledger(ledger: Ledger, clock: HandClock, path: Path) -> None:
    turn = ask(ledger, clock)
    ledger.fill_turn(turn.id, [say("m1", "骗子"), say("m2", "多久发")], asked_at=None)
    ledger.fill_turn(turn.id, [say("m1", "对方撤回了一条消息", kind=Kind.recall)], asked_at=None)
    assert ledger.turn(turn.id).text == "多久发"
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("select kind, text from messages where key = 'm1'").fetchall() == [("recall", "骗子")]


@pytest.mark.parametrize(
    ("first", "again", "writes"),
    [
        ({}, {}, False),
        ({"at": 5}, {"at": None}, False),
        ({"kind": Kind.recall, "text": ""}, {"kind": Kind.recall, "text": "撤回"}, False),
        ({"at": None}, {"at": 5}, True),
        ({"at": 5}, {"at": 6}, True),
        ({"text": "在"}, {"text": "在吗"}, True),
        ({"kind": Kind.card}, {"kind": Kind.order}, True),
    ],
)
def test_a_message_is_written_again_only_where_it_changed(
    ledger: Ledger, clock: HandClock, first: dict[str, Any], again: dict[str, Any], writes: bool
) -> None:
    def told(given: dict[str, Any]) -> Said:
        at = None if given.get("at") is None else clock.now() + timedelta(seconds=given["at"])
        return replace(say("m1"), **{**given, "at": at})

    conversation = ledger.conversation("tea", "b1").id
    ledger.record_messages(conversation, [told(first)])
    before = ledger._store._db.conn.total_changes
    ledger.record_messages(conversation, [told(again)])
    assert (ledger._store._db.conn.total_changes > before) == writes
    (row,) = ledger._store.rows("select kind, text, at from messages")
    kept = told(again if writes else first)
    assert row == cells({"kind": kept.kind, "text": kept.text, "at": kept.at})


@pytest.mark.parametrize(
    ("given", "kept"), [((None, None), None), ((5, None), 5), ((None, 5), 5), ((5, 9), 5), ((9, 5), 5)]
)
def test_the_earliest_question_counts(
    ledger: Ledger, clock: HandClock, given: tuple[int | None, ...], kept: int | None
) -> None:
    turn, start = ask(ledger, clock), clock.now()
    for seconds in given:
        asked = None if seconds is None else start + timedelta(seconds=seconds)
        ledger.fill_turn(turn.id, [say("m1")], asked_at=asked)
    assert ledger.turn(turn.id).asked_at == (None if kept is None else start + timedelta(seconds=kept))


def test_decision_is_kept_and_replaced(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    ledger.decide_turn(turn.id, outcome="hold", entry=None, confidence=None, reason="拿不准")
    at = clock.go(1)
    ledger.decide_turn(turn.id, outcome="answer", entry="ship", confidence=1, reason="像", would_say="今天发")
    wanted = replace(turn, outcome="answer", entry="ship", confidence=1.0, reason="像", would_say="今天发")
    assert ledger.turn(turn.id) == replace(wanted, decided_at=at)


def test_what_it_was_decided_on_goes_with_the_decision(ledger: Ledger, clock: HandClock) -> None:
    turn, at = ask(ledger, clock), clock.now()
    ledger.decide_turn(
        turn.id, outcome="hold", entry=None, confidence=None, reason="拿不准", said=[say("m1", "在吗")]
    )
    known = ledger.turn(turn.id)
    assert (known.outcome, known.text, known.first_key, known.asked_at) == ("hold", "在吗", "m1", None)
    ledger.close_turn(turn.id, TurnState.ignored)
    with pytest.raises(ValueError, match="ended"):
        ledger.decide_turn(
            turn.id, outcome="answer", entry=None, confidence=None, reason="", said=[say("m2")], asked_at=at
        )
    assert ledger.turn(turn.id) == replace(known, state=TurnState.ignored)


@pytest.mark.parametrize("new", TurnState)
@pytest.mark.parametrize("old", TurnState)
def test_close(ledger: Ledger, clock: HandClock, old: TurnState, new: TurnState) -> None:
    turn = ask(ledger, clock)
    if old is TurnState.handed:
        hand_over(ledger, turn, clock)
    elif old is TurnState.answered:
        ledger.person_replied(turn.conversation_id, clock.now())
    else:
        ledger.close_turn(turn.id, old)
    if new is old or (old is TurnState.open and new in (TurnState.ignored, TurnState.observed)):
        ledger.close_turn(turn.id, new)
        assert ledger.turn(turn.id).state is new
    else:
        with pytest.raises(ValueError, match="cannot be closed"):
            ledger.close_turn(turn.id, new)
        assert ledger.turn(turn.id).state is old


def test_person_ends_all_that_waits(ledger: Ledger, clock: HandClock) -> None:
    handed = ask(ledger, clock)
    hand_over(ledger, handed, clock)
    take(ledger, draft(ledger, handed, ReplyKind.hold), ReplyState.confirmed)
    fresh, beside = ask(ledger, clock), ask(ledger, clock, "b2")
    spoke = clock.go(30)
    ledger.person_replied(handed.conversation_id, spoke)
    for turn in (handed, fresh):
        ended = ledger.turn(turn.id)
        assert (ended.state, ended.reply_at, ended.reply_by) == (TurnState.answered, spoke, "person")
    assert ledger.handoffs() == []
    assert ledger.turn(beside.id) == beside


def test_person_leaves_the_turn_that_was_asked_since(ledger: Ledger, clock: HandClock) -> None:
    handed = ask(ledger, clock)
    first = hand_over(ledger, handed, clock)
    take(ledger, draft(ledger, handed, ReplyKind.hold), ReplyState.confirmed)
    kept = ask(ledger, clock)
    second = hand_over(ledger, kept, clock)
    ledger.person_replied(handed.conversation_id, clock.now(), keep=kept.id)
    assert ledger.turn(handed.id).state is TurnState.answered
    assert ledger.turn(kept.id).state is TurnState.handed
    assert [each.id for each in ledger.handoffs()] == [second] != [first]


def test_person_changes_no_turn_that_was_answered(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    take(ledger, draft(ledger, turn), ReplyState.confirmed)
    answered = ledger.turn(turn.id)
    ledger.person_replied(turn.conversation_id, clock.go(9))
    assert ledger.turn(turn.id) == answered


def test_robot_leaves_the_handed_turn_to_its_person(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    hand_over(ledger, turn, clock)
    ledger.robot_replied(turn.conversation_id, clock.now())
    assert ledger.turn(turn.id).state is TurnState.handed
    other = ask(ledger, clock, "b2")
    ledger.robot_replied(other.conversation_id, clock.now())
    assert ledger.turn(other.id).reply_by == "robot"


def test_open_turns_are_those_of_the_shop_oldest_first(ledger: Ledger, clock: HandClock) -> None:
    ledger.put_shop("cup", title="杯子店", console="plain", platform="practice")
    ledger.open_turn("cup", "b1", seen_at=clock.now())
    late, early = clock.now(), clock.now() - timedelta(seconds=9)
    second = ledger.open_turn("tea", "b1", seen_at=late)
    first = ledger.open_turn("tea", "b2", seen_at=early)
    assert ledger.open_turns("tea") == [first, second]


def test_no_turn_yet(ledger: Ledger) -> None:
    assert ledger.last_turn(ledger.conversation("tea", "b1").id) is None
    with pytest.raises(ValueError, match="没有编号为 1 的提问"):
        ledger.turn(1)
