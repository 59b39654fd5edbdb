"""The gate: what it stops at the moment of the event, and what it lets through, in a real browser."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import pytest
from playwright.async_api import Browser

from bots.processes import started_by
from flows.views import Latest
from tests.flows.stage import Stage, made_up, staged

ENTER = {"composer": {"send": [], "key": "Enter"}}
TEXT = "亲，两天内发出"


async def open_with_text(stage: Stage, text: str = TEXT) -> Latest:
    """The first conversation is open and its input holds `text`; returns who said what last."""
    thread = (await stage.console.press_row("k1")).thread
    assert thread is not None
    await stage.console.write("k1", text, before="")
    return thread.latest


def send_act(latest: Latest) -> dict[str, Any]:
    return {"kind": "send", "id": "k1", "latest": asdict(latest), "text": TEXT}


# --- rows ----------------------------------------------------------------------------------------------------


async def test_a_row_does_not_open_unless_it_is_armed(browser: Browser) -> None:
    async with staged(browser) as stage:
        await stage.click(stage.css("row", "k1"))
        assert await stage.js("app.opened") == []


@pytest.mark.parametrize("event", ["pointerdown", "mousedown", "mouseup", "click"])
async def test_only_the_armed_row_opens(browser: Browser, event: str) -> None:
    async with staged(browser, options={"openOn": event}) as stage:
        await stage.arm({"kind": "open", "id": "k1"})
        await stage.click(stage.css("row", "k2"))
        assert {why for _event, _region, why in await stage.report()} == {"other row"}
        landing = await stage.console.press_row("k2")
        assert (landing.passed, landing.why) == (True, "")
        assert await stage.js("app.opened") == ["k2"]


async def test_a_list_that_moves_under_the_press_opens_nothing_else(browser: Browser) -> None:
    async with staged(browser) as stage:
        point = await stage.arm({"kind": "open", "id": "k1"})
        await stage.js("document.querySelector($0).before(document.querySelector($1))", stage.css("row", "k1"),
                       stage.css("row", "k2"))  # fmt: skip
        await stage.page.mouse.click(point["x"], point["y"])
        assert {why for *_rest, why in await stage.report()} == {"other row"}
        assert await stage.js("app.opened") == []


async def test_a_double_click_is_stopped_too(browser: Browser) -> None:
    async with staged(browser) as stage:
        await stage.page.mouse.dblclick(*await stage.middle(stage.css("row", "k1")))
        assert await stage.js("app.opened") == []


# --- sending -------------------------------------------------------------------------------------------------

Change = Callable[[Stage], Any]
CHANGES: Mapping[str, tuple[Change, str]] = {
    "the buyer spoke": (lambda stage: stage.say("k1", "还有，什么颜色"), "newer message"),
    "a colleague answered": (lambda stage: stage.js("app.own('k1', '我来')"), "answered"),
    "the text is another": (
        lambda stage: stage.js("document.querySelector($0).value = '别的话'", stage.css("input")),
        "draft",
    ),
    "the input is empty": (
        lambda stage: stage.js("document.querySelector($0).value = ''", stage.css("input")),
        "draft",
    ),
    "another conversation came up": (
        lambda stage: stage.js(
            "app.show('k2'); const one = document.querySelector($0); one.value = $1; one.focus()",
            stage.css("input"),
            TEXT,
        ),
        "other conversation",
    ),
    "time is up": (lambda stage: stage.js("new Promise((done) => setTimeout(done, 60))"), "deadline"),
}


@pytest.mark.parametrize("by_key", [False, True], ids=["button", "Enter"])
@pytest.mark.parametrize("name", CHANGES)
async def test_nothing_is_sent_when_something_changed(browser: Browser, name: str, by_key: bool) -> None:
    change, why = CHANGES[name]
    options = {"sendOn": "keydown" if by_key else "click"}
    async with staged(browser, options=options, pack=ENTER if by_key else None) as stage:
        latest = await open_with_text(stage)
        await stage.arm(send_act(latest), 2000 if why != "deadline" else 30)
        await change(stage)
        if by_key:
            await stage.page.keyboard.press("Enter")
        else:
            await stage.click(stage.css("send"))
        assert why in {entry[2] for entry in await stage.report()}
        assert await stage.sent() == []


@pytest.mark.parametrize("by_key", [False, True], ids=["button", "Enter"])
async def test_a_browser_that_froze_after_the_last_check_sends_nothing_when_it_wakes(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, by_key: bool
) -> None:
    options = {"sendOn": "keydown" if by_key else "click"}
    async with staged(browser, options=options, pack=ENTER if by_key else None) as stage:
        latest = await open_with_text(stage)
        frozen = started_by(os.getpid())

        def send(number: signal.Signals) -> None:
            for one in frozen:
                with suppress(ProcessLookupError):  # one of a page closed a moment ago may end meanwhile
                    os.kill(one.pid, number)

        async def freeze() -> bool:
            send(signal.SIGSTOP)
            asyncio.get_running_loop().call_later(1.2, send, signal.SIGCONT)
            return True

        monkeypatch.setattr("flows.gate._ACT_MS", 1000)
        landing = await stage.send("k1", TEXT, latest=latest, commit=freeze)
        assert (landing.passed, landing.why) == (False, "deadline")
        assert await stage.sent() == []


async def test_a_press_asked_for_before_the_machine_slept_is_late(browser: Browser) -> None:
    async with staged(browser) as stage:
        latest = await open_with_text(stage)
        await stage.js("__nightdesk.arm($0, 2000, Date.now() - 1)", send_act(latest))
        await stage.click(stage.css("send"))
        assert {why for *_rest, why in await stage.report()} == {"deadline"}
        assert await stage.sent() == []


@pytest.mark.parametrize("by_key", [False, True], ids=["button", "Enter"])
async def test_nothing_is_sent_unarmed(browser: Browser, by_key: bool) -> None:
    options = {"sendOn": "keydown" if by_key else "click"}
    async with staged(browser, options=options, pack=ENTER if by_key else None) as stage:
        await open_with_text(stage)
        if by_key:
            await stage.page.keyboard.press("Enter")
        else:
            await stage.click(stage.css("send"))
        assert await stage.sent() == []


@pytest.mark.parametrize(
    ("send_on", "by_key"),
    [
        ("pointerdown", False),
        ("mousedown", False),
        ("mouseup", False),
        ("click", False),
        ("keydown", True),
        ("keypress", True),
        ("keyup", True),
    ],
)
@pytest.mark.parametrize("editable", [False, True], ids=["textarea", "contenteditable"])
async def test_every_way_of_sending_sends_once(
    browser: Browser, send_on: str, by_key: bool, editable: bool
) -> None:
    options = {"sendOn": send_on, "editable": editable}
    async with staged(browser, options=options, pack=ENTER if by_key else None) as stage:
        latest = await open_with_text(stage)
        landing = await stage.send("k1", TEXT, latest=latest)
        assert landing.passed
        assert await stage.sent() == [["k1", TEXT]]
        assert await stage.console.composed() == ""


async def test_enter_leaves_no_line_break_behind(browser: Browser) -> None:
    # A console that only looks at keyup, and does not empty its input: what Enter itself would write stays out.
    async with staged(browser, options={"sendOn": "keyup"}, pack=ENTER) as stage:
        latest = await open_with_text(stage)
        await stage.js("void (app.send = (input) => app.sent.push([app.open, input.value]))")
        await stage.send("k1", TEXT, latest=latest)
        assert await stage.sent() == [["k1", TEXT]]
        assert await stage.js("document.querySelector($0).value", stage.css("input")) == TEXT


async def test_a_press_on_send_does_not_serve_as_one_on_a_row(browser: Browser) -> None:
    async with staged(browser) as stage:
        await open_with_text(stage)
        await stage.arm({"kind": "open", "id": "k1"})
        await stage.click(stage.css("send"))
        assert {why for *_rest, why in await stage.report()} == {"missed"}
        assert await stage.sent() == []


async def test_a_key_that_lands_elsewhere_is_stopped(browser: Browser) -> None:
    # The whole document listens, and the focus is gone: nothing could be compared, so nothing may pass.
    async with staged(browser, pack=ENTER) as stage:
        latest = await open_with_text(stage)
        await stage.js("document.addEventListener('keydown', () => app.sent.push(['document', '']))")
        await stage.js("document.activeElement.blur()")
        landing = await stage.send("k1", TEXT, latest=latest)
        assert (landing.passed, landing.why) == (False, "missed")
        assert await stage.sent() == []


async def test_typing_presses_no_enter(browser: Browser) -> None:
    async with staged(browser, options={"sendOn": "keydown"}, pack=ENTER) as stage:
        await open_with_text(stage)
        await stage.arm({"kind": "type", "id": "k1", "before": None})
        await stage.page.keyboard.press("Enter")
        assert "would send" in {why for *_rest, why in await stage.report()}
        assert await stage.sent() == []


@pytest.mark.parametrize("draft", ["同事写到一半", ""])
async def test_typing_stops_before_a_draft_that_was_not_there(browser: Browser, draft: str) -> None:
    async with staged(browser) as stage:
        await stage.console.press_row("k1")
        await stage.js("document.querySelector($0).value = $1", stage.css("input"), draft)
        landing = await stage.console.write("k1", TEXT, before="" if draft else "本来的")
        assert landing.why == "draft"
        assert await stage.js("document.querySelector($0).value", stage.css("input")) == draft


async def test_a_rest_of_ours_is_replaced(browser: Browser) -> None:
    async with staged(browser) as stage:
        await open_with_text(stage)
        assert (await stage.console.write("k1", "另一句", before=TEXT)).why == ""
        assert await stage.console.composed() == "另一句"
        assert (await stage.console.write("k1", "", before="另一句")).why == ""
        assert await stage.console.composed() == ""


async def test_the_page_itself_may_do_as_it_likes(browser: Browser) -> None:
    async with staged(browser) as stage:
        await open_with_text(stage)
        await stage.js("document.querySelector($0).click()", stage.css("send"))
        await stage.js("document.querySelector($0).click()", stage.css("row", "k2"))
        assert await stage.sent() == [["k1", TEXT]]
        assert await stage.js("app.opened") == ["k1", "k2"]


async def test_where_a_press_landed_is_told_without_its_words(browser: Browser) -> None:
    async with staged(browser) as stage:
        latest = await open_with_text(stage)
        landing = await stage.send("k1", TEXT, latest=latest)
        assert landing.landed == f"button.{stage.names['send']}"


async def test_a_page_that_goes_away_under_the_press_may_have_sent(browser: Browser) -> None:
    async with staged(browser) as stage:
        latest = await open_with_text(stage)
        await stage.js("void (app.send = () => { location.href = '/?sent'; })")
        landing = await stage.send("k1", TEXT, latest=latest)
        assert landing.passed


# --- covered, missing ----------------------------------------------------------------------------------------


async def test_what_is_covered_is_told_and_not_pressed(browser: Browser) -> None:
    async with staged(browser) as stage:
        latest = await open_with_text(stage)
        await stage.js(
            "document.body.insertAdjacentHTML('beforeend', $0)",
            f'<div class="{stage.names["cover"]}"><button class="{stage.names["dismiss"]}">好</button></div>',
        )
        away = (
            "document.querySelector($0).addEventListener('click', (event) => event.target.parentElement.remove())"
        )
        await stage.js(away, stage.css("dismiss"))
        cover = f"div.{stage.names['cover']}"
        for landing in (
            await stage.console.press_row("k2"),
            await stage.send("k1", TEXT, latest=latest),
            await stage.console.write("k1", "字", before=TEXT),
        ):
            assert (landing.passed, landing.why, landing.landed) == (False, "covered", cover)
        assert await stage.js("app.opened") == ["k1"]
        assert await stage.sent() == []
        assert await stage.console.dismiss_overlays()
        assert (await stage.send("k1", TEXT, latest=latest)).passed
        assert not await stage.console.dismiss_overlays()


async def test_what_is_not_there_is_missing(browser: Browser) -> None:
    async with staged(browser) as stage:
        assert (await stage.console.press_row("k9")).why == "missing"
        assert (await stage.console.write("k1", TEXT, before="")).why == "missing"


async def test_a_row_out_of_sight_is_brought_into_it(browser: Browser) -> None:
    keys = [f"k{number}" for number in range(60)]
    async with staged(browser, keys=keys) as stage:
        await stage.js("document.querySelector($0).style.scrollBehavior = 'smooth'", stage.css("root"))
        assert (await stage.console.press_row("k59")).passed
        assert await stage.js("app.opened") == ["k59"]


@pytest.mark.parametrize("signal", ["captcha", "qr", "kicked", "no_permission", "expired"])
async def test_a_layer_that_tells_of_the_session_is_not_pressed_away(browser: Browser, signal: str) -> None:
    """Its button has the words of any other layer's; a visit that it covers meets it before the next reading."""
    cover = f".{made_up(1)['cover']}"
    marks = {signal: {"css": cover, "text": "账户在别处登录"}}
    async with staged(browser, pack={"signals": marks}) as stage:
        for words, pressed in (("账户在别处登录", False), ("新功能上线", True)):
            await stage.js(
                "{ const cover = document.createElement('div'); cover.className = $0;"
                " cover.innerHTML = `<p>${$2}</p><button class=${$1}>我知道了</button>`;"
                " cover.querySelector('button').onclick = () => cover.remove(); document.body.append(cover) }",
                stage.names["cover"],
                stage.names["dismiss"],
                words,
            )
            assert (await stage.console.press_row("k1")).why == "covered"
            assert await stage.console.dismiss_overlays() is pressed
            assert await stage.js("document.querySelectorAll($0).length", cover) == (0 if pressed else 1)
            await stage.js("document.querySelectorAll($0).forEach((cover) => cover.remove())", cover)
