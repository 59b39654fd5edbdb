"""Waiting for a conversation to open: not once the page says itself that the session is over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from playwright.async_api import Browser

from base.errors import ConsoleNotReady, LoginLost, NeedsPerson
from flows.inbox import Waiter
from flows.landing import Opened
from storage.records import Sender
from tests.flows.paper import AWAY, KNOWN, MIND, Paper, Room
from tests.flows.stage import staged

# In place of the thread, a little after the press.
_OVER = """app.show = () => void setTimeout(() => {
  const says = document.createElement("p");
  [says.className, says.textContent] = ["over", "登录已失效"];
  document.body.append(says);
}, 300)"""


@pytest.mark.parametrize("name", ["expired", "kicked", "captcha", "no_permission"])
async def test_a_page_whose_session_is_over_is_not_waited_for(browser: Browser, name: str) -> None:
    signals: Mapping[str, str] = {name: ".over"}
    async with staged(browser, pack={"signals": signals}) as stage:
        await stage.js(_OVER)
        async with asyncio.timeout(20):
            opened = await stage.console.press_row("k1", timeout=60)
        assert (opened.passed, opened.thread) == (True, None)
        assert name in await stage.console.signals()


async def test_a_page_that_is_only_slow_is_waited_for(browser: Browser) -> None:
    async with staged(browser, pack={"signals": {"expired": ".over"}}) as stage:
        await stage.js("(app.shows = app.show, app.show = (key) => void setTimeout(() => app.shows(key), 700), 0)")
        opened = await stage.console.press_row("k1", timeout=20)
        assert opened.thread is not None


@pytest.mark.parametrize(
    ("signals", "error", "presses"),
    [
        ({"expired", "logged_in"}, LoginLost, 1),
        ({"logged_out"}, LoginLost, 1),
        ({"captcha", "logged_in"}, NeedsPerson, 1),
        ({"offline", "logged_in"}, ConsoleNotReady, 3),  # what was pressed may open once the line is back
    ],
)
async def test_what_the_page_says_of_its_session_ends_the_visit(
    room: Room, monkeypatch: pytest.MonkeyPatch, signals: set[str], error: type[Exception], presses: int
) -> None:
    pressed = list[str]()

    async def press_row(_paper: Paper, key: str, **_more: object) -> Opened:
        pressed.append(key)
        return Opened(passed=True, landed="x", why="")

    async def nothing(_paper: Paper) -> None:
        return None

    room.paper.say(Sender.buyer, KNOWN)
    room.paper.signs = frozenset(signals)
    monkeypatch.setattr(Paper, "press_row", press_row)
    monkeypatch.setattr(Paper, "thread", nothing)
    waiter = Waiter(key="k", since=0, changed=0, late_at=0, due_at=0, clock=False)
    with pytest.raises(error):
        await room.visitor.visit(waiter, None, MIND, AWAY)
    assert len(pressed) == presses
