"""Which entry a text asks for, and when to be silent."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from base.yamlfile import parse_yaml
from knowledge.matcher import MOST, Matcher, Ranked, Scope
from knowledge.model import knowledge_from, load_knowledge

SHIPPED = Path(__file__).parents[2] / "knowledge.yaml"
NOW = datetime(2026, 11, 5, 4, tzinfo=UTC)
SURE, SILENT = 0.6, 0.35


def scope(**changes: object) -> Scope:
    fields = {"shop": "甲", "platform": "p", "now": NOW, "product": None, **changes}
    return Scope(**fields)  # type: ignore[arg-type]


def matcher(text: str) -> Matcher:
    return Matcher(knowledge_from(parse_yaml(text, Path("knowledge.yaml"))))


@pytest.fixture(scope="module")
def shop() -> Matcher:
    return Matcher(load_knowledge(SHIPPED))


def best(ranked: list[Ranked]) -> tuple[str, float]:
    return (ranked[0].entry, ranked[0].confidence) if ranked else ("", 0.0)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("什么时候发货", "发货时间"),
        ("什么时侯发或", "发货时间"),
        ("shenme shihou fahuo", "发货时间"),
        ("shenmeshihoufahuo", "发货时间"),
        ("亲，在吗？请问退货的运费是谁承担呀😊", "退货运费"),
        ("能不能便宜一点呀", "砍价"),
        ("这个保质期是多久", "保质期"),
        ("我的包裹走到什么地方了呀", "查物流"),
        ("可以给我开张发票吗？", "发票"),
        ("<b>可以开发票吗</b>", "发票"),
        ("\u202e可以开\x00发票吗\u202c", "发票"),
        ("用了脸上过敏怎么办", "过敏不适"),
    ],
)
def test_knows_what_is_asked_whatever_the_slips(shop: Matcher, text: str, entry: str) -> None:
    found, confidence = best(shop.match(text, scope()))
    assert found == entry
    assert confidence >= SURE


def test_one_character_between_two_entries_is_known_but_not_trusted(shop: Matcher) -> None:
    found, confidence = best(shop.match("这个保修期是多久", scope()))
    assert found == "保修"
    assert confidence >= 0.3


@pytest.mark.parametrize(
    "text",
    [
        "今天天气怎么样",
        "有蓝牙吗",
        "屏幕是几寸的",
        "你们老板结婚了吗",
        "我已经付款了",
        "我再想想吧",
        "毛巾我不想换了",
        "杯子不用给我修",
        "晚上一起吃饭吗",
        "帮我写一首诗",
        "什么意思",
        "为什么",
        "what is the meaning of life",
        "qwertyuiop",
        "123456",
        "好",
    ],
)
def test_is_silent_about_what_nobody_wrote(shop: Matcher, text: str) -> None:
    assert best(shop.match(text, scope()))[1] < SURE


def test_every_example_that_one_entry_alone_has_is_answered_by_it(shop: Matcher) -> None:
    known = load_knowledge(SHIPPED)
    wrong = [
        (question, found)
        for entry in known.entries
        for question in entry.questions[:5]
        if (found := best(shop.match(question, scope())))[0] != entry.id or found[1] < SURE
    ]
    assert wrong == []


def test_results_are_few_ordered_and_explained(shop: Matcher) -> None:
    ranked = shop.match("退货要几天", scope())
    confidences = [each.confidence for each in ranked]
    assert 1 < len(ranked) <= MOST
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)
    first = shop.match("什么时侯发或", scope())[0]
    assert first.question == "什么时候发货"
    assert first.reason.startswith("改正错字后，与例句“什么时候发货”")
    assert "改正错字" not in shop.match("什么时候发货", scope())[0].reason


@pytest.mark.parametrize("text", ["", "   ", "？？？", "😊", "\u200b\x00", "[微笑]"])
def test_nothing_said_finds_nothing(shop: Matcher, text: str) -> None:
    assert shop.match(text, scope()) == []


@pytest.mark.parametrize("sign", ["退货", "<b>", "\u202e退", "a", "ni hao ", "😀", "1", "？", "٣", "𠮷", "é"])
def test_endless_messages_are_matched_quickly(shop: Matcher, sign: str) -> None:
    start = time.process_time()
    shop.match(sign * 20_000, scope())
    assert time.process_time() - start < 0.05


RIVALS = """\
facts: {运费规则: , 时限: 48小时}
entries:
  - {id: 退货, questions: [怎么退货, 我要退货, 能不能退货], answer: 可以退}
  - {id: 退货运费, questions: [退货的邮费算谁的, 退货的运费怎么算], answer: "{facts.运费规则}"}
  - {id: 发货, questions: [什么时候发货, 几天发货], answer: "{facts.时限}"}
  - {id: 草稿, status: draft, questions: [有没有赠品], answer: 有}
  - {id: 观察, status: observe, questions: [可以开发票吗], answer: 可以}
