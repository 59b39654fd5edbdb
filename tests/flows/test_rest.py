"""A turn that is known in part: what becomes of the answer, of the rest, and of its person."""

from __future__ import annotations

from storage.records import Sender, TurnState
from tests.flows.paper import AWAY, BEYOND, KNOWN, STAFFED, Room


async def test_what_is_known_is_answered_and_a_person_is_asked_for_the_rest(room: Room) -> None:
    room.paper.say(Sender.buyer, f"{KNOWN}？{BEYOND}？")
    await room.visit(AWAY)
    assert room.paper.sent == ["亲，两天内发出\n另外的问题已经记下了，人工客服明天9点上班后就来回复您"]
    turn = await room.turn()
    assert (turn.state, turn.reply_by, turn.entry) == (TurnState.answered, "bot", "发货时间")
    (handoff,) = await room.handoffs()
    assert handoff.reason in turn.reason
    # A person sees to it, and nothing more is said meanwhile.
    await room.visit(AWAY)
    assert len(room.paper.sent) == 1
    room.paper.say(Sender.shop, "亲，我是广东人")
    await room.visit(AWAY)
    assert await room.handoffs() == []


async def test_with_people_on_shift_they_are_asked_at_once_too(room: Room) -> None:
    room.paper.say(Sender.buyer, f"{BEYOND}？{KNOWN}？")
    await room.visit(STAFFED)
    assert room.paper.sent == ["亲，两天内发出\n另外的问题我帮您核实一下，请稍等哦"]
    assert len(await room.handoffs()) == 1
    assert room.comes_back_in is None
