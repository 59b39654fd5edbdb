"""The story of a real visit: the flows leave no moment out that the ledger has a place for."""

from __future__ import annotations

from datetime import timedelta

from bots.story import Step, steps_of
from storage.ledger import Ledger
from storage.records import Sender
from tests.flows.paper import AWAY, BEYOND, KNOWN, STAFFED, Room


async def told(room: Room) -> list[Step]:
    turn = await room.turn()
    return steps_of(await room.ledger(Ledger.story, turn.id))


async def test_an_answer(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    steps = await told(room)
    assert [step.what for step in steps] == [
        "asked",
        "seen",
        "read",
        "decided",
        "drafted",
        "typing",
        "sending",
        "confirmed",
    ]
    assert [step.what for step in steps if step.at is None] == []


async def test_a_holding_text_a_person_and_their_word(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(AWAY)
    room.clock.go(30)
    room.paper.say(Sender.shop, "马上给您查")
    room.clock.go(5)
    await room.visit(STAFFED)
    steps = await told(room)
    whats = [step.what for step in steps]
    assert whats.index("handoff") < whats.index("drafted") < whats.index("confirmed") < whats.index("person")
    assert {"answered", "done"} <= set(whats[whats.index("confirmed") :])
    (person,) = [step for step in steps if step.what == "person"]
    assert "马上给您查" in person.text
    assert person.at is not None
    assert timedelta() <= room.clock.now() - person.at < timedelta(minutes=2)
    assert [step.what for step in steps if step.at is None] == []