"""


def test_an_entry_without_its_fact_leaves_nothing_to_its_neighbour() -> None:
    asked = "退货的邮费算谁的"
    found = matcher(RIVALS).match(asked, scope())
    assert found[0].entry == "退货运费"  # it is not live: a person answers
    assert best(found[1:])[1] < SILENT
    filled = matcher(RIVALS.replace("运费规则: ", "运费规则: 买家出"))
    assert best(filled.match(asked, scope()))[0] == "退货运费"


def test_a_draft_is_not_there_and_an_observed_entry_is() -> None:
    found = matcher(RIVALS)
    assert all(each.entry != "草稿" for each in found.match("有没有赠品", scope()))
    assert best(found.match("可以开发票吗", scope()))[0] == "观察"


SCOPED = """\
entries:
  - {id: 甲店, questions: [有什么活动], answer: 甲, scope: {shops: [甲]}}
  - {id: 乙店, questions: [有什么活动], answer: 乙, scope: {shops: [乙]}}
  - {id: 双十一, questions: [双十一怎么减], answer: 减, active: {from: 2026-11-01, to: 2026-11-11}}
  - {id: 夜里, questions: [现在有人吗], answer: 有, active: {hours: 22:00-06:00}}
  - {id: 那款, questions: [这款几岁能用], answer: 三岁, scope: {products: [0102]}}
"""


@pytest.mark.parametrize(
    ("text", "changes", "entry"),
    [
        ("有什么活动", {"shop": "甲"}, "甲店"),
        ("有什么活动", {"shop": "乙"}, "乙店"),
        ("双十一怎么减", {}, "双十一"),
        ("现在有人吗", {"now": datetime(2026, 11, 5, 15, tzinfo=UTC)}, "夜里"),
        ("这款几岁能用", {"product": "0102"}, "那款"),
    ],
)
def test_scope_and_dates(text: str, changes: dict[str, object], entry: str) -> None:
    assert best(matcher(SCOPED).match(text, scope(**changes)))[0] == entry


@pytest.mark.parametrize(
    ("text", "changes", "entry"),
    [
        ("有什么活动", {"shop": "丙"}, "甲店"),
        ("这款几岁能用", {}, "那款"),
        ("这款几岁能用", {"product": "102"}, "那款"),
    ],
)
def test_outside_of_its_scope_an_entry_is_not_there(text: str, changes: dict[str, object], entry: str) -> None:
    assert all(each.entry != entry for each in matcher(SCOPED).match(text, scope(**changes)))


@pytest.mark.parametrize(
    ("text", "now", "entry"),
    [
        ("双十一怎么减", datetime(2026, 11, 11, 16, tzinfo=UTC), "双十一"),
        ("双十一怎么减", datetime(2026, 10, 31, 15, tzinfo=UTC), "双十一"),
        ("现在有人吗", datetime(2026, 11, 5, 4, tzinfo=UTC), "夜里"),
    ],
)
def test_out_of_its_time_an_entry_keeps_its_place_before_its_neighbours(
    text: str, now: datetime, entry: str
) -> None:
    there = scope(now=now)
    found = matcher(SCOPED)
    assert found.match(text, there)[0].entry == entry
    assert found.match(text, there) == found.match(text, scope(now=datetime(2026, 11, 5, 15, tzinfo=UTC)))


def test_keywords_speak_for_an_entry_and_against_it() -> None:
    text = """\
entries:
  - {id: 保修, questions: [坏了给修吗], answer: 修, keywords: {any: [质保], none: [手机]}}
  - {id: 别的, questions: [怎么用], answer: 用}
"""
    found = matcher(text)
    assert "有关键词" in found.match("坏了有质保吗", scope())[0].reason
    assert all(each.entry != "保修" for each in found.match("手机坏了给修吗", scope()))


def test_english_is_matched_too() -> None:
    text = """\
entries:
  - {id: ship, questions: [when will you ship my order, how long until it ships], answer: soon}
  - {id: return, questions: [how can I return this, I want to send it back], answer: ok}
  - {id: size, questions: [what size is it, how big is the towel], answer: big}
"""
    assert best(matcher(text).match("when do you ship my order?", scope()))[0] == "ship"
    assert best(matcher(text).match("How can i retrun this", scope()))[0] == "return"


def test_a_file_without_entries_is_silent() -> None:
    assert matcher("entries: []\n").match("什么时候发货", scope()) == []
