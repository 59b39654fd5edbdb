"""What is peculiar to each dialect, in a real browser: what a pack and its bots have to live with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, expect

from base.clock import SystemClock
from flows.login import Credentials, enter
from flows.pack import Pack, load_pack
from flows.page import ConsolePage
from practice.client import Practice
from tests.attending import eventually
from tests.lines import line_of
from tests.nursery import practising

PACKS = Path(__file__).parents[2] / "selectors"


@dataclass(slots=True)
class Stage:
    """A console in one dialect, its pack, and the browser in which its desks are opened."""

    practice: Practice
    pack: Pack
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)

    async def person(self, number: int = 1) -> Page:
        """A person's page of a shop's desk, with the buyer 71 open and a notice pressed away."""
        page = await self._page()
        shop = self.practice.shops[number - 1]
        session: dict[str, str | float | bool] = {"user": shop["user"], "password": shop["password"]}
        await page.request.post(shop["url"] + "login", form=session)
        await page.goto(shop["url"] + "desk")
        await self.practice.say(shop["id"], "什么时候发货呀", buyer="71", name="晨***n")
        if self.pack.name == "pinduoduo":
            await page.click("text=今天不再提示")
        await page.locator(self.pack.inbox.row[0]).first.click()
        await expect(page.locator(self.pack.thread.buyer[0])).to_be_visible()
        return page

    async def bot(self) -> tuple[ConsolePage, Page]:
        """The bots' own page of the first shop, logged in."""
        page = await self._page()
        await page.close()
        console = await ConsolePage.open(
            self.contexts[-1], line_of(self.contexts[-1].browser), self.pack, SystemClock(), lambda _changed: None
        )
        shop = self.practice.shops[0]
        await enter(console, shop["url"], Credentials(user=shop["user"], password=lambda: str(shop["password"])))
        return console, self.contexts[-1].pages[0]

    async def send(self, page: Page, text: str) -> None:
        """Write and press the button."""
        await page.fill(self.pack.composer.input[0], text)
        await page.click(self.pack.composer.send[0])

    async def heard(self, *texts: str) -> None:
        """Wait until the shops have said just this."""

        async def has() -> bool:
            return await said(self.practice) == list(texts)

        await eventually(has)

    async def _page(self) -> Page:
        context = await self.browser.new_context(
            viewport={"width": 1280, "height": 800}, timezone_id="Asia/Shanghai"
        )
        self.contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(5_000)
        return page


@asynccontextmanager
async def stage(browser: Browser, dialect: str) -> AsyncIterator[Stage]:
    """A console in this dialect with two shops."""
    practice = await practising("--dialect", dialect, "--shops", "2")
    one = Stage(practice=practice, pack=load_pack(PACKS / f"{dialect}.yaml"), browser=browser)
    try:
        yield one
    finally:
        for context in one.contexts:
            await context.close()
        await practice.stop()


async def said(practice: Practice) -> list[str]:
    """What the shops said."""
    return [one["text"] for one in (await practice.truth())["messages"] if one["sender"] == "shop"]


async def test_doudian_class_names_are_others_at_each_start(browser: Browser) -> None:
    seen = set()
    for _start in range(2):
        async with stage(browser, "doudian") as one:
            page = await one.person()
            seen.add(await page.locator('[class*="nameLine"]').get_attribute("class"))
    assert len(seen) == 2


async def test_doudian_refuses_the_same_words_twice(browser: Browser) -> None:
    async with stage(browser, "doudian") as one:
        page = await one.person()
        await one.send(page, "马上发")
        await one.heard("马上发")
        await one.send(page, "马上发")
        popup = page.locator(one.pack.signals.blocked[0].css[0])
        await expect(popup).to_be_visible()
        await page.click(one.pack.signals.overlay[0].dismiss[0])
        await expect(popup).to_have_count(0)
        await one.send(page, "今天发")
        await one.heard("马上发", "今天发")


async def test_doudian_transfer_begins_with_a_search(browser: Browser) -> None:
    async with stage(browser, "doudian") as one:
        page = await one.person()
        transfer = one.pack.transfer
        assert transfer is not None and transfer.search is not None
        await page.click(transfer.open[0])
        await expect(page.locator(transfer.online[0])).to_have_count(0)
        await page.fill(transfer.search[0], "小李")
        await page.click(transfer.online[0])
        await expect(page.locator(transfer.done[0].css[0])).to_contain_text("转接")
        (turn,) = (await one.practice.truth())["turns"]
        assert turn["transfers"][0]["to"] == "xiaoli-1"


async def test_pinduoduo_hears_no_press_that_no_hand_made(browser: Browser) -> None:
    async with stage(browser, "pinduoduo") as one:
        console, page = await one.bot()
        assert await console.dismiss_overlays()
        await one.practice.say("shop-1", "在吗", buyer="71")
        row = page.locator('[data-random="71-0-unTimeout"]')
        for name in ("mousedown", "mouseup", "click"):
            await row.dispatch_event(name)
        assert await console.wait_thread("71", timeout=0.5) is None
        assert (await console.press_row("71")).thread is not None


async def test_pinduoduo_puts_up_a_captcha_that_stands_before_sending(browser: Browser) -> None:
    async with stage(browser, "pinduoduo") as one:
        page = await one.person()
        await one.practice.control("wall", shop="shop-1", up=True)
        wall = page.locator(one.pack.signals.captcha[0].css[0])
        await expect(wall).to_be_visible()
        refused = await page.request.post(one.practice.shops[0]["url"] + "api/send", data={})
        assert refused.status == 403
        await page.reload()
        await expect(wall).to_be_visible()
        await one.practice.control("wall", shop="shop-1", up=False)
        await expect(wall).to_have_count(0)


async def test_pinduoduo_enter_does_not_send(browser: Browser) -> None:
    async with stage(browser, "pinduoduo") as one:
        page = await one.person()
        await page.fill("#replyTextarea", "一")
        await page.press("#replyTextarea", "Enter")
        await page.press("#replyTextarea", "Control+Enter")
        assert await said(one.practice) == []
        await one.send(page, "一\n二")
        await one.heard("一\n二")


async def test_pinduoduo_one_buyer_in_two_groups_is_one_row(browser: Browser) -> None:
    async with stage(browser, "pinduoduo") as one:
        console, page = await one.bot()
        for uid in ("71", "72"):
            await one.practice.say("shop-1", "在吗", buyer=uid, name="晨***n")
        await expect(page.locator("[data-random]")).to_have_count(4)
        rows = (await console.read()).rows
        assert rows is not None
        found = {(row.key, row.name, row.group) for row in rows}
        assert found == {(uid, "晨***n", "unTimeout all") for uid in ("71", "72")}


async def test_jd_shops_send_with_the_key_they_chose_and_the_button_always_works(browser: Browser) -> None:
    async with stage(browser, "jd") as one:
        for number, key, other in ((1, "Enter", "Control+Enter"), (2, "Control+Enter", "Enter")):
            page = await one.person(number)
            editor = one.pack.composer.input[0]
            await page.fill(editor, f"{number}：键")
            await page.press(editor, other)
            await page.fill(editor, f"{number}：键")
            await page.press(editor, key)
            await expect(page.locator(one.pack.thread.shop[0])).to_have_count(1)
            await one.send(page, f"{number}：按钮")
            await expect(page.locator(one.pack.thread.shop[0])).to_have_count(2)
        await one.heard("1：键", "1：按钮", "2：键", "2：按钮")
