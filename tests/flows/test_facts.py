"""What the side panel and the cards say, as bots use it at the practice console."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.async_api import Browser

from base.places import shared
from bots.demo.judge import plain
from flows.mind import Mind
from knowledge.model import Knowledge
from practice import goods
from practice.client import Practice
from tests.flows.watch import watching

ASKED = "这个可以放洗碗机吗"
HELD = "稍等"


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
    practice = await Practice.start("--shops", "1", "--seed", "7", "--dialect", dialect)
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
