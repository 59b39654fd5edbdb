"""Deciding, as tables: what was understood and what surrounds it in, an outcome with its reason out."""

from __future__ import annotations

from typing import Any

import pytest

from flows.choices import Choice
from flows.decide import Asked, Decision, Outcome, Policy, Situation, decide
from knowledge.matcher import Ranked
from knowledge.model import Knowledge
from knowledge.talk import Talk
from storage.records import Kind


def entry(name: str, **more: object) -> dict[str, object]:
    return {"id": name, "questions": f"{name}怎么弄", "answer": f"{name}这样弄"} | more


KNOWLEDGE = Knowledge.model_validate(
    {
        "facts": {"时限": "48小时", "没填": ""},
        "entries": [
            entry("发货", answer="{facts.时限}内发出"),
            entry("换货"),
            entry("发票"),
            entry("优惠券"),
            entry("退款", risky=True),
            entry("投诉登记", handoff=True, answer=None),
            entry("加急", handoff={"urgent": True}),
            entry("新品", status="observe"),
            entry("运费险", answer="{facts.没填}"),
        ],
    }
)
# Cuts of the test's own: the shipped ones are as measured.
POLICY = Policy(answer_at=0.9, choose_at=0.5, choices=3, choice_at=0.1, answers=3, holds=3)
MUTE = Knowledge.model_validate({"entries": [entry("发货")], "small_talk": {"greeting": [], "thanks": []}})
THANKFUL = Knowledge.model_validate({"entries": [entry("发货")], "small_talk": {"thanks": "不客气"}})


def ranked(name: str, confidence: float) -> Ranked:
    return Ranked(entry=name, confidence=confidence, question=f"{name}怎么弄", reason=f"像“{name}”")


def asked(*matches: tuple[str, float], text: str = "问题", talk: Talk = Talk.question) -> Asked:
    return Asked(text=text, talk=talk, ranked=tuple(ranked(*match) for match in matches))


def think(*parts: Asked, whole: tuple[tuple[str, float], ...] | None = None, knowledge: Knowledge = KNOWLEDGE,
          **around: Any) -> Decision:  # fmt: skip
    """Decide on `parts`; the whole is the only question's ranking unless given, as `Mind` has it."""
    questions = [part for part in parts if part.talk is Talk.question]
    alone = questions[0].ranked if len(questions) == 1 else ()
    all_of_it = alone if whole is None else tuple(ranked(*match) for match in whole)
    return decide(parts, all_of_it, Situation(**around), knowledge, POLICY)


# --- answering -----------------------------------------------------------------------------------------------


def test_a_sure_match_is_answered_with_its_reason() -> None:
    got = think(asked(("发货", 0.95), ("换货", 0.2)))
    assert got == Decision(
        outcome=Outcome.answer, reason="像“发货”", told=(Choice(entry="发货"),), confidence=0.95
    )


@pytest.mark.parametrize(("confidence", "outcome"), [(0.9, Outcome.answer), (0.899, Outcome.choose)])
def test_the_cut_for_answering(confidence: float, outcome: Outcome) -> None:
    assert think(asked(("发货", confidence))).outcome is outcome


def test_two_sure_questions_are_answered_together_in_their_order() -> None:
    got = think(asked(("发票", 0.93)), asked(("发货", 0.97)))
    assert (got.outcome, got.entries, got.confidence) == (Outcome.answer, ("发票", "发货"), 0.93)


def test_the_same_asked_twice_in_one_turn_is_answered_once() -> None:
    assert think(asked(("发货", 0.93)), asked(("发货", 0.97))).entries == ("发货",)


def test_no_more_answers_at_once_than_the_policy_allows() -> None:
    parts = [asked((name, 0.95)) for name in ("发货", "换货", "发票", "优惠券")]
    assert think(*parts[:3]).outcome is Outcome.answer
    assert think(*parts).outcome is Outcome.hold


def test_small_talk_beside_a_question_changes_nothing() -> None:
    got = think(asked(talk=Talk.greeting), asked(("发货", 0.95)), asked(talk=Talk.thanks))
    assert (got.outcome, got.entries) == (Outcome.answer, ("发货",))


