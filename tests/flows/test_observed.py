"""A shop that is only observed: what a visit there leaves behind, on paper."""

from __future__ import annotations

import pytest

from base.errors import LedgerUnavailable
from flows.desk import Desk
from flows.drift import Drift
from flows.duty import Duty
from flows.inbox import Waiter
from flows.landing import Opened
from flows.observe import Observer
from flows.views import Row
from storage.ledger import Ledger
from storage.records import Sender, TurnState
from tests.flows.paper import AWAY, KNOWN, MIND, NoLimit, Paper, Room

OBSERVE = Duty(mode="observe", staffed=True, resume=None)


def row(preview: str, *, unread: str | None = None) -> Row:
    return Row(key="k", name="", preview=preview, time="", unread=unread, waiting=None, group="")


async def answered_by_people(room: Room, observer: Observer) -> Waiter:
    """A buyer was seen to wait and was answered by a person, so that the thread is to be read."""
    room.paper.say(Sender.buyer, KNOWN)
    room.inbox.update([row(KNOWN, unread="1")], room.clock.steady())
    (waiter,) = room.inbox.waiting()
    await observer.visit(waiter, MIND)
    room.clock.go(20)
    room.paper.say(Sender.shop, "今天就发")
    rows = [row("今天就发")]
    room.inbox.update(rows, room.clock.steady())
    observer.note_rows(rows, room.clock.steady())
    (waiter,) = room.inbox.waiting()
    return waiter


async def test_what_the_ledger_could_not_take_is_compared_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    observer = Observer(room.visitor.answerer)
    waiter = await answered_by_people(room, observer)

    async def loaded(_paper: Paper, *_given: object, **_more: object) -> None:
        """The page is loaded anew."""

    def full(_ledger: Ledger, *_given: object, **_more: object) -> None:
        raise LedgerUnavailable("磁盘满了")

    monkeypatch.setattr(Paper, "reload", loaded, raising=False)
    monkeypatch.setattr(Paper, "wait_signal", loaded, raising=False)
    with monkeypatch.context() as locked:
        locked.setattr(Ledger, "person_replied", full)
        with pytest.raises(LedgerUnavailable):
            await observer.visit(waiter, MIND)
    await observer.visit(waiter, MIND)
    turn = await room.turn()
    assert (turn.state, turn.reply_by) == (TurnState.answered, "person")


def desk_of(room: Room, observer: Observer) -> Desk:
    """The shop's place, with that observer."""
    act = room.visitor.answerer
    desk = Desk(act.card, act.page, act.inbox, room.ledger, NoLimit(), room.clock, lambda: MIND, act.shelf)
    desk._observer = observer
    return desk


async def test_nobody_is_called_for_a_thread_that_cannot_be_read(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    observer = Observer(room.visitor.answerer)
    await answered_by_people(room, observer)

    async def lost(_paper: Paper, _key: str, *, timeout: float) -> Opened:
        return Opened(passed=True, landed="x", why="")

    async def opened(_drift: Drift, *, opened: bool) -> None:
        """There is no page to look at for a drift."""

    monkeypatch.setattr(Paper, "press_row", lost)
    monkeypatch.setattr(Drift, "note_visit", opened)
    desk = desk_of(room, observer)
    for _time in range(8):
        for waiter in list(room.inbox.waiting()):
            await desk.serve(waiter, OBSERVE)
    assert await room.handoffs() == []
    assert list(room.inbox.waiting()) == []


async def test_who_is_answered_by_bots_is_not_watched_any_more(room: Room) -> None:
    observer = Observer(room.visitor.answerer)
    room.paper.say(Sender.buyer, KNOWN)
    observer.watch(await room.visitor.answerer.open_turn(waiting(room)))
    await desk_of(room, observer).serve(waiting(room), AWAY)
    assert len(room.paper.sent) == 1
    for preview in (KNOWN, room.paper.sent[0]):
        rows = [row(preview)]
        room.inbox.update(rows, room.clock.steady())
        observer.note_rows(rows, room.clock.steady())
        assert list(room.inbox.waiting()) == []


def waiting(room: Room) -> Waiter:
    """The buyer, as a worker that begins knows them to wait."""
    room.inbox.add("k", room.clock.steady())
    (waiter,) = room.inbox.waiting()
    return waiter
