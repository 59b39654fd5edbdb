"""Every key of the pack for the plain dialect finds on the page what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from flows.pack import Mark, Pack, Value, load_pack
from practice.client import Practice

PACK = Path(__file__).parents[2] / "selectors" / "practice-plain.yaml"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(PACK)


async def read(inside: Locator, value: Value | None) -> str | None:
    """What a key reads, as the pack's model says it."""
    assert value is not None
    found = inside.locator(value.css[0]) if value.css else inside
    text = await (found.get_attribute(value.attr) if value.attr else found.inner_text())
    match = re.search(value.pattern, text or "") if value.pattern else None
    return match[0] if match else text


def marked(page: Page, marks: list[Mark]) -> Locator:
    return page.locator(marks[0].css[0])


async def test_login_and_signals(pack: Pack, practice: Practice, page: Page) -> None:
    shop = practice.shops[0]
    await page.goto(shop["url"])
    assert pack.login.username and pack.login.password and pack.login.submit
    await expect(marked(page, pack.signals.logged_out)).to_be_visible()
    for password in ("wrong", shop["password"]):
        await page.fill(pack.login.username[0], shop["user"])
        await page.fill(pack.login.password[0], password)
        await page.click(pack.login.submit[0])
        seen = pack.login.refused if password == "wrong" else pack.signals.logged_in
        await expect(marked(page, seen)).to_be_visible()
    await expect(marked(page, pack.signals.logged_out)).to_have_count(0)
    await practice.control("drop", shop="shop-1", seconds=1)
    await expect(marked(page, pack.signals.offline)).to_be_visible()
    await practice.control("expire", shop="shop-1")
    await expect(marked(page, pack.signals.expired)).to_be_visible()


async def test_inbox(pack: Pack, practice: Practice, desk: Page) -> None:
    said = await practice.say("shop-1", "发票咋开呀", buyer="u1", name="晨***n")
    row = desk.locator(pack.inbox.root[0]).locator(pack.inbox.row[0])
    await expect(row).to_have_count(1)
    keys = ("id", "name", "preview", "unread", "group")
    assert [await read(row, getattr(pack.inbox, key)) for key in keys[:4]] == ["u1", "晨***n", "发票咋开呀", "1"]
    assert pack.inbox.group is not None
    assert await row.get_attribute(pack.inbox.group.attr or "") in ("waiting", "overdue")
    assert [bool(re.search(pattern, "waiting")) for pattern in pack.inbox.waiting_groups] == [False, True]
    assert "秒后超时" in str(await read(row, pack.inbox.waiting))
    assert str(await read(row, pack.inbox.time)).endswith("Z")
    assert said["conversation"] == "u1"


async def test_thread_and_composer(pack: Pack, practice: Practice, desk: Page) -> None:
    said = await practice.say("shop-1", "发票咋开呀", buyer="u1")
    for kind in ("image", "card", "order"):
        await practice.say("shop-1", buyer="u1", kind=kind)
    recalled = await practice.say("shop-1", "错了", buyer="u1")
    await practice.control("recall", shop="shop-1", conversation="u1", id=recalled["id"])
    for sender in ("robot", "system"):
        await practice.control("reply", shop="shop-1", conversation="u1", text=sender, sender=sender)
    await desk.locator(pack.inbox.row[0]).click()
    thread = desk.locator(pack.thread.root[0])
    await desk.wait_for_selector(pack.thread.ready[0].replace("{id}", "u1"))
    assert await thread.get_attribute(pack.thread.open_id.attr or "") == "u1"
    await desk.fill(pack.composer.input[0], "可以开")
    assert pack.composer.key
    await desk.press(pack.composer.input[0], pack.composer.key)
    shop = desk.locator(pack.thread.message[0]).and_(desk.locator(pack.thread.shop[0]))
    await expect(shop.locator(pack.thread.text[0])).to_have_text("可以开")

    messages = desk.locator(pack.thread.message[0])
    await expect(messages).to_have_count(8)
    for css, number in ((pack.thread.buyer, 5), (pack.thread.robot, 1), (pack.thread.system, 1)):
        await expect(messages.and_(desk.locator(css[0]))).to_have_count(number)
    for kind in ("image", "card", "order", "recall"):
        await expect(messages.and_(desk.locator(getattr(pack.thread.kinds, kind)[0]))).to_have_count(1)
    assert await read(messages.first, pack.thread.message_id) == said["id"]
    assert str(await read(messages.first, pack.thread.time)).endswith("Z")
    await desk.fill(pack.composer.input[0], "长" * (pack.composer.max_chars + 1))
    await desk.press(pack.composer.input[0], pack.composer.key)
    await expect(marked(desk, pack.signals.blocked)).to_be_visible()


