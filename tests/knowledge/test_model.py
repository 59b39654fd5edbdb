"""The operators' file: what it means, and what each mistake gets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from base.errors import ConfigError
from base.yamlfile import parse_yaml
from knowledge.entry import Scope
from knowledge.model import Knowledge, knowledge_from, load_knowledge

GOOD = """\
facts:
  发货时限: 48小时
  满减: 199
  价格: 9.90
  礼盒:
entries:
  - id: 发货时间
    questions: [什么时候发货, 22:00, 100]
    keywords: [发货]
    answer:
      - 亲，{facts.发货时限}内发出
      - 满{facts.满减}减30，{facts.价格}元
  - id: 礼盒
    status: observe
    questions: 有礼盒吗
    answer: "{facts.礼盒}"
    scope: {shops: [甲店], platforms: jd, products: [0102938, 123]}
    active: {from: 2026-11-01 20:00, to: 2026-11-11, hours: 22:00-06:00}
  - {id: 用后不适, questions: [牙龈出血], risky: true, handoff: {urgent: true}}
  - {id: 转交, questions: [问老板], handoff: true}
never_say: [off, 0123456]
"""


def knowledge(text: str) -> Knowledge:
    return knowledge_from(parse_yaml(text, Path("knowledge.yaml")))


def test_answers_are_filled_with_facts_and_variants_go_round() -> None:
    known = knowledge(GOOD)
    assert known.text("发货时间", 0) == "亲，48小时内发出"
    assert known.text("发货时间", 1) == "满199减30，9.90元"
    assert known.text("发货时间", 2) == known.text("发货时间", 0)


def test_what_yaml_would_bend_stays_text() -> None:
    known = knowledge(GOOD)
    assert known.entry("发货时间").questions == ("什么时候发货", "22:00", "100")
    assert known.entry("礼盒").scope.products == ("0102938", "123")
    assert known.never_say == ("off", "0123456")


def test_an_entry_with_an_unfilled_fact_is_not_live_and_says_why() -> None:
    known = knowledge(GOOD.replace("    status: observe\n", ""))
    assert known.entry("发货时间").live
    assert not known.entry("礼盒").live
    assert known.entry("礼盒").why_not_live == "事实还没填写：礼盒"
    assert knowledge(GOOD.replace("礼盒:\n", "礼盒: 有\n", 1)).entry("礼盒").why_not_live == "只观察，不作答"


def test_who_answers() -> None:
    known = knowledge(GOOD)
    hurt, passed_on, shipping = (known.entry(name) for name in ("用后不适", "转交", "发货时间"))
    assert hurt.risky and hurt.handoff is not None and hurt.handoff.urgent
    assert passed_on.handoff is not None and not passed_on.handoff.urgent
    assert hurt.for_person and passed_on.for_person and not shipping.for_person


@pytest.mark.parametrize(
    ("shop", "platform", "product", "covered"),
    [
        ("甲店", "jd", "123", True),
        ("甲店", "jd", None, False),
        ("甲店", "jd", "124", False),
        ("甲店", "tb", "123", False),
        ("乙店", "jd", "123", False),
    ],
)
def test_scope(shop: str, platform: str, product: str | None, covered: bool) -> None:
    scope = Scope(shop=shop, platform=platform, product=product, now=datetime(2026, 11, 5, tzinfo=UTC))
    assert knowledge(GOOD).entry("礼盒").scope.covers(scope) is covered


@pytest.mark.parametrize(
    ("moment", "covered"),
    [  # in UTC, eight hours behind the shop
        ("2026-11-01T11:59", False),
        ("2026-11-01T14:00", True),
        ("2026-11-02T13:59", False),
        ("2026-11-02T21:59", True),
        ("2026-11-02T22:00", False),
        ("2026-11-11T15:59", True),
        ("2026-11-11T16:00", False),
    ],
)
def test_dates_and_hours_are_the_shops(moment: str, covered: bool) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert knowledge(GOOD).entry("礼盒").active.covers(now) is covered


def test_holding_and_choosing() -> None:
    known = knowledge(GOOD + "holding: {working: 稍等, after_hours: '{resume}回来，{facts.发货时限}'}\n")
    assert known.holding_text(3) == "稍等"
    assert known.holding_text(0, resume="明天9:00") == "明天9:00回来，48小时"
    assert "1 发货时间" in known.choose_text(["发货时间", "礼盒"])
    assert "2 礼盒" in known.choose_text(["发货时间", "礼盒"])


MISTAKES = {
    "a key with a typo": (
        GOOD.replace("    questions: 有礼盒吗", "    question: 有礼盒吗"),
        "knowledge.yaml:15: entries[2].question: 不认识“question”这一项\n  建议：是不是想写“questions”？",
    ),
    "an id given twice": (
        GOOD.replace("id: 转交", "id: 发货时间"),
        "knowledge.yaml:20: entries[4].id: 条目“发货时间”写了两次：第 7 行和第 20 行",
    ),
    "a fact that is not there": (
        GOOD.replace("{facts.发货时限}", "{facts.发货时間}"),
        "knowledge.yaml:11: entries[1].answer[1]: 没有“{facts.发货时間}”这个内容\n"
        "  建议：是不是想写 {facts.发货时限}？",
    ),
    "a placeholder of another kind": (
        GOOD.replace("{facts.满减}", "{满减}"),
        "knowledge.yaml:12: entries[1].answer[2]: 没有“{满减}”这个内容\n  建议：是不是想写 {facts.满减}？",
    ),
    "a word of the order's that is none": (
        GOOD.replace("{facts.满减}", "{order.ship}"),
        "knowledge.yaml:12: entries[1].answer[2]: 没有“{order.ship}”这个内容\n"
        "  建议：是不是想写 {order.ship_by}？",
    ),
    "a stray brace": (GOOD.replace("内发出", "内{发出"), "knowledge.yaml:11: entries[1].answer[1]: 花括号不成对"),
    "a brace in a fact": (
        GOOD.replace("48小时", "48小时}"),
        "knowledge.yaml:2: facts.发货时限: 事实的内容里不能有花括号",
    ),
    "no answer": (
        GOOD.replace(", handoff: true", ""),
        "knowledge.yaml:20: entries[4]: “转交”缺少 answer；只转人工的条目写 handoff: true",
    ),
    "no example": (
        GOOD.replace("questions: 有礼盒吗", "questions:"),
        "knowledge.yaml:13: entries[2]: “礼盒”至少要有一个例句（questions）",
    ),
    "an empty example": (
        GOOD.replace("[牙龈出血]", "['  ']"),
        "knowledge.yaml:19: entries[3].questions[1]: 这里是空的",
    ),
    "not a text": (
        GOOD.replace("[牙龈出血]", "[true]"),
        "knowledge.yaml:19: entries[3].questions[1]: 应该是文字，现在是 true",
    ),
    "not a truth": (
        GOOD.replace("risky: true", "risky: 也许"),
        "knowledge.yaml:19: entries[3].risky: 应该是 true 或 false，现在是“也许”",
    ),
    "no such status": (GOOD.replace("observe", "on"), "knowledge.yaml:14: entries[2].status: 不能写“on”"),
    "no such day": (
        GOOD.replace("2026-11-11", "2026-11-31"),
        "knowledge.yaml:18: entries[2].active.to: 没有这一天或这个时刻：2026-11-31",
    ),
    "no date": (
        GOOD.replace("2026-11-11", "双11"),
        "knowledge.yaml:18: entries[2].active.to: 看不懂这个日期：双11",
    ),
    "no hours": (
        GOOD.replace("22:00-06:00", "晚上"),
        "knowledge.yaml:18: entries[2].active.hours: 看不懂这个时段：晚上",
    ),
    "the end before the beginning": (
        GOOD.replace("2026-11-11", "2026-10-11"),
        "knowledge.yaml:18: entries[2].active: 结束（to）要晚于开始（from）",
    ),
    "out of hours without a time": (
        GOOD + "holding:\n  after_hours: 稍等\n",
        "knowledge.yaml:23: holding.after_hours: 这句话里要有 {resume}",
    ),
    "a holding text that cannot be said": (
        GOOD + "holding:\n  working: 稍等{facts.礼盒}\n",
        "knowledge.yaml:23: holding.working: 这句话用到的“facts.礼盒”还没有填写",
    ),
    "an answer that no console takes": (
        GOOD.replace("内发出", "内" * 501),
        "knowledge.yaml:11: entries[1].answer[1]: 太长了",
    ),
    "entries that are no list": ("entries: 无\n", "knowledge.yaml:1: entries: 应该是列表（每行以 - 开头）"),
    "no entries": ("facts: {}\n", "knowledge.yaml:1: 缺少“entries”这一项"),
    "a key given twice": (GOOD + "never_say: []\n", "knowledge.yaml:22: never_say: “never_say”写了两次"),
    "a tab": (GOOD.replace("    questions: 有", "\tquestions: 有"), "knowledge.yaml:15: 这一行用 Tab 键缩进"),
    "nothing": ("", "knowledge.yaml: 文件是空的"),
    "a list at the top": ("- id: 甲\n", "knowledge.yaml:1: "),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_are_told_with_file_line_and_key(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        knowledge(text)
    assert str(caught.value).startswith(expected)


def test_every_mistake_is_told_at_once_in_the_order_of_the_file() -> None:
    text = GOOD.replace("{facts.发货时限}", "{x}").replace("id: 转交", "id: 礼盒")
    with pytest.raises(ConfigError) as caught:
        knowledge(text)
    assert [problem.line for problem in caught.value.problems] == [11, 20]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "找不到这个文件"),
        ("名字: 店".encode("gb18030"), "文件不是 UTF-8 编码"),
        (b"# " + b"x" * 50 * 1024 * 1024, "文件太大：50.0 MB"),
        (b"\x00\x01\x02", "knowledge.yaml"),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: bytes | None, expected: str) -> None:
    path = tmp_path / "knowledge.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_knowledge(path)
    assert expected in str(caught.value)
    assert str(path) in str(caught.value)


# --- what only a conversation's page can tell ----------------------------------------------------------------


def of_the_order(*answers: str) -> Knowledge:
    return Knowledge.model_validate(
        {"entries": [{"id": "发货", "questions": ["发货了吗"], "answer": list(answers)}]}
    )


def test_an_answer_says_what_the_page_shows() -> None:
    known = of_the_order("订单{order.status}，{order.ship_by}前发出", "会尽快发出", "订单{order.status}")
    seen = {"order.status": "待{发货}", "order.ship_by": "今天18点"}
    assert known.text("发货", 0, seen) == "订单待{发货}，今天18点前发出"
    # Without the deadline the other variants go round.
    status = {"order.status": "待发货"}
    assert [known.text("发货", number, status) for number in range(3)] == [
        "会尽快发出",
        "订单待发货",
        "会尽快发出",
    ]
    assert known.entry("发货").unseen({}) == ()


def test_what_keeps_an_answer_from_being_said_is_told() -> None:
    entry = of_the_order("订单{order.status}，{order.ship_by}前发出").entry("发货")
    assert (entry.live, entry.sayable({"order.status": "待发货"})) == (True, ())
    assert entry.unseen({"order.status": "待发货"}) == ("最晚发货时间",)
    assert entry.unseen({}) == ("订单状态", "最晚发货时间")


def test_without_a_conversation_the_names_stand_there() -> None:
    assert of_the_order("{order.ship_by}前发出").text("发货", 0) == "〔最晚发货时间〕前发出"
