"""What was said just before a page lost its server, and may never have left although its bubble was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from base.errors import BrowserGone, ConsoleNotReady, LedgerUnavailable
from flows.landing import Landing
from storage.ledger import Ledger
from storage.records import Kind, ReplyState, Sender, TurnState
from tests.flows.paper import KNOWN, OTHER, Room


def full(_ledger: Ledger, *_given: object, **_more: object) -> None:
    """What every commit does on a full disk."""
    raise LedgerUnavailable("磁盘满了")


async def test_a_bubble_that_is_gone_is_a_persons_to_see_to_and_is_not_said_again(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    room.paper.messages.pop()
    room.visitor.answerer.inbox.doubted.update(room.visitor.answerer.composer.just_said())
    await room.visit()
    (handoff,) = await room.handoffs()
    assert handoff.urgent and "没有送到" in handoff.reason
    assert len(room.paper.sent) == 1
    await room.visit()
    assert len(await room.handoffs()) == 1


async def test_a_bubble_that_is_there_still_is_nobodys_business(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    room.visitor.answerer.inbox.doubted.add("k")
    await room.visit()
    assert await room.handoffs() == []
    assert (await room.turn()).state is TurnState.answered


async def test_a_page_that_begins_after_what_was_said_proves_nothing(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    before = [replace(said, key=f"s{said.key}", sender=Sender.system) for said in room.paper.messages]
    room.paper.messages[:] = before
    room.paper.say(Sender.buyer, OTHER)
    room.visitor.answerer.inbox.doubted.add("k")
    await room.visit()
    assert await room.handoffs() == []
    assert len(room.paper.sent) == 2


async def test_what_was_said_long_before_is_not_doubted(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    composer = room.visitor.answerer.composer
    assert composer.just_said() == ["k"]
    room.clock.go(60)
    assert composer.just_said() == []


async def test_a_bubble_that_is_marked_as_failed_later_is_noticed_once(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    composer = room.visitor.answerer.composer
    thread = await room.paper.thread()
    assert thread is not None and not composer.is_undone(thread)
    room.paper.failed.add(room.paper.messages[-1].key)
    thread = await room.paper.thread()
    assert thread is not None
    assert [composer.is_undone(thread) for _ in range(2)] == [True, False]
    assert composer.just_said() == ["k"]
    room.visitor.answerer.inbox.doubted.update(composer.just_said())
    await room.visit()
    (handoff,) = await room.handoffs()
    assert "没有送到" in handoff.reason
    assert len(room.paper.sent) == 1


async def test_a_failed_bubble_long_after_is_not_of_what_was_just_said(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    room.clock.go(60)
    room.paper.failed.add(room.paper.messages[-1].key)
    thread = await room.paper.thread()
    assert thread is not None and not room.visitor.answerer.composer.is_undone(thread)


async def test_a_question_that_the_page_has_lost_is_looked_for_and_then_a_persons(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    room.paper.landings.append(Landing(passed=False, landed="", why="offline"))
    with pytest.raises(ConsoleNotReady):
        await room.visit()
    room.paper.messages.clear()
    await room.visit()
    assert await room.handoffs() == [] and room.comes_back_in == 2.0
    room.clock.go(10)
    await room.visit()
    (handoff,) = await room.handoffs()
    assert handoff.urgent and "还没有回复" in handoff.reason
    assert room.comes_back_in is None


async def test_a_bubble_that_never_left_has_answered_nothing(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    room.paper.landings.append(Landing(passed=False, landed="", why="offline"))
    with pytest.raises(ConsoleNotReady):
        await room.visit()
    (reply,) = await room.replies()
    room.paper.draft = ""
    room.paper.say(Sender.shop, reply.text)
    room.clock.go(10)
    await room.visit()
    (handoff,) = await room.handoffs()
    assert handoff.urgent and room.paper.sent == []


async def test_a_page_that_died_before_the_press_is_no_doubt(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    room.paper.landings.append(Landing(passed=False, landed="", why="gone"))
    with pytest.raises(BrowserGone):
        await room.visit()
    assert [reply.state for reply in await room.replies()] == [ReplyState.failed]
    room.paper.draft = ""
    await room.visit()
    assert len(room.paper.sent) == 1 and await room.handoffs() == []


async def test_a_question_that_comes_back_is_answered(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    room.paper.landings.append(Landing(passed=False, landed="", why="offline"))
    with pytest.raises(ConsoleNotReady):
        await room.visit()
    asked = room.paper.messages.pop()
    await room.visit()
    room.paper.messages.append(asked)
    room.paper.draft = ""
    await room.visit()
    assert len(room.paper.sent) == 1 and await room.handoffs() == []


async def test_a_marked_thread_without_any_message_is_not_forgotten(room: Room) -> None:
    turn = await room.ledger(Ledger.open_turn, "shop", "k", seen_at=room.clock.now())
    await room.visit()
    assert room.comes_back_in == 2.0
    room.clock.go(10)
    await room.visit()
    (handoff,) = await room.handoffs()
    assert handoff.turn_id == turn.id


async def test_what_was_taken_back_is_nobodys_to_look_for(room: Room) -> None:
    asked = room.paper.say(Sender.buyer, KNOWN)
    room.paper.landings.append(Landing(passed=False, landed="", why="offline"))
    with pytest.raises(ConsoleNotReady):
        await room.visit()
    room.paper.messages[:] = [replace(asked, kind=Kind.recall, text="")]
    await room.visit()
    assert (await room.turn()).state is TurnState.ignored and await room.handoffs() == []


async def test_a_doubt_outlives_a_ledger_that_takes_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    room.paper.messages.pop()
    room.inbox.doubted.add("k")
    with monkeypatch.context() as locked:
        locked.setattr(Ledger, "hand_over", full)
        with pytest.raises(LedgerUnavailable):
            await room.visit()
    await room.visit()
    (handoff,) = await room.handoffs()
    assert "没有送到" in handoff.reason
