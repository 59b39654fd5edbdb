"""django-chat-ui, the real one: its server, its buyers, its page, and our pack for it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable

import pytest
from playwright.async_api import Page, expect

from base.places import shared
from flows.pack import Pack, load_pack
from tests.consoles.chat_ui import ChatUi

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@pytest.fixture
def pack() -> Pack:
    return load_pack(shared("selectors/django-chat-ui.yaml"))


async def log_in(page: Page, pack: Pack, chat_ui: ChatUi) -> None:
    assert pack.login.username and pack.login.password and pack.login.submit
    await page.goto(chat_ui.url)
    await page.fill(pack.login.username[0], chat_ui.user)
    await page.fill(pack.login.password[0], chat_ui.password)
    await page.click(pack.login.submit[0])
    await page.wait_for_selector(pack.inbox.root[0], state="attached")


async def open_conversation(page: Page, pack: Pack, room: str) -> None:
    await page.click(f'{pack.inbox.row[0]}[data-conversation="{room}"]')
    await page.wait_for_selector(pack.thread.ready[0].replace("{id}", room))


async def test_a_question_reaches_the_operator_and_the_answer_its_buyer_once(
    chat_ui: ChatUi, pack: Pack, page: Page
) -> None:
    asking, waiting = chat_ui.new_buyer(), chat_ui.new_buyer()
    await log_in(page, pack, chat_ui)
    await asyncio.to_thread(asking.say, "我的快递到哪了")
    row = page.locator(f'{pack.inbox.row[0]}[data-conversation="{asking.key}"]')
    await expect(row.locator(".chat-unread")).to_have_text("1")
    await open_conversation(page, pack, asking.key)
    await expect(page.locator(pack.thread.message[0])).to_contain_text("我的快递到哪了")
    answer = "亲，正在派送\n今天就到 <b>&</b>"
    await page.fill(pack.composer.input[0], answer)
    await page.press(pack.composer.input[0], "Enter")
    assert await asyncio.to_thread(asking.await_replies, 1, 10.0) == [answer]
    assert waiting.replies() == []


async def test_a_restart_keeps_the_session_and_loses_no_message(chat_ui: ChatUi, pack: Pack, page: Page) -> None:
    buyer = chat_ui.new_buyer()
    await log_in(page, pack, chat_ui)
    await asyncio.to_thread(chat_ui.restart)
    await asyncio.to_thread(buyer.say, "还在吗")
    # A page whose connection was not back yet hears of it by loading only.
    await page.reload()
    row = page.locator(f'{pack.inbox.row[0]}[data-conversation="{buyer.key}"]')
    await expect(row.locator(".chat-conversation-preview")).to_have_text("还在吗", timeout=20_000)


async def missing(page: Page, selectors: Iterable[str], room: str = "") -> list[str]:
    """The selectors that find nothing on the page."""
    find = "(css) => document.querySelectorAll(css).length"
    return [css for css in selectors if not await page.evaluate(find, css.replace("{id}", room))]


async def test_every_selector_of_the_pack_finds_what_it_names(chat_ui: ChatUi, pack: Pack, page: Page) -> None:
    login, signals, inbox, thread = pack.login, pack.signals, pack.inbox, pack.thread
    assert login.username and login.password and login.submit
    await page.goto(chat_ui.url)
    await page.fill(login.username[0], chat_ui.user)
    await page.fill(login.password[0], "wrong")
    await page.click(login.submit[0])
    await page.wait_for_selector(login.refused[0].css[0])
    form = [*login.username, *login.password, *login.submit]
    assert await missing(page, [*form, *signals.logged_out[0].css]) == []
    assert await missing(page, signals.logged_in[0].css) == signals.logged_in[0].css

    buyer = chat_ui.new_buyer()
    for number in range(31):  # the page begins with thirty: the rest is behind the button
        buyer.say(f"第{number}句")
    buyer.take_back(buyer.say("说错了"))
    buyer.show("图.png", PICTURE)
    await log_in(page, pack, chat_ui)
    await page.wait_for_selector(inbox.row[0])
    values = [inbox.id, inbox.name, inbox.preview, inbox.time, inbox.unread]
    seen = [css for value in values if value for css in value.css]
    assert await missing(page, [*signals.logged_in[0].css, *inbox.root, *inbox.row, *seen]) == []

    await open_conversation(page, pack, buyer.key)
    await page.fill(pack.composer.input[0], "好的")
    await page.press(pack.composer.input[0], "Enter")
    await page.wait_for_selector('article.chat-message--own[data-id^="$"]')
    parts = [*thread.root, *thread.ready, *thread.open_id.css, *thread.message, *thread.text, *thread.earlier]
    kinds = [*thread.kinds.image, *thread.kinds.recall, *(thread.time.css if thread.time else [])]
    assert await missing(page, [*parts, *kinds, thread.buyer[0], thread.shop[0]], buyer.key) == []

    await page.context.set_offline(True)
    await page.fill(pack.composer.input[0], "断网了")
    await page.press(pack.composer.input[0], "Enter")
    failed = page.locator(thread.message[0]).last
    await expect(failed.locator(thread.failed[0])).to_be_visible()
