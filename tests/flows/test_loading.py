"""What a page shows just before it is loaded anew: whoever spoke in the open thread has raised no mark."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from flows.desk import Desk
from flows.page import ConsolePage
from flows.views import Row, Snapshot
from storage.records import Sender
from tests.flows.paper import KNOWN, MIND, OTHER, Room


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
