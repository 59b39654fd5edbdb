"""Reading a shop's product page in the browser, as a buyer sees it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from base.errors import ConfigError, ConsoleError, Problem
from bots.browser import open_browser
from knowledge.goods import Goods, propose
from knowledge.proposals import Proposal

_SCRIPT = Path(__file__).with_name("goodspage.js").read_text("utf-8")


async def read_page(url: str, taken: Collection[str]) -> list[Proposal]:
    """What the page at `url` says of its product, as proposals; raises `ConfigError` where there is none."""
    if not url.startswith(("http://", "https://")):
        raise ConfigError(
            Problem(message=f"“{url}”不是网址", hint="--page 写商品页面的网址，以 http:// 或 https:// 开头")
        )
    try:
        async with open_browser() as browser:
            page = await browser.plain()
            await page.goto(url)
            await page.settled()
            raw = await page.run(_SCRIPT, None)
    except ConsoleError as error:
        hint = "检查网址；要登录才能看的页面读不了"
        raise ConfigError(Problem(message=f"打不开 {url}：{error}", hint=hint)) from None
    return propose(Goods.of(raw), f"商品页面 {url}", taken)
