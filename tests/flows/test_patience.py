"""What a visit does about time and people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from base.errors import ConsoleNotReady, NoInput
from flows.inbox import Waiter
from flows.landing import Landing
from storage.ledger import Ledger
from storage.records import Kind, ReplyKind, ReplyState, Sender, TurnState
from tests.flows.paper import AWAY, BEYOND, KNOWN, MIND, NOWHERE, OTHER, STAFFED, Room

# --- the time of people on shift -----------------------------------------------------------------------------


async def test_people_on_shift_get_their_chance_before_the_buyer_is_held(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED, left=170)
    assert room.paper.sent == []
    assert room.comes_back_in == pytest.approx(140)
    (handoff,) = await room.handoffs()
    assert handoff.deadline_at == room.clock.now() + timedelta(seconds=170)
    room.clock.go(140)
    await room.visit(STAFFED, left=30)
    assert room.paper.sent == ["亲，稍等"]
    assert room.comes_back_in is None
    assert ((await room.turn()).holding_by, (await room.turn()).state) == ("bot", TurnState.handed)
    await room.visit(STAFFED, left=25)
    assert len(room.paper.sent) == 1


async def test_who_is_visited_too_early_is_visited_again(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED, left=170)
    room.clock.go(60)
    await room.visit(STAFFED, left=110)
    assert room.paper.sent == []
    assert room.comes_back_in == pytest.approx(80)


async def test_nothing_is_transferred_to_an_empty_room(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(AWAY)
    assert room.paper.sent == ["亲，已记下，明天9点回复您"]
    assert len(await room.handoffs()) == 1


async def test_a_buyer_who_goes_on_waiting_is_told_three_times_at_most(room: Room) -> None:
    for number in range(6):
        room.paper.say(Sender.buyer, f"{BEYOND}{number}")
        await room.visit(AWAY)
        room.clock.go(5)
    assert len(room.paper.sent) == 3


@pytest.mark.parametrize(("clock", "held"), [(True, 2), (False, 1)])
async def test_what_may_not_be_said_is_held_by_the_same_rule(room: Room, clock: bool, held: int) -> None:
    only_holds = replace(AWAY, mode="hold")
    for text in (BEYOND, KNOWN):
        room.paper.say(Sender.buyer, text)
        await room.visit(only_holds, clock=clock)
        room.clock.go(5)
    assert len(room.paper.sent) == held
    assert await room.handoffs()


async def test_without_a_clock_once_is_enough(room: Room) -> None:
    for number in range(3):
        room.paper.say(Sender.buyer, f"{BEYOND}{number}")
        await room.visit(AWAY, clock=False)
        room.clock.go(5)
    assert len(room.paper.sent) == 1


async def test_one_turn_holds_what_a_buyer_adds_while_a_person_is_asked_for(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED)
    room.clock.go(10)
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(STAFFED, left=160)
    turn = await room.turn()
    assert turn.text == f"{BEYOND}\n{KNOWN}"
    assert turn.asked_at == datetime(2026, 11, 23, 4, 0, 5, tzinfo=UTC)
    assert (room.paper.sent, turn.state) == (["亲，两天内发出"], TurnState.answered)


# --- a person in the conversation ----------------------------------------------------------------------------


async def test_where_a_person_spoke_the_bot_is_silent_for_a_while(room: Room) -> None:
    room.paper.say(Sender.shop, "我是小李，帮您查一下")
    room.clock.go(60)
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(clock=False)
    assert room.paper.sent == []
    assert room.comes_back_in == pytest.approx(540)
    room.clock.go(541)
    await room.visit(clock=False)
    assert room.paper.sent == ["亲，两天内发出"]


async def test_no_visible_clock_runs_out_because_of_a_person(room: Room) -> None:
    room.paper.say(Sender.shop, "我是小李，帮您查一下")
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(left=170)
    assert (room.paper.sent, await room.handoffs()) == ([], [])
    assert room.comes_back_in == pytest.approx(80)
    room.clock.go(80)
    await room.visit(left=90)
    (handoff,) = await room.handoffs()
    assert (handoff.urgent, room.paper.sent) == (True, [])
    assert room.comes_back_in == pytest.approx(50)
    room.clock.go(50)
    await room.visit(left=40)
    assert room.paper.sent == ["亲，已记下，明天9点回复您"]
    await room.visit(left=35)
    assert len(room.paper.sent) == 1


async def test_a_person_who_is_writing_is_not_spoken_over(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    room.paper.draft = "亲，这个要"
    await room.visit(left=170)
    assert room.comes_back_in == pytest.approx(5)
    await room.visit(left=35)
    assert (room.paper.sent, room.paper.draft) == ([], "亲，这个要")
    assert room.comes_back_in == pytest.approx(5)
    assert len(await room.handoffs()) == 1
    room.paper.draft = " \n"
    await room.visit(left=30)
    assert room.paper.sent == ["亲，两天内发出"]


async def test_our_own_rest_is_known_after_a_restart(room: Room) -> None:
    asked = room.paper.say(Sender.buyer, KNOWN)
    turn = await room.ledger(Ledger.open_turn, "shop", "k", seen_at=room.clock.now())
    text = "亲，两天内发出"
    reply = await room.ledger(
        Ledger.draft, turn.id, kind=ReplyKind.answer, entry="发货时间", text=text, newest_key=asked.key
    )
    await room.ledger(Ledger.move, reply.id, ReplyState.typing)
    room.paper.draft = "亲，两天"
    await room.visit()
    assert room.paper.sent == ["亲，两天内发出"]


async def test_a_person_of_yesterday_is_no_hindrance(room: Room) -> None:
    room.paper.say(Sender.shop, "晚安", at=room.clock.now() - timedelta(days=1))
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    assert room.paper.sent == ["亲，两天内发出"]


async def test_what_a_person_answered_is_told_from_what_came_after(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED)
    room.clock.go(30)
    room.paper.say(Sender.shop, "本地人")
    room.clock.go(700)
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(STAFFED)
    assert await room.handoffs() == []
    turn = await room.turn()
    assert (turn.text, turn.reply_by, room.paper.sent) == (KNOWN, "bot", ["亲，两天内发出"])
    first = await room.ledger(Ledger.turn, turn.id - 1)
    assert (first.reply_by, first.reply_at) == ("person", room.clock.now() - timedelta(seconds=700))


# --- sends that do not go well -------------------------------------------------------------------------------


async def test_a_bubble_that_does_not_show_is_waited_for_then_left_to_a_person(room: Room) -> None:
    room.paper.shows = False
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    assert [reply.state for reply in await room.replies()] == [ReplyState.sending]
    assert room.comes_back_in == pytest.approx(3)
    room.clock.go(3)
    await room.visit()
    assert [reply.state for reply in await room.replies()] == [ReplyState.unverified]
    (handoff,) = await room.handoffs()
    assert handoff.urgent
    assert len(room.paper.sent) == 1
    # It did arrive after all.
    room.paper.say(Sender.shop, "亲，两天内发出")
    await room.visit()
    assert [reply.state for reply in await room.replies()] == [ReplyState.confirmed]
    assert (await room.turn()).state is TurnState.answered


async def test_a_press_that_lands_nowhere_is_tried_again_and_then_left_to_a_person(room: Room) -> None:
    room.paper.landings = [NOWHERE, NOWHERE]
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    assert [reply.state for reply in await room.replies()] == [
        ReplyState.failed,
        ReplyState.failed,
        ReplyState.confirmed,
    ]
    room.paper.landings = [NOWHERE] * 9
    room.paper.say(Sender.buyer, OTHER)
    await room.visit()
    assert len(await room.replies()) == 6
    (handoff,) = await room.handoffs()
    assert (handoff.urgent, handoff.reason) == (True, "没能发出：没能按到发送：nothing landed")
    assert room.paper.sent == ["亲，两天内发出"]


async def test_what_the_console_refuses_goes_to_a_person(room: Room) -> None:
    room.paper.refuses = "blocked"
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    (reply,) = await room.replies()
    assert (reply.state, reply.why) == (ReplyState.blocked, "后台拒绝了这条消息")
    assert len(await room.handoffs()) == 1
    # What it left in the input is ours, and gone with the next answer.
    room.paper.refuses = ""
    room.clock.go(5)
    room.paper.say(Sender.buyer, OTHER)
    await room.visit()
    assert room.paper.sent == ["亲，订单页申请\n三天内开好"]


@pytest.mark.parametrize("arrived", [False, True])
@pytest.mark.parametrize("refused", ["offline", "expired"])
async def test_what_the_console_says_never_left_is_looked_for_first(
    room: Room, refused: str, arrived: bool
) -> None:
    room.paper.refuses = refused
    room.paper.say(Sender.buyer, KNOWN)
    with pytest.raises(ConsoleNotReady):
        await room.visit()
    assert [reply.state for reply in await room.replies()] == [ReplyState.sending]
    # By now the page was loaded anew, and shows what its server has.
    room.paper.refuses = room.paper.draft = ""
    if arrived:
        room.paper.say(Sender.shop, "亲，两天内发出")
    await room.visit()
    states = [reply.state for reply in await room.replies()]
    assert states == ([ReplyState.confirmed] if arrived else [ReplyState.failed, ReplyState.confirmed])
    assert len(room.paper.sent) == (0 if arrived else 1)
    assert (await room.turn()).state is TurnState.answered


async def test_what_the_guard_stops_is_never_typed(room: Room) -> None:
    room.paper.say(Sender.buyer, "有微信号吗")
    await room.visit()
    assert room.paper.sent == ["亲，已记下，明天9点回复您"]
    (handoff,) = await room.handoffs()
    assert "微信" in handoff.reason


async def test_what_is_too_long_for_the_console_goes_to_a_person(room: Room) -> None:
    room.paper.pack = room.paper.pack.model_copy(
        update={"composer": room.paper.pack.composer.model_copy(update={"max_chars": 10})}
    )
    room.paper.say(Sender.buyer, OTHER)
    await room.visit()
    (reply,) = await room.replies()
    assert (reply.state, reply.typing_at) == (ReplyState.blocked, None)
    assert len(await room.handoffs()) == 1


async def test_a_button_that_is_gone_is_told_and_not_tried_again(room: Room) -> None:
    room.paper.landings = [Landing(passed=False, landed="", why="missing")]
    room.paper.say(Sender.buyer, KNOWN)
    with pytest.raises(NoInput):
        await room.visit()
    assert [reply.state for reply in await room.replies()] == [ReplyState.failed]


async def test_a_row_that_is_not_in_the_list_is_put_off(room: Room) -> None:
    room.paper.listed = False
    waiter = Waiter(key="k", since=0, changed=0, late_at=0, due_at=0, clock=False)
    with pytest.raises(ConsoleNotReady):
        await room.visitor.visit(waiter, None, MIND, AWAY)


async def test_a_mark_that_told_of_nothing_closes_its_turn(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    room.clock.go(60)
    waiter = Waiter(key="k", since=0, changed=0, late_at=0, due_at=0, clock=False, mark="lie")
    await room.visitor.visit(waiter, None, MIND, AWAY)
    assert (await room.turn()).state is TurnState.ignored
    assert len(room.paper.sent) == 1


async def test_thanks_while_a_person_is_asked_for_change_nothing(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(STAFFED, clock=False)
    room.paper.say(Sender.buyer, "谢谢")
    await room.visit(STAFFED, clock=False)
    assert ((await room.turn()).state, len(await room.handoffs())) == (TurnState.handed, 1)
    assert room.paper.sent == []


async def test_the_platforms_robot_is_left_alone_where_no_clock_runs(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    room.paper.say(Sender.robot, "我是智能助手")
    await room.visit(clock=False)
    turn = await room.turn()
    assert (turn.reply_by, turn.state, room.paper.sent) == ("robot", TurnState.answered, [])


async def test_a_shop_that_only_holds_says_so_once(room: Room) -> None:
    hold = replace(AWAY, mode="hold")
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(hold)
    assert room.paper.sent == ["亲，已记下，明天9点回复您"]
    turn = await room.turn()
    assert (turn.would_say, turn.reason) == ("亲，两天内发出", "这家店只发安抚话术")


# --- buyers who ask whether anybody is there -----------------------------------------------------------------


@pytest.mark.parametrize("nudge", ["在吗", "？", "人呢", "在不在"])
async def test_a_nudge_starts_no_second_word_of_patience(room: Room, nudge: str) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(AWAY, clock=False)
    room.clock.go(20)
    room.paper.say(Sender.buyer, nudge)
    await room.visit(AWAY, clock=False)
    assert len(room.paper.sent) == 1
    assert len(await room.handoffs()) == 1


async def test_a_nudge_that_starts_a_clock_is_held_when_it_runs_short(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(AWAY)
    room.clock.go(20)
    room.paper.say(Sender.buyer, "在吗")
    await room.visit(AWAY, left=179)
    assert room.comes_back_in == pytest.approx(149)
    await room.visit(AWAY, left=169)
    assert len(room.paper.sent) == 1
    assert room.comes_back_in == pytest.approx(139)
    room.clock.go(139)
    await room.visit(AWAY, left=30)
    assert len(room.paper.sent) == 2


async def test_the_consoles_own_nudge_is_nobodys_word(room: Room) -> None:
    room.paper.say(Sender.buyer, BEYOND)
    await room.visit(AWAY)
    room.clock.go(20)
    room.paper.say(Sender.system, "买家正在催您回复")
    await room.visit(AWAY)
    assert len(room.paper.sent) == 1


async def test_pictures_and_cards_alone_are_for_a_person(room: Room) -> None:
    for kind in (Kind.image, Kind.card):
        said = room.paper.say(Sender.buyer, "")
        room.paper.messages[-1] = replace(said, kind=kind)
    await room.visit(STAFFED)
    assert room.paper.sent == []
    assert [handoff.reason for handoff in await room.handoffs()] == ["只有图片或卡片，没有文字"]


async def test_a_card_beside_a_question_does_not_keep_it_from_its_answer(room: Room) -> None:
    said = room.paper.say(Sender.buyer, "")
    room.paper.messages[-1] = replace(said, kind=Kind.card)
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit(AWAY)
    assert room.paper.sent == ["亲，两天内发出"]
