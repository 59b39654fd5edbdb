"""A chat in a frame of another site, which a browser with a sandbox for each runs in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from base.errors import BrowserGone, ConsoleError
from bots import browser
from bots.browser import Chromium, open_browser
from flows.breakage import Loading
from flows.line import World
from flows.views import Latest
from tests.attending import eventually
from tests.flows.stage import HOST, Stage, staged

OTHER = HOST.replace("stage", "chat")
TOP = f"""
<body style="margin: 0"><script>addEventListener("click", () => (document.title = "hit"))</script>
<div style="height: 70px">头</div>
<iframe id="outer" src="{OTHER}/outer" style="border: 9px solid; width: 950px; height: 600px"></iframe>
"""
# The site of the page itself once more, within another one.
OUTER = f"""<body style="margin: 0"><p>中</p>
<iframe id="inner" src="{HOST}/" style="border: 0; width: 900px; height: 500px"></iframe>
"""
CHAIN = ["#outer", "#inner"]


@asynccontextmanager
async def _apart() -> AsyncIterator[Chromium]:
    """A browser that keeps sites apart, as one with a window does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(browser, "_ARGS", [*browser._ARGS, "--site-per-process"])
        async with open_browser() as started:
            yield started


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Chromium]:
    """One such for all whose pages it is to show: what they do to a page, no other one has of it."""
    async with _apart() as started:
        yield started


@pytest.fixture
async def stage(chromium: Chromium) -> AsyncIterator[Stage]:
    """A chat two frames deep."""
    async with _deep(chromium) as made:
        yield made


@asynccontextmanager
async def _deep(chromium: Chromium) -> AsyncIterator[Stage]:
    pages = {"/top": TOP, "/outer": OUTER, "/bare": ""}
    pack = cast(Any, {"frames": CHAIN})
    opened = staged(
        chromium._browser, pages=pages, pack=pack, hosts=(HOST, OTHER), line=chromium.line, painted=True
    )
    async with opened as made:
        await made.console.goto(f"{HOST}/top")
        await _came(made)
        yield made


async def _came(stage: Stage) -> World:
    assert await stage.console.wait_signal(["logged_in"], timeout=5)
    return stage.console._tab._chain[-1]


async def test_it_is_read_and_answered(stage: Stage) -> None:
    worlds = stage.console._tab._chain
    assert len({world.target for world in worlds}) == len(worlds)  # else the browser keeps nothing apart
    opened = (await stage.console.press_row("k2")).thread
    assert opened is not None and (opened.key, opened.latest) == ("k2", Latest(buyer="m2", own=None))
    assert (await stage.console.write("k2", "好的", before="")).why == ""
    assert (await stage.send("k2", "好的", latest=opened.latest)).passed
    assert await stage.page.frames[-1].evaluate("app.sent") == [["k2", "好的"]]
    assert await stage.page.title() == ""


@pytest.mark.parametrize(
    "done",
    [
        "document.querySelector('#outer').remove()",
        f"document.querySelector('#outer').src = '{HOST}/bare'",
        f"document.querySelector('#outer').src = '{OTHER}/bare'",
        "document.body.append(document.querySelector('#outer'))",
        "location.reload()",
        f"location.href = '{OTHER}/top'",
    ],
)
async def test_what_goes_under_a_call_is_a_page_that_loads_and_no_dead_browser(stage: Stage, done: str) -> None:
    waiting = asyncio.ensure_future(stage.console.run("() => new Promise(() => 0)", None))
    await asyncio.sleep(0)
    await stage.js(f"void ({done})")
    with pytest.raises(Loading):
        await waiting


async def test_a_frame_that_crashed_is_not_mistaken_for_the_page_around_it(stage: Stage) -> None:
    waiting = asyncio.ensure_future(stage.console.run("() => new Promise(() => 0)", None))
    await asyncio.sleep(0)
    outer = stage.console._tab._chain[1]
    outer.target.send("Page.crash").add_done_callback(lambda done: done.exception())
    with pytest.raises(ConsoleError):
        await waiting
    with pytest.raises(BrowserGone):
        await stage.console.read()


async def test_of_frames_and_contexts_that_went_nothing_is_kept() -> None:
    # A browser of its own: of an earlier test's pages some may be going still.
    async with _apart() as chromium, _deep(chromium) as stage:
        line = chromium.line
        before = len(line._targets), len(line._drivers)
        for _ in range(3):
            gone = await _came(stage)
            await stage.js("{ const old = document.querySelector('#outer'); old.replaceWith(old.cloneNode()) }")
            assert await _came(stage) is not gone
            clock = stage.console._tab._clock
            page = await chromium.console(stage.console.pack, None, clock, lambda _changed: None)
            await page.close()

        async def nothing_more() -> bool:
            return (len(line._targets), len(line._drivers)) == before and not line._asked

        await eventually(nothing_more)
