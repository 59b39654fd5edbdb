"""What bots live through in each dialect: a page loaded anew, a lost session, a second login, lost presses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.async_api import Browser

from bots.settings import Login, Shop
from practice.client import Practice
from practice.dialects import DIALECTS
from storage.ledger import Ledger
from storage.records import ReplyState, ShopState
from tests.attending import Attended, attending, eventually
from tests.nursery import practising

# Each stage has its own buyers; every answer is another text, as some consoles refuse repeats.
QUESTIONS = ("什么时候发货呀", "可以开发票吗", "怎么申请退货啊", "是正品吗", "保质期多久")


class Watch:
    """Asks as buyers and counts what they got."""

    def __init__(self, practice: Practice, bots: Attended) -> None:
        self.practice = practice
        self.bots = bots
        self.asked = 0

    async def ask(self, number: int = 1) -> None:
        """So many new buyers ask."""
        for _ in range(number):
            text = QUESTIONS[self.asked % len(QUESTIONS)]
            self.asked += 1
            await self.practice.say("shop-1", text, buyer=f"80{self.asked}")

    async def all_answered_once(self) -> bool:
        """Whether everybody got exactly one word; more than one is a failure at once."""
        turns = (await self.practice.truth())["turns"]
        assert all(len(turn["got"]) <= 1 for turn in turns)
        return len(turns) == self.asked and all(turn["got"] for turn in turns)

    async def nothing_in_the_air(self) -> bool:
        """Whether every reply has come to its end."""
        return not await self.bots.ledger(Ledger.unfinished, "shop-1")

    async def was_in(self, state: ShopState) -> bool:
        """Whether the shop came into this state, however short it lasted."""
        events = await self.bots.ledger(Ledger.events)
        return any(event.kind == "shop_state" and event.detail["new"] == state for event in events)

    async def is_in(self, state: ShopState) -> bool:
        """Whether the shop is in this state."""
        return (await self.bots.ledger(Ledger.shop_row, "shop-1")).state is state


@pytest.mark.timeout(240)
@pytest.mark.parametrize("dialect", list(DIALECTS))
async def test_nobody_is_lost_and_nobody_is_told_twice(
    dialect: str, tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.reactions._PERSON_PAUSES", (2.0,))
    practice = await practising("--shops", "1", "--dialect", dialect)
    row = practice.shops[0]
    console = "practice-plain" if dialect == "plain" else dialect
    shop = Shop(id="shop-1", console=console, url=row["url"], login=Login(user=row["user"]))
    try:
        async with attending(tmp_path, [shop], str(row["password"])) as bots:
            watch = Watch(practice, bots)
            await watch.ask()
            await eventually(watch.all_answered_once)
            # Presses are lost, and giving the page that habit loads it anew while buyers wait.
            await watch.ask(2)
            await practice.control("manners", names=["lost"])
            await watch.ask(2)
            await eventually(watch.all_answered_once)
            await practice.control("manners", names=[])
            # The session ends while buyers wait.
            await watch.ask()
            await practice.control("expire", shop="shop-1")
            await watch.ask(2)
            await eventually(watch.all_answered_once)
            # The connection breaks for a while.
            await practice.control("drop", shop="shop-1", seconds=1)
            await watch.ask()
            await eventually(watch.all_answered_once)
            if DIALECTS[dialect].one_session:
                await eventually(watch.nothing_in_the_air)
                await _second_login(watch, browser, row)
            await eventually(watch.nothing_in_the_air)
            states = {reply.state for reply in await bots.ledger(Ledger.all_replies)}
        assert states <= {ReplyState.confirmed, ReplyState.failed, ReplyState.stale}
    finally:
        await practice.stop()


async def _second_login(watch: Watch, browser: Browser, row: Mapping[str, str]) -> None:
    """Somebody opens the account elsewhere: the bots stop at once, say so, and come back once, later."""
    context = await browser.new_context()
    page = await context.new_page()
    session: dict[str, str | float | bool] = {"user": row["user"], "password": row["password"]}
    await page.request.post(row["url"] + "login", form=session)
    await page.goto(row["url"] + "desk")

    async def bots_are_kicked() -> bool:
        if await watch.was_in(ShopState.kicked):
            return True
        # The bots' page was just being loaded, came second and won: somebody who wants in comes again.
        if await page.get_by_text("账户在别处登录").is_visible():
            await page.reload()
        return False

    await eventually(bots_are_kicked)
    await watch.ask()
    await eventually(lambda: watch.is_in(ShopState.ready))
    await eventually(watch.all_answered_once)
    await page.wait_for_selector("text=账户在别处登录")
    await context.close()
