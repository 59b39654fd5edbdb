"""What a page shows just before it is loaded anew: whoever spoke in the open thread has raised no mark."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from flows.desk import Desk
from flows.drift import Drift
from flows.inbox import Inbox
from flows.page import ConsolePage
from flows.resume import take_up
from flows.views import Row, Snapshot
from storage.ledger import Ledger
from storage.records import Sender
from tests.flows.paper import AWAY, BEYOND, KNOWN, MIND, OTHER, Room


def at_desk(room: Room) -> Desk:
    """A shop's place whose page is loaded anew without a word, and shows no thread after that."""
    act, paper = room.visitor.answerer, room.paper

    async def read(*, told: bool = False) -> Snapshot:
        row = Row(key="k", name="", preview="", time="", unread=None, waiting=None, group="")
        return Snapshot(rows=(row,), unparsed=0, thread=await paper.thread(), signals=frozenset({"logged_in"}))

    async def reload() -> None:
        pass

    async def wait_signal(_names: object, *, timeout: float) -> frozenset[str]:
        return frozenset({"logged_in"})

    page = SimpleNamespace(pack=paper.pack, read=read, reload=reload, wait_signal=wait_signal)
    desk = Desk(
        act.card,
        cast(ConsolePage, cast(Any, page)),
        act.inbox,
        room.ledger,
        act.composer.pace,
        room.clock,
        lambda: MIND,
        act.shelf,
    )
    desk.answerer.composer = act.composer
    return desk


async def test_what_was_said_in_the_open_thread_just_before_is_not_lost(room: Room) -> None:
    desk = at_desk(room)
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(clock=False)
    room.clock.go(400)
    said = room.paper.say(Sender.buyer, OTHER)
    await desk.reload()
    assert [(waiter.key, waiter.open_key) for waiter in desk.inbox.waiting()] == [("k", said.key)]


async def test_nobody_is_visited_for_what_was_answered(room: Room) -> None:
    desk = at_desk(room)
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(clock=False)
    room.clock.go(400)
    await desk.reload()
    assert list(desk.inbox.waiting()) == []


async def known_to_another(room: Room) -> Inbox:
    """Who a worker knows to wait that begins now, with nothing but the ledger."""
    inbox = Inbox(room.paper.pack.inbox, 180.0)
    await take_up("shop", inbox, room.ledger, room.clock)
    return inbox


async def test_who_spoke_in_the_open_thread_is_not_lost_with_the_worker(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_drift: Drift, _snapshot: Snapshot) -> None:
        """There is no page to look at for a drift."""

    monkeypatch.setattr(Drift, "note", nothing)
    desk = at_desk(room)
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(clock=False)
    room.paper.say(Sender.buyer, OTHER)
    await desk.refresh()
    spoke = room.clock.now()
    room.clock.go(1)
    await desk.answerer.note_spoken()
    (waiter,) = (await known_to_another(room)).waiting()
    assert (waiter.key, room.clock.steady() - waiter.since) == ("k", 1)
    # They are served as ever, in that turn and at once.
    (waiter,) = desk.inbox.waiting()
    await desk.answerer.note_spoken()
    await room.visitor.visit(waiter, await room.paper.thread(), MIND, AWAY)
    turn = await room.turn()
    assert (turn.text, turn.seen_at, len(room.paper.sent)) == (OTHER, spoke, 2)
    assert await room.ledger(Ledger.open_turns, "shop") == []


async def test_who_was_dealt_with_begins_no_other_turn(room: Room) -> None:
    inbox, act = room.inbox, room.visitor.answerer
    room.paper.say(Sender.buyer, BEYOND)
    inbox.note_thread("k", "m1", room.clock.steady())
    (waiter,) = inbox.waiting()
    await room.visitor.visit(waiter, await room.paper.thread(), MIND, AWAY)
    before = await room.turn()
    assert before.holding_at is not None
    inbox.note_thread("k", "m1", room.clock.steady())  # by a reading of before
    await act.note_spoken()
    assert await room.turn() == before
