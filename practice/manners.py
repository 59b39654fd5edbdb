"""Bad manners of a console: in the page by scripts of its own, on the way of a reply by the rules here, and what
people and machines do meanwhile by `practice.happenings`."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from practice.model import Refused

_TAG = re.compile(r"<[^<>]*>")

# By a script of the same name under static/manners.
PAGE: Mapping[str, str] = {
    "untrusted": "脚本造的点击和按键不理会",
    "wholesale": "列表一有变化就整个重画",
    "badges": "未读数不准、消不掉或不出现",
    "slow": "点了会话要等一会儿才打开",
    "lost": "点会话有时没有反应",
    "swallowed": "点会话第一下只是选中，第二下才打开",
    "overlays": "不时弹出盖住页面的提示",
    "polled": "列表每 30 秒才更新一次",
    "rtl": "页面从右往左排",
    "drafting": "有人在输入框里写了一半，过一会儿又删掉",
}
# By the way the page is served and put together.
SHAPE: Mapping[str, str] = {
    "frames": "聊天在两层 iframe 里",
    "shadow": "聊天在开放的 shadow root 里",
}


class Way(Protocol):
    """What becomes of the texts that an account sends."""

    def through(self, texts: Sequence[str]) -> Sequence[str]:
        """The texts that arrive; raises `Refused` where the page shall be told."""
        ...


class Refusing:
    """Every fifth or so is refused, and the page says so."""

    def __init__(self, throw: random.Random) -> None:
        self._throw = throw

    def through(self, texts: Sequence[str]) -> Sequence[str]:
        """All of them, or a refusal."""
        if self._throw.random() < 0.2:
            raise Refused("系统繁忙，请稍后再试")
        return texts


class Swallowing:
    """Every sixth or so is gone, and nobody says so."""

    def __init__(self, throw: random.Random) -> None:
        self._throw = throw

    def through(self, texts: Sequence[str]) -> Sequence[str]:
        """All of them, or none."""
        return () if self._throw.random() < 1 / 6 else texts


class Splitting:
    """Each line arrives as a message of its own."""

    def __init__(self, throw: random.Random) -> None:
        del throw

    def through(self, texts: Sequence[str]) -> Sequence[str]:
        """The lines that hold something."""
        return [line for text in texts for line in text.splitlines() if line.strip()]


class Stripping:
    """Markup is taken out, and what stands around is pressed together."""

    def __init__(self, throw: random.Random) -> None:
        del throw

    def through(self, texts: Sequence[str]) -> Sequence[str]:
        """The bare words."""
        return [" ".join(_TAG.sub("", text).split()) for text in texts]


# By `practice.happenings`, and `laggy` by every answer of the server.
HAPPENING: Mapping[str, str] = {
    "interrupted": "正在回复时买家又说话",
    "robot": "平台的机器人抢先回复",
    "recalled": "买家撤回刚说的话",
    "colleague": "同事抢先回复",
    "laggy": "网络很慢，每次请求多等半秒左右",
    "away": "账号不时掉成离线",
    "restarted": "服务器不时重启，一秒内连不上",
    "dead": "登录失效了，页面看着一切正常",
    "kicked": "账号在别处登录，页面被踢下线",
}
# A platform that ends one page when another is opened.
ONE_SESSION = frozenset({"kicked"})
SENDING: Mapping[str, Callable[[random.Random], Way]] = {
    "refused": Refusing,
    "silent": Swallowing,
    "split": Splitting,
    "stripped": Stripping,
}
# What asks for no person and leaves the list in time: all of them together are a rough day.
ROUGH = ("untrusted", "wholesale", "badges", "slow", "lost", "overlays", "rtl", "split", "stripped")
MANNERS: tuple[str, ...] = (*PAGE, *SHAPE, *SENDING, *HAPPENING)


def read_manners(text: str) -> tuple[str, ...]:
    """Names with commas between; raises ValueError in Chinese for one that there is not."""
    names = tuple(name for name in text.replace(" ", "").split(",") if name)
    if unknown := [name for name in names if name not in MANNERS]:
        raise ValueError(f"没有“{unknown[0]}”这种毛病，可以写 {'、'.join(MANNERS)}")
    return names
