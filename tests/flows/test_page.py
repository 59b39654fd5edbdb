"""Reading a page and writing to it, on small pages of every habit, in a real browser."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser

from base.errors import BrowserGone, ConsoleNotReady
from flows.pack import Mark
from flows.views import Latest, OpenThread
from storage.records import Kind, Sender
from tests.attending import eventually
from tests.flows.stage import HOST, Stage, staged

ENTER = {"composer": {"send": [], "key": "Enter"}}


async def opened(stage: Stage, key: str = "k1") -> OpenThread:
    await stage.console.press_row(key)
    thread = await stage.console.wait_thread(key, timeout=3)
    assert thread is not None
    return thread


async def shown(stage: Stage, who: str, html: str) -> Any:
    """A new bubble with this markup, as it is read in the open thread."""
    await stage.js("void app.html('k1', $0, $1)", " ".join(stage.names[word] for word in who.split()), html)
    thread = await stage.console.thread()
    assert thread is not None
    return thread.messages[-1]


# --- the list ------------------------------------------------------------------------------------------------


async def test_the_list_as_it_stands(browser: Browser) -> None:
    async with staged(browser) as stage:
        await stage.js("{ app.talks.get('k2').clock = '9秒后超时'; app.say('k2', '在吗') }")
        snapshot = await stage.console.read()
        assert snapshot.rows is not None
        rows = [(row.key, row.name, row.preview, row.unread, row.waiting) for row in snapshot.rows]
        assert rows == [("k1", "k1", "我是k1", "1", None), ("k2", "k2", "在吗", "2", "9秒后超时")]
        assert snapshot.thread is None
        assert "logged_in" in snapshot.signals


async def test_no_list_is_not_an_empty_list(browser: Browser) -> None:
    async with staged(browser) as stage:
        await stage.js("document.querySelector($0).replaceChildren()", stage.css("root"))
        assert (await stage.console.read()).rows == ()
        await stage.js("document.querySelector($0).remove()", stage.css("root"))
        snapshot = await stage.console.read()
        assert (snapshot.rows, snapshot.signals) == (None, frozenset())


async def test_rows_whose_id_does_not_parse_are_counted(browser: Browser) -> None:
    async with staged(browser, pack={"inbox": {"id": {"attr": "data-k", "pattern": "^u([0-9]+)$"}}}) as stage:
        snapshot = await stage.console.read()
        assert (snapshot.rows, snapshot.unparsed) == ((), 2)


async def test_an_id_is_an_id_whatever_signs_it_has(browser: Browser) -> None:
    keys = ['a"b', "a]b", "1 2", "甲'乙", "u:7.5#x"]
    async with staged(browser, keys=["other", *keys]) as stage:
        for key in keys:
            thread = await opened(stage, key)
            assert thread.key == key
            await stage.console.write(key, "好", before="")
            assert (await stage.console.send(key, "好", latest=thread.latest)).passed
        assert await stage.sent() == [[key, "好"] for key in keys]


async def test_a_list_built_anew_at_each_change_is_pressed_all_the_same(browser: Browser) -> None:
    async with staged(browser, options={"redraw": True, "openOn": "mousedown"}) as stage:
        for key in ("k1", "k2", "k1"):
            assert (await opened(stage, key)).key == key


# --- texts ---------------------------------------------------------------------------------------------------


BODIES = [
    ("你好", "你好"),
    ("  你好   呀 ", "你好 呀"),
    ("第一行<br>第二行", "第一行\n第二行"),
    ("<div>第一行</div><div>第二行</div>", "第一行\n第二行"),
    ("<p>一</p><ul><li>二</li><li>三</li></ul>", "一\n二\n三"),
    ("字<img alt='[笑]' src=''>字", "字[笑]字"),
    ("<span>粗<b>细</b></span>", "粗细"),
    ("你好<i class='[[drop]]'>已读</i>", "你好"),
    ("<i class='[[drop]]'><b>昵称</b></i>你好", "你好"),
    ("<pre style='white-space:pre-wrap'>a  b\nc</pre>", "a b c"),  # the bubble itself decides on white space
    ("1 &lt; 2 &amp;&amp; 3", "1 < 2 && 3"),
    ("<!-- 注释 -->你好", "你好"),
    ("", ""),
]


async def test_a_bubbles_text_is_what_a_person_reads(browser: Browser) -> None:
    async with staged(browser) as stage:
        await opened(stage)
        for html, text in BODIES:
            body = html.replace("[[drop]]", stage.names["drop"])
            message = await shown(stage, "buyer msg", f'<div class="{stage.names["body"]}">{body}</div>')
            assert (message.text, message.sender) == (text, Sender.buyer)


async def test_a_bubble_that_keeps_its_lines_is_read_with_them(browser: Browser) -> None:
    async with staged(browser) as stage:
        await opened(stage)
        html = f'<div class="{stage.names["body"]}" style="white-space:pre-wrap">第一行\n第二行</div>'
        assert (await shown(stage, "buyer msg", html)).text == "第一行\n第二行"


async def test_twenty_thousand_characters(browser: Browser) -> None:
    async with staged(browser) as stage:
        await opened(stage)
        await stage.say("k1", "长" * 20_000 + "尾")
        thread = await stage.console.thread()
        assert thread is not None
        assert thread.messages[-1].text == "长" * 20_000
        assert (await stage.console.write("k1", "好的", before="")).why == ""


SPEAKERS = [
    ("msg shop", "", Sender.shop, Kind.text),
    ("msg shop robot", "", Sender.robot, Kind.text),
    ("msg buyer image", "", Sender.buyer, Kind.image),
    ("msg buyer", '<i class="[[card]]"></i>', Sender.buyer, Kind.card),
    ("msg buyer recall", "", Sender.buyer, Kind.recall),
    ("msg", '<i class="[[system]]"></i>', Sender.system, Kind.text),
    ("msg", '<i class="[[shop]]"></i>', Sender.shop, Kind.text),
]


async def test_who_spoke_and_what_it_is(browser: Browser) -> None:
    async with staged(browser) as stage:
        await opened(stage)
        for who, html, sender, kind in SPEAKERS:
            inner = html
            for word in ("card", "system", "shop"):
                inner = inner.replace(f"[[{word}]]", stage.names[word])
            message = await shown(stage, who, f'{inner}<p class="{stage.names["body"]}">字</p>')
            assert (message.sender, message.kind, message.text) == (sender, kind, "字")


async def test_a_bubble_of_nobodys_is_counted(browser: Browser) -> None:
    async with staged(browser) as stage:
        await opened(stage)
        await stage.js("void app.html('k1', '', '<p>谁</p>')")
        await stage.js("document.querySelector('[data-m=m3]').className = $0", stage.names["msg"])
        thread = await stage.console.thread()
        assert thread is not None
        assert (len(thread.messages), thread.unparsed) == (1, 1)


async def test_only_the_newest_of_a_long_thread_are_read(browser: Browser) -> None:
    async with staged(browser) as stage:
        await stage.js("{ for (let n = 0; n < 300; n++) app.say('k1', `第${n}句`) }")
        thread = await opened(stage)
        assert len(thread.messages) == 200
        assert thread.messages[-1].text == "第299句"


# --- panes, frames -------------------------------------------------------------------------------------------


async def test_of_several_panes_the_visible_one_is_open(browser: Browser) -> None:
    async with staged(browser, options={"panes": True}) as stage:
        for key in ("k1", "k2", "k1"):
            thread = await opened(stage, key)
            assert (thread.key, thread.messages[0].text) == (key, f"我是{key}")
        await stage.console.write("k1", "好的", before="")
        assert (await stage.console.send("k1", "好的", latest=Latest(buyer="m1", own=None))).passed
        assert await stage.sent() == [["k1", "好的"]]
        assert await stage.console.composed() == ("", Latest(buyer="m1", own="m3"))


async def test_a_pane_that_is_only_invisible_is_not_open(browser: Browser) -> None:
    async with staged(browser, options={"panes": True}) as stage:
        await opened(stage, "k1")
        await opened(stage, "k2")
        # Both are laid out now; the first can only not be seen.
        await stage.js("document.querySelector($0).hidden = false", stage.css("pane"))
        await stage.js("document.querySelector($0).style.visibility = 'hidden'", stage.css("pane"))
        thread = await stage.console.thread()
        assert thread is not None
        assert thread.key == "k2"
        await stage.console.write("k2", "好的", before="")
        assert await stage.console.composed() == ("好的", Latest(buyer="m2", own=None))


FRAMES: dict[str, Any] = {"frames": ["#outer", "#inner"]}
OUTER = """
<body style="margin: 0"><div style="height: 70px">头</div>
<iframe id="outer" src="/outer" style="border: 9px solid; width: 950px; height: 600px; margin-left: 31px"></iframe>
"""
INNER = """
<body style="margin: 0"><p>中</p>
<iframe id="inner" src="/" style="border: 0; width: 900px; height: 500px"></iframe>
"""
LATE = """
<body><script>
  setTimeout(() => document.body.insertAdjacentHTML("beforeend", '<iframe id="outer" src="/">'), 700)