def test_a_question_that_is_only_clear_as_a_whole() -> None:
    pieces = (asked(("发货", 0.3)), asked(("换货", 0.3)))
    assert think(*pieces, whole=(("发票", 0.96),)).entries == ("发票",)
    assert think(*pieces, whole=(("发票", 0.6),)).outcome is not Outcome.answer
    # One part is known by itself: the whole may not pass over it.
    known = (asked(("发货", 0.95)), asked(("换货", 0.3)))
    assert think(*known, whole=(("发货", 0.96),)).entries == ("发货",)
    assert think(*known, whole=(("发票", 0.96),)).outcome is Outcome.hold


def test_what_is_known_is_answered_and_the_rest_goes_to_a_person() -> None:
    got = think(asked(("发货", 0.95)), asked(text="老板是谁"), whole=(("发货", 0.5),))
    assert (got.outcome, got.entries, got.rest) == (Outcome.answer, ("发货",), "有一问不知道答案")
    assert got.reason == "像“发货”；其余转人工：有一问不知道答案"


@pytest.mark.parametrize(
    ("other", "rest", "offers"),
    [
        (asked(("投诉登记", 0.95)), "“投诉登记”要由人工回答", ()),
        (asked(("新品", 0.6)), "“新品”还没有上线：只观察，不作答", ()),
        (asked(("换货", 0.3), text="换不换呀"), "把握不够（最像“换货”，0.30）", ()),
        (asked(("换货", 0.6), ("发票", 0.2)), "", ("换货", "发票")),
        (asked(text="你们老板是谁"), "有一问不知道答案", ()),
    ],
)
def test_a_part_beside_one_that_is_known(other: Asked, rest: str, offers: tuple[str, ...]) -> None:
    got = think(other, asked(("发货", 0.95)))
    assert (got.outcome, got.entries, got.rest) == (Outcome.answer, ("发货",), rest)
    assert tuple(choice.entry for choice in got.offers) == offers


def test_what_was_answered_before_is_not_answered_again() -> None:
    got = think(asked(("发货", 0.95)), given=frozenset({"发货"}))
    assert (got.outcome, got.reason) == (Outcome.hold, "“发货”已经回答过一次，买家还在问")
    assert think(asked(("发票", 0.95)), given=frozenset({"发货"})).outcome is Outcome.answer
    both = think(asked(("发票", 0.95)), asked(("发货", 0.95)), given=frozenset({"发货"}))
    assert (both.entries, both.rest) == (("发票",), "“发货”已经回答过一次，买家还在问")


@pytest.mark.parametrize("beside", [asked(("换货", 0.3), text="昨天买的"), asked(text="杯子")])
@pytest.mark.parametrize(("whole", "outcome"), [(0.5, Outcome.answer), (0.49, Outcome.choose)])
def test_what_only_tells_of_something_must_not_turn_the_question_around(
    beside: Asked, whole: float, outcome: Outcome
) -> None:
    got = think(beside, asked(("发货", 0.95), text="几天发货"), whole=(("发货", whole),))
    assert (got.outcome, got.entries[0], got.rest) == (outcome, "发货", "")


# --- offering a choice ---------------------------------------------------------------------------------------

NEAR = (("发货", 0.6), ("换货", 0.25), ("发票", 0.12), ("优惠券", 0.11))


def test_a_fair_match_offers_the_likeliest() -> None:
    got = think(asked(*NEAR))
    assert (got.outcome, got.entries) == (Outcome.choose, ("发货", "换货", "发票"))
    assert got.reason == "把握一般（0.60），请买家选"


@pytest.mark.parametrize(
    ("matches", "reason"),
    [
        ((), "不知道答案"),
        ((("发货", 0.49), ("换货", 0.3)), "把握不够（最像“发货”，0.49）"),
        ((("退款", 0.49), ("发货", 0.3)), "把握不够（最像“退款”，0.49）"),
    ],
)
def test_nothing_fit_to_be_offered_goes_to_a_person(matches: tuple[tuple[str, float], ...], reason: str) -> None:
    got = think(asked(*matches))
    assert (got.outcome, got.reason) == (Outcome.hold, reason)


