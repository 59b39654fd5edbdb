"""Whom a person was asked for is told so: what breaks in between is made up for once the console works."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser

from base.errors import BrowserGone, ConsoleNotReady
from bots.demo.judge import Said
from flows.answer import Answerer
from flows.desk import Desk
from flows.duty import Duty
from flows.inbox import Inbox
from flows.landing import Opened
from flows.resume import take_up
from flows.views import Row
from practice.client import Practice
from storage.records import ReplyState, Sender, TurnState
from tests.flows.paper import AWAY, BEYOND, KNOWN, MIND, NOWHERE, STAFFED, NoLimit, Paper, Room
from tests.flows.watch import kind_of, watching

PATIENCE = "亲，已记下，明天9点回复您"
# A list that shows no words, and a mark until the conversation is opened: nothing tells of who waits there.
QUIET = Row(key="k", name="", preview="", time="", unread=None, waiting=None, group="")
MARKED = replace(QUIET, unread="1")
# One that shows the newest words.
TELLING = replace(QUIET, preview=BEYOND)


def desk_of(room: Room) -> Desk:
    """The shop's desk, at work."""
    act = room.visitor.answerer
    return Desk(act.card, act.page, act.inbox, room.ledger, NoLimit(), room.clock, lambda: MIND, act.shelf)


async def serve(room: Room, desk: Desk, duty: Duty = AWAY) -> bool:
    """Serve who waits, when they fall due; False where nobody does."""
    for waiter in list(room.inbox.waiting()):
        room.clock.go(max(0.0, waiter.due_at - room.clock.steady()))
        await desk.serve(waiter, duty)
        return True
    return False


async def begun_anew(room: Room) -> None:
    """Another worker goes on, which knows what the ledger tells."""
    room.inbox = room.visitor.answerer.inbox = Inbox(room.paper.pack.inbox, 180.0)
    await take_up("shop", room.inbox, room.ledger, room.clock)


# --- a worker that begins anew --------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "told"), [(BEYOND, PATIENCE), (f"{KNOWN}？{BEYOND}", "亲，两天内发出")])
async def test_whom_a_worker_that_died_had_not_told_yet_is_told_at_once(
    room: Room, monkeypatch: pytest.MonkeyPatch, asked: str, told: str
) -> None:
    async def die(*_given: object, **_more: object) -> None:
        raise BrowserGone("浏览器没了")

    room.paper.say(Sender.buyer, asked)
    with monkeypatch.context() as patched:
        patched.setattr(Answerer, "_say", die)
        with pytest.raises(BrowserGone):
            await room.visit()
    assert (len(await room.handoffs()), room.paper.sent) == (1, [])
    await begun_anew(room)
    room.inbox.update([QUIET], room.clock.steady())  # opening it took its mark
    assert room.comes_back_in == pytest.approx(0)
    await serve(room, desk_of(room))
    (text,) = room.paper.sent
    assert text.startswith(told)


async def test_whom_people_may_answer_first_is_still_left_to_them(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED)
    await begun_anew(room)
    assert room.comes_back_in == pytest.approx(150)


# --- a console that does not open a conversation for a while --------------------------------------------------


def shut(monkeypatch: pytest.MonkeyPatch) -> None:
    """No conversation opens any more."""

    async def press_row(*_given: object, **_more: object) -> Opened:
        raise ConsoleNotReady("打不开会话")

    async def thread(_paper: Paper) -> None:
        return None

    monkeypatch.setattr(Paper, "press_row", press_row)
    monkeypatch.setattr(Paper, "thread", thread)


