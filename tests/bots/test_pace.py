"""How fast bots may send, on the throttle's own clock: short periods, no sleeps in place of events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from base.clock import SystemClock
from bots.pace import ShopPace, tell_of_pace
from bots.settings import PaceSetting
from bots.story import steps_of
from flows.inbox import Waiter
from flows.pack import Limit, Pace
from storage.ledger import Ledger
from storage.thread import LedgerThread

WIDE = Limit(messages=1000, seconds=1)


Told = list[tuple[str, float]]


def pace(
    *,
    shop: Limit = WIDE,
    conversation: Limit = WIDE,
    setting: PaceSetting | None = None,
    hesitate: tuple[float, float] | None = None,
    told: Told | None = None,
) -> ShopPace:
    """Limits that are wide unless said otherwise; what has to be told goes into `told`."""

    async def tell(key: str, seconds: float) -> None:
        if told is not None:
            told.append((key, seconds))

    pack = Pace(shop=shop, conversation=conversation, hesitate=hesitate)
    return ShopPace(pack, setting or PaceSetting(), tell)


def waiter(key: str, *, late_at: float = 1180.0) -> Waiter:
    """Somebody who is due at second 1000."""
    return Waiter(key=key, since=999.0, changed=999.0, late_at=late_at, due_at=1000.0, clock=True)


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
    limits = pace(shop=Limit(messages=4, seconds=60), conversation=Limit(messages=2, seconds=60))
    assert max(await send(limits, ["a", "b", "a", "c"])) < 30


async def test_a_shop_sends_no_faster_than_its_limit() -> None:
    left = await send(pace(shop=Limit(messages=2, seconds=0.3)), ["a", "b", "c", "d", "e"])
    assert in_first(left, 0.29) <= 2
    assert in_first(left, 0.59) <= 4
    assert len(left) == 5


async def test_other_limits_count_at_once_and_with_what_was_sent_before() -> None:
    limits = pace(shop=Limit(messages=1, seconds=30))
    await send(limits, ["a"])
    waiting = asyncio.create_task(send(limits, ["b", "c"]))
    limits.limit(Pace(shop=Limit(messages=2, seconds=2), conversation=WIDE), PaceSetting())
    left = await waiting
    assert in_first(left, 1) == 1
    assert left[1] < 25


async def test_one_conversations_limit_is_its_own() -> None:
    assert max(await send(pace(conversation=Limit(messages=1, seconds=60)), ["a", "b", "c"])) < 30
    assert max(await send(pace(conversation=Limit(messages=1, seconds=1)), ["d", "d"])) >= 0.99


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
    limits = pace(shop=Limit(messages=1, seconds=1.5))
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
    assert max(await send(limits, ["buyer 0"])) < 30
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await send(limits, ["buyer 899"])


async def test_who_cannot_be_answered_yet_is_not_due_and_keeps_nobody_waiting() -> None:
    limits = pace(conversation=Limit(messages=1, seconds=60))
    await send(limits, ["a"])
    held, free = limits.hold([waiter("a"), waiter("b")], 1000.0)
    assert 1050 < held.due_at <= 1060
    assert free.due_at == 1000.0
    # Whoever has little time left may need a person, whatever the pace.
    (hurried,) = limits.hold([waiter("a", late_at=1045.0)], 1000.0)
    assert hurried.due_at == 1005.0
    assert max(await send(limits, ["b"])) < 30


async def test_a_shop_at_its_limit_begins_no_visit() -> None:
    limits = pace(shop=Limit(messages=2, seconds=60))
    await send(limits, ["a", "b"])
    (held,) = limits.hold([waiter("c")], 1000.0)
    assert 1050 < held.due_at <= 1060


async def test_what_is_late_on_account_of_the_pace_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: Told = []
    limits = pace(conversation=Limit(messages=1, seconds=2), told=told)
    await send(limits, ["a", "b"])
    assert told == []
    await send(limits, ["a"])  # it waited in the visit
    ((key, seconds),) = told
    assert (key, 1.0 <= seconds < 3.0) == ("a", True)
    limits.hold([waiter("a")], 1000.0)  # and before it
    await asyncio.sleep(0.5)
    limits.hold([waiter("a")], 1000.5)
    await send(limits, ["a"])
    assert told[1][0] == "a"
    assert 1.0 <= told[1][1] < 3.0
    limits.hold([waiter("b")], 1000.0)
    limits.hold([], 1001.0)  # somebody else has answered
    monkeypatch.setattr("bots.pace._TOLD_SECONDS", 0.0)
    await send(limits, ["c"])
    assert (told[2][0], told[2][1] < 1.0) == ("c", True)


async def test_where_a_pack_asks_for_it_no_two_messages_hesitate_alike() -> None:
    limits = pace(hesitate=(0.02, 0.12))
    pauses = [(await send(limits, [key]))[0] for key in "abcdefgh"]
    assert min(pauses) >= 0.02
    assert len({round(pause, 3) for pause in pauses}) > 4


async def test_the_ledger_says_what_the_pace_did_to_a_turn(tmp_path: Path) -> None:
    ledger = await LedgerThread.open(tmp_path / "ledger.db", SystemClock())
    await ledger(Ledger.put_shop, "tea", title="茶", console="c", platform="p")
    turns = [await ledger(Ledger.open_turn, "tea", key, seen_at=SystemClock().now()) for key in "ab"]
    await tell_of_pace(ledger, "tea", "a", 12.34)
    mine, other = [steps_of(await ledger(Ledger.story, turn.id)) for turn in turns]
    await ledger.close()
    assert [step.text for step in mine if step.what == "pace"] == ["发送限速，这一句多等了 12.3 秒"]
    assert [step for step in other if step.what == "pace"] == []