@pytest.mark.parametrize("beside", [("换货", 0.05), ("新品", 0.3), ("退款", 0.3)])
def test_what_may_not_be_offered_leaves_one_to_ask_for(beside: tuple[str, float]) -> None:
    got = think(asked(("发货", 0.6), beside))
    assert (got.outcome, got.entries) == (Outcome.choose, ("发货",))


def test_what_the_guard_would_stop_is_not_offered() -> None:
    got = think(asked(*NEAR), forbidden={"换货": "“换货”不能说"})
    assert (got.outcome, got.entries) == (Outcome.choose, ("发货", "发票", "优惠券"))
    got = think(asked(*NEAR), forbidden={"发货": "“发货”不能说"})
    assert (got.outcome, got.reason) == (Outcome.hold, "“发货”不能说")


def test_nobody_is_asked_which_order_is_meant_where_the_guard_would_stop_the_answer() -> None:
    knowledge = Knowledge.model_validate(
        {"entries": [entry("发货", answer="{order.number}已经发了"), entry("换货")]}
    )
    around: dict[str, Any] = {"seen": ({"order.number": "2611-1001"}, {"order.number": "2611-1002"})}
    assert think(asked(("发货", 0.95)), knowledge=knowledge, **around).outcome is Outcome.choose
    got = think(asked(("发货", 0.95)), knowledge=knowledge, forbidden={"发货": "“发货”不能说"}, **around)
    assert (got.outcome, got.reason) == (Outcome.hold, "“发货”不能说")


def test_what_was_asked_of_an_entry_out_of_its_time_goes_to_a_person_and_not_to_its_neighbour() -> None:
    why = "“优惠券”现在不在它的有效时间（active）里"
    for sure, near in ((0.95, 0.93), (0.6, 0.55)):
        got = think(asked(("优惠券", sure), ("发票", near)), away=frozenset({"优惠券"}))
        assert (got.outcome, got.reason) == (Outcome.hold, why)
    got = think(asked(("发票", 0.6), ("优惠券", 0.55), ("换货", 0.2)), away=frozenset({"优惠券"}))
    assert (got.outcome, got.entries) == (Outcome.choose, ("发票", "换货"))
    # Of several questions the others are answered.
    got = think(asked(("优惠券", 0.95)), asked(("发货", 0.95)), whole=(), away=frozenset({"优惠券"}))
    assert (got.outcome, got.entries, got.rest) == (Outcome.answer, ("发货",), why)


def test_what_was_offered_and_is_over_by_now_is_not_told() -> None:
    around: dict[str, Any] = {"offered": ("优惠券", "发票"), "away": frozenset({"优惠券"})}
    assert think(asked(text="1"), **around).outcome is Outcome.hold
    assert think(asked(text="2"), **around).entries == ("发票",)


def test_what_nobody_may_answer_is_not_offered() -> None:
    got = think(asked(("发货", 0.6), ("退款", 0.3), ("新品", 0.2), ("换货", 0.15)))
    assert got.entries == ("发货", "换货")


@pytest.mark.parametrize(("matches", "entries"), [((("换货", 0.5), ("发货", 0.05)), ("换货",)), (NEAR, ())])
def test_words_that_are_like_only_one_of_what_was_offered_choose_it(
    matches: tuple[tuple[str, float], ...], entries: tuple[str, ...]
) -> None:
    assert think(asked(*matches), offered=("发货", "换货")).entries == entries


def test_a_second_choice_is_none() -> None:
    got = think(asked(*NEAR), offered=("发货", "换货"))
    assert (got.outcome, got.reason) == (Outcome.hold, "给过选项，还是没弄清")


def test_a_pick_is_answered_for_sure() -> None:
    got = think(asked(("发票", 0.97), text="2"), offered=("发货", "换货"))
    assert (got.outcome, got.entries, got.confidence, got.reason) == (
        Outcome.answer,
        ("换货",),
        1.0,
        "买家选了“换货”",
    )
    assert think(asked(text="2"), offered=("发货", "换货"), given=frozenset({"换货"})).outcome is Outcome.hold


def test_where_an_edit_took_an_offer_away_the_numbers_mean_nothing() -> None:
    assert think(asked(text="2"), offered=("删掉了", "发货", "换货")).reason == "不知道答案"


