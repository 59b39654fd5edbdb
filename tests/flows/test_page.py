"""Writing to a page, waiting for it, and pages that go away, in a real browser."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser

from base.errors import BrowserGone, ConsoleNotReady
from bots.browser import open_browser
from flows.pack import Mark
from flows.views import OpenThread
from tests.attending import eventually
from tests.flows.stage import Stage, staged

ENTER = {"composer": {"send": [], "key": "Enter"}}


async def opened(stage: Stage, key: str = "k1") -> OpenThread:
    thread = (await stage.console.press_row(key)).thread
    assert thread is not None
    return thread


# --- writing -------------------------------------------------------------------------------------------------

TEXTS = ["好的", "第一行\n第二行\n第三行", "a b  c", "😀👨‍👩‍👧 שלום", "{enter}<b>&amp;", "长" * 120]


@pytest.mark.parametrize("editable", [False, True], ids=["textarea", "contenteditable"])
@pytest.mark.parametrize(
    "composer",
    [
        {"kind": "fill"},
        {"kind": "fill", "lines": "shift_enter"},
        {"kind": "type"},
        {"kind": "type", "send": [], "key": "Enter"},
        {"kind": "fill", "lines": "shift_enter", "send": [], "key": "Enter"},
    ],
    ids=lambda composer: " ".join(str(value) for value in composer.values()),
)
async def test_every_text_arrives_as_it_was_meant(
    browser: Browser, editable: bool, composer: dict[str, Any]
) -> None:
    options = {"editable": editable, "quiet": True, "sendOn": "keydown" if composer.get("key") else "click"}
    async with staged(browser, options=options, pack={"composer": composer}) as stage:
        thread = await opened(stage)
        for text in TEXTS:
            assert (await stage.console.write("k1", text, before="")).why == ""
            assert (await stage.send("k1", text, latest=thread.latest)).passed
        sent = [text.replace("\u00a0", " ").removesuffix("\n") for _key, text in await stage.sent()]
        assert sent == TEXTS


async def test_an_input_of_one_line_takes_a_joined_text(browser: Browser) -> None:
    async with staged(browser, options={"line": True}, pack={"composer": {"lines": "join"}}) as stage:
        await opened(stage)
        assert (await stage.console.write("k1", "第一行 第二行", before="")).why == ""
        assert await stage.console.composed() == "第一行 第二行"


# --- waiting -------------------------------------------------------------------------------------------------


async def test_a_thread_is_waited_for_until_it_stands_still(browser: Browser) -> None:
    async with staged(browser, pack={"thread": {"still": 500}}) as stage:
        grow = "const timer = setInterval(() => ++n > 5 ? clearInterval(timer) : app.say('k1', `${n}`), 40)"
        await stage.js(f"{{ let n = 0; {grow} }}")
        assert (await opened(stage)).messages[-1].text == "5"


async def test_another_conversations_thread_is_not_the_one_waited_for(browser: Browser) -> None:
    async with staged(browser) as stage:
        await opened(stage, "k1")
        assert await stage.console.wait_thread("k2", timeout=0.3) is None


async def test_a_thread_that_has_begun_to_open_is_given_time(browser: Browser) -> None:
    async with staged(browser) as stage:
        await opened(stage)
        await stage.js("app.box('k1').replaceChildren(), setTimeout(() => app.say('k1', '来了'), 600), 0")
        thread = await stage.console.wait_thread("k1", timeout=0.1)
        assert thread is not None and [said.text for said in thread.messages] == ["来了"]


async def test_an_own_bubble_is_seen_when_it_comes(browser: Browser) -> None:
    async with staged(browser) as stage:
        await opened(stage)
        await stage.js("void setTimeout(() => app.own('k1', '好的'), 100)")
        thread, refused = await stage.console.wait_own([], timeout=3)
        assert thread is not None
        assert (thread.messages[-1].text, refused) == ("好的", "")
        known = [thread.messages[-1].key]
        assert await stage.console.wait_own(known, timeout=0.2) == (None, "")


async def test_a_refusal_is_seen_but_not_one_from_before(browser: Browser) -> None:
    toast = '<div class="{}">含有联系方式</div>'
    async with staged(browser, options={"quiet": True}) as stage:
        thread = await opened(stage)
        show = "document.body.insertAdjacentHTML('beforeend', $0)"
        await stage.js(show, toast.format(stage.names["toast"]))
        await stage.console.write("k1", "好的", before="")
        await stage.send("k1", "好的", latest=thread.latest)
        assert (await stage.console.wait_own([], timeout=0.2))[1] == ""
        await stage.js("document.querySelector($0).remove()", stage.css("toast"))
        assert (await stage.console.wait_own([], timeout=0.2))[1] == ""
        await stage.js(show, toast.format(stage.names["toast"]))
        assert (await stage.console.wait_own([], timeout=3))[1] == "blocked"


async def test_marks_are_elements_words_or_addresses(browser: Browser) -> None:
    async with staged(browser) as stage:
        row = [stage.css("row")]
        there = [
            Mark(css=[stage.css("root")]),
            Mark(text="我是k[0-9]"),
            Mark(url="stage"),
            Mark(css=row, text="k2"),
        ]
        not_there = [Mark(css=[".none"]), Mark(text="没有的字"), Mark(url="^https"), Mark(css=row, text="k3")]
        for mark in [*there, *not_there]:
            assert await stage.console.wait_mark([mark], timeout=0.1) is (mark in there), mark


async def _told(stage: Stage, times: int) -> None:
    """The page has pushed so many hints, and pushes no more."""

    async def heard() -> bool:
        return len(stage.heard) >= times

    await eventually(heard)
    # Nothing tells that no more is coming but time in which it does not.
    await stage.js("new Promise((done) => setTimeout(done, 200))")
    assert len(stage.heard) == times


async def test_a_wait_that_fails_ends_and_what_changes_is_told_on(browser: Browser) -> None:
    async with staged(browser, pack={"inbox": {"refresh": {"every": 60}}}) as stage:
        await _told(stage, 1)
        # No browser knows it: what looks for it throws.
        with pytest.raises(ConsoleNotReady):
            await stage.console.wait_mark([Mark(css=[":unknown"])], timeout=0.1)
        await stage.say("k2", "在吗")
        await _told(stage, 2)


async def test_changes_are_told_once_and_a_ticking_clock_is_none(browser: Browser) -> None:
    async with staged(browser) as stage:
        await _told(stage, 1)
        await stage.say("k1", "在吗")
        await _told(stage, 2)
        await stage.js("{ app.talks.get('k1').clock = '9秒后超时'; app.rows() }")
        await _told(stage, 3)
        await stage.js("{ app.talks.get('k1').clock = '8秒后超时'; app.rows() }")
        await _told(stage, 3)
        assert all("inbox" in hint for hint in stage.heard)


async def test_what_was_read_is_not_told_as_well(browser: Browser) -> None:
    async with staged(browser) as stage:
        await _told(stage, 1)
        # Read before the page has got round to looking at what changed.
        rows = await stage.js("(app.say('k1', '在吗'), __nightdesk.read().inbox)")
        assert any("在吗" in str(row) for row in rows)
        await _told(stage, 1)
        await stage.say("k2", "在吗")
        await _told(stage, 2)


async def test_whoever_acts_is_not_interrupted_by_news(browser: Browser) -> None:
    async with staged(browser) as stage:
        await _told(stage, 1)
        await stage.js(
            "{ const push = __nightdesk_push;"
            " window.__nightdesk_push = (told) => { app.pushed = performance.now(); return push(told); }; 0 }"
        )
        began = await stage.js("((now) => (__nightdesk.act(), app.say('k1', '在吗'), now))(performance.now())")
        await _told(stage, 2)
        assert await stage.js("app.pushed") - began >= 250


async def test_a_hint_brings_the_reading_with_it(browser: Browser) -> None:
    async with staged(browser) as stage:
        await _told(stage, 1)
        said = "还有货吗"
        await stage.say("k1", said)
        await _told(stage, 2)
        stage.console._tab.note(stage.console._tab._told and stage.console._tab._told[0])  # as new as it was then
        answered = stage.console.answered_at
        rows = (await stage.console.read(told=True)).rows or ()
        assert [row.preview for row in rows if row.key == "k1"] == [said]
        assert stage.console.answered_at == answered  # and nothing was asked
        await stage.console.read(told=True)
        assert stage.console.answered_at > answered  # what was told is taken once


@pytest.mark.parametrize("nonsense", ["", "7", "{}", '{"inbox": 7, "thread": null, "signals": []}'])
async def test_a_reading_that_makes_no_sense_is_made_anew(browser: Browser, nonsense: str) -> None:
    async with staged(browser) as stage:
        await _told(stage, 1)
        stage.console._tab.note(nonsense)
        assert [row.key for row in (await stage.console.read(told=True)).rows or ()] == ["k1", "k2"]


async def test_only_the_chat_itself_tells_of_the_chat(browser: Browser) -> None:
    async with staged(browser) as stage:
        await _told(stage, 1)
        await stage.console.read()
        told = '{"inbox": [], "thread": null, "signals": []}'
        stage.heard.clear()
        await stage.js(
            "{ const other = document.createElement('iframe'); other.srcdoc ="
            " `<script>__nightdesk_push(JSON.stringify({ changed: ['inbox'],"
            " read: ${JSON.stringify($0)} }))</script>`;"
            " document.body.append(other); 0 }",
            told,
        )

        async def heard() -> bool:
            return frozenset({"inbox"}) in stage.heard

        await eventually(heard)
        assert stage.console.has_news is False
        assert [row.key for row in (await stage.console.read(told=True)).rows or ()] == ["k1", "k2"]


async def test_whoever_else_calls_the_binding_can_only_make_us_read(browser: Browser) -> None:
    async with staged(browser) as stage:
        for given in ('{ "changed": ["inbox", "all"] }', "x", '"x"', '{ "changed": [["inbox"], {}] }', "null"):
            await stage.js("__nightdesk_push($0)", given)
        assert all(hint <= {"inbox", "thread", "signals"} for hint in stage.heard)
        assert frozenset({"inbox"}) in stage.heard


# --- pages that go away --------------------------------------------------------------------------------------


async def test_a_page_that_asks_to_be_stayed_on_is_left(browser: Browser) -> None:
    async with staged(browser) as stage:
        await opened(stage)
        await stage.js("void addEventListener('beforeunload', (event) => event.preventDefault())")
        await stage.console.reload()
        assert await stage.console.thread() is None


async def test_whatever_else_a_page_asks_is_refused(browser: Browser) -> None:
    async with staged(browser) as stage:
        assert await stage.js("confirm('转给同事吗')") is False
        assert await stage.js("prompt('名字')") is None


async def test_a_dead_page_is_told_from_one_that_loads(browser: Browser) -> None:
    async with staged(browser) as stage:
        with pytest.raises(ConsoleNotReady):
            await stage.console.goto("http://127.0.0.1:9/")
        session = await stage.page.context.new_cdp_session(stage.page)
        crash = asyncio.ensure_future(session.send("Page.crash"))
        gone = asyncio.Event()
        stage.page.once("crash", lambda _page: gone.set())
        await asyncio.wait_for(gone.wait(), 10)
        with pytest.raises(BrowserGone):
            await stage.console.read()
        await stage.page.context.close()
        await asyncio.gather(crash, return_exceptions=True)
        with pytest.raises(BrowserGone):
            await stage.console.read()


@pytest.mark.parametrize("composer", [{}, {"send": [], "key": "Enter"}], ids=["button", "key"])
async def test_what_died_before_the_press_has_sent_nothing(browser: Browser, composer: dict[str, Any]) -> None:
    async with staged(browser, pack={"composer": composer}) as stage:
        thread = await opened(stage)
        await stage.console.write("k1", "好的", before="")
        session = await stage.page.context.new_cdp_session(stage.page)
        gone = asyncio.Event()
        stage.page.once("crash", lambda _page: gone.set())
        crashes = []

        async def commit() -> bool:
            crashes.append(asyncio.ensure_future(session.send("Page.crash")))
            await asyncio.wait_for(gone.wait(), 10)
            return True

        landing = await stage.send("k1", "好的", latest=thread.latest, commit=commit)
        assert (landing.passed, landing.why) == (False, "gone")
        await stage.page.context.close()
        await asyncio.gather(*crashes, return_exceptions=True)


async def test_a_picture_of_what_shows(browser: Browser) -> None:
    async with staged(browser) as stage:
        assert (await stage.console.picture()).startswith(b"\x89PNG")
        await stage.page.close()
        with pytest.raises(BrowserGone):
            await stage.console.picture()


async def test_a_page_that_is_not_painted_is_read_written_to_and_drawn_for_a_picture() -> None:
    async with (
        open_browser(painted=False) as chromium,
        staged(chromium._browser, line=chromium.line, painted=False) as stage,
    ):
        count = "function seen() { frames_seen++; requestAnimationFrame(seen) }"
        await stage.js(f"void (window.frames_seen = 0, requestAnimationFrame({count}))")
        thread = await opened(stage)
        assert (await stage.console.write("k1", "好的", before="")).why == ""
        assert (await stage.send("k1", "好的", latest=thread.latest)).passed
        assert await stage.sent() == [["k1", "好的"]]
        assert await stage.js("frames_seen") == 0
        assert (await stage.console.picture()).startswith(b"\x89PNG")
        assert await stage.js("frames_seen") > 0


# --- a page that does not answer -----------------------------------------------------------------------------

BUSY = "void setTimeout(() => { for (;;); })"


async def test_a_page_stuck_in_a_script_is_given_up_in_time(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with staged(browser) as stage:
        await stage.js(BUSY)
        with monkeypatch.context() as soon:
            soon.setattr("flows.tab._STUCK_SECONDS", 0.5)
            for call in (stage.console.read, stage.console.reload, lambda: stage.console.press_row("k1")):
                with pytest.raises(BrowserGone, match="卡住"):
                    await call()
        await stage.console.close()
    async with staged(browser) as stage:
        assert (await opened(stage)).key == "k1"


@pytest.mark.parametrize("composer", [{}, {"send": [], "key": "Enter"}], ids=["button", "key"])
async def test_what_hangs_before_the_press_has_sent_nothing(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, composer: dict[str, Any]
) -> None:
    committed = []
    hung: list[asyncio.Future[Any]] = []

    async def commit() -> bool:
        committed.append(True)
        hung.append(asyncio.ensure_future(stage.console.run("() => { for (;;); }", None)))
        await asyncio.sleep(0)  # it is on its way before the press
        return True

    async with staged(browser, pack={"composer": composer}) as stage:
        thread = await opened(stage)
        await stage.console.write("k1", "好的", before="")
        monkeypatch.setattr("flows.tab._STUCK_SECONDS", 0.5)
        landing = await stage.send("k1", "好的", latest=thread.latest, commit=commit)
        assert (landing.passed, landing.why) == (False, "gone")
        with pytest.raises(BrowserGone):
            await stage.send("k1", "好的", latest=thread.latest, commit=commit)
        assert committed == [True]
        await stage.page.context.close()
        await asyncio.gather(*hung, return_exceptions=True)


async def test_that_a_page_is_gone_is_told_once_the_reply_is_on_record(browser: Browser) -> None:
    async with staged(browser) as stage:
        thread = await opened(stage)
        recorded = []

        async def commit() -> bool:
            await asyncio.sleep(0.2)  # a slow disk
            recorded.append(True)
            return True

        await stage.page.close()
        with pytest.raises(BrowserGone):
            await stage.console.write("k1", "好的", before="", latest=thread.latest, commit=commit)
        assert recorded == [True]
