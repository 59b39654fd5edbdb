"""Whole conversations with a mind that knows a file with all that an entry can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from flows.decide import Outcome, Situation
from flows.facts import views_of
from flows.mind import Mind, Thought
from knowledge.entry import Scope
from storage.records import Kind
from tests.attending import ZONE
from tests.knowledge.example import EXAMPLE, read

MIND = Mind.of(read())
NOON = datetime(2026, 11, 5, 4, tzinfo=UTC)
TOOTHPASTE = "0102938"
PATIENCE = "亲，您的问题我马上帮您核实，请稍等一下哦"
REST = "另外的问题我帮您核实一下，请稍等哦"

Order = Mapping[str, str]


def order(status: str, number: str = "2611-0001234", ship_by: str = "2026-11-05 18:00") -> Order:
    return {"order.number": number, "order.status": status, "order.ship_by": ship_by}


@dataclass(slots=True)
class Talking:
    """One buyer in one shop: what was answered and offered is remembered as the ledger does."""

    mind: Mind = field(default_factory=lambda: MIND)
    orders: Sequence[Order] | None = None
    product: str | None = None
    now: datetime = NOON
    given: frozenset[str] = frozenset()
    offered: tuple[str, ...] = ()

    def says(self, *texts: str, **around: Any) -> Thought:
        situation = Situation(
            given=self.given,
            offered=self.offered,
            seen=views_of({}, self.orders, self.now, ZONE),
            **around,
        )
        scope = Scope(shop="甲", platform="p", now=self.now, product=self.product)
        thought = self.mind.think(texts, scope, situation)
        self.given |= {choice.entry for choice in thought.decision.told}
        self.offered = tuple(map(str, thought.decision.offers))
        return thought

    def hears(self, *texts: str, **around: Any) -> str:
        return self.says(*texts, **around).text


# --- by the order ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("orders", "text"),
    [
        ([order("待发货")], "亲，这单最晚今天18点前发出"),
        ([order("待发货", ship_by="")], PATIENCE),
        ([order("待发货", ship_by="2026-11-05 09:00")], PATIENCE),  # that time has passed
        ([order("已发货")], PATIENCE),
        ([], "现在拍下48小时内发出"),
        (None, PATIENCE),
        ([order("待发货"), order("已签收", "9")], "亲，这单最晚今天18点前发出"),
        ([order("已发货", "9"), order("待发货")], "亲，这单最晚今天18点前发出"),
        ([order("待发货", "1"), order("待发货", "2")], "亲，这单最晚今天18点前发出"),  # the same for both
    ],
)
@pytest.mark.parametrize("asked", ["啥时候发货", "咋还没发", "今天能发吗"])
def test_the_order_decides_what_is_said(asked: str, orders: Sequence[Order] | None, text: str) -> None:
    assert Talking(orders=orders).hears(asked) == text


def test_a_person_hears_what_the_page_does_not_tell() -> None:
    assert Talking(orders=[order("待发货", ship_by="")]).says("啥时候发货").decision.reason == (
        "“何时发货”要说最晚发货时间，页面上没有看到"
    )


TWO = [order("待发货"), order("待发货", "2611-0005678", "2026-11-06 12:00")]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("1", "亲，这单最晚今天18点前发出"),
        ("第二个", "亲，这单最晚明天12点前发出"),
        ("尾号5678", "亲，这单最晚明天12点前发出"),
        ("5678的那单", "亲，这单最晚明天12点前发出"),
        ("后面那个", "亲，这单最晚明天12点前发出"),
        ("都要", "尾号1234的订单：这单最晚今天18点前发出\n尾号5678的订单：这单最晚明天12点前发出"),
        ("3", PATIENCE),
    ],
)
def test_with_several_orders_the_buyer_says_which(word: str, text: str) -> None:
    buyer = Talking(orders=TWO)
    asked = buyer.says("啥时候发货")
    assert asked.decision.outcome is Outcome.choose
    assert asked.text == (
        "亲，您问的是哪一笔订单呢：1 尾号1234（待发货），2 尾号5678（待发货），3 其他问题？回复数字就可以哦"
    )
    assert buyer.hears(word) == text


@pytest.mark.parametrize(
    "asked",
    ["尾号5678，啥时候发货", "啥时候发货，5678的", "啥时候发货 订单号2611-0005678"],
)
def test_an_order_that_is_named_is_not_asked_for(asked: str) -> None:
    assert Talking(orders=TWO).hears(asked) == "亲，这单最晚明天12点前发出"


def test_which_order_is_asked_once() -> None:
    buyer = Talking(orders=TWO)
    buyer.says("啥时候发货")
    assert buyer.says("啥时候发货").decision.reason == "问过是哪一笔订单，还是不清楚"


def test_an_order_that_is_gone_is_not_told_by_another() -> None:
    buyer = Talking(orders=TWO)
    buyer.says("啥时候发货")
    buyer.orders = [order("待发货", "2611-0009999")]
    assert buyer.hears("尾号5678") == PATIENCE


def test_orders_without_a_number_cannot_be_asked_for() -> None:
    nameless = [{**each, "order.number": ""} for each in TWO]
    assert Talking(orders=nameless).says("啥时候发货").decision.reason == "买家有 2 笔订单，不知道问的是哪一笔"


# --- by the date -----------------------------------------------------------------------------------------------

ALWAYS = EXAMPLE + "  - {id: 平时优惠, questions: [有优惠吗, 有什么活动], answer: 关注店铺领券}\n"
EVE = (
    ALWAYS
    + "  - {id: 双11当天, questions: [有优惠吗], answer: 全天五折, active: {from: 2026-11-11, to: 2026-11-11}}\n"
)
AUTUMN = [
    ("2026-11-01T11:59", "关注店铺领券"),
    ("2026-11-01T12:00", "满199减30，结算自动减"),
    ("2026-11-10T15:59", "满199减30，结算自动减"),
    ("2026-11-10T16:00", "全天五折"),
    ("2026-11-11T15:59", "全天五折"),  # the shorter one covers its last minute
    ("2026-11-11T16:00", "关注店铺领券"),
]


@pytest.mark.parametrize(("moment", "text"), AUTUMN)
def test_of_dates_that_overlap_the_narrowest_answers(moment: str, text: str) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert Talking(Mind.of(read(EVE)), now=now).hears("有优惠吗") == text


def test_an_expired_promotion_never_answers() -> None:
    after = datetime(2026, 11, 12, tzinfo=UTC)
    assert Talking(now=after).says("有优惠吗").decision.outcome is Outcome.hold
    asked = Talking(now=after).says("还能便宜不").decision
    assert (asked.outcome, asked.reason) == (Outcome.hold, "“双11满减”现在不在它的有效时间（active）里")
    assert Talking(Mind.of(read(ALWAYS)), now=after).hears("有什么活动") == "关注店铺领券"
    assert Talking(now=after, offered=("双11满减", "退货")).hears("1") == PATIENCE


# --- by the product --------------------------------------------------------------------------------------------


def test_a_known_product_is_answered_for_at_once() -> None:
    assert Talking(product=TOOTHPASTE).hears("几岁能用") == "这款适合3至6岁"
    assert Talking(product="999").says("几岁能用").decision.outcome is Outcome.hold


@pytest.mark.parametrize("word", ["儿童牙膏", "儿童的", "0102938", "1"])
def test_without_a_product_it_asks_which_and_the_next_word_tells(word: str) -> None:
    buyer = Talking()
    assert buyer.hears("几岁能用") == "您问的是哪一款呢？"
    assert buyer.hears(word) == "这款适合3至6岁"


@pytest.mark.parametrize(
    ("product", "text"), [(TOOTHPASTE, "这款适合3至6岁"), ("999", PATIENCE), (None, PATIENCE)]
)
def test_the_next_word_may_be_a_card(product: str | None, text: str) -> None:
    buyer = Talking()
    buyer.says("几岁能用")
    buyer.product = product
    assert buyer.hears(kinds=frozenset({Kind.card})) == text


def test_another_product_is_not_taken_for_it_and_nobody_is_asked_twice() -> None:
    for word in ("成人牙膏", "牙刷呢"):
        buyer = Talking()
        buyer.says("几岁能用")
        assert buyer.hears(word) == PATIENCE
    buyer = Talking()
    buyer.says("几岁能用")
    assert buyer.says("几岁能用").decision.reason == "问过“儿童牙膏年龄”是哪一款，还是不清楚"


# --- what a person answers, what follows up ----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["用了牙龈出血", "孩子吞下去了"])
def test_what_is_risky_goes_to_a_person_at_once(text: str) -> None:
    decision = Talking().says(text).decision
    assert (decision.outcome, decision.urgent, decision.reason) == (Outcome.hold, True, "“用后不适”要由人工回答")


def test_what_follows_up_counts_only_after_its_parent() -> None:
    assert Talking().says("那运费呢").decision.outcome is Outcome.hold
    buyer = Talking()
    assert buyer.hears("怎么退货") == "订单页点申请退货即可"
    assert buyer.hears("那运费呢") == "以退货页面显示为准"


# --- several questions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        (("怎么退货，有优惠吗",), "订单页点申请退货即可\n满199减30，结算自动减"),
        (("怎么退货 有优惠吗",), "订单页点申请退货即可\n满199减30，结算自动减"),
        (("有优惠吗", "怎么退货", "谢谢"), "满199减30，结算自动减\n订单页点申请退货即可"),
        (("有优惠吗", "还能便宜不"), "满199减30，结算自动减"),
        (("怎么退货？你们老板是哪里人？",), f"订单页点申请退货即可\n{REST}"),
        (("怎么退货，几岁能用",), "订单页点申请退货即可\n您问的是哪一款呢？"),
    ],
)
def test_all_that_is_asked_is_answered_in_its_order(texts: tuple[str, ...], text: str) -> None:
    assert Talking().hears(*texts) == text


def test_a_person_gets_what_the_bot_did_not_answer() -> None:
    decision = Talking().says("怎么退货？你们老板是哪里人？").decision
    assert (decision.outcome, decision.entries, bool(decision.rest)) == (Outcome.answer, ("退货",), True)
