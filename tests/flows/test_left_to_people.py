"""Buyers who are left to people first: none is lost, and who answers them is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flows.inbox import Waiter
from flows.views import Row
from storage.records import Sender, TurnState
from tests.flows.paper import KNOWN, MIND, STAFFED, Room

ROW = Row(key="k", name="买家", preview=KNOWN, time="12:00", unread="1", waiting=None, group="")


async def left_to_people(room: Room) -> Waiter:
    """A buyer waits and is left to people, one of whom opens the conversation, which takes the mark."""
    room.paper.say(Sender.buyer, KNOWN)
    room.inbox.update([ROW], room.clock.steady())
    await room.visitor.answerer.leave_to_people()
    room.clock.go(5)
    room.inbox.update([replace(ROW, unread=None)], room.clock.steady())
    (waiter,) = room.inbox.waiting()
    waiter = waiter.left_to_people(30)
    assert waiter.due_at == room.clock.steady() + 25
    return waiter


async def test_who_was_opened_by_a_person_and_not_answered_is_not_lost(room: Room) -> None:
    waiter = await left_to_people(room)
    room.clock.go(25)
    await room.visitor.visit(waiter, await room.paper.thread(), MIND, STAFFED)
    assert room.paper.sent == ["亲，两天内发出"]
    turn = await room.turn()
    assert (turn.state, turn.seen_at) == (TurnState.answered, room.clock.now() - timedelta(seconds=30))
    assert room.comes_back_in is None


async def test_whoever_people_answer_first_counts_as_theirs(room: Room) -> None:
    waiter = await left_to_people(room)
    room.paper.say(Sender.shop, "亲，明天就发")
    room.clock.go(25)
    await room.visitor.visit(waiter, await room.paper.thread(), MIND, STAFFED)
    assert room.paper.sent == []
    turn = await room.turn()
    assert (turn.state, turn.reply_by) == (TurnState.answered, "person")
    assert room.comes_back_in is None
