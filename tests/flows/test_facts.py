"""What the side panel and the cards say, as bots use it at the practice console."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.async_api import Browser

from base.places import shared
from base.spoken import say_time
from bots.demo.judge import plain
from flows.facts import words_of
from flows.mind import Mind
from knowledge.model import Knowledge
from practice import goods
from practice.client import Practice
from tests.attending import ZONE
from tests.flows.watch import watching
from tests.nursery import practising

ASKED = "这个可以放洗碗机吗"
HELD = "稍等"
HOUR_MS = 3_600_000


def product_of(buyer: str) -> str:
    """The product that this buyer of shop-1 looks at."""
    _title, trade = goods.shop_title(1)
    return str(goods.product_seen(7, "shop-1", trade, buyer)["id"])


def knowing(entries: Sequence[dict[str, Any]]) -> Mind:
    return Mind.of(
        Knowledge.model_validate(
            {"entries": entries, "holding": {"working": HELD, "after_hours": f"{HELD}{{resume}}"}}
        )
    )


def without_panel(console: str, folder: Path) -> str:
    """A pack as it ships, but for the panel that shows a product."""
    pack = yaml.safe_load((shared("selectors") / f"{console}.yaml").read_text("utf-8"))
    del pack["product"]
    (folder / "own.yaml").write_text(yaml.safe_dump(pack, allow_unicode=True), "utf-8")
    return "own.yaml"


@pytest.mark.parametrize(("dialect", "console"), [("plain", "practice-plain"), ("pinduoduo", "own")])
async def test_the_product_decides_which_answer_holds(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialect: str, console: str
) -> None:
    by_product = {product_of(f"u{number:010d}"): f"u{number:010d}" for number in range(40)}
    (one, buyer), (other, neighbour) = list(by_product.items())[:2]
    entries = [
        {
            "id": f"洗碗机{product}",
            "questions": [ASKED],
            "answer": f"亲，{product}可以的",
            "scope": {"products": [product]},
        }
        for product in (one, other)
    ]
    monkeypatch.setattr("tests.flows.watch.mind", lambda: knowing(entries))
    if console == "own":  # only the card in the thread tells the product
        console = without_panel(dialect, tmp_path)
    practice = await practising("--shops", "1", "--seed", "7", "--dialect", dialect)
    try:
        async with watching(practice, browser, tmp_path, monkeypatch, console=console, quiet=0.6) as now:
            for product, uid in ((one, buyer), (other, neighbour)):
                await now.say("", uid, kind="card")
                await now.say(ASKED, uid)
                (text,) = await now.replied(uid)
                assert plain(text) == f"亲，{product}可以的"
    finally:
        await practice.stop()


async def test_an_answer_for_a_product_is_not_given_where_none_shows(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = "u0000000001"
    entry = {"id": "洗碗机", "questions": [ASKED], "answer": "可以", "scope": {"products": [product_of(uid)]}}
    monkeypatch.setattr("tests.flows.watch.mind", lambda: knowing([entry]))
    console = without_panel("practice-plain", tmp_path)
    async with watching(practice, browser, tmp_path, monkeypatch, console=console) as now:
        await now.say(ASKED, uid)
        (text,) = await now.replied(uid)
        assert text.startswith(HELD)


# --- the order's own words -----------------------------------------------------------------------------------

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # noon in Shanghai


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("2026-11-23T10:00:00.000Z", "今天18点"),
        ("2026-11-24 09:30", "明天9点30分"),
        ("18:00", "今天18点"),
        ("明天 18:00", "明天18点"),
        ("11-25 18:00", "11月25日18点"),
        ("11月25日 18:00", "11月25日18点"),
        ("01-02 08:00", "1月2日8点"),
        ("1795687200000", "11月26日18点"),
        # Told wrongly these are promises that the shop never made.
        ("下午6:00", "今天18点"),
        ("明天 下午6:00", "明天18点"),
        ("11月25日 下午6:00", "11月25日18点"),
        ("周五 18:00", "11月27日18点"),
        ("下周三 18:00", "12月2日18点"),
        ("周一 18:00", "今天18点"),
        ("大后天 18:00", "11月26日18点"),
        ("下下周三 18:00", "12月9日18点"),
        ("本周日 18:00", "11月29日18点"),
        ("本周一 09:00", None),
        ("周一 09:00", None),
        ("0001-01-01 00:00:00", None),
        ("09:00", None),
        ("昨天 18:00", None),
        ("11-20 18:00", None),
        ("2026-11-23T03:59:00Z", None),
        ("尽快", None),
        ("", None),
    ],
)
def test_a_deadline_is_said_in_a_buyers_words(shown: str, said: str | None) -> None:
    assert words_of({"order.ship_by": shown}, NOW, ZONE).get("order.ship_by") == said


def test_what_is_no_value_is_not_said() -> None:
    facts = {
        "order.status": " 待\n发货 ",
        "order.phone": "13800000000",
        "product.title": "杯" * 81,
        "product.id": "6",
    }
    assert words_of(facts, NOW, ZONE) == {"order.status": "待 发货", "product.id": "6"}


SHIP = {"id": "发货", "questions": [ASKED], "answer": "亲，您的订单{order.status}，{order.ship_by}前发出"}


def orders_of(buyer: str, now_ms: int) -> list[Any]:
    _title, trade = goods.shop_title(1)
    return goods.orders_of(7, "shop-1", trade, buyer, now_ms)


def order_of(buyer: str, now_ms: int) -> Any:
    """The buyer's only order, or None."""
    return next(iter(orders_of(buyer, now_ms)), None)


