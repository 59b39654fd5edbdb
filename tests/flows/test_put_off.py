"""A conversation that cannot be served: it is put off ever longer, whatever else goes wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

from base.errors import ConsoleNotReady, LedgerUnavailable
from flows.answer import Answerer
from flows.desk import Desk
from flows.landing import Written
from flows.visit import Visitor
from storage.records import ReplyState, Sender
from tests.flows.paper import KNOWN, MIND, STAFFED, NoLimit, Paper, Room


async def test_a_fault_that_meets_the_handing_over_too_keeps_no_shop_busy(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = room.visitor.answerer

    async def break_down(*_given: object, **_more: object) -> None:
        raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")

    monkeypatch.setattr(Visitor, "visit", break_down)
    monkeypatch.setattr(Answerer, "hand_over", break_down)
    desk = Desk(act.card, act.page, act.inbox, room.ledger, NoLimit(), room.clock, lambda: MIND, act.shelf)
    room.inbox.add("k", room.clock.steady())
    faults = 0
    for _visit in range(8):
        if not list(room.inbox.waiting()):
            break
        (waiter,) = room.inbox.waiting()
        room.clock.go(max(0.0, waiter.due_at - room.clock.steady()))
        try:
            await desk.serve(waiter, STAFFED)
        except UnicodeEncodeError:
            faults += 1
    assert (faults, list(room.inbox.waiting())) == (1, [])


async def test_who_could_not_be_handed_over_either_has_waited_as_long_as_before(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, handed = room.visitor.answerer, Answerer.hand_over

    async def not_ready(*_given: object, **_more: object) -> None:
        raise ConsoleNotReady("打不开会话")

    async def full(*_given: object, **_more: object) -> None:
        raise LedgerUnavailable("磁盘满了")

    monkeypatch.setattr(Visitor, "visit", not_ready)
    monkeypatch.setattr(Answerer, "hand_over", full)
    desk = Desk(act.card, act.page, act.inbox, room.ledger, NoLimit(), room.clock, lambda: MIND, act.shelf)
    began = room.clock.steady()
    room.inbox.add("k", began)
    for last in (False, False, True):
        (waiter,) = room.inbox.waiting()
        room.clock.go(waiter.due_at - room.clock.steady())
        with pytest.raises(LedgerUnavailable) if last else nullcontext():
            await desk.serve(waiter, STAFFED)
    (waiter,) = room.inbox.waiting()
    assert (waiter.since, waiter.due_at) == (began, room.clock.steady())
    monkeypatch.setattr(Answerer, "hand_over", handed)
    await desk.serve(waiter, STAFFED)
    (handoff,) = await room.handoffs()
    assert handoff.urgent and room.comes_back_in == pytest.approx(30)


def altered(monkeypatch: pytest.MonkeyPatch, alter: Callable[[Paper], None]) -> None:
    """From now on something is done to the conversation each time that words were typed into it."""
    write = Paper.write

    async def typed(paper: Paper, *given: Any, **more: Any) -> Written:
        written = await write(paper, *given, **more)
        alter(paper)
        return replace(written, draft=paper.draft, latest=paper.latest)

    monkeypatch.setattr(Paper, "write", typed)


async def test_an_input_that_never_holds_the_words_is_a_persons_affair(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(paper: Paper) -> None:
        paper.draft = paper.draft[:-1]

    altered(monkeypatch, cut)
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    (handoff,) = await room.handoffs()
    assert handoff.urgent and "输入框里的字和要发的不一样" in handoff.reason
    assert [reply.state for reply in await room.replies()] == [ReplyState.stale] * 3
    assert room.paper.sent == [] and room.comes_back_in == pytest.approx(3)
    # A word of patience is tried once, and half a minute before the time is up once more.
    await room.visit()
    assert len(await room.replies()) == 4 and room.comes_back_in == pytest.approx(140)
    room.clock.go(140)
    await room.visit(left=30)
    assert (len(await room.replies()), room.paper.sent, room.comes_back_in) == (5, [], None)
