"""From messages to words: understanding, deciding and wording together, with a small knowledge of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from flows.decide import Outcome, Policy, Situation
from flows.guard import Guard, load_lists
from flows.mind import Mind, Thought
from knowledge.entry import Scope
from knowledge.library import Library
from knowledge.model import Knowledge
from storage.records import Kind

KNOWLEDGE = Knowledge.model_validate(
    {
        "facts": {"发货时限": "48小时", "快递": "中通"},
        "entries": [
            {
                "id": "发货时间",
                "questions": ["什么时候发货", "多久发货", "几天能发出", "今天能发货吗"],
                "answer": ["亲，付款后{facts.发货时限}内发出", "您好，{facts.发货时限}内给您安排发出哦"],
            },
            {
                "id": "什么快递",
                "questions": ["发什么快递", "用哪家快递", "走什么物流"],
                "answer": "亲，我们发{facts.快递}",
            },
            {
                "id": "发票",
                "questions": ["可以开发票吗", "怎么开票", "有发票吗"],
                "answer": "亲，订单页点申请开票",
            },
            {"id": "退款", "questions": ["我要退款", "怎么退款", "退钱"], "answer": "亲，申请即可", "risky": True},
            {
                "id": "只此一家",
                "questions": ["有没有线下门店", "实体店在哪"],
                "answer": "亲，在城东",
                "scope": {"shops": "城东店"},
            },
        ],
        "holding": {
            "working": ["亲，稍等，正在核实", "亲，还在核实"],
            "after_hours": "亲，已记下，{resume}回复您",
        },
        "small_talk": {"greeting": "亲，在的", "thanks": "亲，不客气"},
        "never_say": ["包过"],
    }
)
MIND = Mind.of(KNOWLEDGE)
SCOPE = Scope(shop="shop", platform="practice", now=datetime(2026, 11, 23, 4, 0, tzinfo=UTC))


def think(*messages: str, variant: int = 0, resume: str | None = "明天9点", **around: Any) -> Thought:
    return MIND.think(messages, SCOPE, Situation(**around), variant=variant, resume=resume)


@pytest.mark.parametrize(
    ("messages", "entries", "text"),
    [
        (("什么时候发货",), "发货时间", "亲，付款后48小时内发出"),
        (("发什么快递",), "什么快递", "亲，我们发中通"),
        (("什么时候发货？发什么快递？",), "发货时间+什么快递", "亲，付款后48小时内发出\n我们发中通"),
        (("什么时候发货", "可以开发票吗"), "发货时间+发票", "亲，付款后48小时内发出\n订单页点申请开票"),
        (("你好", "什么时候发货", "谢谢"), "发货时间", "亲，付款后48小时内发出"),
        (("什么时候发货", "多久发货"), "发货时间", "亲，付款后48小时内发出"),
    ],
)
def test_what_is_known_is_answered_in_one_text(messages: tuple[str, ...], entries: str, text: str) -> None:
    thought = think(*messages)
    assert thought.decision.outcome is Outcome.answer
    assert (thought.entry, thought.text) == (entries, text)


def test_variants_go_round() -> None:
    assert think("什么时候发货", variant=1).text == "您好，48小时内给您安排发出哦"
    assert think("什么时候发货", variant=2).text == think("什么时候发货").text


@pytest.mark.parametrize(
    ("resume", "variant", "text"),
    [
        ("明天9点", 0, "亲，已记下，明天9点回复您"),
        (None, 0, "亲，稍等，正在核实"),
        (None, 1, "亲，还在核实"),
    ],
)
def test_what_is_not_known_is_held(resume: str | None, variant: int, text: str) -> None:
    thought = think("你们老板是哪里人", resume=resume, variant=variant)
    assert thought.decision.outcome is Outcome.hold
    assert (thought.entry, thought.text) == ("", text)


@pytest.mark.parametrize(
    ("message", "around", "outcome"),
    [
        ("你们老板是哪里人", {"staffed": True}, Outcome.handoff),
        ("转人工", {}, Outcome.hold),
        ("我要去12315投诉你们", {}, Outcome.hold),
        ("我要退款", {}, Outcome.hold),
        ("有没有线下门店", {}, Outcome.hold),
        ("谢谢", {}, Outcome.answer),
        ("什么时候发货", {"robot": True}, Outcome.ignore),
    ],
)
def test_outcomes(message: str, around: dict[str, Any], outcome: Outcome) -> None:
    thought = think(message, **around)
    assert thought.decision.outcome is outcome
    if outcome in (Outcome.handoff, Outcome.ignore):
        assert thought.text == ""


def test_small_talk_has_its_own_words() -> None:
    assert think("在吗").text == "亲，在的"
    assert think("谢谢", clock=True).text == "亲，不客气"


@pytest.mark.parametrize("variant", [0, 1])
def test_thanks_that_stop_a_clock_do_not_begin_the_talk_anew(variant: int) -> None:
    mute = Mind.of(
        KNOWLEDGE.model_copy(update={"small_talk": KNOWLEDGE.small_talk.model_copy(update={"thanks": ()})})
    )
    thought = mute.think(["谢谢"], SCOPE, Situation(clock=True), variant=variant, resume=None)
    assert (thought.decision.outcome, thought.text) == (Outcome.answer, "不客气，有需要随时找我们")


def test_without_words_for_small_talk_a_running_clock_gets_patience() -> None:
    silent = Mind.of(
        KNOWLEDGE.model_copy(update={"small_talk": KNOWLEDGE.small_talk.model_copy(update={"greeting": ()})})
    )
    assert silent.think(["在吗"], SCOPE, Situation()).text == ""
    assert silent.think(["在吗"], SCOPE, Situation(clock=True), resume=None).text == "亲，稍等，正在核实"


def test_a_choice_is_numbered_and_a_number_is_understood() -> None:
    around: dict[str, Any] = {"offered": ("发票", "发货时间")}
    assert think("2", **around).text == "亲，付款后48小时内发出"
    assert think("发票", **around).text == "亲，订单页点申请开票"


@pytest.mark.parametrize(
    "message",
    [
        "",
        "   ",
        "\u200b",
        "😀😀😀",
        "长" * 20_000,
        "<script>alert(1)</script>",
        "שלום",
        "？？？",
        "1" * 500,
        "\n\n\n",
    ],
)
def test_whatever_a_buyer_sends_gets_a_decision(message: str) -> None:
    thought = think(message)
    assert thought.decision.reason
    assert thought.decision.outcome in Outcome


@pytest.mark.parametrize("messages", [["什么时候发货"] * 17, ["什么时候发货", "长" * 2_000], ["多大？" * 17]])
def test_a_pile_of_words_is_a_persons_to_read(messages: list[str]) -> None:
    """Part of it answered would leave the rest unanswered, and all of it would take long to go through."""
    decision = think(*messages).decision
    assert (decision.outcome, decision.urgent, decision.entries) == (Outcome.hold, True, ())
    assert think(*messages, claimed=True).decision.outcome is Outcome.ignore


def test_as_many_words_as_people_write_are_gone_through() -> None:
    assert think(*["什么时候发货"] * 16).entry == "发货时间"


def test_only_a_picture() -> None:
    thought = think(kinds=frozenset({Kind.image}))
    assert (thought.decision.outcome, thought.text) == (Outcome.hold, "亲，已记下，明天9点回复您")


def test_an_entry_of_another_shop_is_not_ours_to_say() -> None:
    there = Scope(shop="城东店", platform="practice", now=SCOPE.now)
    assert MIND.think(["有没有线下门店"], there, Situation()).text == "亲，在城东"


@pytest.mark.parametrize("words", [{"id": "内购"}, {"answer": ["亲，领券买", "亲，走内购"]}])
def test_an_entry_that_the_guard_would_stop_is_not_offered(words: dict[str, object]) -> None:
    staff = {"id": "员工价", "questions": ["员工买有优惠吗", "员工价怎么买"], "answer": "亲，领券买"}
    card = {"id": "会员卡", "questions": ["会员卡在哪办", "怎么办会员"], "answer": "亲，首页就能办"}
    known = Knowledge.model_validate({"entries": [staff | words, card]})
    unsure = Policy(answer_at=1.0, choose_at=0.0)
    free, bound = (Mind(Library(known), Guard(load_lists(), never), unsure) for never in ((), ("内购",)))
    assert free.think(["员工价怎么买"], SCOPE, Situation()).decision.outcome is Outcome.choose
    decision = bound.think(["员工价怎么买"], SCOPE, Situation()).decision
    assert decision.outcome is Outcome.hold
    assert "“内购”" in decision.reason


def test_never_say_words_reach_the_guard() -> None:
    assert not MIND.check("这个考试包过的", platform="practice", category=None).allowed
    assert MIND.check("亲，在的", platform="practice", category=None).allowed
