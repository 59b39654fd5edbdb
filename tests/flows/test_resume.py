"""A worker that begins anew takes up everybody where they were: no buyer's time begins anew with it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from flows.desk import Desk
from flows.inbox import Inbox
from flows.resume import take_up
from flows.views import Row
from storage.ledger import Ledger
from storage.records import Sender, TurnState
from tests.flows.paper import BEYOND, KNOWN, MIND, STAFFED, NoLimit, Paper, Room


class Door:
    """A page that lets everybody in."""

    def __init__(self, paper: Paper) -> None:
        self.pack = paper.pack

    async def goto(self, _url: str) -> None:
        pass

    async def wait_signal(self, _names: object, *, timeout: float) -> frozenset[str]:
        return frozenset({"logged_in"})


async def begun_anew(room: Room) -> Inbox:
    """Who another worker knows to wait, once it is in."""
    inbox, act = Inbox(room.paper.pack.inbox, 180.0), room.visitor.answerer
    page = cast(Any, Door(room.paper))
    await Desk(act.card, page, inbox, room.ledger, NoLimit(), room.clock, lambda: MIND, act.shelf).enter(None)
    act.inbox = inbox
    return inbox


async def test_who_waits_has_no_more_time_left_than_before(room: Room) -> None:
    await room.ledger(Ledger.open_turn, "shop", "k", seen_at=room.clock.now())
    room.clock.go(170)
    (waiter,) = (await begun_anew(room)).waiting()
    assert waiter.late_at - room.clock.steady() == pytest.approx(10)
    assert waiter.due_at <= room.clock.steady()


async def test_who_is_left_to_people_is_asked_for_patience_in_time(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED, left=180, clock=False)
    assert (await room.turn()).state is TurnState.handed
    room.clock.go(100)
    inbox = await begun_anew(room)
    (waiter,) = inbox.waiting()
    assert waiter.due_at - room.clock.steady() == pytest.approx(50)
    # Nobody knows what its row showed before: it is looked at once, and again when the time comes.
    row = Row(key="k", name="", preview=BEYOND, time="", unread=None, waiting=None, group="")
    inbox.update([row], room.clock.steady())
    for seconds, sent in ((0, 0), (50, 1)):
        room.clock.go(seconds)
        (waiter,) = inbox.waiting()
        assert waiter.due_at - room.clock.steady() == pytest.approx(0)
        await room.visitor.visit(waiter, await room.paper.thread(), MIND, STAFFED)
        assert len(room.paper.sent) == sent


async def test_whose_time_was_over_long_ago_is_not_spoken_to(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED, left=180, clock=False)
    room.clock.go(600)
    assert list((await begun_anew(room)).waiting()) == []


async def test_who_speaks_as_the_page_is_entered_again_is_served_at_once(room: Room) -> None:
    act = room.visitor.answerer
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED, left=180, clock=False)
    room.clock.go(60)
    row = Row(key="k", name="", preview=KNOWN, time="", unread="1", waiting=None, group="")
    act.inbox.update([row], room.clock.steady())
    room.clock.go(1)
    await take_up("shop", act.inbox, room.ledger, room.clock)
    act.inbox.update([row], room.clock.steady())
    (waiter,) = act.inbox.waiting()
    assert waiter.due_at <= room.clock.steady()
