"""What people have already becomes urgent for them when it is: nobody is called twice, and nobody too late."""

from __future__ import annotations

from datetime import timedelta

from storage.records import ReplyState, Sender
from tests.flows.paper import AWAY, BEYOND, KNOWN, STAFFED, Room


async def test_an_answer_that_may_not_have_arrived_beside_what_a_person_has(room: Room) -> None:
    room.paper.shows = False
    room.paper.say(Sender.buyer, f"{KNOWN}？{BEYOND}")
    await room.visit(STAFFED)
    room.clock.go(3)
    await room.visit(STAFFED)
    assert [reply.state for reply in await room.replies()] == [ReplyState.unverified]
    (handoff,) = await room.handoffs()
    assert handoff.urgent
    assert "可能没发出去" in handoff.reason


async def test_a_plea_for_patience_that_may_not_have_arrived(room: Room) -> None:
    room.paper.shows = False
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(AWAY)
    assert [handoff.urgent for handoff in await room.handoffs()] == [False]
    room.clock.go(3)
    await room.visit(AWAY)
    assert [reply.state for reply in await room.replies()] == [ReplyState.unverified]
    assert [handoff.urgent for handoff in await room.handoffs()] == [True]


async def test_a_plea_for_patience_that_the_console_refused(room: Room) -> None:
    room.paper.refuses = "blocked"
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(AWAY)
    assert [reply.state for reply in await room.replies()] == [ReplyState.blocked]
    assert [handoff.urgent for handoff in await room.handoffs()] == [True]


async def test_a_clock_that_runs_out_while_a_colleague_writes(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED)
    assert [handoff.urgent for handoff in await room.handoffs()] == [False]
    room.clock.go(60)
    room.paper.draft = "我看一下"
    await room.visit(STAFFED, left=85)
    (handoff,) = await room.handoffs()
    assert handoff.urgent
    assert handoff.deadline_at == room.clock.now() + timedelta(seconds=85)
