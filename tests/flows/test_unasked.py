"""A page at rest tells by itself how it stands, so that it need not be asked."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser

from flows.views import Snapshot
from tests.attending import eventually
from tests.flows.stage import Stage, staged

# Seconds between two readings of the pack.
EVERY = 1


def pack(**refresh: object) -> dict[str, dict[str, Any]]:
    return {"inbox": {"refresh": {"every": EVERY, **refresh}}}


async def told_unasked(stage: Stage) -> None:
    """It has told the next time how it stands."""
    before = len(stage.unasked)

    async def told() -> bool:
        return len(stage.unasked) > before

    await eventually(told)


async def as_told(stage: Stage) -> Snapshot:
    """What it has told the next time, however late this is looked at; the page itself is asked nothing."""
    await told_unasked(stage)
    tab, answered = stage.console._tab, stage.console.answered_at
    tab.note(tab._told and tab._told[0])
    shown = await stage.console.read(told=True)
    assert stage.console.answered_at == answered
    return shown


async def passed(stage: Stage, seconds: float) -> None:
    """Nothing tells that no telling comes but time in which it does not."""
    await stage.js(f"new Promise((done) => setTimeout(done, {1000 * seconds}))")


async def test_a_page_at_rest_tells_all_of_itself_and_is_asked_nothing(browser: Browser) -> None:
    async with staged(browser, pack=pack()) as stage:
        assert [row.key for row in (await as_told(stage)).rows or ()] == ["k1", "k2"]
        assert [row.key for row in (await as_told(stage)).rows or ()] == ["k1", "k2"]
        assert stage.console.answered_at < stage.console.heard_at


async def test_what_it_tells_is_what_it_shows_then(browser: Browser) -> None:
    async with staged(browser, pack=pack()) as stage:
        await stage.console.press_row("k1")
        # A change that no observer of the page hears of.
        await stage.js("(document.querySelector($0).value = '在的', 0)", stage.css("input"))
        thread = (await as_told(stage)).thread
        assert thread is not None
        assert thread.draft == "在的"


async def test_a_list_that_keeps_up_only_by_loading_is_read_in_its_own_time(browser: Browser) -> None:
    async with staged(browser, pack=pack(kind="reload")) as stage:
        await passed(stage, EVERY)  # what its opening changed is told by then
        heard = stage.console.heard_at
        await passed(stage, 2 * EVERY)
        assert not stage.unasked
        assert stage.console.heard_at == heard


async def test_a_page_without_a_list_tells_nothing(browser: Browser) -> None:
    async with staged(browser, pack=pack()) as stage:
        await told_unasked(stage)
        known = len(stage.heard)
        await stage.js("(document.querySelector($0).remove(), 0)", stage.css("root"))

        async def gone() -> bool:
            return len(stage.heard) > known

        await eventually(gone)
        before, heard = len(stage.unasked), stage.console.heard_at
        await passed(stage, 2 * EVERY)
        assert (len(stage.unasked), stage.console.heard_at) == (before, heard)


async def test_a_chat_in_a_frame_without_an_address_tells_what_changes(browser: Browser) -> None:
    parts: dict[str, Any] = {**pack(every=60), "frames": ["#chat"]}
    async with staged(browser, pack=parts) as stage:
        await stage.js(
            "{ const frame = document.createElement('iframe'); frame.id = 'chat'; document.body.append(frame);"
            " frame.contentDocument.body.append(...document.querySelectorAll($0)); 0 }",
            f"style, main, {stage.css('root')}",
        )
        assert (await stage.console.read()).rows
        asked = stage.console.answered_at
        await stage.say("k2", "在吗")

        async def told() -> bool:
            return "在吗" in str(stage.console._tab._told)

        await eventually(told)
        assert stage.console.answered_at == asked
