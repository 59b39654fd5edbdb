"""Channels over real sockets: what arrives, what a bad receiver makes of it, and that no token is seen."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from base.errors import ConfigError, Problem
from base.masking import mask
from bots.alerts import channel as channels
from bots.alerts import robots
from bots.alerts.channel import Channel, ChannelDown
from tests.bots.receiver import Receiver

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def channel(address: str) -> Channel:
    return Channel("群", lambda: address)


@pytest.fixture
def picture(tmp_path: Path) -> str:
    """The path of a small picture."""
    path = tmp_path / "qr.png"
    path.write_bytes(PNG)
    return str(path)


async def test_a_letter_arrives_with_its_picture(receiver: Receiver, picture: str) -> None:
    await channel(receiver.address()).send("题", "第一行\n第二行", [picture, "/gone.png"])
    ((_path, body),) = receiver.got
    assert (body["title"], body["message"]) == ("题", "第一行\n第二行")
    assert [base64.b64decode(each["base64"]) for each in body["attachments"]] == [PNG]


@pytest.mark.parametrize(("manner", "why"), [("500", "500"), ("close", "Connection error")])
async def test_a_bad_receiver_is_told_of(receiver: Receiver, manner: str, why: str) -> None:
    receiver.manner = manner
    with pytest.raises(ChannelDown, match=why):
        await channel(receiver.address("token-4f5e6d7c8b9a")).send("题", "文")


async def test_a_slow_receiver_holds_up_nobody(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "_SECONDS", 0.3)
    receiver.manner = "slow"
    slow = channel(receiver.address("?rto=60"))
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    other = asyncio.create_task(beat())
    for _ in range(3):
        with pytest.raises(ChannelDown, match="没有回音"):
            await slow.send("题", "文")
    assert beats > 3
    other.cancel()
    monkeypatch.setattr(channels, "_SECONDS", 50)
    with pytest.raises(ChannelDown, match="卡着"):
        await slow.send("题", "文")


def missing() -> str:
    raise ConfigError(Problem(message="告警渠道 群 的地址还没有保存", hint="nightdesk secret set alerts/群"))


@pytest.mark.parametrize(
    "address", ["", "nonsense", "ftp://127.0.0.1/", "dingtalk://abcdef/", "wecombot://abcdef", "feishu://abcdef"]
)
async def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ChannelDown, match="认不出这个地址"):
        await channel(address).send("题", "文")


async def test_an_address_that_was_never_kept() -> None:
    with pytest.raises(ChannelDown, match="secret set alerts/群"):
        await Channel("群", missing).send("题", "文")


# --- group robots ---------------------------------------------------------------------------------------------

ROBOTS = [
    "robot/send?access_token=b7c1d2e3f4",
    "open-apis/bot/v2/hook/b7c1-d2e3f4",
    "cgi-bin/webhook/send?key=b7c1",
]


@pytest.mark.parametrize("path", ROBOTS)
async def test_a_robot_gets_title_and_text(receiver: Receiver, path: str) -> None:
    await channel(f"http://127.0.0.1:{receiver.port}/{path}").send("【夜班客服】题", "文")
    ((got, body),) = receiver.got
    assert got == f"/{path}"
    content = body["text"] if "text" in body else body["content"]
    assert (content.get("content") or content["text"]).split() == ["【夜班客服】题", "文"]


@pytest.mark.parametrize("path", ROBOTS)
@pytest.mark.parametrize(("manner", "why"), [("refuse", "拒收"), ("500", "500"), ("close", "没有连上")])
async def test_what_a_robot_refuses_was_not_delivered(
    receiver: Receiver, path: str, manner: str, why: str
) -> None:
    receiver.manner = manner
    with pytest.raises(ChannelDown, match=why):
        await channel(f"http://127.0.0.1:{receiver.port}/{path}").send("题", "文")


async def test_a_signed_robot(receiver: Receiver) -> None:
    await channel(f"http://127.0.0.1:{receiver.port}/robot/send?access_token=b7c1&secret=SEC9f3b7c21").send(
        "题", "文"
    )
    query = parse_qs(urlsplit(receiver.got[0][0]).query)
    (stamp,), (sign,) = query["timestamp"], query["sign"]
    digest = hmac.new(b"SEC9f3b7c21", f"{stamp}\nSEC9f3b7c21".encode(), hashlib.sha256).digest()
    assert sign == base64.b64encode(digest).decode()
    assert "secret" not in query
    assert abs(int(stamp) / 1000 - time.time()) < 60


async def test_where_pictures_go(receiver: Receiver, picture: str) -> None:
    for path in ROBOTS:
        await channel(f"http://127.0.0.1:{receiver.port}/{path}").send("题", "文", [picture])
    bodies = [body for _path, body in receiver.got]
    assert [body.get("msgtype") or body["msg_type"] for body in bodies] == ["text", "text", "text", "image"]
    assert [picture in str(body) for body in bodies] == [True, True, False, False]
    assert base64.b64decode(bodies[-1]["image"]["base64"]) == PNG
    assert bodies[-1]["image"]["md5"] == hashlib.md5(PNG, usedforsecurity=False).hexdigest()


async def test_a_picture_too_large_for_a_robot(
    receiver: Receiver, picture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots, "_MOST_PICTURE", 10)
    await channel(f"http://127.0.0.1:{receiver.port}/{ROBOTS[2]}").send("题", "文", [picture])
    assert [body["msgtype"] for _path, body in receiver.got] == ["text"]


# --- no token is seen -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "token"),
    [
        ("json://user:pass-wörd@127.0.0.1:1/x", "pass-wörd"),
        ("json://127.0.0.1:1/tok3n-1a2b3c", "tok3n-1a2b3c"),
        ("http://127.0.0.1:1/robot/send?access_token=a9b8c7d6e5f4&secret=SECf00dfeed1", "a9b8c7d6e5f4"),
        ("http://127.0.0.1:1/robot/send?access_token=a9b8c7d6e5f4&secret=SECf00dfeed1", "SECf00dfeed1"),
        ("dingtalk://0badc0ffee11/", "0badc0ffee11"),
        ("nonsense-with-t0ken55", "nonsense-with-t0ken55"),
    ],
)
async def test_no_token_is_seen(address: str, token: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ChannelDown) as caught:
        await channel(address).send("题", "文")
    assert token not in str(caught.value)
    assert token not in mask(f"POST {token} failed")
    out, err = capfd.readouterr()
    assert token not in out + err
