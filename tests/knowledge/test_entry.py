"""What an entry says by the page, where and when it holds, and what each mistake in it gets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from base.errors import ConfigError
from knowledge.entry import Scope
from tests.knowledge.example import EXAMPLE, read

NOW = datetime(2026, 11, 5, 4, tzinfo=UTC)


def scope(**changes: Any) -> Scope:
    fields: dict[str, Any] = {"shop": "甲", "platform": "p", "now": NOW}
    return Scope(**fields | changes)


TEXTS = ("亲，这单最晚{order.ship_by}前发出", "您这单{order.ship_by}前会发出哦")
DUE = {"order": "some", "order.status": "待发货", "order.ship_by": "今天18点"}


@pytest.mark.parametrize(
    ("seen", "said", "lacking"),
    [
        (DUE, TEXTS, ()),
        (DUE | {"order.status": " 待\n发货 "}, TEXTS, ()),
        ({"order": "some", "order.status": "待发货"}, (), ("最晚发货时间",)),
        ({"order": "none"}, ("现在拍下{facts.发货时限}内发出",), ()),
        ({"order": "some", "order.status": "已发货"}, (), ("最晚发货时间",)),
        ({}, (), ("订单状态", "最晚发货时间", "订单")),  # the page tells nothing of orders: not that there is none
    ],
)  # fmt: skip
def test_the_page_says_which_case_it_is(
    seen: dict[str, str], said: tuple[str, ...], lacking: tuple[str, ...]
) -> None:
    entry = read().entry("何时发货")
    assert entry.sayable(seen) == said
    assert entry.unseen(seen) == lacking
    assert entry.of_order


def test_variants_of_a_case_go_round_filled() -> None:
    known = read()
    assert [known.text("何时发货", number, DUE) for number in range(3)] == [
        "亲，这单最晚今天18点前发出",
        "您这单今天18点前会发出哦",
        "亲，这单最晚今天18点前发出",
    ]
    assert known.text("何时发货", 0, {"order": "none"}) == "现在拍下48小时内发出"
    assert known.text("何时发货", 0) == "亲，这单最晚〔最晚发货时间〕前发出"
    assert len(known.spoken(known.entry("何时发货"))) == 3


@pytest.mark.parametrize(
    ("name", "changes", "competes", "holds"),
    [
        ("双11满减", {}, True, True),
        ("双11满减", {"now": datetime(2026, 11, 11, 15, 58, tzinfo=UTC)}, True, True),
        ("双11满减", {"now": datetime(2026, 11, 11, 15, 59, tzinfo=UTC)}, True, False),  # 23:59 in the shop
        ("双11满减", {"now": datetime(2026, 11, 1, 11, 59, tzinfo=UTC)}, True, False),
        ("儿童牙膏年龄", {}, True, True),
        ("儿童牙膏年龄", {"product": "0102938"}, True, True),
        ("儿童牙膏年龄", {"product": "102938"}, False, False),
        ("退货/那运费呢", {}, False, False),
        ("退货/那运费呢", {"given": frozenset({"退货"})}, True, True),
    ],
)
def test_where_and_when_an_entry_holds(name: str, changes: dict[str, Any], competes: bool, holds: bool) -> None:
    entry = read().entry(name)
    assert (entry.competes(scope(**changes)), entry.holds(scope(**changes))) == (competes, holds)


@pytest.mark.parametrize(
    ("shifts", "staffed", "holds"),
    [
        ("bots", False, True),
        ("bots", True, False),
        ("bots", None, True),
        ("people", True, True),
        ("people", False, False),
        ("[people, bots]", False, True),
    ],
)
def test_an_entry_for_a_shift(shifts: str, staffed: bool | None, holds: bool) -> None:
    known = read(f"entries: [{{id: 夜, questions: 有人吗, answer: 在, active: {{shifts: {shifts}}}}}]")
    assert known.entry("夜").holds(scope(staffed=staffed)) is holds


def test_follow_ups_are_entries_that_share_where_their_parent_holds() -> None:
    more = "questions: [怎么退货]\n    scope: {shops: [甲]}\n    status: observe"
    entry = read(EXAMPLE.replace("questions: [怎么退货]", more)).entry("退货/那运费呢")
    assert (entry.after, entry.status, entry.scope.shops) == ("退货", "observe", ("甲",))
    assert entry.place == ("entries", 4, "follow_up", 0)


@pytest.mark.parametrize(
    ("name", "called"), [("何时发货", "何时发货"), ("ship", "发货吗"), ("退货/那运费呢", "那运费呢")]
)
def test_what_an_entry_is_called_before_a_buyer(name: str, called: str) -> None:
    assert read(EXAMPLE + "  - {id: ship, questions: [发货吗], answer: a}\n").entry(name).name == called


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2026-11-09T15:59", []),
        ("2026-11-09T16:00", ["双11满减"]),  # midnight: tomorrow is its last day
        ("2026-11-11T15:58", ["双11满减"]),
        ("2026-11-11T15:59", []),
        ("2026-10-20T04:00", []),
    ],
)
def test_what_ends_today_or_tomorrow_is_announced(moment: str, found: list[str]) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert [entry.id for entry in read().expiring(now)] == found


def test_a_bare_list_of_entries_is_a_file_too() -> None:
    known = read(
        "- id: ship\n  keywords: [发货]\n  questions: [几时发]\n  answer: '[ship] 答案'\n  handoff: false\n"
    )
    assert known.text("ship", 0) == "[ship] 答案"
    with pytest.raises(ConfigError) as caught:
        read("- id: a\n  questions: [b]\n  answer: '{x}'\n")
    assert caught.value.problems[0].line == 3


MISTAKES = {
    "a status that is none": ("order.status: 待发货", "order.state: 待发货", 6, "不认识“order.state”这一项"),
    "an order that is neither": ("order: none", "order: 没有", 7, "order 只能写 none"),
    "a need that is none": ("[order.ship_by]", "[order.shipby]", 6, "不能写“order.shipby”"),
    "no text": (', text: ["现在拍下{facts.发货时限}内发出"]', "", 7, "缺少“text”这一项"),
    "a text without its fact": ("{facts.发货时限}内", "{facts.时限}内", 7, "没有“{facts.时限}”这个内容"),
    "both kinds of answer": ("otherwise: handoff", "answer: 好", 3, "answer 和 answers 只能写一个"),
    "otherwise something else": ("otherwise: handoff", "otherwise: 再说", 8, "不能写“再说”"),
    "no_product for all": ("scope: {products: [0102938]}\n", "scope: {}\n", 13, "还要在 scope 里写 products"),
    "no_product that asks the order": ("哪一款呢", "{order.number}呢", 16, "没有“{order.number}”这个内容"),
    "a follow-up without questions": ("[{questions: [那运费呢], ", "[{", 22, "缺少“questions”这一项"),
    "a shift that is none": ("23:59}", "23:59, shifts: [夜班]}", 11, "不能写“夜班”"),
    "an id that cannot be noted": ("id: 退货", "id: 退货+", 19, "编号里不能有 + 和 #"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_told_with_their_line(old: str, new: str, line: int, message: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(ConfigError) as caught:
        read(EXAMPLE.replace(old, new, 1))
    (problem,) = caught.value.problems
    assert (problem.line, message in problem.message) == (line, True), problem


TRAPS = [
    "22:00",
    "off",
    "on",
    "yes",
    "no",
    "0123456",
    "1e3",
    "0x1F",
    "2026-11-01",
    "1_000",
    "12:30:45",
    "1.10",
    "y",
]


@pytest.mark.parametrize("trap", TRAPS)
def test_what_yaml_would_bend_stays_text(trap: str) -> None:
    text = f"""\
facts: {{甲: {trap}}}
entries:
  - id: {trap}
    questions: [{trap}]
    keywords: {{any: {trap}}}
    scope: {{shops: {trap}, products: [{trap}]}}
    answers: [{{when: {{order.status: {trap}}}, text: {trap}}}]
    tests: {{hits: {trap}, misses: [{trap}]}}
never_say: {trap}
"""
    known = read(text)
    (entry,) = known.entries
    lists = (entry.questions, entry.scope.shops, entry.scope.products, entry.keywords.any)
    assert entry.id == trap and {*lists, entry.tests.hits, entry.tests.misses} == {(trap,)}
    assert entry.sayable({"order.status": trap}) == (trap,)
    assert (known.facts["甲"], known.never_say) == (trap, (trap,))
