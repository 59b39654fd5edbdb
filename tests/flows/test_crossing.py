"""A buyer who goes on while our reply is on its way: that has no answer, although our reply stands after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.async_api import Browser

from flows.desk import Desk
from flows.drift import Drift
from flows.page import ConsolePage
from flows.transcript import plain
from flows.views import Row, Snapshot
from storage.records import ReplyState, Sender, TurnState
from tests.flows.paper import BEYOND, KNOWN, MIND, OTHER, Room
from tests.flows.watch import entry_of, watching
from tests.nursery import practising


def texts(sent: Sequence[str]) -> list[str]:
    return [plain(text) for text in sent]


@pytest.mark.parametrize(
    ("first", "crossing", "said"),
    [
        (KNOWN, OTHER, ["亲，两天内发出", "亲，订单页申请三天内开好"]),
        (BEYOND, KNOWN, ["亲，已记下，明天9点回复您", "亲，两天内发出"]),
        (KNOWN, BEYOND, ["亲，两天内发出", "亲，已记下，明天9点回复您"]),
    ],
)
async def test_it_is_answered_at_once_and_once(room: Room, first: str, crossing: str, said: list[str]) -> None:
    room.paper.say(Sender.buyer, first)
    room.paper.crossing = crossing
    await room.visit(clock=False)
    assert texts(room.paper.sent) == texts(said[:1])
    assert room.comes_back_in == 0.0
    await room.visit(clock=False)
    assert texts(room.paper.sent) == texts(said)
    assert room.comes_back_in is None
    await room.visit(clock=False)
    assert texts(room.paper.sent) == texts(said)
    assert {reply.state for reply in await room.replies()} == {ReplyState.confirmed}


async def test_a_person_who_spoke_after_it_has_seen_it(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    room.paper.crossing = OTHER
    await room.visit(clock=False)
    room.paper.say(Sender.shop, "可以的，我给您开")
    await room.visit(clock=False)
    assert len(room.paper.sent) == 1


@pytest.mark.parametrize("dialect", ["plain", "pinduoduo", "doudian", "jd"])
async def test_on_a_real_page(
    dialect: str, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice = await practising("--shops", "1", "--dialect", dialect)
    try:
        console = "practice-plain" if dialect == "plain" else dialect
        async with watching(practice, browser, tmp_path, monkeypatch, console=console) as now:
            await practice.control("cross", shop="shop-1", conversation="u1", text="可以开发票吗")
            await now.say("什么时候发货", buyer="u1")
            first, second = await now.replied("u1", 2)
            assert (entry_of(first), entry_of(second)) == (frozenset({"发货时间"}), frozenset({"发票"}))

            async def all_closed() -> bool:
                return {turn.state for turn in await now.turns("u1")} == {TurnState.answered}

            await now.until(all_closed)
            (turn,) = (await practice.truth())["turns"]
            asked, crossing = turn["messages"]
            assert [got["seen"] for got in turn["got"]] == [asked, crossing]
            assert turn["asked_last"] <= turn["got"][0]["at"]
    finally:
        await practice.stop()


async def test_what_the_page_shows_only_later_is_noticed(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    act, paper = room.visitor.answerer, room.paper

    async def nothing(_drift: Drift, _snapshot: Snapshot) -> None:
        """There is no page to look at for a drift."""

    async def read(*, told: bool) -> Snapshot:
        return Snapshot(rows=(row,), unparsed=0, thread=await paper.thread(), signals=frozenset())

    monkeypatch.setattr(Drift, "note", nothing)
    row = Row(key="k", name="", preview="", time="", unread=None, waiting=None, group="")
    page = cast(ConsolePage, SimpleNamespace(pack=paper.pack, read=read))
    desk = Desk(act.card, page, act.inbox, room.ledger, act.composer.pace, room.clock, lambda: MIND, act.shelf)
    desk.answerer.composer = act.composer
    paper.say(Sender.buyer, KNOWN)
    await room.visit(clock=False)
    await desk.refresh()
    assert [waiter.key for waiter in desk.inbox.waiting()] == []
    answer = paper.messages.pop()
    late = paper.say(Sender.buyer, OTHER)
    paper.messages.append(replace(answer, key="m9"))
    await desk.refresh()
    assert [(waiter.key, waiter.open_key) for waiter in desk.inbox.waiting()] == [("k", late.key)]


async def test_a_reply_that_is_doubted_is_looked_at_once_and_not_at_each_loading(room: Room) -> None:
    act = room.visitor.answerer
    page = cast(ConsolePage, SimpleNamespace(pack=room.paper.pack))
    desk = Desk(act.card, page, act.inbox, room.ledger, act.composer.pace, room.clock, lambda: MIND, act.shelf)
    desk.answerer.composer = act.composer
    room.paper.say(Sender.buyer, KNOWN)
    await room.visit()
    desk.freshness.doubt()
    desk.look_again()
    assert act.inbox.doubted == {"k"}
    later = room.clock.steady() + 5
    act.inbox.add("k", room.clock.steady(), at=later)  # it was not listed, and is tried again in a while
    desk.look_again()
    assert [waiter.due_at for waiter in act.inbox.waiting()] == [later]


async def test_a_page_that_puts_old_words_elsewhere_has_them_answered_no_second_time(room: Room) -> None:
    room.paper.say(Sender.buyer, KNOWN)
    room.paper.say(Sender.buyer, OTHER)
    await room.visit(clock=False)
    first, second, *rest = room.paper.messages
    room.paper.messages[:] = [second, first, *rest]
    await room.visit(clock=False)
    assert len(room.paper.sent) == 1
