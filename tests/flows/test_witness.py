"""What a person gets of a reply that nobody saw arrive, also when the page is dead."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.witness import account
from storage.ledger import Ledger
from storage.records import Handoff, ReplyState, Sender
from tests.flows.paper import KNOWN, Room


async def unverified(room: Room) -> Handoff:
    """A reply whose bubble never shows, visited again; the handoff that comes of it."""
    room.paper.shows = False
    room.paper.say(Sender.system, "买家电话 13812345678")
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    room.clock.go(5)
    await room.visit()
    (reply,) = await room.replies()
    assert reply.state is ReplyState.unverified
    (handoff,) = await room.handoffs()
    return handoff


def private(path: str | None) -> bytes:
    """What stands in a file that only its owner may read."""
    assert path is not None
    assert Path(path).stat().st_mode & 0o077 == 0
    return Path(path).read_bytes()


async def test_a_picture_and_the_thread_go_with_the_handoff(room: Room) -> None:
    handoff = await unverified(room)
    (reply,) = await room.replies()
    assert handoff.urgent
    assert private(handoff.picture) == b"what the page shows"
    assert (handoff.seen["meant"], handoff.seen["reply"]) == (reply.text, reply.id)
    assert handoff.seen["sending_at"] == "2026-11-23T04:00:05+00:00"
    system, buyer = handoff.seen["bubbles"]
    assert (buyer["sender"], buyer["text"], buyer["failed"]) == ("buyer", KNOWN, False)
    assert system["text"] == "买家电话 138****5678"


async def test_a_dead_page_costs_the_picture_only(room: Room) -> None:
    room.paper.alive = False
    handoff = await unverified(room)
    assert handoff.picture is None
    assert handoff.seen["bubbles"]


@pytest.fixture
def blocked(tmp_path: Path) -> None:
    """A folder stands where the file would be made."""
    (tmp_path / "shop-handoff-1.png").mkdir()


@pytest.mark.usefixtures("blocked")
async def test_a_folder_that_cannot_be_written_costs_the_picture_only(room: Room) -> None:
    handoff = await unverified(room)
    assert handoff.picture is None
    assert handoff.seen["bubbles"]


async def test_only_the_newest_bubbles_are_kept(room: Room) -> None:
    handoff = await unverified(room)
    for number in range(40):
        room.paper.say(Sender.buyer, str(number))
    thread = await room.paper.thread()
    (reply,) = await room.replies()
    assert thread is not None
    kept = [bubble["text"] for bubble in account(reply, thread)["bubbles"]]
    assert kept == [str(number) for number in range(28, 40)]
    await room.ledger(Ledger.forget_seen, handoff.opened_at)
    assert (await room.handoffs())[0].seen
    room.clock.go(1)
    await room.ledger(Ledger.forget_seen, room.clock.now())
    assert [(one.picture, one.seen) for one in await room.handoffs()] == [(None, {})]


@pytest.mark.parametrize("state", [ReplyState.failed, ReplyState.blocked])
async def test_what_did_not_leave_needs_no_witness(room: Room, state: ReplyState) -> None:
    room.paper.refuses = "blocked" if state is ReplyState.blocked else ""
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    assert all(handoff.seen == {} for handoff in await room.handoffs())
