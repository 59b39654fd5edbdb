"""One shop's desk: clocks, marks, refusals, transfers. No server, no browser."""

from __future__ import annotations

import pytest

from practice.console import Console
from practice.desk import LIMIT, PAGE, ROWS, Desk
from practice.fill import fill
from practice.model import Json, Kind, Presence, Refused, Sender, Via


@pytest.fixture
def desk() -> Desk:
    return Console(shops=1, seed=7).desks["shop-1"]


def asks(desk: Desk, uid: str, text: str = "在吗", **more: bool) -> str:
    return desk.buyer_says(uid, text, kind=Kind.text, via=Via.control, **more).id


def test_the_clock_runs_from_the_first_message_until_the_shop_speaks(desk: Desk) -> None:
    asks(desk, "u1")
    conversation = desk.known("u1")
    first = conversation.messages[0].at

    def marks() -> tuple[int | None, int]:
        return conversation.waiting, conversation.unread

    assert marks() == (first, 1)
    asks(desk, "u1")
    assert marks() == (first, 2)
    desk.note("u1", "我是机器人", sender=Sender.robot, via=Via.control)
    assert marks() == (first, 2)
    desk.shop_says("u1", "在的", account="xiaoli-1", via=Via.control)
    assert marks() == (None, 0)


def test_thanks_starts_no_clock_but_is_unread(desk: Desk) -> None:
    asks(desk, "u1", "谢谢", clock=False)
    assert (desk.known("u1").waiting, desk.known("u1").unread) == (None, 1)


def test_reading_clears_the_mark_and_not_the_clock(desk: Desk) -> None:
    asks(desk, "u1")
    desk.read("u1")
    assert desk.known("u1").unread == 0
    assert desk.known("u1").waiting is not None


@pytest.mark.parametrize("text", ["", "  \n", "长" * (LIMIT + 1), "加我13812345678", "微信聊"])
def test_the_page_may_not_send_everything(desk: Desk, text: str) -> None:
    asks(desk, "u1")
    with pytest.raises(Refused):
        desk.sends("u1", text, account="bot-1", client="tab")
    assert len(desk.known("u1").messages) == 1


@pytest.mark.parametrize("text", ["好" * LIMIT, "订单 6926102339845610213 已发出", "第一行\n第二行"])
def test_what_a_shop_may_say(desk: Desk, text: str) -> None:
    asks(desk, "u1")
    message = desk.sends("u1", text, account="bot-1", client="tab")
    assert message is not None
    assert message.text == text


def test_a_transfer_needs_a_colleague_who_is_there(desk: Desk) -> None:
    asks(desk, "u1")
    for nobody in ("xiaozhou-1", "bot-1", "nemo"):
        with pytest.raises(Refused):
            desk.transfer("u1", by="bot-1", to=nobody)
    desk.transfer("u1", by="bot-1", to="xiaoli-1")
    assert desk.known("u1").owner == "xiaoli-1"
    assert desk.known("u1").waiting is not None
    desk.set_presence("xiaozhou-1", Presence.online)
    desk.transfer("u1", by="xiaoli-1", to="xiaozhou-1")
    assert desk.known("u1").owner == "xiaozhou-1"


def test_a_recalled_message_keeps_its_place_and_loses_its_text(desk: Desk) -> None:
    first = asks(desk, "u1", "说错了")
    asks(desk, "u1", "这个才对")
    desk.recall("u1", first)
    assert [(one.kind, one.text) for one in desk.known("u1").messages] == [
        (Kind.recall, ""),
        (Kind.text, "这个才对"),
    ]


def test_listeners_hear_everything_in_order(desk: Desk) -> None:
    heard: list[Json] = []
    desk.listen(heard.append)
    asks(desk, "u1")
    desk.read("u1")
    desk.shop_says("u1", "在", account="bot-1", via=Via.page)
    assert [event["type"] for event in heard] == ["said", "row", "said"]
    assert [event["row"]["unread"] for event in heard] == [1, 0, 0]


def test_nicknames_are_masked_and_collide_now_and_then(desk: Desk) -> None:
    for _ in range(200):
        asks(desk, desk.new_uid())
    names = [conversation.name for conversation in desk.conversations.values()]
    assert len(desk.conversations) == 200
    assert all(len(name) == 5 and name[1:4] == "***" for name in names)
    assert 150 < len(set(names)) < 200


def test_the_same_seed_gives_the_same_buyers() -> None:
    def buyers(seed: int) -> list[tuple[str, str, str]]:
        desk = Console(shops=1, seed=seed).desks["shop-1"]
        conversations = [desk.conversation(desk.new_uid()) for _ in range(20)]
        return [(one.uid, one.name, one.product["title"]) for one in conversations]

    assert buyers(7) == buyers(7)
    assert buyers(7) != buyers(8)


def test_a_long_thread_comes_in_pages(desk: Desk) -> None:
    ids = [asks(desk, "u1", f"第{number}条") for number in range(PAGE + 30)]
    newest = desk.thread("u1")
    assert [one["id"] for one in newest["messages"]] == ids[30:]
    assert newest["more"]
    before = desk.thread("u1", before=ids[30])
    assert [one["id"] for one in before["messages"]] == ids[:30]
    assert not before["more"]


def test_half_a_character_does_no_harm(desk: Desk) -> None:
    asks(desk, "u1", "坏\ud83d的")
    assert desk.known("u1").messages[0].text == "坏?的"


def test_a_past_can_be_filled_in(desk: Desk) -> None:
    uids = fill(desk, 30, 40, waiting=10, now=10**12, seed=7)
    assert len(set(uids)) == 30
    assert len(desk.known(uids[0]).messages) == 40
    assert [desk.known(uid).waiting is not None for uid in uids] == [False] * 20 + [True] * 10


def test_the_list_has_an_end_but_never_without_those_who_wait(desk: Desk) -> None:
    asks(desk, "first")
    fill(desk, ROWS + 50, 2, waiting=0, now=10**12, seed=7)
    listed = [row["uid"] for row in desk.state("bot-1")["rows"]]
    assert len(listed) == ROWS
    assert listed[0] == "first"


def test_a_short_list_shows_all_who_wait() -> None:
    desk = Console(shops=1, seed=7, rows=3).desks["shop-1"]
    uids = fill(desk, 9, 2, waiting=5, now=10**12, seed=7)
    assert {row["uid"] for row in desk.state("bot-1")["rows"]} == set(uids[4:])
