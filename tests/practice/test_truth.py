"""The truth: which turn got what, whoever said it."""

from __future__ import annotations

import pytest

from practice.console import Console
from practice.model import Json, Kind, Sender, Via


@pytest.fixture
def console() -> Console:
    return Console(shops=2, seed=7)


def ask(console: Console, uid: str, text: str, topic: str | None = None) -> str:
    message, _ = console.ask("shop-1", uid, text, via=Via.control, topic=topic)
    return message.id


def reply(console: Console, uid: str, text: str, *, account: str = "bot-1") -> None:
    console.desks["shop-1"].shop_says(uid, text, account=account, via=Via.page, client="tab")


def turns(console: Console) -> list[Json]:
    found: list[Json] = console.truth.report(console.chosen(None), console.moments.now())["turns"]
    return found


def test_a_burst_is_one_turn_until_somebody_answers(console: Console) -> None:
    ask(console, "u1", "在吗")
    ask(console, "u1", "发票咋开呀", "发票")
    reply(console, "u1", "可以开的")
    ask(console, "u1", "那包邮不", "包邮")
    reply(console, "u1", "包邮的")
    first, second = turns(console)
    assert (first["texts"], first["topic"]) == (["在吗", "发票咋开呀"], "发票")
    assert [got["text"] for got in first["got"]] == ["可以开的"]
    assert (second["texts"], second["topic"]) == (["那包邮不"], "包邮")
    assert [got["text"] for got in second["got"]] == ["包邮的"]
    assert first["asked_first"] <= first["asked_last"] <= first["got"][0]["at"]


def test_all_that_was_said_for_a_turn_counts(console: Console) -> None:
    ask(console, "u1", "发票咋开呀")
    reply(console, "u1", "稍等")
    reply(console, "u1", "可以开", account="xiaoli-1")
    (turn,) = turns(console)
    assert [(got["text"], got["account"], got["via"], got["client"]) for got in turn["got"]] == [
        ("稍等", "bot-1", "page", "tab"),
        ("可以开", "xiaoli-1", "page", "tab"),
    ]


def test_robots_and_system_rows_are_no_answer(console: Console) -> None:
    ask(console, "u1", "发票咋开呀")
    desk = console.desks["shop-1"]
    desk.note("u1", "我是机器人", sender=Sender.robot, via=Via.control)
    desk.note("u1", "客服小李接入", sender=Sender.system, via=Via.control)
    ask(console, "u1", "有人吗")
    (turn,) = turns(console)
    assert turn["got"] == []
    assert turn["texts"] == ["发票咋开呀", "有人吗"]


def test_buyers_and_shops_are_kept_apart(console: Console) -> None:
    ask(console, "u1", "发票咋开呀")
    ask(console, "u2", "包邮不")
    console.ask("shop-2", "u1", "几点下班", via=Via.control)
    reply(console, "u2", "包邮的")
    assert [(turn["shop"], turn["conversation"], len(turn["got"])) for turn in turns(console)] == [
        ("shop-1", "u1", 0),
        ("shop-1", "u2", 1),
        ("shop-2", "u1", 0),
    ]


def test_only_one_shop_and_only_what_is_new(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(console, "u1", "发票咋开呀")
    console.ask("shop-2", "u2", "包邮不", via=Via.control)
    monkeypatch.setattr(console.moments, "now", lambda: 10**13)
    console.ask("shop-2", "u3", "几点下班", via=Via.control)
    found = console.truth.report(console.chosen("shop-2"), 0, since=10**13)
    assert [turn["conversation"] for turn in found["turns"]] == ["u3"]
    assert [message["conversation"] for message in found["messages"]] == ["u3"]
    both = console.truth.report(console.chosen("shop-2"), 0)
    assert [turn["conversation"] for turn in both["turns"]] == ["u2", "u3"]


def test_a_transfer_is_told_with_its_turn(console: Console) -> None:
    ask(console, "u1", "你们老板是哪里人")
    console.desks["shop-1"].transfer("u1", by="bot-1", to="xiaoli-1")
    (turn,) = turns(console)
    assert [(one["by"], one["to"]) for one in turn["transfers"]] == [("bot-1", "xiaoli-1")]


def test_thanks_is_a_turn_that_needs_no_answer(console: Console) -> None:
    ask(console, "u1", "发票咋开呀")
    reply(console, "u1", "可以开")
    console.ask("shop-1", "u1", "谢谢", via=Via.buyers, needs_answer=False)
    assert [turn["needs_answer"] for turn in turns(console)] == [True, False]


def test_a_recalled_message_stays_in_its_turn(console: Console) -> None:
    first = ask(console, "u1", "打错了")
    ask(console, "u1", "几点下班")
    console.desks["shop-1"].recall("u1", first)
    assert turns(console)[0]["texts"] == ["", "几点下班"]


def test_who_took_back_all_but_a_greeting_or_a_smiley_wants_nothing(console: Console) -> None:
    for buyer, rest in (("u1", "😊"), ("u2", "几点下班"), ("u3", "急"), ("u4", "在吗？")):
        first = ask(console, buyer, "打错了")
        ask(console, buyer, rest)
        console.desks["shop-1"].recall(buyer, first)
    ask(console, "u5", "？")
    assert [turn["needs_answer"] for turn in turns(console)] == [False, True, False, False, True]


def test_every_message_is_told(console: Console) -> None:
    ask(console, "u1", "在吗")
    console.ask("shop-1", "u1", "", via=Via.control, kind=Kind.image)
    reply(console, "u1", "在")
    said = console.truth.report(console.chosen(None), 0)["messages"]
    assert [(one["sender"], one["kind"], one["text"]) for one in said] == [
        ("buyer", "text", "在吗"),
        ("buyer", "image", ""),
        ("shop", "text", "在"),
    ]
    assert [one["at"] for one in said] == sorted(one["at"] for one in said)
