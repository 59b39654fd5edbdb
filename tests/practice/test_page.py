"""The desk in a real browser: what staff do on it reaches the server, and what happens there is seen on it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from practice.client import Practice

OpenDesk = Callable[..., Awaitable[Page]]
HTML = '<img src=x onerror="document.title=`hit`"><script>document.title="hit"</script><b>粗</b>&amp;'


def row(page: Page, uid: str) -> Locator:
    return page.locator(f'.row[data-uid="{uid}"]')


def ready(uid: str) -> str:
    return f'.thread[data-conversation="{uid}"] .messages[data-loaded="true"]'


async def visit(page: Page, uid: str) -> None:
    await row(page, uid).click()
    await page.wait_for_selector(ready(uid))


async def reply(page: Page, text: str) -> None:
    await page.fill(".composer-input", text)
    await page.press(".composer-input", "Enter")


async def got(practice: Practice, number: int = 0) -> list[str]:
    turn: dict[str, Any] = (await practice.truth())["turns"][number]
    return [one["text"] for one in turn["got"]]


# --- login ---------------------------------------------------------------------------------------------------


async def test_a_wrong_password_shows_an_error_and_lets_nobody_in(practice: Practice, browser: Browser) -> None:
    page = await browser.new_page()
    shop = practice.shops[0]
    await page.goto(shop["url"] + "desk")
    await page.fill("#login-user", shop["user"])
    await page.fill("#login-password", "wrong")
    await page.click(".login-submit")
    await expect(page.locator(".login-error")).to_contain_text("密码错误")
    await page.goto(shop["url"] + "desk")
    await expect(page.locator("#login-form")).to_be_visible()
    await page.close()


async def test_one_shop_is_no_way_into_another(practice: Practice, desk: Page) -> None:
    await desk.goto(practice.shops[1]["url"] + "desk")
    assert desk.url.endswith("/shop-2/login")
    answer = await desk.request.post(practice.shops[1]["url"] + "api/state", data={})
    assert answer.status == 401


async def test_logging_out_ends_the_session(practice: Practice, desk: Page) -> None:
    await desk.click(".logout")
    await desk.wait_for_selector("#login-form")
    await desk.goto(practice.shops[0]["url"] + "desk")
    assert desk.url.endswith("/login")


async def test_an_expired_session_is_shown_and_needs_a_new_login(practice: Practice, desk: Page) -> None:
    await practice.control("expire", shop="shop-1")
    await desk.wait_for_selector(".expired-dialog")
    await desk.reload()
    await expect(desk.locator("#login-form")).to_be_visible()


async def test_a_shop_that_is_not_there(practice: Practice, desk: Page) -> None:
    answer = await desk.goto(practice.url + "/shop-9/login")
    assert answer is not None
    assert answer.status == 404


# --- the list ------------------------------------------------------------------------------------------------


async def test_a_buyer_appears_waiting_with_mark_and_clock(practice: Practice, desk: Page) -> None:
    said = await practice.say("shop-1", "发票咋开呀")
    one = row(desk, said["conversation"])
    await expect(one).to_have_attribute("data-group", "waiting")
    await expect(one.locator(".row-unread")).to_have_text("1")
    await expect(one.locator(".row-preview")).to_have_text("发票咋开呀")
    await expect(one.locator(".row-clock")).to_have_text(re.compile("^(3分0秒|2分5[0-9]秒)后超时$"))


async def test_opening_clears_the_mark_and_leaves_the_clock(practice: Practice, desk: Page) -> None:
    uid = (await practice.say("shop-1", "在吗"))["conversation"]
    await visit(desk, uid)
    await expect(row(desk, uid).locator(".row-unread")).to_have_count(0)
    await expect(row(desk, uid).locator(".row-clock")).to_have_count(1)
    await practice.say("shop-1", "人呢", buyer=uid)
    await expect(desk.locator(".from-buyer")).to_have_count(2)
    await expect(row(desk, uid).locator(".row-unread")).to_have_count(0)


async def test_whoever_waits_longest_is_on_top(practice: Practice, desk: Page) -> None:
    uids = [(await practice.say("shop-1", f"第{number}位"))["conversation"] for number in range(4)]
    await practice.control("reply", shop="shop-1", conversation=uids[0], text="在的")
    await expect(row(desk, uids[0])).to_have_attribute("data-group", "replied")
    shown = await desk.locator(".row").evaluate_all("rows => rows.map((row) => row.dataset.uid)")
    assert shown == [*uids[1:], uids[0]]


async def test_how_waiting_is_worded(desk: Page) -> None:
    wording = {
        150: "2分30秒后超时",
        60: "1分0秒后超时",
        8.2: "9秒后超时",
        0: "已等待3分0秒",
        -20: "已等待3分20秒",
        -3720: "已等待1小时5分",
    }
    script = (
        "async (all) => all.map(((dom) => (left) => dom.waitingText(left, 180))(await import('/static/dom.js')))"
    )
    assert await desk.evaluate(script, list(wording)) == list(wording.values())


async def test_a_late_row_moves_to_its_group(practice: Practice, desk: Page) -> None:
    await desk.clock.install()
    uid = (await practice.say("shop-1", "在吗"))["conversation"]
    await row(desk, uid).wait_for()
    await desk.clock.run_for(200_000)
    await expect(row(desk, uid)).to_have_attribute("data-group", "overdue")
    await expect(row(desk, uid).locator(".row-clock")).to_contain_text("已等待3分")


async def test_five_hundred_conversations_stay_quick(practice: Practice, desk: Page) -> None:
    filled = await practice.control("fill", shop="shop-1", conversations=500, messages=200, waiting=100)
    await expect(row(desk, filled["conversations"][-1])).to_be_attached()
    assert await desk.locator(".row").count() == 500
    await visit(desk, filled["conversations"][0])
    assert await desk.locator(".message-list > .msg").count() == 200


# --- the thread ----------------------------------------------------------------------------------------------


async def test_a_typed_reply_reaches_the_buyer_and_stops_the_clock(practice: Practice, desk: Page) -> None:
    uid = (await practice.say("shop-1", "发票咋开呀"))["conversation"]
    await visit(desk, uid)
    await reply(desk, "亲，订单页点申请开票")
    bubble = desk.locator(".from-shop .msg-text")
    await expect(bubble).to_have_text("亲，订单页点申请开票")
    await expect(row(desk, uid).locator(".row-clock")).to_have_count(0)
    await expect(desk.locator(".composer-input")).to_have_value("")
    (turn,) = (await practice.truth())["turns"]
    (one,) = turn["got"]
    assert (one["text"], one["account"], one["via"]) == ("亲，订单页点申请开票", "bot-1", "page")
    assert one["at"] >= turn["asked_last"]
    assert await desk.locator(".from-shop").get_attribute("data-id") == one["id"]


async def test_shift_enter_breaks_the_line_and_the_button_sends(practice: Practice, desk: Page) -> None:
    await visit(desk, (await practice.say("shop-1", "在吗"))["conversation"])
    await desk.type(".composer-input", "第一行")
    await desk.press(".composer-input", "Shift+Enter")
    await desk.type(".composer-input", "第二行")
    await desk.click(".composer-send")
    await expect(desk.locator(".from-shop .msg-text")).to_have_text("第一行\n第二行", use_inner_text=True)
    assert await got(practice) == ["第一行\n第二行"]


@pytest.mark.parametrize(("text", "toast"), [("加我微信", "联系方式"), ("长" * 501, "500 字")])
async def test_a_refused_reply_says_why_and_stays_in_the_input(
    practice: Practice, desk: Page, text: str, toast: str
) -> None:
    await visit(desk, (await practice.say("shop-1", "在吗"))["conversation"])
    await reply(desk, text)
    await expect(desk.locator(".toast.is-refused")).to_contain_text(toast)
    await expect(desk.locator(".composer-input")).to_have_value(text)
    await expect(desk.locator(".from-shop")).to_have_count(0)
    assert await got(practice) == []


async def test_a_draft_stays_with_its_conversation(practice: Practice, desk: Page) -> None:
    first = (await practice.say("shop-1", "在吗"))["conversation"]
    second = (await practice.say("shop-1", "你好"))["conversation"]
    await visit(desk, first)
    await desk.fill(".composer-input", "写到一半")
    await visit(desk, second)
    await expect(desk.locator(".composer-input")).to_have_value("")
    await visit(desk, first)
    await expect(desk.locator(".composer-input")).to_have_value("写到一半")


@pytest.mark.parametrize("text", [HTML, "长" * 20_000, "\u202e反过来\u202c 👨‍👩‍👧 \x07\x00|", "   "])
async def test_what_a_buyer_says_is_text_and_nothing_else(practice: Practice, desk: Page, text: str) -> None:
    said = await practice.say("shop-1", text)
    await visit(desk, said["conversation"])
    shown = desk.locator(f'.msg[data-id="{said["id"]}"] .msg-text')
    assert await shown.evaluate("one => one.textContent") == text
    assert await shown.evaluate("one => one.children.length") == 0
    assert (
        await row(desk, said["conversation"]).locator(".row-preview").evaluate("one => one.children.length") == 0
    )
    assert await desk.title() == "客服工作台 · 晨光牙膏旗舰店"
    assert await desk.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_every_kind_of_message_is_told_apart(practice: Practice, desk: Page) -> None:
    uid = (await practice.say("shop-1", "看下这个", kind="card"))["conversation"]
    for kind in ("image", "order", "text"):
        last = await practice.say("shop-1", "文字", buyer=uid, kind=kind)
    await practice.control("recall", shop="shop-1", conversation=uid, id=last["id"])
    await practice.control("reply", shop="shop-1", conversation=uid, text="机器人", sender="robot")
    await practice.control("reply", shop="shop-1", conversation=uid, text="客服接入", sender="system")
    await visit(desk, uid)
    shown = await desk.locator(".message-list > .msg").evaluate_all(
        "all => all.map((one) => [one.dataset.sender, one.dataset.kind])"
    )
    assert shown == [
        ["buyer", "card"],
        ["buyer", "image"],
        ["buyer", "order"],
        ["buyer", "recall"],
        ["robot", "text"],
        ["system", "text"],
    ]
    await expect(desk.locator(".kind-recall .msg-text")).to_have_count(0)


async def test_a_recall_is_seen_in_the_open_thread(practice: Practice, desk: Page) -> None:
    said = await practice.say("shop-1", "说错了")
    await visit(desk, said["conversation"])
    await practice.control("recall", shop="shop-1", conversation=said["conversation"], id=said["id"])
    await expect(desk.locator(".kind-recall")).to_contain_text("撤回了一条消息")
    await expect(desk.locator(".msg-text")).to_have_count(0)


async def test_older_messages_come_on_demand(practice: Practice, desk: Page) -> None:
    filled = await practice.control("fill", shop="shop-1", conversations=1, messages=230)
    await visit(desk, filled["conversations"][0])
    await desk.click(".earlier")
    await expect(desk.locator(".message-list > .msg")).to_have_count(230)
    times = await desk.locator(".message-list > .msg").evaluate_all("all => all.map((one) => one.dataset.time)")
    assert times == sorted(times)
    await expect(desk.locator(".earlier")).to_be_hidden()


# --- together ------------------------------------------------------------------------------------------------


async def test_two_desks_see_each_others_messages(practice: Practice, open_desk: OpenDesk) -> None:
    ours, theirs = await open_desk(), await open_desk(practice.shops[0]["colleague"])
    uid = (await practice.say("shop-1", "在吗"))["conversation"]
    for page in (ours, theirs):
        await visit(page, uid)
    await reply(theirs, "我是小李")
    await expect(ours.locator(".from-shop .msg-text")).to_have_text("我是小李")
    await expect(ours.locator(".from-shop .msg-author")).to_have_text("小李")
    await reply(ours, "我是值班的")
    await expect(theirs.locator(".from-shop .msg-text")).to_have_text(["我是小李", "我是值班的"])
    assert await got(practice) == ["我是小李", "我是值班的"]


async def test_a_transfer_goes_to_the_colleague_who_is_online(practice: Practice, open_desk: OpenDesk) -> None:
    ours, theirs = await open_desk(), await open_desk(practice.shops[0]["colleague"])
    uid = (await practice.say("shop-1", "你们老板是哪里人"))["conversation"]
    await visit(ours, uid)
    await ours.click(".transfer-open")
    await expect(ours.locator(".colleague.is-online")).to_have_text("小李在线")
    await expect(ours.locator(".colleague.is-offline")).to_be_disabled()
    await ours.click(".colleague.is-online")
    await ours.click(".transfer-confirm")
    await expect(ours.locator(".toast.is-done")).to_have_text("已转接给 小李")
    await expect(ours.locator(".thread-owner")).to_have_text("小李 接待中")
    await expect(row(ours, uid)).to_have_attribute("data-group", "colleague")
    await expect(row(ours, uid).locator(".row-clock")).to_have_count(0)
    await expect(row(theirs, uid)).to_have_attribute("data-group", "waiting")
    (turn,) = (await practice.truth())["turns"]
    assert [one["to"] for one in turn["transfers"]] == ["xiaoli-1"]


async def test_presence_is_seen_by_the_colleague(practice: Practice, open_desk: OpenDesk) -> None:
    ours, theirs = await open_desk(), await open_desk(practice.shops[0]["colleague"])
    await visit(ours, (await practice.say("shop-1", "在吗"))["conversation"])
    await ours.click(".transfer-open")
    await theirs.click('.presence-state[data-state="busy"]')
    await expect(theirs.locator(".presence")).to_have_attribute("data-state", "busy")
    await expect(ours.locator(".colleague.is-online")).to_have_count(0)


async def test_a_broken_line_is_shown_and_nothing_is_lost(practice: Practice, desk: Page) -> None:
    uid = (await practice.say("shop-1", "在吗"))["conversation"]
    await visit(desk, uid)
    await practice.control("drop", shop="shop-1", seconds=1)
    await expect(desk.locator(".offline-bar")).to_contain_text("连接已断开")
    await practice.say("shop-1", "还在吗", buyer=uid)
    other = (await practice.say("shop-1", "新来的"))["conversation"]
    await expect(desk.locator(".offline-bar")).to_have_count(0)
    await expect(row(desk, other).locator(".row-unread")).to_have_text("1")
    await expect(desk.locator(".from-buyer .msg-text")).to_have_text(["在吗", "还在吗"])


async def test_a_reply_that_does_not_get_through_is_marked(practice: Practice, desk: Page) -> None:
    await visit(desk, (await practice.say("shop-1", "在吗"))["conversation"])
    await desk.route("**/api/send", lambda route: route.abort())
    await reply(desk, "听得到吗")
    await expect(desk.locator(".msg.is-failed .msg-text")).to_have_text("听得到吗")
    assert await got(practice) == []
    await desk.unroute("**/api/send")
    await desk.click(".msg-failed")
    await expect(desk.locator(".msg.is-failed")).to_have_count(0)
    await expect(desk.locator(".from-shop .msg-text")).to_have_text("听得到吗")
    assert await got(practice) == ["听得到吗"]


async def test_a_quick_reply_goes_into_the_input_only(practice: Practice, desk: Page) -> None:
    await visit(desk, (await practice.say("shop-1", "在吗"))["conversation"])
    await desk.locator(".quick-reply").first.click()
    await expect(desk.locator(".composer-input")).to_have_value("亲，在的，请问有什么可以帮您？")
    assert await got(practice) == []


async def test_a_notice_does_not_outlive_what_it_was_about(practice: Practice, desk: Page) -> None:
    first = (await practice.say("shop-1", "在吗"))["conversation"]
    second = (await practice.say("shop-1", "你好"))["conversation"]
    await visit(desk, first)
    await reply(desk, "加我微信")
    await desk.wait_for_selector(".toast.is-refused")
    await row(desk, second).click()
    await expect(desk.locator(".toast")).to_have_count(0, timeout=500)
