"""Reading a page: lists, texts, panes and frames of every habit, in a real browser."""

from __future__ import annotations

from typing import Any, cast

import pytest
from playwright.async_api import Browser

from flows.views import Latest, OpenThread
from storage.records import Kind, Sender
from tests.flows.stage import HOST, Stage, staged

ENTER = {"composer": {"send": [], "key": "Enter"}}


async def opened(stage: Stage, key: str = "k1") -> OpenThread:
    thread = (await stage.console.press_row(key)).thread
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
            assert (await stage.send(key, "好", latest=thread.latest)).passed
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
        written = await stage.console.write("k1", "好的", before="")
        assert written.latest == Latest(buyer="m1", own=None)
        assert (await stage.send("k1", "好的", latest=Latest(buyer="m1", own=None))).passed
        assert await stage.sent() == [["k1", "好的"]]
        assert await stage.console.composed() == ""


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
        written = await stage.console.write("k2", "好的", before="")
        assert (written.draft, written.latest) == ("好的", Latest(buyer="m2", own=None))


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
        landing = await stage.send("k29", "好的", latest=thread.latest)
        assert (landing.passed, landing.landed) == (True, f"button.{stage.names['send']}")
        chat = stage.page.frames[-1]
        assert await chat.evaluate("app.sent") == [["k29", "好的"]]
        said = await chat.evaluate("app.say('k29', '谢谢')")
        assert (await stage.console.write("k29", "还有", before="")).latest == Latest(buyer=said, own="m31")


async def test_what_lies_over_the_frame_covers_what_is_in_it(browser: Browser) -> None:
    pages = {"/top": OUTER + "<div id=veil style='position:fixed;inset:0'></div>", "/outer": INNER}
    async with staged(browser, pages=pages, pack=FRAMES) as stage:
        await stage.console.goto(f"{HOST}/top")
        await stage.console.wait_signal(["logged_in"], timeout=5)
        landing = await stage.console.press_row("k1")
        assert (landing.why, landing.landed) == ("covered", "div#veil")


# A chat of another site than the page around it; what lies where it would lie without its frame says so.
STRANGE = """
<body style="margin: 0"><script>addEventListener("click", () => (document.title = "hit"))</script>
<div id="veil" hidden style="position: fixed; inset: 0"></div><div style="height: 70px">头</div>
<iframe id="outer" src="SRC" style="border: 9px solid; width: 950px; height: 600px; margin-left: 31px"></iframe>
"""


@pytest.mark.parametrize("chain", [["#outer"], ["#outer", "#inner"]], ids=["one", "two"])
async def test_a_chat_in_a_frame_of_another_site(browser: Browser, chain: list[str]) -> None:
    """Its own place in the page around it is hidden from it: a press without that lands on whatever is there."""
    other = HOST.replace("stage", "chat")
    src = other + ("/" if len(chain) == 1 else "/outer")
    pages, pack = {"/top": STRANGE.replace("SRC", src), "/outer": INNER}, {"frames": chain}
    async with staged(browser, pages=pages, pack=cast(Any, pack), hosts=(HOST, other)) as stage:
        await stage.console.goto(f"{HOST}/top")
        assert await stage.console.wait_signal(["logged_in"], timeout=5)
        thread = await opened(stage, "k2")
        assert (thread.key, thread.latest) == ("k2", Latest(buyer="m2", own=None))
        assert (await stage.console.write("k2", "好的", before="")).why == ""
        assert (await stage.send("k2", "好的", latest=thread.latest)).passed
        assert await stage.page.frames[-1].evaluate("app.sent") == [["k2", "好的"]]
        assert await stage.page.title() == ""
        await stage.js("void (document.querySelector('#veil').hidden = false)")
        assert (await stage.console.press_row("k1")).why == "covered"
        assert await stage.page.title() == ""


async def test_a_chat_is_pressed_where_its_frame_is_whatever_is_put_before_that(browser: Browser) -> None:
    """What found the frame finds another one by then."""
    other = HOST.replace("stage", "chat")
    pages, pack = {"/top": STRANGE.replace("SRC", other + "/")}, {"frames": ["iframe"]}
    async with staged(browser, pages=pages, pack=cast(Any, pack), hosts=(HOST, other)) as stage:
        await stage.console.goto(f"{HOST}/top")
        assert await stage.console.wait_signal(["logged_in"], timeout=5)
        await stage.js("document.body.prepend(document.createElement('iframe'))")
        assert (await opened(stage, "k2")).key == "k2"
        assert await stage.page.title() == ""


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
