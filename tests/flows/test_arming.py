"""What the gate is armed for ahead: typing as a thread comes, sending as the words are in; in a real browser."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.async_api import Browser

from base.errors import ConsoleError
from flows.gate import freely
from flows.line import LineError
from tests.flows.stage import staged
from tests.flows.test_gate import ENTER, TEXT

# --- armed for the send as the words are in ---------------------------------------------------------------------

MEANWHILE: Mapping[str, tuple[str, str]] = {
    "all as it was": ("", ""),
    "the buyer spoke": ("app.say('k1', '还有')", "newer message"),
    "a colleague answered": ("app.own('k1', '我来')", "answered"),
    "another conversation came up": ("app.show('k2')", "other conversation"),
    "the text is another": ("document.querySelector($0).value += '！'", "draft"),
}


@pytest.mark.parametrize("by_key", [False, True], ids=["button", "Enter"])
@pytest.mark.parametrize("name", MEANWHILE)
async def test_what_was_typed_is_sent_with_one_arming_by_the_same_rules(
    browser: Browser, name: str, by_key: bool
) -> None:
    change, told = MEANWHILE[name]
    options = {"sendOn": "keydown" if by_key else "click"}
    async with staged(browser, options=options, pack=ENTER if by_key else None) as stage:
        thread = (await stage.console.press_row("k1")).thread
        assert thread is not None
        written = await stage.console.write("k1", TEXT, before="", latest=thread.latest)
        assert written.armed is not None

        async def commit() -> bool:
            await stage.js(f"void ({change or 0})", stage.css("input"))
            return True

        sent = await stage.console.send(
            "k1", TEXT, latest=thread.latest, known=(), timeout=0, commit=commit, armed=written.armed
        )
        assert sent.passed is not bool(told)
        assert sent.why == told or sent.passed  # what follows a key that has sent is stopped
        assert await stage.sent() == ([] if told else [["k1", TEXT]])


@pytest.mark.parametrize(
    "change",
    [
        "app.say('k1', '还有')",
        "app.own('k1', '我来')",
        "queueMicrotask(() => event.target.value = '别的话')",
        "event.target.value = '别的话'",
    ],
)
async def test_where_anything_is_otherwise_the_gate_is_not_armed_for_the_send(
    browser: Browser, change: str
) -> None:
    async with staged(browser) as stage:
        thread = (await stage.console.press_row("k1")).thread
        assert thread is not None
        await stage.js(
            f"void document.querySelector($0).addEventListener('input', (event) => {{ {change} }})",
            stage.css("input"),
        )
        written = await stage.console.write("k1", TEXT, before="", latest=thread.latest)
        assert written.armed is None
        await stage.click(stage.css("send"))
        assert await stage.sent() == []


async def test_words_that_nobody_checked_who_spoke_for_arm_nothing(browser: Browser) -> None:
    async with staged(browser) as stage:
        await stage.console.press_row("k1")
        assert (await stage.console.write("k1", TEXT, before="")).armed is None


async def test_nothing_is_typed_before_it_is_on_record_nor_where_that_is_refused(browser: Browser) -> None:
    async with staged(browser) as stage:
        thread = (await stage.console.press_row("k1")).thread
        assert thread is not None
        held: list[str | None] = []

        async def refuse() -> bool:
            held.append(await stage.console.composed())
            return False

        written = await stage.console.write("k1", TEXT, before="", latest=thread.latest, commit=refuse)
        assert (written.passed, written.why, written.armed) == (False, "paused", None)
        assert held == [""] and await stage.console.composed() == ""
        await stage.click(stage.css("input"))
        await stage.page.keyboard.insert_text("字")  # the gate is armed for nothing any more
        assert await stage.console.composed() == ""


# --- armed for typing as the thread comes -----------------------------------------------------------------------


async def test_a_thread_that_came_is_typed_into_without_arming_again(browser: Browser) -> None:
    async with staged(browser) as stage:
        await stage.js(
            "{ const arm = __nightdesk.arm; app.armed = [];"
            " __nightdesk.arm = (act, ...more) => (app.armed.push(act.kind), arm(act, ...more));"
            " new MutationObserver(() => document.querySelector($0)?.focus())"
            ".observe(document, { childList: true, subtree: true }) }",
            stage.css("input"),
        )
        thread = (await stage.console.press_row("k1", to_write=True)).thread
        assert thread is not None
        written = await stage.console.write("k1", TEXT, before="", latest=thread.latest)
        assert (written.why, written.draft) == ("", TEXT)
        assert written.armed is not None
        assert await stage.js("app.armed") == ["open", "type", "send"]


@pytest.mark.parametrize("change", ["app.say('k1', '还有')", "app.own('k1', '我来')", "app.show('k2')"])
async def test_what_happened_since_the_thread_came_stops_the_typing(browser: Browser, change: str) -> None:
    async with staged(browser) as stage:
        thread = (await stage.console.press_row("k1", to_write=True)).thread
        assert thread is not None
        await stage.js(f"void ({change})")
        written = await stage.console.write("k1", TEXT, before="", latest=thread.latest)
        assert written.why in ("newer message", "answered", "other conversation", "missed")
        assert TEXT not in str(await stage.js("Array.from(document.querySelectorAll($0), (el) => el.value)",
                                              stage.css("input")))  # fmt: skip


async def test_what_lies_outside_the_gate_can_be_pressed_while_a_reply_is_thought_of(browser: Browser) -> None:
    async with staged(browser) as stage:
        await stage.console.press_row("k1", to_write=True)
        button = '<button id="beside" onclick="app.beside = 1">好</button>'
        await stage.js("document.body.insertAdjacentHTML('beforeend', $0)", button)
        await stage.console.press(["#beside"], key="beside")
        assert await stage.js("app.beside") == 1


@pytest.mark.parametrize("what", ["gone", "refused"])
async def test_words_that_are_in_do_not_leave_without_their_record(browser: Browser, what: str) -> None:
    async with staged(browser) as stage:
        thread = (await stage.console.press_row("k1")).thread
        assert thread is not None

        async def sending() -> bool:
            assert await stage.console.composed() == TEXT
            if what == "gone":
                await stage.page.close()
            return what == "gone"

        written = await stage.console.write("k1", TEXT, before="", latest=thread.latest, sending=sending)
        assert (written.passed, written.armed) == (False, None)
        assert written.why == ("gone" if what == "gone" else "paused")
        if what == "refused":
            await stage.click(stage.css("send"))
            assert await stage.sent() == []


# --- what is on its way while it is asked after -----------------------------------------------------------------


async def test_a_press_that_comes_late_is_waited_for(browser: Browser) -> None:
    async with staged(browser) as stage:
        gate, tab = stage.console._gate, stage.console._tab
        place, _none = await gate.arm_beside({"kind": "open", "id": "k1"}, freely)

        async def press() -> None:
            await stage.js("0")  # the page has been asked by now, and waits
            await tab.click(place)

        landing, shown = await gate.after("opened", "k1", 5000, 0, longer=5, act=press)
        assert landing.passed
        assert shown["id"] == "k1"


async def test_a_press_that_never_came_finds_the_gate_shut_afterwards(browser: Browser) -> None:
    async with staged(browser) as stage:
        gate, tab = stage.console._gate, stage.console._tab
        place, _none = await gate.arm_beside({"kind": "open", "id": "k1"}, freely)

        async def lost() -> None:
            pass

        landing, shown = await gate.after("opened", "k1", 5000, 0, longer=5, act=lost)
        assert (landing.passed, landing.why, shown) == (False, "nothing landed", None)
        await tab.click(place)
        assert await stage.js("app.open ?? null") is None


async def test_a_press_that_the_browser_refuses_is_told_as_such(browser: Browser) -> None:
    async with staged(browser) as stage:
        gate = stage.console._gate
        await gate.arm_beside({"kind": "open", "id": "k1"}, freely)

        async def refused() -> None:
            raise LineError("no such session")

        with pytest.raises(ConsoleError):
            await gate.after("opened", "k1", 100, 0, longer=1, act=refused)