</script>
"""


async def test_a_chat_in_a_chain_of_frames(browser: Browser) -> None:
    pages = {"/top": OUTER, "/outer": INNER}
    keys = [f"k{number}" for number in range(30)]
    async with staged(browser, pages=pages, pack=FRAMES, keys=keys) as stage:
        await stage.console.goto(f"{HOST}/top")
        assert await stage.console.wait_signal(["logged_in"], timeout=5)
        snapshot = await stage.console.read()
        assert snapshot.rows is not None
        assert len(snapshot.rows) == 30
        # The last row lies below the fold of every frame.
        thread = await opened(stage, "k29")
        assert (thread.key, thread.latest) == ("k29", Latest(buyer="m30", own=None))
        assert (await stage.console.write("k29", "好的", before="")).why == ""
        landing = await stage.console.send("k29", "好的", latest=thread.latest)
        assert (landing.passed, landing.landed) == (True, f"button.{stage.names['send']}")
        chat = stage.page.frames[-1]
        assert await chat.evaluate("app.sent") == [["k29", "好的"]]
        said = await chat.evaluate("app.say('k29', '谢谢')")
        assert (await stage.console.composed())[1] == Latest(buyer=said, own="m31")


async def test_what_lies_over_the_frame_covers_what_is_in_it(browser: Browser) -> None:
    pages = {"/top": OUTER + "<div id=veil style='position:fixed;inset:0'></div>", "/outer": INNER}
    async with staged(browser, pages=pages, pack=FRAMES) as stage:
        await stage.console.goto(f"{HOST}/top")
        await stage.console.wait_signal(["logged_in"], timeout=5)
        landing = await stage.console.press_row("k1")
        assert (landing.why, landing.landed) == ("covered", "div#veil")


async def test_a_frame_that_comes_late_is_waited_for(browser: Browser) -> None:
    pack: dict[str, Any] = {"frames": ["#outer"]}
    async with staged(browser, pages={"/top": LATE}, pack=pack) as stage:
        await stage.console.goto(f"{HOST}/top")
        assert (await stage.console.read()).rows is None
        assert await stage.console.wait_signal(["logged_in"], timeout=5) == {"logged_in"}
        assert len((await stage.console.read()).rows or ()) == 2


async def test_a_frame_that_is_put_in_the_place_of_another_is_looked_into(browser: Browser) -> None:
    pages = {"/top": OUTER, "/outer": INNER}
    async with staged(browser, pages=pages, pack=FRAMES) as stage:
        await stage.console.goto(f"{HOST}/top")
        await stage.console.wait_signal(["logged_in"], timeout=5)
        await opened(stage, "k1")
        await stage.js("{ const old = document.querySelector('#outer'); old.replaceWith(old.cloneNode()) }")
        assert await stage.console.wait_signal(["logged_in"], timeout=5) == {"logged_in"}
        assert (await opened(stage, "k2")).key == "k2"


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
            assert (await stage.console.send("k1", text, latest=thread.latest)).passed
        sent = [text.replace("\u00a0", " ").removesuffix("\n") for _key, text in await stage.sent()]
        assert sent == TEXTS


async def test_an_input_of_one_line_takes_a_joined_text(browser: Browser) -> None:
    async with staged(browser, options={"line": True}, pack={"composer": {"lines": "join"}}) as stage:
        await opened(stage)
        assert (await stage.console.write("k1", "第一行 第二行", before="")).why == ""
        assert await stage.console.composed() == ("第一行 第二行", Latest(buyer="m1", own=None))


# --- waiting -------------------------------------------------------------------------------------------------


async def test_a_thread_is_waited_for_until_it_stands_still(browser: Browser) -> None:
    async with staged(browser) as stage:
        grow = "const timer = setInterval(() => ++n > 5 ? clearInterval(timer) : app.say('k1', `${n}`), 40)"
        await stage.js(f"{{ let n = 0; {grow} }}")
        assert (await opened(stage)).messages[-1].text == "5"


async def test_another_conversations_thread_is_not_the_one_waited_for(browser: Browser) -> None:
    async with staged(browser) as stage:
        await opened(stage, "k1")
        assert await stage.console.wait_thread("k2", timeout=0.3) is None


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
        await stage.console.send("k1", "好的", latest=thread.latest)
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


async def test_changes_are_told_once_and_a_ticking_clock_is_none(browser: Browser) -> None:
    async with staged(browser) as stage:

        async def told(times: int) -> None:
            async def heard() -> bool:
                return len(stage.heard) >= times

            await eventually(heard, 5)
            # Nothing tells that no more is coming but time in which it does not.
            await stage.js("new Promise((done) => setTimeout(done, 200))")
            assert len(stage.heard) == times

        await told(1)
        await stage.say("k1", "在吗")
        await told(2)
        await stage.js("{ app.talks.get('k1').clock = '9秒后超时'; app.rows() }")
        await told(3)
        await stage.js("{ app.talks.get('k1').clock = '8秒后超时'; app.rows() }")
        await told(3)
        assert all("inbox" in hint for hint in stage.heard)


async def test_whoever_else_calls_the_binding_can_only_make_us_read(browser: Browser) -> None:
    async with staged(browser) as stage:
        for given in ("{ changed: ['inbox', 'all'] }", "'x'", "{ changed: 7 }", "null"):
            await stage.js(f"__nightdesk_push({given})")
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
        assert stage.console.closed
