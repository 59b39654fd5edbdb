"""Every selector of a pack finds on the console's own page what it names."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, expect

from base.places import shared
from flows.pack import Pack, Value, load_pack
from tests.consoles.host import Console


async def test_every_selector_finds_what_it_names(console: Console, page: Page) -> None:
    pack = load_pack(shared(f"selectors/{console.pack}.yaml"))
    assert pack.login.username and pack.login.password and pack.login.submit
    await page.goto(console.url)
    await log_in(page, pack, console, "wrong")
    await expect(page.locator(pack.login.refused[0].css[0])).to_be_visible()
    form = [*pack.login.username, *pack.login.password, *pack.login.submit, *pack.signals.logged_out[0].css]
    assert await missing(page, form) == []
    logged_in = pack.signals.logged_in[0].css
    assert await missing(page, logged_in) == logged_in

    buyer = await asyncio.to_thread(console.new_buyer)
    await asyncio.to_thread(buyer.say, "在吗")
    await log_in(page, pack, console, console.password)
    inbox, thread = pack.inbox, pack.thread
    assert inbox.unread is not None
    await page.wait_for_selector(inbox.unread.css[0])
    listed = [*logged_in, *inbox.root, *inbox.row, *css_of(inbox.name, inbox.preview, inbox.time, inbox.unread)]
    assert await missing(page, listed) == []

    row = f'{inbox.row[0]}[{inbox.id.attr}="{buyer.key}"]'
    await page.locator(row).first.click()
    await page.wait_for_selector(filled(thread.ready[0], buyer.key))
    await page.wait_for_selector(f"{thread.message[0]} {thread.text[0]}")
    field = page.locator(filled(pack.composer.input[0], buyer.key))
    await field.fill("在的")
    assert pack.composer.key
    await field.press(pack.composer.key)
    await expect(page.locator(thread.text[0]).last).to_have_text("在的")
    parts = [*thread.root, *thread.ready, *thread.message, *thread.text, *css_of(thread.open_id, thread.time)]
    assert await missing(page, [*parts, thread.buyer[0], thread.shop[0]], buyer.key) == []


async def log_in(page: Page, pack: Pack, console: Console, password: str) -> None:
    assert pack.login.username and pack.login.password and pack.login.submit
    await page.fill(pack.login.username[0], console.user)
    await page.fill(pack.login.password[0], password)
    await page.click(pack.login.submit[0])


def css_of(*values: Value | None) -> list[str]:
    return [css for value in values if value is not None for css in value.css]


def filled(css: str, key: str) -> str:
    return css.replace("{id}", key)


async def missing(page: Page, selectors: list[str], key: str = "") -> list[str]:
    """The selectors that find nothing on the page."""
    find = "(css) => document.querySelectorAll(css).length"
    return [css for css in selectors if not await page.evaluate(find, filled(css, key))]