@pytest.mark.parametrize(
    ("dialect", "console"), [("plain", "practice-plain"), ("pinduoduo", "pinduoduo"), ("doudian", "doudian")]
)
async def test_an_answer_says_what_the_order_shows_and_is_not_given_without(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialect: str, console: str
) -> None:
    monkeypatch.setattr("tests.flows.watch.mind", lambda: knowing([SHIP]))
    uids = [f"u{number:010d}" for number in range(40)]
    orders = {uid: order_of(uid, 100 * HOUR_MS) for uid in uids if len(orders_of(uid, 0)) < 2}
    # An order placed in the last 48 hours still has its time ahead.
    due = next(uid for uid, order in orders.items() if order and order["ship_by"] > 101 * HOUR_MS)
    late = next(uid for uid, order in orders.items() if order and order["ship_by"] < 99 * HOUR_MS)
    none = next(uid for uid, order in orders.items() if not order)
    practice = await practising("--shops", "1", "--seed", "7", "--dialect", dialect)
    try:
        async with watching(practice, browser, tmp_path, monkeypatch, console=console) as now:
            at = (await now.say(ASKED, due))["at"]
            (text,) = await now.replied(due)
            ship_by = datetime.fromtimestamp(order_of(due, at)["ship_by"] / 1000, tz=UTC)
            spoken = say_time(ship_by.replace(second=0, microsecond=0), datetime.now(UTC), ZONE)
            assert plain(text) == f"亲，您的订单{orders[due]['status']}，{spoken}前发出"
            for uid, lacks in ((late, "最晚发货时间"), (none, "订单状态、最晚发货时间")):
                await now.say(ASKED, uid)
                (text,) = await now.replied(uid)
                assert text.startswith(HELD)
                (handoff,) = await now.handoffs(uid)
                status = f"（订单：{orders[uid]['status']}）" if orders[uid] else ""
                assert handoff.reason == f"“发货”要说{lacks}，页面上没有看到{status}"
    finally:
        await practice.stop()


BY_CASE = {
    "id": "发货",
    "questions": [ASKED],
    "answers": [
        {"when": {"order": "none"}, "text": "现在拍下就发"},
        {"when": {"order": "some"}, "text": "订单{order.number}{order.status}"},
    ],
}


async def test_who_has_several_orders_is_asked_which_and_who_has_none_is_told_so(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, practice: Practice
) -> None:
    monkeypatch.setattr("tests.flows.watch.mind", lambda: knowing([BY_CASE]))
    # Orders that nobody waits for any more are not asked for.
    waiting = {
        uid: [order for order in orders_of(uid, 100 * HOUR_MS) if order["status"] != "已签收"]
        for uid in (f"u{number:010d}" for number in range(40))
    }
    several = next(uid for uid, orders in waiting.items() if len(orders) == 2)
    none = next(uid for uid in waiting if not orders_of(uid, 0))
    async with watching(practice, browser, tmp_path, monkeypatch) as now:
        await now.say(ASKED, none)
        (text,) = await now.replied(none)
        assert text == "现在拍下就发"
        await now.say(ASKED, several)
        (text,) = await now.replied(several)
        tails = [order["number"][-4:] for order in waiting[several]]
        assert all(f"{number} 尾号{tail}" in text for number, tail in enumerate(tails, 1))
        await now.say("第二个", several)
        (_asked, text) = await now.replied(several, 2)
        order = waiting[several][1]
        assert text == f"订单{order['number']}{order['status']}"
