"""Exported chats in their many forms give the same questions and answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from base.errors import ConfigError
from knowledge.chats import Exchange, read_chats

WANTED = [
    Exchange(asked=("在吗", "能放烤箱吗"), said=("您好", "可以的亲")),
    Exchange(asked=("多高",), said=("二十厘米",)),
]


def lines(*values: object) -> str:
    return "\n".join(json.dumps(value, ensure_ascii=False) for value in values)


SAID = [
    ("甲", "buyer", "在吗"),
    ("乙", "buyer", "多高"),
    ("甲", "buyer", "能放烤箱吗"),
    ("甲", "robot", "机器人为您服务"),
    ("甲", "seller", "您好"),
    ("乙", "seller", "二十厘米"),
    ("甲", "seller", "可以的亲"),
    ("甲", "buyer", "谢谢"),
]
CHINESE = {"buyer": "买家", "seller": "客服", "robot": "机器人"}
FORMS = {
    "a.jsonl": lines(*({"session": chat, "role": role, "time": "1", "text": text} for chat, role, text in SAID)),
    "b.jsonl": lines(*({"会话ID": chat, "发送方": CHINESE[role], "内容": text} for chat, role, text in SAID)),
    "c.jsonl": lines(
        *(
            {"messages": [{"sender": role, "content": text} for there, role, text in SAID if there == chat]}
            for chat in ("甲", "乙")
        )
    ),
    "d.csv": "会话,发送时间,发送方,消息内容\n"
    + "\n".join(f"{chat},1,{CHINESE[role]},{text}" for chat, role, text in SAID),
    "e.csv": "买家昵称,发送人,内容\n"
    + "\n".join(
        f"{chat},{ {'buyer': chat, 'seller': '晨屿:小林', 'robot': '机器人'}[role] },{text}"
        for chat, role, text in SAID
    ),
}


def test_an_export_that_begins_with_the_newest(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = ["客服,2026-11-01 10:02,可以的", "买家,2026-11-01 10:01,能放烤箱吗", "买家,2026-11-01 09:59,在吗"]
    path.write_text("\n".join(["发送方,时间,内容", *rows]), "utf-8")
    assert read_chats(path) == [Exchange(asked=("在吗", "能放烤箱吗"), said=("可以的",))]


@pytest.mark.parametrize("name", list(FORMS))
def test_every_form_says_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(FORMS[name], "utf-8")
    assert read_chats(path) == WANTED


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.jsonl", '{"role": "buyer", "text": "问"}\n{"text": "答"}', ":2: "),
        ("a.jsonl", '{"role": "张三", "text": "问"}', "“张三”"),
        ("a.jsonl", '{"role": "buyer", "text": "问"}', "没有找到客服说的话"),
        ("a.csv", "时间,内容\n1,问\n", "“发送方”"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, content: str, told: str) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(ConfigError, match=told):
        read_chats(path)
