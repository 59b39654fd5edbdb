"""What the gate guards: rows, input and send button with all that is in them, whatever the page does to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import product
from typing import Any

import pytest
from playwright.async_api import Browser

from flows.gate import freely
from tests.flows.stage import Stage, made_up, staged

# The chat moves into a shadow root; the first conversation is open; everything has something inside that can have
# the focus; what reaches the page of a person's doing is written down.
SET = """{
  if ($0) {
    const host = document.createElement("div"), style = document.querySelector("style");
    Object.assign(host, { id: "host", style: "display: flex" });
    document.body.append(host);
    host.attachShadow({ mode: "open" }).append(style, document.querySelector($1), document.querySelector("main"));
  }
  app.show("k1");
  const root = document.querySelector("#host")?.shadowRoot ?? document;
  for (const css of $2) {
    const el = root.querySelector(css);
    el.tabIndex = 0;
    el.insertAdjacentHTML("beforeend", '<b tabindex="0">在</b>');
  }
  document.body.insertAdjacentHTML("beforeend", '<a id="else" tabindex="0">别处</a>');
  window.reached = [];
  const types = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "dblclick", "keydown", "keyup",
    "beforeinput"];
  for (const type of types) document.addEventListener(type, () => reached.push(type), true);
  window.aim = (css) => root.querySelector(css).focus();
  0
}"""
KEYS = {"keydown", "keyup"}
PRESS = {"pointerdown", "mousedown", "pointerup", "mouseup", "click"}
PARTS = ("row", "input", "send")
WHEREVER = pytest.mark.parametrize(("part", "child", "shadow"), list(product(PARTS, [False, True], [False, True])))


@asynccontextmanager
async def furnished(browser: Browser, *, shadow: bool) -> AsyncIterator[Stage]:
    """The stage with all of it in place, in a shadow root or not."""
    pack: dict[str, Any] = {"shadow": ["#host"]} if shadow else {}
    async with staged(browser, pack=pack, options={"editable": True}) as stage:
        await stage.js(SET, shadow, stage.css("root"), [stage.css(part) for part in PARTS])
        yield stage


async def reached(stage: Stage) -> set[str]:
    """What has reached the page since this was last asked."""
    return set(await stage.js("reached.splice(0)"))


def place(stage: Stage, part: str, child: bool) -> str:
    return stage.css(part) + (" b[tabindex]" if child else "")


@WHEREVER
async def test_a_press_is_noticed_wherever_it_lands_there(
    browser: Browser, part: str, child: bool, shadow: bool
) -> None:
    async with furnished(browser, shadow=shadow) as stage:
        await stage.page.mouse.dblclick(*await stage.middle(place(stage, part, child)))
        assert await reached(stage) == set()
        await stage.arm({"kind": "open", "id": "k2"})
        await stage.click(place(stage, part, child))
        seen = await stage.report()
        # With its pointerdown stopped, a browser raises no mousedown and no mouseup.
        assert [event for event, *_rest in seen] == ["pointerdown", "pointerup", "click"]
        assert {region for _event, region, _why in seen} == {part}
        assert await reached(stage) == set()
        await stage.click("#else")
        assert await reached(stage) == PRESS


@WHEREVER
async def test_a_key_is_noticed_wherever_it_lands_there(
    browser: Browser, part: str, child: bool, shadow: bool
) -> None:
    async with furnished(browser, shadow=shadow) as stage:
        await stage.js("aim($0)", place(stage, part, child))
        await stage.page.keyboard.press("a")
        assert await reached(stage) == set()
        await stage.arm({"kind": "open", "id": "k2"})
        await stage.page.keyboard.press("a")
        seen = await stage.report()
        assert {event for event, *_rest in seen} >= KEYS
        assert {region for _event, region, _why in seen} == {part}
        assert await reached(stage) == set()
        await stage.js("document.querySelector('#else').focus()")
        await stage.page.keyboard.press("a")
        assert await reached(stage) == KEYS


@pytest.mark.parametrize("shadow", [False, True], ids=["page", "shadow root"])
async def test_words_put_in_without_a_key_are_noticed(browser: Browser, shadow: bool) -> None:
    async with furnished(browser, shadow=shadow) as stage:
        await stage.js("aim($0)", stage.css("input"))
        await stage.page.keyboard.insert_text("我来")
        assert await reached(stage) == set()
        await stage.arm({"kind": "open", "id": "k2"})
        await stage.page.keyboard.insert_text("我来")
        assert await stage.report() == [("beforeinput", "input", "missed")]
        assert await stage.page.locator(stage.css("input")).inner_text() == "在"


# --- a page that gets in its way -----------------------------------------------------------------------------


async def pressed_and_typed(stage: Stage) -> Sequence[str]:
    """What a person's press on a row and key in the input come to."""
    await stage.click(stage.css("row", "k2"))
    await stage.js("document.querySelector($0).focus()", stage.css("input"))
    await stage.page.keyboard.press("a")
    return [*await stage.js("app.opened"), await stage.js("document.querySelector($0).value", stage.css("input"))]


@pytest.mark.parametrize(
    "clobber",
    [
        "document.body.insertAdjacentHTML('beforeend', '<i id=matches></i>')",
        "{ const form = document.createElement('form'); form.append(...document.body.children);"
        " form.insertAdjacentHTML('beforeend', '<input type=hidden name=matches>'); document.body.append(form);"
        " document.body.style.display = 'block' }",
    ],
    ids=["of the window", "of a form"],
)
async def test_an_element_that_is_called_like_what_the_gate_asks_opens_nothing(
    browser: Browser, clobber: str
) -> None:
    async with staged(browser) as stage:
        await stage.js("app.show('k1')")
        await stage.page.evaluate(f"() => {{ {clobber} }}")
        assert await pressed_and_typed(stage) == ["k1", ""]
        assert (await stage.console.press_row("k2")).passed


# No browser knows it.
UNKNOWN = ":unknown"


@pytest.mark.parametrize("part", ["row", "input", "send"])
async def test_a_press_that_cannot_be_judged_does_not_pass(browser: Browser, part: str) -> None:
    """Reading finds all by the first selector, and meets no other."""
    both = {part: [f".{made_up(1)[part]}", UNKNOWN]}
    async with staged(browser, pack={"inbox" if part == "row" else "composer": both}) as stage:
        opened = await stage.console.press_row("k1")
        assert not opened.passed and UNKNOWN in opened.why
        assert await stage.js("app.opened") == []


async def written_anew(stage: Stage) -> None:
    """The page writes its document anew, with the same things in it."""
    await stage.js(
        "{ const things = [...document.querySelectorAll($0)]; things.forEach((thing) => thing.remove());"
        " document.open(); document.write('<title>在线客服</title>'); document.close();"
        " document.body.append(...things); 0 }",
        f"style, main, {stage.css('root')}",
    )


async def test_a_document_that_is_written_anew_is_guarded_and_sent_from_once(browser: Browser) -> None:
    async with staged(browser) as stage:
        await written_anew(stage)
        await stage.js("app.show('k1')")
        assert await pressed_and_typed(stage) == ["k1", ""]
        opened = await stage.console.press_row("k2")
        assert opened.passed and opened.thread is not None
        latest = opened.thread.latest
        written = await stage.console.write("k2", "亲，在的", before="", latest=latest)
        await written_anew(stage)
        sent = await stage.console.send(
            "k2", "亲，在的", latest=latest, known=(), timeout=2, commit=freely, armed=written.armed
        )
        assert sent.passed and sent.thread is not None
        assert await stage.sent() == [["k2", "亲，在的"]]
