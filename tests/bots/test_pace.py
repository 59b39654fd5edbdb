"""How fast bots may send, on the throttle's own clock: short periods, no sleeps in place of events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest

from bots.pace import ShopPace
from bots.settings import PaceSetting
from flows.pack import Limit, Pace

WIDE = Limit(messages=1000, seconds=1)


def pace(*, shop: Limit = WIDE, conversation: Limit = WIDE, setting: PaceSetting | None = None) -> ShopPace:
    return ShopPace(Pace(shop=shop, conversation=conversation), setting or PaceSetting())


async def send(limits: ShopPace, conversations: Sequence[str]) -> list[float]:
    """Send to each conversation at once; when each message left, in seconds, in the order of leaving."""
    began, left = time.monotonic(), []

    async def one(conversation: str) -> None:
        async with limits.slot("shop", conversation):
            left.append(time.monotonic() - began)

    await asyncio.gather(*(one(conversation) for conversation in conversations))
    return left


def in_first(left: Sequence[float], seconds: float) -> int:
    return sum(moment < seconds for moment in left)


async def test_within_the_limits_nobody_waits() -> None:
    assert max(await send(pace(), ["a", "b", "a", "c"])) < 0.5


async def test_a_shop_sends_no_faster_than_its_limit() -> None:
    left = await send(pace(shop=Limit(messages=2, seconds=0.3)), ["a", "b", "c", "d", "e"])
    assert in_first(left, 0.29) <= 2
    assert in_first(left, 0.59) <= 4
    assert len(left) == 5


async def test_other_limits_count_at_once_and_with_what_was_sent_before() -> None:
    limits = pace(shop=Limit(messages=1, seconds=30))
    await send(limits, ["a"])
    waiting = asyncio.create_task(send(limits, ["b", "c"]))
    limits.limit(Pace(shop=Limit(messages=2, seconds=0.6), conversation=WIDE), PaceSetting())
    left = await waiting
    assert in_first(left, 0.3) == 1
    assert left[1] < 5


async def test_one_conversations_limit_is_its_own() -> None:
    limits = pace(conversation=Limit(messages=1, seconds=1))
    assert max(await send(limits, ["a", "b", "c"])) < 0.9
    first, second = await send(limits, ["d", "d"])
    assert second - first >= 0.9


@pytest.mark.parametrize(
    ("pack", "setting"),
    [
        (Limit(messages=1, seconds=0.4), Limit(messages=1000, seconds=1)),
        (Limit(messages=1000, seconds=1), Limit(messages=1, seconds=0.4)),
    ],
)
async def test_the_stricter_of_pack_and_settings_holds(pack: Limit, setting: Limit) -> None:
    for limits in (
        pace(shop=pack, setting=PaceSetting(shop=setting)),
        pace(conversation=pack, setting=PaceSetting(conversation=setting)),
    ):
        assert max(await send(limits, ["a", "a"])) >= 0.39


async def test_who_gives_up_waiting_leaves_the_limits_whole() -> None:
    limits = pace(shop=Limit(messages=1, seconds=0.3))
    await send(limits, ["a"])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await send(limits, ["b"])
    assert len(await send(limits, ["c"])) == 1


async def test_a_conversation_is_kept_for_as_long_as_its_limit_counts() -> None:
    limits = pace(conversation=Limit(messages=1, seconds=0.2))
    await send(limits, ["a", "b"])
    await asyncio.sleep(0.25)
    await send(limits, ["c"])
    assert list(limits._conversations) == ["c"]


async def test_thousands_of_conversations_are_not_all_kept() -> None:
    limits = pace(shop=Limit(messages=1000, seconds=0.1), conversation=Limit(messages=1, seconds=60))
    await send(limits, [f"buyer {number}" for number in range(900)])
    # The first ones are forgotten, the last ones are not.
    assert max(await send(limits, ["buyer 0"])) < 1
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await send(limits, ["buyer 899"])
