"""Chats as consoles and shops export them: what buyers asked and what golden agents said to it.

Read are `.jsonl`, one message a line or one conversation a line with its `messages`, and `.csv` or `.xlsx` with a
row a message. The keys and headings may be spelt in many ways (`_NAMES`); a message without a conversation belongs
to the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from base.errors import ConfigError, Problem
from base.jsonlines import read_json_lines
from knowledge.tables import find_columns, read_table
from knowledge.text import normalise

Role = Literal["buyer", "shop", "other"]

_NAMES: Mapping[str, tuple[str, ...]] = {
    "chat": (
        *(
            "session",
            "session_id",
            "sessionid",
            "conversation",
            "conversation_id",
            "chat",
            "chat_id",
            "dialog",
            "会话",
        ),
        *(
            "会话id",
            "会话编号",
            "会话号",
            "对话",
            "对话id",
            "买家",
            "买家昵称",
            "买家id",
            "客户",
            "客户昵称",
            "顾客",
            "顾客昵称",
        ),
        *("用户", "用户昵称", "buyer", "buyer_id", "customer", "user_id"),
    ),
    "role": (
        *(
            "role",
            "sender",
            "from",
            "speaker",
            "sender_type",
            "direction",
            "发送方",
            "发送人",
            "发送者",
            "角色",
            "身份",
        ),
        *("发言人", "消息来源", "来源", "说话人", "发送方类型"),
    ),
    "text": (
        *(
            "text",
            "content",
            "message",
            "msg",
            "body",
            "内容",
            "消息",
            "消息内容",
            "聊天内容",
            "聊天记录",
            "发送内容",
            "文本",
        ),
    ),
    "time": ("time", "at", "timestamp", "created_at", "date", "时间", "发送时间", "消息时间", "日期"),
}
_WORDS: Mapping[Role, tuple[str, ...]] = {
    "buyer": (
        *("buyer", "user", "customer", "client", "visitor", "human", "q", "in"),
        *("买家", "顾客", "客户", "用户", "访客", "消费者"),
    ),
    "shop": (
        *("seller", "agent", "staff", "assistant", "service", "shop", "waiter", "merchant", "kefu", "a", "out"),
        *("客服", "卖家", "商家", "店铺", "人工", "人工客服", "坐席", "店小二"),
    ),
    "other": ("robot", "bot", "system", "机器人", "系统", "系统消息", "智能客服"),
}
_ROLES: Mapping[str, Role] = {word: role for role, words in _WORDS.items() for word in words}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What a buyer said until somebody answered, and the bubbles of the answer."""

    asked: tuple[str, ...]
    said: tuple[str, ...]
    shop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    chat: str
    role: Role
    text: str
    time: str


def read_chats(path: Path) -> list[Exchange]:
    """Every question with its answer; raises `ConfigError` with the line of whatever cannot be read."""
    lines = path.suffix.lower() in (".jsonl", ".ndjson", ".json")
    messages = list(_of_lines(path) if lines else _of_table(path))
    if not any(message.role == "shop" for message in messages):
        hint = "要有买家和客服双方的消息；发送方写 买家/客服，或 buyer/seller"
        raise ConfigError(Problem(message="没有找到客服说的话", path=path, hint=hint))
    return list(_exchanges(messages))


def _exchanges(messages: Iterable[_Message]) -> Iterator[Exchange]:
    """Conversations may lie mixed in the file; some exports begin with the newest message."""
    chats: dict[str, list[_Message]] = {}
    for message in messages:
        chats.setdefault(message.chat, []).append(message)
    for said_in in map(_oldest_first, chats.values()):
        asked: list[str] = []
        said: list[str] = []
        for message in said_in:
            if message.role == "buyer":
                if said:
                    yield Exchange(asked=tuple(asked), said=tuple(said))
                    asked, said = [], []
                asked.append(message.text)
            elif message.role == "shop" and asked:
                said.append(message.text)
        if said:
            yield Exchange(asked=tuple(asked), said=tuple(said))


def _oldest_first(messages: list[_Message]) -> list[_Message]:
    first, last = messages[0].time, messages[-1].time
    return messages[::-1] if len(first) == len(last) and first > last else messages


def _of_lines(path: Path) -> Iterator[_Message]:
    chat = ""
    for number, line in read_json_lines(path):
        inner = line.get("messages", line.get("dialog", line.get("turns")))
        if isinstance(inner, list):
            for each in inner:
                yield _message(each, str(number), path, number)
        else:
            message = _message(line, chat, path, number)
            chat = message.chat
            yield message


def _message(value: object, chat: str, path: Path, number: int) -> _Message:
    found: dict[str, Any] = {}
    if isinstance(value, dict):
        plain = {normalise(str(key)): each for key, each in value.items()}
        found = {
            kind: next((plain[name] for name in names if name in plain), None) for kind, names in _NAMES.items()
        }
    if found.get("role") is None or not isinstance(found.get("text"), str):
        hint = '每条消息写成 {"session": "1", "role": "buyer", "text": "什么时候发货"}，客服的 role 写 seller'
        raise ConfigError(Problem(message="这条消息缺少 role 或 text", path=path, line=number, hint=hint))
    chat = chat if found["chat"] is None else str(found["chat"])
    role = _role(str(found["role"]), chat, path, number)
    return _Message(chat=chat, role=role, text=found["text"], time=str(found["time"] or ""))


def _of_table(path: Path) -> Iterator[_Message]:
    columns, lines = find_columns(read_table(path), _NAMES)
    missing = [name for kind, name in (("role", "发送方"), ("text", "内容")) if kind not in columns]
    if missing:
        hint = "第一行写上表头，例如：会话、时间、发送方、内容"
        raise ConfigError(
            Problem(message=f"找不到{'、'.join(f'“{name}”' for name in missing)}列", path=path, hint=hint)
        )
    chat = ""
    for line in lines:
        chat = line.cell(next(iter(columns.get("chat", ())), None)) or chat
        role, text, time = (
            line.cell(next(iter(columns.get(kind, ())), None)) for kind in ("role", "text", "time")
        )
        if text and role:
            yield _Message(chat=chat, role=_role(role, chat, path, line.number), text=text, time=time)


def _role(told: str, chat: str, path: Path, number: int) -> Role:
    role = _ROLES.get(normalise(told))
    if role is None and chat:
        # Some exports name people: who the conversation is called after is its buyer.
        role = "buyer" if told == chat else "shop"
    if role is None:
        hint = "发送方写 买家 或 客服（buyer 或 seller），机器人写 机器人"
        raise ConfigError(Problem(message=f"不知道“{told}”是买家还是客服", path=path, line=number, hint=hint))
    return role
