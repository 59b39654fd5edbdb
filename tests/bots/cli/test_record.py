"""`selectors record` at the terminal, on saved pages."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flows.pack import load_pack
from tests.bots.cli.conftest import Place, Run
from tests.nursery import practising

# As django-chat-ui draws its staff inbox; nobody's data.
CHAT_UI = """<!doctype html><html><head><meta charset="utf-8"><title>站内客服</title>
<style>chat-inbox, chat-thread { display: block } .chat-unread { color: red }</style></head><body><chat-inbox>
<div class="chat-inbox-list"><h2>会话</h2><div class="chat-conversations">
  <button class="chat-conversation" data-conversation="!a8f31:shop" type="button">
    <span class="chat-conversation-title">小红</span><time datetime="2026-11-20T09:30:00Z">09:30</time>
    <span class="chat-conversation-preview">什么时候发货</span><span class="chat-unread">2</span></button>
  <button class="chat-conversation chat-conversation--active" data-conversation="!b7c02:shop" type="button">
    <span class="chat-conversation-title">小明</span><time datetime="2026-11-20T09:31:00Z">09:31</time>
    <span class="chat-conversation-preview">好的，今天寄出</span></button>
</div></div>
<chat-thread conversation="!b7c02:shop"><header>小明</header><div class="chat-messages">
  <div class="chat-day">今天</div>
  <article class="chat-message chat-message--user" data-id="$m1001">
    <div class="chat-bubble"><p class="chat-part">地址写错了</p>
    <time class="chat-time" datetime="2026-11-20T09:30:30Z">09:30</time></div></article>
  <article class="chat-message chat-message--own" data-id="$m1002">
    <div class="chat-bubble"><p class="chat-part">好的，今天寄出</p>
    <time class="chat-time" datetime="2026-11-20T09:31:00Z">09:31</time></div></article>
</div><form><textarea class="chat-input" rows="1"></textarea>
<button class="chat-send" disabled>发送</button></form>
</chat-thread></chat-inbox></body></html>
"""
ANSWERS = {
    "login.username": "",
    "inbox.row": ".chat-conversation-title",
    "inbox.root": "1",
    "inbox.unread": ".chat-unread",
    "inbox.preview": "什么时候发货",
    "inbox.name": "小红",
    "inbox.waiting": "",
    "thread.buyer": "地址写错了",
    "thread.shop": "article:last-of-type .chat-part",
    "thread.robot": "",
    "thread.system": "",
    "composer.input": "1",
    "composer.send": "1",
}


def answer(**changed: str) -> str:
    return "\n".join((ANSWERS | {key.replace("_", "."): text for key, text in changed.items()}).values()) + "\n"


def test_a_saved_page_becomes_a_pack_that_can_be_used(run: Run, place: Place) -> None:
    page = place.write("page.html", CHAT_UI)
    result = run("selectors", "record", "--url", "http://chat.test/inbox/", "--file", page, input=answer())
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "可用"
    pack = load_pack(place.home.folder / "chat-test.yaml")
    assert (pack.name, pack.verified.level, pack.tier) == ("chat-test", "never", "none")
    assert {rule.status for rule in pack.quality.values()} == {"todo"}
    assert pack.inbox.id.attr == "data-conversation"
    assert pack.thread.open_id.attr == "conversation"
    assert ".chat-message--user" in pack.thread.buyer
    assert ".chat-message--own" in pack.thread.shop
    assert len(pack.inbox.row) > 1
    assert "小" not in (place.home.folder / "chat-test.yaml").read_text("utf-8")
    again = run("selectors", "check", "chat-test.yaml", "--file", page)
    assert again.stdout.splitlines()[-1] == "可用"


def test_an_answer_that_finds_nothing_is_asked_for_again(run: Run, place: Place) -> None:
    page = place.write("page.html", CHAT_UI)
    said = answer(composer_input="没有这个东西\n]]\n1")
    result = run("selectors", "record", "--url", "http://chat.test/", "--file", page, "--name", "tea", input=said)
    assert result.exit_code == 0, result.output
    assert "页面上没有“没有这个东西”" in result.stdout
    assert (place.home.folder / "tea.yaml").is_file()


def test_without_ids_the_author_is_told_what_to_write(run: Run, place: Place) -> None:
    page = place.write("page.html", CHAT_UI.replace("data-id=", "title="))
    result = run("selectors", "record", "--url", "http://chat.test/", "--file", page, input=answer())
    assert result.exit_code == 2
    assert "还缺 thread.message_id" in result.stderr
    assert "message_id: # 要手工写" in (place.home.folder / "chat-test.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--url", "chat.test"), "http:// 或 https:// 开头"),
        (("--url", "http://x.test", "--name", "我的"), "只能用小写字母"),
        (("--url", "http://x.test", "--file", "nosuch.html"), "读不了这个文件"),
        (("--url", "http://x.test", "--out", "{folder}/pack.yaml"), "不会覆盖"),
    ],
)
def test_a_pack_that_cannot_be_made(run: Run, place: Place, args: tuple[str, ...], said: str) -> None:
    folder = Path(place.home.folder)
    result = run("selectors", "record", *(each.format(folder=folder) for each in args))
    assert result.exit_code == 2
    assert said in result.stderr


async def test_at_the_terminal_where_there_is_no_screen(
    run: Run, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    console = await practising("--shops", "1")
    try:
        shop = console.shops[0]
        calm = await console.say(shop["id"], "地址写错了", buyer="u1000")
        await console.control("reply", shop=shop["id"], conversation=calm["conversation"], text="好的，今天寄出")
        await console.say(shop["id"], "在吗", buyer="u1001")
        answers = {
            "login.username": "1",
            "login.password": "1",
            "login.submit": "1",
            "account": f"{shop['user']}\n{shop['password']}",
            "inbox.row": "[data-uid=u1000]",
            "inbox.root": "1",
            "inbox.unread": ".row-unread",
            "inbox.preview": "今天寄出",
            "inbox.name": "",
            "inbox.waiting": "超时",
            "thread.buyer": ".from-buyer .msg-text",
            "thread.shop": ".from-shop .msg-text",
            "thread.robot": "",
            "thread.system": "",
            "composer.input": "1",
            "composer.send": "",
        }
        said = "\n".join(answers.values()) + "\n"
        result = await asyncio.to_thread(
            run, "selectors", "record", "--url", shop["url"], "--name", "desk", input=said
        )
    finally:
        await console.stop()
    assert result.exit_code == 0, result.output
    assert str(shop["password"]) not in result.output
    assert result.stdout.splitlines()[-1] == "可用"
    pack = load_pack(place.home.folder / "desk.yaml")
    assert (pack.login.kind, pack.composer.key) == ("password", "Enter")
    assert pack.inbox.waiting is not None
