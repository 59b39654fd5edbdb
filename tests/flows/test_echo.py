"""Our own words come back to us over the page: nobody may take them for a person's."""

from __future__ import annotations

from dataclasses import replace

from storage.ledger import Ledger
from storage.records import ReplyState, Sender
from tests.flows.paper import KNOWN, OTHER, Room


async def test_our_own_echo_is_nobodys_word_whatever_the_console_makes_of_it(room: Room) -> None:
    room.paper.say(Sender.buyer, OTHER)
    await room.visit()
    (bubble,) = [said for said in room.paper.messages if said.sender is Sender.shop]
    first, second = bubble.text.split("\n")
    # Loaded anew, the page shows it under other ids, and as two.
    parts = [replace(bubble, key="s1", text=f" {first}"), replace(bubble, key="s2", text=f"<b>{second}</b>")]
    room.paper.messages[-1:] = parts
    room.clock.go(5)
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    assert room.paper.sent[1:] == ["亲，两天内发出"]
    assert (await room.ledger(Ledger.conversation, "shop", "k")).silent_until is None


async def test_an_echo_that_comes_late_is_ours_too(room: Room) -> None:
    room.paper.shows = False
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    room.paper.say(Sender.shop, room.paper.sent[0])
    room.paper.shows = True
    room.paper.say(Sender.buyer, OTHER)
    await room.visit()
    assert [reply.state for reply in await room.replies()] == [ReplyState.confirmed] * 2
    assert (await room.ledger(Ledger.conversation, "shop", "k")).silent_until is None
