"""What goes wrong in the week and when. Pure but for the strike itself."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Mishap(StrEnum):
    """Each as people call it in the report."""

    worker = "值守进程被杀"
    console = "后台打不开"
    network = "断网"
    login = "登录过期"
    kicked = "被挤下线"
    captcha = "要验证码"


# How many a week over 53 shops, and for how many seconds each lasts at least and at most; what ends by itself or
# by a person's hand has none.
_WEEKLY = {
    Mishap.worker: (10, 0.0, 0.0),
    Mishap.console: (14, 60.0, 600.0),
    Mishap.network: (6, 5.0, 120.0),
    Mishap.login: (30, 0.0, 0.0),
    Mishap.kicked: (8, 0.0, 0.0),
    Mishap.captcha: (5, 0.0, 0.0),
}
_WEEK = 7 * 86_400.0
_SHOPS = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """One mishap `at` so many seconds; `shop`: whom it befalls, nothing where all of them."""

    at: float
    kind: Mishap
    shop: str
    seconds: float


def strikes(shops: Sequence[str], seconds: float, seed: int) -> list[Strike]:
    """All of a time, in their order; as many by shop and time as in the week of 53 shops."""
    throw = random.Random(f"mishaps {seed}")  # noqa: S311 - play that must repeat
    found = []
    for kind, (weekly, least, most) in _WEEKLY.items():
        number = round(weekly * seconds / _WEEK * (1 if kind is Mishap.network else len(shops) / _SHOPS))
        for _ in range(max(1, number)):
            shop = "" if kind is Mishap.network else throw.choice(shops)
            length = throw.uniform(least, most)
            found.append(Strike(at=throw.uniform(0, seconds - most), kind=kind, shop=shop, seconds=length))
    return sorted(found, key=lambda strike: strike.at)