async def test_who_could_not_be_served_is_told_once_the_console_works(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, began = desk_of(room), room.clock.steady()
    room.paper.say(Sender.buyer, BEYOND)
    room.inbox.update([MARKED], began)
    desk._rows = (QUIET,)
    with monkeypatch.context() as patched:
        shut(patched)
        while not await room.handoffs():
            assert await serve(room, desk)
            room.inbox.update(desk._rows, room.clock.steady())  # its mark went with the first press
    assert (room.paper.sent, room.clock.steady() - began < 60) == ([], True)
    assert await serve(room, desk)
    assert (room.paper.sent, room.clock.steady() - began < 90) == ([PATIENCE], True)
    assert (await room.turn()).holding_by == "bot"


async def test_a_conversation_that_never_opens_is_left_alone_once_it_is_late(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut(monkeypatch)
    desk, visits = desk_of(room), 0
    desk._rows = (QUIET,)
    room.inbox.add("k", room.clock.steady())
    while await serve(room, desk):
        visits += 1
    assert visits <= 15
    assert len(await room.handoffs()) == 1


# --- a page that takes no words -------------------------------------------------------------------------------


async def test_whose_answer_did_not_leave_is_told_where_nobody_is_on_shift(room: Room) -> None:
    desk = desk_of(room)
    room.paper.landings = [NOWHERE] * 3
    room.paper.say(Sender.buyer, KNOWN)
    room.inbox.update([MARKED], room.clock.steady())
    assert await serve(room, desk)
    (handoff,) = await room.handoffs()
    assert (handoff.urgent, room.paper.sent) == (True, [])
    assert desk.freshness.doubted  # such a page is loaded anew
    assert room.comes_back_in is not None and room.comes_back_in < 10
    room.inbox.update([QUIET], room.clock.steady())
    assert await serve(room, desk)
    assert room.paper.sent == [PATIENCE]
    assert (await room.turn()).state is TurnState.handed
    assert not await serve(room, desk)


@pytest.mark.parametrize("row", [QUIET, TELLING])
@pytest.mark.parametrize("duty", [AWAY, STAFFED])
async def test_a_page_that_never_takes_them_is_tried_a_few_times_only(room: Room, duty: Duty, row: Row) -> None:
    desk = desk_of(room)
    room.paper.landings = [NOWHERE] * 99
    room.paper.say(Sender.buyer, BEYOND)
    room.inbox.update([MARKED], room.clock.steady())
    while await serve(room, desk, duty):
        room.inbox.update([row], room.clock.steady())
    assert len(await room.replies()) <= 6
    assert {reply.state for reply in await room.replies()} == {ReplyState.failed}
    assert len(await room.handoffs()) == 1


async def test_a_page_on_which_typing_does_nothing_is_loaded_anew(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(practice, browser, tmp_path, monkeypatch) as now:
        await now.replied((await now.say(KNOWN, "u1"))["conversation"])
        await now.page.evaluate("() => { document.hasFocus = () => false }")
        await now.say(KNOWN, "u2")
        (text,) = await now.replied("u2")
        (handoff,) = await now.handoffs("u2")
        assert (kind_of(text), handoff.urgent) == (Said.hold, True)
        (text,) = await now.replied((await now.say(KNOWN, "u3"))["conversation"])
        assert kind_of(text) is Said.answer


async def test_what_may_have_arrived_is_followed_by_no_word_of_patience_at_once(room: Room) -> None:
    room.paper.shows = False
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    room.clock.go(3)
    await room.visit()
    await room.visit()
    assert len(room.paper.sent) == 1
    assert [reply.state for reply in await room.replies()] == [ReplyState.unverified]


async def test_who_asked_while_silence_was_wanted_is_not_spoken_to_as_soon_as_it_is_over(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(replace(AWAY, paused=True))
    room.clock.go(10)
    await room.visit(left=160)
    assert (len(await room.handoffs()), room.paper.sent) == (1, [])
    assert room.comes_back_in == pytest.approx(130)


# --- what comes between -----------------------------------------------------------------------------------------


async def test_who_only_asks_for_somebody_is_told_in_time_all_the_same(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED, left=180, clock=False)
    room.clock.go(20)
    room.paper.say(Sender.buyer, "在吗")
    await room.visit(STAFFED, left=160, clock=False)
    room.inbox.update([QUIET], room.clock.steady())
    assert room.paper.sent == []
    assert room.comes_back_in == pytest.approx(130)
    room.clock.go(130)
    await room.visit(STAFFED, left=30, clock=False)
    assert room.paper.sent == ["亲，稍等"]


async def test_a_word_of_patience_that_may_have_arrived_is_not_said_again(room: Room) -> None:
    room.paper.shows = False
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit()
    room.clock.go(3)
    await room.visit()
    room.clock.go(140)
    await room.visit(left=30)
    assert room.paper.sent == [PATIENCE]
