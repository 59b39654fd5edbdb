"""A drafted pack as YAML that a person goes on working with. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Day

from flows.pack import QUALITY
from flows.suggest import Draft, as_texts

_MISSING = "要手工写"
_NEEDED = (
    ("inbox", ("root", "row", "id")),
    ("thread", ("root", "ready", "open_id", "message", "message_id", "buyer", "shop", "text")),
    ("composer", ("input",)),
)
_ORDER = {
    "inbox": ("root", "row", "id", "name", "preview", "unread", "waiting"),
    "thread": (
        "root",
        "ready",
        "open_id",
        "message",
        "message_id",
        "buyer",
        "shop",
        "robot",
        "system",
        "text",
        "time",
    ),
    "composer": ("input", "kind", "send", "key", "lines", "max_chars"),
}
_SAID = {
    "inbox.root": "会话列表",
    "inbox.row": "列表里的每一行",
    "inbox.id": "会话自己的编号，不能用昵称",
    "inbox.unread": "未读标记，没有未读时不应该在",
    "inbox.waiting": "等待时间",
    "thread.root": "打开的会话",
    "thread.ready": "会话加载好的标志",
    "thread.open_id": "证明打开的是谁，要和 inbox.id 读出来一样",
    "thread.message": "每一条消息",
    "thread.message_id": "消息自己的编号",
    "thread.buyer": "买家说的",
    "thread.shop": "店铺说的",
    "thread.text": "消息里的文字",
    "composer.input": "输入框",
    "composer.send": "发送按钮",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a pack says of itself: its name, a title, the page's address, and when it was recorded."""

    name: str
    title: str
    url: str
    day: Day
    frames: Sequence[str] = ()


def pack_text(draft: Draft, about: About) -> str:
    """The whole file; a key that must be there and was not found holds nothing, and says so."""
    return "\n".join([*_head(about), *_login(draft), *_signals(draft), *_parts(draft), *_foot(draft)]) + "\n"


def missing(draft: Draft) -> list[str]:
    """The keys without which there is no pack, as far as they were not found."""
    needed = [f"{part}.{name}" for part, names in _NEEDED for name in names]
    return [key for key in needed if key not in draft.values]


def _head(about: About) -> Iterator[str]:
    yield f"# 由 nightdesk selectors record 在 {about.day} 生成，写法见 docs/packs.md。"
    yield "# 每个选择器是一串备选，从前往后试：先写不容易变的。"
    yield f"name: {about.name}"
    yield f"title: {_text(about.title)}"
    yield f"platform: {about.name}"
    yield f"as_of: {about.day}"
    yield "verified: {level: never} # 有人看着它真的能用以后，改成 replica 或 live 并写上 date"
    yield f"source: {_text(f'nightdesk selectors record，{about.day}')}"
    yield f"url: {_text(about.url)}"
    if about.frames:
        yield f"frames: {_value(list(about.frames))}"


def _login(draft: Draft) -> Iterator[str]:
    yield ""
    yield "login:"
    fields = [name for name in ("username", "password", "submit") if f"login.{name}" in draft.values]
    if len(fields) < 3:
        yield "  kind: state # 没有指认登录框：人工登录一次，会话会保存下来"
        return
    yield "  kind: password"
    for name in fields:
        yield f"  {name}: {_value(draft.values[f'login.{name}'])}"


def _signals(draft: Draft) -> Iterator[str]:
    yield ""
    yield "signals: # 遇到时再补：expired、captcha、kicked、blocked、overlay"
    yield f"  logged_in: {_value(as_texts(draft.values.get('inbox.root')))}"
    if "login.password" in draft.values:
        yield f"  logged_out: {_value(draft.values['login.password'])}"


def _parts(draft: Draft) -> Iterator[str]:
    for part, names in _ORDER.items():
        yield ""
        yield f"{part}:"
        for name in names:
            key = f"{part}.{name}"
            said = f" # {_SAID[key]}" if key in _SAID else ""
            if key in draft.values:
                yield f"  {name}: {_value(draft.values[key])}{said}"
            elif key in missing(draft):
                yield f"  {name}: # {_MISSING}：{_SAID[key]}"
        if part == "thread":
            yield "  # 不是文字的消息：kinds: {image: …, card: …, order: …, recall: …}；没发出去的标志：failed"


def _foot(draft: Draft) -> Iterator[str]:
    yield ""
    yield "# 做到一条、有人看过，就把 todo 改成 done；做不到的写 {status: exempt, reason: …}"
    yield "quality:"
    for rules in QUALITY.values():
        yield from (f"  {rule}: todo" for rule in rules)
    if draft.warnings:
        yield ""
        yield "# 录制时的提醒："
        yield from (f"# - {one_line(warning)}" for warning in draft.warnings)


def _value(value: object) -> str:
    """A value on one line: JSON is YAML, and its quotes are never wrong."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_value(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return _value(value[0]) if len(value) == 1 else "[" + ", ".join(map(_value, value)) + "]"
    return str(value) if isinstance(value, int) else _text(str(value))


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def one_line(text: str) -> str:
    """Without what would end a comment."""
    return " ".join(text.split())
