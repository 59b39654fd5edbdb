"""A conversation that cannot be written in, as a closed one: its buyer is a person's, and the shop goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from flows.desk import Desk
from flows.drift import Drift
from flows.gate import Commit
from flows.landing import Written
from flows.views import Row
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import Sender, ShopState
from tests.flows.paper import AWAY, KNOWN, MIND, OTHER, NoLimit, Paper, Room
from tests.flows.watch import Watch, left_to_a_person, watching

HIDDEN = """() => {
  const style = document.createElement("style");
  style.textContent = '.thread[data-conversation="u2"] .composer { display: none }';
  document.head.append(style);
}"""
# What stands there is much like the input, and takes nothing.
SHUT = """() => {
  new MutationObserver(() => {
    const input = document.querySelector('.thread[data-conversation="u2"] .composer-input');
    if (input) [input.className, input.disabled] = ["composer-shut", true];
  }).observe(document.body, { childList: true, subtree: true });
}"""


@pytest.fixture
async def now(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Watch]:
    """Bots that have served a buyer and remember what the page looks like."""
    async with watching(practice, browser, tmp_path, monkeypatch) as at_work:
        await at_work.replied((await at_work.say(KNOWN, "u1"))["conversation"])

        async def remembered() -> bool:
            return bool(await at_work.ledger(Ledger.portraits, "shop-1"))

        await at_work.until(remembered)
        yield at_work


@pytest.mark.parametrize("closed", [HIDDEN, SHUT])
async def test_its_buyer_is_a_persons_and_the_others_are_served(now: Watch, closed: str) -> None:
    await now.page.evaluate(closed)
    await now.say(OTHER, "u2")
    await left_to_a_person(now, "u2", "没有输入框", other="u3", asks=KNOWN)


async def test_conversation_after_conversation_without_one_is_drift(now: Watch) -> None:
    """Even where nothing on the page is like the input that it had."""
    await now.page.evaluate(HIDDEN.replace('[data-conversation="u2"]', ""))
    for buyer in ("u2", "u3", "u4"):
        assert await now.ledger(Ledger.last_drift, "shop-1") is None
        await now.say(OTHER, buyer)
        await now.until(partial(now.handoffs, buyer))

    async def adrift() -> bool:
        return (await now.ledger(Ledger.shop_row, "shop-1")).state is ShopState.drift

    await now.until(adrift)
    await now.page.evaluate("() => { document.querySelector('style').remove() }")
    await now.ready()
    await now.replied("u4")


async def test_what_its_row_shows_is_no_news_until_the_buyer_says_more(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = list[str]()

    async def write(_paper: Paper, _key: str, text: str, *, commit: Commit, **_more: Any) -> Written:
        await commit()
        tries.append(text)
        return Written(passed=False, landed="", why="missing")

    async def one_has(_drift: Drift, _key: str, _others: Iterable[str]) -> bool:
        return True

    monkeypatch.setattr(Paper, "write", write)
    monkeypatch.setattr(Drift, "open_one", one_has)
    act = room.visitor.answerer
    desk = Desk(act.card, act.page, act.inbox, room.ledger, NoLimit(), room.clock, lambda: MIND, act.shelf)
    row = Row(key="k", name="", preview=KNOWN, time="", unread="1", waiting=None, group="")
    room.paper.say(Sender.buyer, KNOWN)
    for shown in (row, *[replace(row, unread=None)] * 5):  # opening it takes the mark
        desk._rows = (shown,)
        room.inbox.update(desk._rows, room.clock.steady())
        for waiter in list(room.inbox.waiting()):
            await desk.serve(waiter, AWAY)
        room.clock.go(5)
    assert (len(tries), len(await room.handoffs())) == (1, 1)
    room.inbox.update([replace(row, unread=None, preview=OTHER)], room.clock.steady())
    assert room.comes_back_in == 0