def test_a_number_that_was_not_offered_is_not_guessed() -> None:
    assert think(asked(text="5"), offered=("发货", "换货")).reason == "不知道答案"


@pytest.mark.parametrize("text", ["3", "都不是"])
def test_none_of_the_choices_goes_to_a_person(text: str) -> None:
    got = think(asked(("发货", 0.99), text=text), offered=("发货", "换货"))
    assert (got.outcome, got.reason) == (Outcome.hold, "给过选项，买家说都不是")


def test_of_several_unclear_questions_each_is_offered() -> None:
    parts = (asked(("发货", 0.6), ("换货", 0.2), text="怎么发"), asked(("发票", 0.7), text="有发票吗"))
    got = think(*parts, whole=(("优惠券", 0.3),))
    assert (got.outcome, got.entries) == (Outcome.choose, ("发票", "发货", "优惠券"))
    assert think(asked(text="都要"), offered=("发票", "发货", "优惠券")).entries == ("发票", "发货", "优惠券")


# --- what goes to a person -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "around", "reason", "urgent"),
    [
        ([asked(talk=Talk.person)], {}, "买家要找人工", True),
        ([asked(("发货", 0.99)), asked(talk=Talk.person)], {}, "买家要找人工", True),
        ([asked(talk=Talk.dispute)], {}, "涉及投诉或纠纷", True),
        ([asked(("发货", 0.99)), asked(talk=Talk.dispute)], {}, "涉及投诉或纠纷", True),
        ([asked(("退款", 0.95))], {}, "“退款”要由人工回答", True),
        ([asked(("退款", 0.5))], {}, "“退款”要由人工回答", True),
        ([asked(("投诉登记", 0.95))], {}, "“投诉登记”要由人工回答", False),
        ([asked(("新品", 0.95))], {}, "“新品”还没有上线：只观察，不作答", False),
        ([asked(("运费险", 0.95))], {}, "“运费险”还没有上线：事实还没填写：没填", False),
        ([asked(("发货", 0.99)), asked(("退款", 0.9))], {}, "“退款”要由人工回答", True),
        ([], {"kinds": frozenset({Kind.image})}, "只有图片或卡片，没有文字", False),
        ([], {"kinds": frozenset({Kind.card, Kind.order})}, "只有图片或卡片，没有文字", False),
        ([asked(("发货", 0.99))], {"repeats": 2}, "同样的话说了三遍", False),
    ],
)
def test_what_a_person_must_answer(parts: list[Asked], around: dict[str, Any], reason: str, urgent: bool) -> None:
    got = think(*parts, **around)
    assert (got.outcome, got.reason, got.urgent) == (Outcome.hold, reason, urgent)
    assert think(*parts, staffed=True, **around).outcome is Outcome.handoff


@pytest.mark.parametrize(
    ("staffed", "clock", "held", "outcome"),
    [
        (False, False, 0, Outcome.hold),
        (False, True, 0, Outcome.hold),
        (True, False, 0, Outcome.handoff),
        (True, True, 0, Outcome.handoff),
        (False, False, 1, Outcome.handoff),  # told already, and no clock asks for more
        (False, True, 1, Outcome.hold),
        (False, True, 2, Outcome.hold),
        (False, True, 3, Outcome.handoff),  # the cap
        (True, True, 3, Outcome.handoff),
    ],
)
def test_who_is_told_at_once(staffed: bool, clock: bool, held: int, outcome: Outcome) -> None:
    assert think(asked(), staffed=staffed, clock=clock, held=held).outcome is outcome


def test_a_picture_with_words_is_read_by_its_words() -> None:
    got = think(asked(("发货", 0.95)), kinds=frozenset({Kind.image, Kind.text}))
    assert got.outcome is Outcome.answer


def test_an_entry_for_people_further_down_the_list_does_not_count() -> None:
    assert think(asked(("发货", 0.95), ("退款", 0.6))).outcome is Outcome.answer


# --- people, robots, small talk ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("around", "outcome"),
    [
        ({"claimed": True}, Outcome.ignore),
        ({"claimed": True, "staffed": True, "clock": True}, Outcome.handoff),
        ({"claimed": True, "clock": True}, Outcome.hold),
        ({"claimed": True, "clock": True, "held": 3}, Outcome.ignore),
        ({"robot": True}, Outcome.ignore),
        ({"robot": True, "clock": True}, Outcome.answer),
    ],
)
def test_what_others_have_taken(around: dict[str, Any], outcome: Outcome) -> None:
    assert think(asked(("发货", 0.99)), **around).outcome is outcome


