"""The end of a visit: when the page says that all is done, and what it still tells then, in a real browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Browser

from flows.landing import Sent
from tests.attending import eventually
from tests.flows.stage import Stage, made_up, staged

TEXT = "亲，两天内发出"
# What is told is not told because all is told now and then.
SELDOM = {"inbox": {"refresh": {"every": 60}}}


async def answered(
    stage: Stage, before: Callable[[Stage], Awaitable[Any]] | None = None, *, goes_on: bool = False
) -> Sent:
    """The page is read and the first conversation answered; `before` the words are sent something happens."""
    await stage.console.read()
    thread = (await stage.console.press_row("k1")).thread
    assert thread is not None
    written = await stage.console.write("k1", TEXT, before="", latest=thread.latest)
    if before is not None:
        await before(stage)
    known = [said.key for said in thread.messages]
    send = partial(stage.console.send, "k1", TEXT, latest=thread.latest, known=known, timeout=2, commit=_yes)
    return await send(armed=written.armed, goes_on=goes_on)


async def _yes() -> bool:
    return True


async def hints(stage: Stage) -> list[frozenset[str]]:
    """What the page has pushed by now, and pushes soon; nothing tells that no more is coming but time."""
    await stage.js("new Promise((done) => setTimeout(done, 400))")
    return list(stage.heard)


async def told(stage: Stage, before: int) -> None:
    """The page has pushed another hint."""

    async def heard() -> bool:
        return len(stage.heard) > before

    await eventually(heard)


async def test_what_came_of_an_answer_is_no_news(browser: Browser) -> None:
    async with staged(browser, keys=["k1", "k2", "k3"]) as stage:
        await told(stage, 0)
        before = len(stage.heard)
        assert (await answered(stage)).settled
        assert len(await hints(stage)) == before
        # Its row goes on changing, as long as nothing marks it, and goes to the top.
        await stage.js(
            "{ app.talks.get('k1').preview = '已读'; app.rows();"
            " const row = document.querySelector($0); row.parentElement.prepend(row) }",
            stage.css("row", "k1"),
        )
        assert len(await hints(stage)) == before


@pytest.mark.parametrize(
    "news",
    [
        "app.say('k1', '还有，什么颜色')",
        "app.own('k1', '我来')",
        "app.say('k2', '在吗')",
        "(app.talks.get('k1').mark = 1, app.rows())",
        "(app.talks.get('k1').clock = '9秒后超时', app.rows())",
        "app.open = null, document.querySelector('main').replaceChildren()",
    ],
)
async def test_whatever_comes_then_is_told(browser: Browser, news: str) -> None:
    async with staged(browser) as stage:
        await told(stage, 0)
        assert (await answered(stage)).settled
        before = len(stage.heard)
        await stage.js(f"void ({news})")
        await told(stage, before)


async def test_a_bubble_that_fails_after_it_was_seen_is_told(browser: Browser) -> None:
    async with staged(browser) as stage:
        await told(stage, 0)
        assert (await answered(stage)).settled
        before = len(stage.heard)
        await stage.js(
            "void document.querySelector($0).lastElementChild.insertAdjacentHTML('beforeend', $1)",
            stage.css("thread", "k1"),
            f'<i class="{stage.names["failed"]}">!</i>',
        )
        await told(stage, before)


async def test_the_same_mark_once_more_is_told(browser: Browser) -> None:
    async with staged(browser) as stage:
        await stage.js("{ app.talks.get('k1').mark = 1; app.rows() }")
        assert (await answered(stage)).settled
        before = len(stage.heard)
        # The row looks as it did when the page was last read.
        await stage.js("{ const talk = app.talks.get('k1'); talk.mark = 1; talk.preview = '我是k1'; app.rows() }")
        await told(stage, before)


async def test_what_came_to_others_meanwhile_is_told(browser: Browser) -> None:
    async with staged(browser) as stage:
        await told(stage, 0)
        before = len(stage.heard)
        assert (await answered(stage, lambda stage: stage.say("k2", "在吗"))).settled
        await told(stage, before)


@pytest.mark.parametrize(
    "why",
    [
        "(app.talks.get('k1').mark = 1, app.rows())",
        "(app.talks.get('k1').clock = '9秒后超时', app.rows())",
        "document.querySelector('[data-k=k1]').remove()",
    ],
)
async def test_a_row_that_is_marked_or_gone_is_not_done_with(browser: Browser, why: str) -> None:
    async with staged(browser) as stage:

        async def change(stage: Stage) -> None:
            await stage.js(
                f"{{ const send = app.send; app.send = (...all) => {{ send.apply(app, all); {why} }}; 0 }}"
            )

        sent = await answered(stage, change)
        assert sent.passed and sent.thread is not None and not sent.settled


async def test_a_buyer_who_speaks_as_the_bubble_comes_is_not_done_with(browser: Browser) -> None:
    async with staged(browser) as stage:

        async def change(stage: Stage) -> None:
            await stage.js(
                "{ const send = app.send;"
                " app.send = (...all) => { send.apply(app, all); app.say('k1', '还有') }; 0 }"
            )

        sent = await answered(stage, change)
        assert sent.passed and sent.thread is not None and not sent.settled


async def test_a_row_among_those_who_wait_is_not_done_with(browser: Browser) -> None:
    row = f".{made_up(1)['row']}"
    pack = {"inbox": {"group": {"css": row, "attr": "data-group"}, "waiting_groups": ["待回复"]}}
    async with staged(browser, pack=pack) as stage:
        await stage.js("void (document.querySelector($0).dataset.group = '待回复')", stage.css("row", "k1"))
        assert not (await answered(stage)).settled
        await stage.js("void (document.querySelector($0).dataset.group = '已回复')", stage.css("row", "k1"))
        assert (await answered(stage)).settled


async def test_whoever_goes_on_has_the_page_read_with_the_answer(browser: Browser) -> None:
    async with staged(browser, keys=["k1", "k2"]) as stage:
        await told(stage, 0)
        before = len(stage.heard)
        sent = await answered(stage, lambda stage: stage.say("k2", "在吗"), goes_on=True)
        answered_at = stage.console.answered_at
        rows = (await stage.console.read(told=True)).rows or ()
        assert sent.settled and stage.console.answered_at == answered_at
        assert [row.preview for row in rows if row.unread] == ["在吗"]
        assert len(await hints(stage)) == before  # what was read so is told no more


async def test_a_mark_that_goes_a_moment_after_the_bubble_is_waited_for(browser: Browser) -> None:
    later = "setTimeout(() => { app.talks.get('k1').mark = 0; app.rows() }, 20)"
    async with staged(browser) as stage:

        async def change(stage: Stage) -> None:
            await stage.js(
                "{ const send = app.send; app.send = (...all) => { app.talks.get('k1').mark = 1; app.rows();"
                f" send.apply(app, all); {later} }}; 0 }}"
            )

        assert (await answered(stage, change)).settled


@pytest.mark.parametrize("ticks", range(6))
async def test_a_buyer_who_speaks_right_after_the_bubble_is_told_of_or_not_done_with(
    browser: Browser, ticks: int
) -> None:
    async with staged(browser, pack=SELDOM) as stage:

        async def change(stage: Stage) -> None:
            # As a page that draws one message after the other from what its server sent at once.
            await stage.js(
                "{ const send = app.send; app.send = (...all) => setTimeout(async () => { send.apply(app, all);"
                " for (let tick = 0; tick < $0; tick++) await null; app.say('k1', '还有') }, 40); 0 }",
                ticks,
            )

        await told(stage, 0)
        before = len(stage.heard)
        assert not (await answered(stage, change)).settled or len(await hints(stage)) > before


# What the page pushes once it has settled: after how many ms, and what changed.
PUSHES = """{
  const page = window.__nightdesk, push = window.__nightdesk_push, { settle } = page;
  window.pushes = [];
  page.settle = async (...all) => {
    const done = await settle(...all), since = performance.now();
    window.__nightdesk_push = (text) => {
      pushes.push([performance.now() - since, JSON.parse(text).changed]);
      push(text);
    };
    for (const [ms, key] of $0) setTimeout(() => app.say(key, "在吗"), ms);
    return done;
  };
  0
}"""


@pytest.mark.parametrize("goes_on", [False, True], ids=["done", "goes on"])
@pytest.mark.parametrize("others", [False, True], ids=["open", "others"])
async def test_one_look_tells_of_all_that_came_right_after_an_answer(
    browser: Browser, others: bool, goes_on: bool
) -> None:
    """Of the buyer whose thread is open and raises no mark, and of one whose row alone shows it."""
    key = "k2" if others else "k1"
    async with staged(browser, pack=SELDOM) as stage:
        await told(stage, 0)
        before = len(stage.heard)
        said = [[0, key], [60, key]]
        assert (await answered(stage, lambda stage: stage.js(PUSHES, said), goes_on=goes_on)).settled
        await told(stage, before)
        await hints(stage)
        ((after, changed),) = await stage.js("pushes")
        assert after > 70  # what came 60 ms after is told with it
        assert ("inbox" if others else "thread") in changed


@pytest.mark.parametrize("goes_on", [False, True], ids=["done", "goes on"])
@pytest.mark.parametrize("key", ["k1", "k2"], ids=["open", "others"])
async def test_what_comes_after_that_look_is_told_too(browser: Browser, key: str, goes_on: bool) -> None:
    async with staged(browser, pack=SELDOM) as stage:
        await told(stage, 0)
        before = len(stage.heard)
        said = [[40, key], [90, key]]
        assert (await answered(stage, lambda stage: stage.js(PUSHES, said), goes_on=goes_on)).settled
        await told(stage, before + 1)
