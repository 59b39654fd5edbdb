"""The password form: what is entered lands in its field, whatever the page does meanwhile."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from playwright.async_api import BrowserContext

from base.clock import SystemClock
from base.errors import ConsoleNotReady, NeedsPerson
from base.places import shared
from flows.login import Credentials, enter
from flows.pack import Mark, Pack, load_pack
from flows.page import ConsolePage
from tests.lines import line_of

FORM = """
<form id="login-form" onsubmit="sent(event)">
  <input id="login-user"><br><input id="login-password" type="password"><br>
  <button class="login-submit">登录</button>
</form>
<script>
  const field = (id) => document.getElementById(id);
  const sent = (event) => {
    event.preventDefault();
    document.body.dataset.sent = `${field("login-user").value}/${field("login-password").value}`;
    document.body.insertAdjacentHTML("beforeend", '<div class="desk"><div class="inbox">会话</div></div>');
  };
</script>
"""
# The style comes late: the form moves away under the very mouse.
MOVES = """
<script>
  const move = () => (field("login-form").style.marginTop = "200px");
  addEventListener("mousemove", move, { once: true, capture: true });
</script>
"""
# Another script takes the focus back each time.
GRABS = '<script>addEventListener("focusin", (event) => event.target.blur())</script>'


PLAIN = load_pack(shared("selectors/practice-plain.yaml"))
POSTED = """
<form id="login-form" method="post">
  <input id="login-user"><input id="login-password" type="password"><button class="login-submit">登录</button>
</form>
"""
# The page goes while it is looked at for what a form that stays there would say; the last one takes longer.
_LEAVES, _LOADS = 0.1, 1.5


async def open_form(context: BrowserContext, pack: Pack = PLAIN) -> ConsolePage:
    return await ConsolePage.open(context, line_of(context.browser), pack, SystemClock(), lambda _changed: None)


def address(page: str) -> str:
    return f"data:text/html;charset=utf-8,{quote(page)}"


KEY = Credentials(user="机器人1", password=lambda: "p w/1")


@pytest.mark.parametrize("page", [FORM, FORM + MOVES], ids=["still", "moves"])
async def test_name_and_password_reach_their_fields(context: BrowserContext, page: str) -> None:
    console = await open_form(context)
    assert await enter(console, address(page), KEY)
    assert await context.pages[0].evaluate("document.body.dataset.sent") == "机器人1/p w/1"


async def test_nothing_is_typed_where_the_cursor_is_not(context: BrowserContext) -> None:
    console = await open_form(context)
    with pytest.raises(ConsoleNotReady, match=r"login\.username"):
        await enter(console, address(FORM + GRABS), KEY)
    assert await context.pages[0].evaluate("field('login-user').value + field('login-password').value") == ""


class Later(SystemClock):
    """The machine's clocks, some seconds on."""

    later = 0.0

    def steady(self) -> float:
        return super().steady() + self.later


@dataclass(slots=True)
class Slow:
    """A console that takes a form on one page, sends the browser on to another, and has that load slowly."""

    answer: str
    at_once: bool = False
    url: str = ""
    asked: int = 0

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One request, one page."""
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n\r\n")
        if asked.startswith("POST") and self.at_once:
            self.asked += 1
            writer.write(self.answer.encode())
        elif asked.startswith("POST"):
            self.asked += 1
            await asyncio.sleep(_LEAVES)
            await self._part(writer, '<script>location.replace("/said")</script>')
        elif asked.startswith("GET /said"):
            await self._part(writer, "<!doctype html><title>desk</title>")
            writer.write(self.answer.encode())
        else:
            writer.write(POSTED.encode())
        writer.close()

    async def _part(self, writer: StreamWriter, text: str) -> None:
        writer.write(text.encode() + b" " * 4096)
        await writer.drain()
        await asyncio.sleep(_LOADS)


@asynccontextmanager
async def slow(answer: str, *, at_once: bool = False) -> AsyncIterator[Slow]:
    console = Slow(answer, at_once=at_once)
    server = await asyncio.start_server(console.serve, "127.0.0.1", 0)
    console.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        yield console


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (f'{POSTED}<p class="login-error">密码不对</p>', "needs_login", "密码"),
        ('<p class="puzzle">拖动滑块</p>', "captcha", "验证码"),
    ],
    ids=["refused", "captcha"],
)
async def test_a_form_that_was_sent_is_not_sent_again_because_the_answer_is_slow(
    context: BrowserContext, answer: str, state: str, words: str
) -> None:
    """`ConsoleNotReady` has the shop entered again in seconds, by the same password: that locks the account."""
    changed = PLAIN.signals.model_copy(update={"captcha": [Mark(css=[".puzzle"])]})
    async with slow(answer) as server:
        console = await open_form(context, PLAIN.model_copy(update={"signals": changed}))
        with pytest.raises(NeedsPerson, match=words) as told:
            await enter(console, server.url, KEY)
        assert (told.value.state, server.asked) == (state, 1)


async def test_a_password_that_was_refused_is_not_tried_until_the_account_is_locked(
    context: BrowserContext,
) -> None:
    """Looking every quarter of an hour, as at any wall, would send it a hundred times a day."""
    words = ["wrong"]
    key = Credentials(user="机器人1", password=lambda: words[0])
    clock = Later()
    console = await ConsolePage.open(context, line_of(context.browser), PLAIN, clock, lambda _changed: None)

    async def tried() -> tuple[int, str]:
        before = server.asked
        with pytest.raises(NeedsPerson) as told:
            await enter(console, server.url, key)
        assert told.value.state == "needs_login"
        return server.asked - before, str(told.value)

    async with slow(f'{POSTED}<p class="login-error">密码不对</p>', at_once=True) as server:
        assert [(await tried())[0] for _time in range(4)] == [1, 1, 1, 0]
        assert "nightdesk secret set" in (await tried())[1]
        words[0] = "another"
        assert (await tried())[0] == 1
        words[0] = "wrong"
        assert [(await tried())[0] for _time in range(4)] == [1, 1, 1, 0]
        clock.later = 6 * 3600
        assert [(await tried())[0] for _time in range(2)] == [1, 0]
    assert "wrong" not in repr(key)


async def test_a_slow_answer_that_lets_the_bot_in_is_waited_for(context: BrowserContext) -> None:
    async with slow('<div class="desk"><div class="inbox">会话</div></div>') as server:
        assert await enter(await open_form(context), server.url, KEY)
        assert server.asked == 1