def test_even_who_asks_for_a_person_is_left_to_the_one_who_has_claimed() -> None:
    assert think(asked(talk=Talk.person), claimed=True).reason == "人工已经接手"


@pytest.mark.parametrize(
    ("talks", "knowledge", "around", "outcome", "says"),
    [
        ([Talk.greeting], KNOWLEDGE, {}, Outcome.answer, Talk.greeting),
        ([Talk.nudge], KNOWLEDGE, {}, Outcome.answer, Talk.greeting),
        ([Talk.greeting, Talk.nudge], KNOWLEDGE, {}, Outcome.answer, Talk.greeting),
        ([Talk.thanks], KNOWLEDGE, {}, Outcome.ignore, None),
        ([Talk.thanks], KNOWLEDGE, {"clock": True}, Outcome.answer, Talk.thanks),
        ([Talk.thanks], THANKFUL, {"clock": True}, Outcome.answer, Talk.thanks),
        ([Talk.thanks], THANKFUL, {}, Outcome.answer, Talk.thanks),
        ([Talk.thanks, Talk.nudge], KNOWLEDGE, {}, Outcome.answer, Talk.greeting),
        ([Talk.greeting], MUTE, {}, Outcome.ignore, None),
        ([Talk.greeting], MUTE, {"clock": True}, Outcome.answer, Talk.greeting),
        ([], KNOWLEDGE, {}, Outcome.answer, Talk.greeting),
        ([Talk.nudge], KNOWLEDGE, {"handed": True}, Outcome.ignore, None),
        ([Talk.nudge], KNOWLEDGE, {"handed": True, "clock": True}, Outcome.hold, None),
        ([Talk.nudge], KNOWLEDGE, {"handed": True, "held": 1}, Outcome.ignore, None),
        ([Talk.nudge], KNOWLEDGE, {"handed": True, "held": 1, "clock": True}, Outcome.handoff, None),
        ([Talk.greeting], KNOWLEDGE, {"handed": True, "held": 1, "clock": True}, Outcome.hold, None),
        ([Talk.nudge], KNOWLEDGE, {"handed": True, "clock": True, "staffed": True}, Outcome.handoff, None),
        ([Talk.thanks], KNOWLEDGE, {"handed": True}, Outcome.ignore, None),
    ],
)
def test_small_talk(
    talks: list[Talk], knowledge: Knowledge, around: dict[str, Any], outcome: Outcome, says: Talk | None
) -> None:
    got = think(*(asked(talk=talk) for talk in talks), knowledge=knowledge, **around)
    assert (got.outcome, got.talk) == (outcome, says)


def test_a_question_is_answered_though_another_went_to_a_person() -> None:
    assert think(asked(("发货", 0.95)), handed=True).outcome is Outcome.answer


def test_every_decision_says_why() -> None:
    around: list[dict[str, Any]] = [
        {},
        {"clock": True},
        {"staffed": True},
        {"robot": True},
        {"claimed": True},
        {"repeats": 2},
    ]
    parts = [asked(), asked(*NEAR), asked(("发货", 0.95)), *(asked(talk=talk) for talk in Talk)]
    for one in parts:
        for each in around:
            assert think(one, **each).reason


# --- what the page does not show -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        ({"order.status": "待发货"}, Outcome.answer),
        ({"order.number": "A1"}, Outcome.hold),
        ({}, Outcome.hold),
        (None, Outcome.answer),
    ],
)
def test_an_answer_that_needs_what_is_not_seen_is_not_given(seen: dict[str, str] | None, outcome: Outcome) -> None:
    knowledge = Knowledge.model_validate({"entries": [entry("发货", answer="订单{order.status}")]})
    got = think(asked(("发货", 0.95)), knowledge=knowledge, seen=None if seen is None else (seen,))
    assert got.outcome is outcome
    assert outcome is Outcome.answer or got.reason == "“发货”要说订单状态，页面上没有看到"
