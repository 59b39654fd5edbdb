"""The bar that an author points with: presses choose, and do not reach the page unless they are let through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest

from base.errors import BrowserGone
from bots.browser import open_browser
from bots.recording import POINTER, STEPS, Recorder, record_in_window
from tests.pointing import Author

INNER = "<body style='margin:0'><textarea class=reply style='width:200px;height:60px'></textarea></body>"
PAGE = f"""<!doctype html><meta charset="utf-8"><title>台</title><style>* {{ font: 16px sans-serif }}</style>
<div class="form"><p class="field"><input class="user" style="width:200px"></p>
<button class="enter" disabled>登录</button></div>
<iframe name="chat" srcdoc="{INNER}" style="width:400px;height:120px;border:0"></iframe>
<script>
  window.reached = [];
  for (const type of ["pointerdown", "mousedown", "click"])
    document.querySelector(".form").addEventListener(type, () => reached.push(type));
</script>"""


class Stage(Author):
    """The page with the recorder that listens to it."""

    recorder: Recorder

    async def reached(self) -> list[str]:
        """The events that the page got."""
        events: list[str] = await self.page.run("() => window.reached", None)
        return events


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_browser() as browser:
        page = await browser.plain(POINTER)
        await page.goto("data:text/html," + quote(PAGE))
        stage = Stage(page, str)
        stage.recorder = Recorder()
        listening = asyncio.create_task(record_in_window(page, stage.recorder))
        await stage.says("第 1/")
        yield stage
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


def taken(stage: Stage, key: str) -> Any:
    point = stage.recorder.points[key]
    return point.tree[point.at]


async def test_a_press_chooses_and_does_not_reach_the_page(stage: Stage) -> None:
    await stage.press(".user")
    await stage.says("<input.user>")
    await stage.button("就是它")
    await stage.says("第 2/")
    assert await stage.reached() == []
    assert taken(stage, "login.username").classes == ["user"]


async def test_a_button_out_of_order_can_be_pointed_at(stage: Stage) -> None:
    await stage.press(".enter")
    await stage.says("<button.enter> “登录”")


async def test_the_next_outer_one(stage: Stage) -> None:
    await stage.press(".user")
    await stage.button("外一层")
    await stage.says("<p.field>")
    await stage.button("外一层")
    await stage.says("<div.form>")
    await stage.button("就是它")
    await stage.says("第 2/")
    assert taken(stage, "login.username").classes == ["form"]


async def test_presses_are_let_through_only_while_the_author_says_so(stage: Stage) -> None:
    await stage.button("让点击通过")
    await stage.says("继续指认")
    await stage.press(".user")
    assert await stage.reached() == ["pointerdown", "mousedown", "click"]
    await stage.button("继续指认")
    await stage.says("让点击通过")
    await stage.press(".user")
    await stage.says("<input.user>")
    assert len(await stage.reached()) == 3


async def test_skipping_the_form_and_going_back(stage: Stage) -> None:
    await stage.button("跳过")
    await stage.says(f"第 4/{len(STEPS)} 步")
    await stage.button("重做上一步")
    await stage.says("第 3/")


async def test_the_bar_gets_out_of_the_way(stage: Stage) -> None:
    where = "() => document.querySelector('html > [data-nightdesk-bar]').getBoundingClientRect().top"
    below = await stage.page.run(where, None)
    await stage.button("挪开")
    assert await stage.page.run(where, None) < below


async def test_what_lies_in_an_iframe_is_known_with_the_way_to_it(stage: Stage) -> None:
    where = "() => Object.values(document.querySelector('iframe').getBoundingClientRect().toJSON())"
    left, top, *_size = await stage.page.run(where, None)
    await stage.page.press(left + 50, top + 30)
    await stage.says("<textarea.reply>")
    await stage.button("就是它")
    await stage.says("第 2/")
    assert stage.recorder.points["login.username"].frames == ('[name="chat"]',)


async def test_a_closed_window_ends_it() -> None:
    async with open_browser() as browser:
        page = await browser.plain(POINTER)
        await page.goto("data:text/html,<p>x")
        listening = asyncio.create_task(record_in_window(page, Recorder()))
    with pytest.raises(BrowserGone, match="窗口关掉了"):
        await asyncio.wait_for(listening, 10)