async def test_panels(pack: Pack, practice: Practice, desk: Page) -> None:
    # The first of this seed's buyers whose newest order has been sent.
    for number in range(20):
        await practice.say("shop-1", "在吗", buyer=f"u{number}")
        await desk.locator(f'{pack.inbox.row[0]}[data-uid="u{number}"]').click()
        await desk.wait_for_selector(pack.thread.ready[0].replace("{id}", f"u{number}"))
        if await desk.locator(".order-card:first-of-type .order-tracking").count():
            break
    assert pack.order and pack.product
    order = desk.locator(pack.order.root[0].replace("{id}", f"u{number}")).first
    facts = {name: await read(order, value) for name, value in pack.order.facts.items()}
    assert facts["status"] in ("已发货", "已签收", "退款中")
    assert float(facts["amount"] or "") > 0
    assert re.fullmatch(r"\d{10}-\d{15}", facts["number"] or "")
    assert re.search(r" \d{13}$", facts["tracking"] or "")
    assert str(facts["ship_by"]).endswith("Z")
    product = desk.locator(pack.product.root[0])
    seen = {name: await read(product, value) for name, value in pack.product.facts.items()}
    assert "牙膏" in (seen["title"] or "")
    assert float(seen["price"] or "") > 0
    assert (seen["stock"] or "").isdigit()
    assert (seen["id"] or "").isdigit()


async def test_transfer_and_presence(pack: Pack, practice: Practice, desk: Page) -> None:
    await practice.say("shop-1", "在吗", buyer="u1")
    await desk.locator(pack.inbox.row[0]).click()
    assert pack.transfer and pack.transfer.confirm and pack.presence and pack.presence.go_online
    await expect(marked(desk, pack.presence.online)).to_be_visible()
    await practice.control("presence", shop="shop-1", account="bot-1", state="busy")
    await expect(marked(desk, pack.presence.online)).to_have_count(0)
    await desk.click(pack.presence.go_online[0])
    await expect(marked(desk, pack.presence.online)).to_be_visible()
    await desk.click(pack.transfer.open[0])
    await desk.click(pack.transfer.online[0])
    await desk.click(pack.transfer.confirm[0])
    for mark in pack.transfer.done:
        await expect(desk.locator(mark.css[0])).to_be_visible()


async def test_failed_and_earlier(pack: Pack, practice: Practice, desk: Page) -> None:
    filled = await practice.control("fill", shop="shop-1", conversations=1, messages=210)
    await desk.locator(pack.inbox.row[0]).click()
    await desk.wait_for_selector(pack.thread.ready[0].replace("{id}", filled["conversations"][0]))
    await desk.click(pack.thread.earlier[0])
    await expect(desk.locator(pack.thread.message[0])).to_have_count(210)
    await expect(desk.locator(pack.thread.earlier[0])).to_have_count(0)
    await desk.route("**/api/send", lambda route: route.abort())
    await desk.fill(pack.composer.input[0], "听得到吗")
    await desk.press(pack.composer.input[0], "Enter")
    messages = desk.locator(pack.thread.message[0])
    await expect(messages.and_(desk.locator(pack.thread.failed[0]))).to_have_count(1)
