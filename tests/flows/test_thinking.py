"""A long thought keeps nobody else waiting: the loop that serves all shops of a worker goes on meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from typing import Any

import pytest

from flows.inbox import Waiter
from flows.mind import Mind, Thought
from flows.observe import Observer
from storage.records import Sender
from tests.flows.paper import KNOWN, MIND, Room

_SECONDS = 10.0


async def while_it_thinks(work: Awaitable[None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Do `work`, in which a thought comes to its end only once the loop has been seen to go on beside it."""
    begun, seen, loop, think = asyncio.Event(), threading.Event(), asyncio.get_running_loop(), Mind.think

    def waits(mind: Mind, *given: Any, **more: Any) -> Thought:
        loop.call_soon_threadsafe(begun.set)
        assert seen.wait(_SECONDS), "the loop stood still"
        return think(mind, *given, **more)

    async def go_on() -> None:
        async with asyncio.timeout(_SECONDS):
            await begun.wait()
        seen.set()

    monkeypatch.setattr(Mind, "think", waits)
    await asyncio.gather(work, go_on())


async def test_before_an_answer(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    await while_it_thinks(room.visit(), monkeypatch)
    assert len(room.paper.sent) == 1


async def test_where_a_shop_is_only_observed(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    now = room.clock.steady()
    waiter = Waiter(
        key="k", since=now, changed=now, late_at=now + 170, due_at=now, clock=False, mark="1", preview=KNOWN
    )
    await while_it_thinks(Observer(room.visitor.answerer).visit(waiter, MIND), monkeypatch)
    assert (await room.turn()).would_say
