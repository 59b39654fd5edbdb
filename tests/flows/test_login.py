"""The password form: what is entered lands in its field, whatever the page does meanwhile."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.async_api import BrowserContext

from base.clock import SystemClock
from base.errors import ConsoleNotReady
from base.places import shared
from flows.login import Credentials, enter
from flows.pack import load_pack
from flows.page import ConsolePage

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


async def open_form(context: BrowserContext) -> ConsolePage:
    pack = load_pack(shared("selectors/practice-plain.yaml"))
    return await ConsolePage.open(context, pack, SystemClock(), lambda _changed: None)


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
