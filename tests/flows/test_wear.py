"""A shop's context gives way to a new one when it is old or big; whoever speaks meanwhile is answered, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from bots.station import Station
from bots.wear import AGE_SECONDS, HEAP_MIB, YOUNG_SECONDS, Wear, worn
from flows.desk import Desk
from practice.client import Practice
from tests.flows.watch import watching

ASKED = ("什么时候发货", "可以开发票吗", "是正品吗")


@pytest.mark.parametrize(
    ("age", "heap", "part", "verdict"),
    [
        (0, 20, 0.0, False),
        (AGE_SECONDS - 1, 20, 0.0, False),
        (AGE_SECONDS + 1, 20, 0.0, True),
        (AGE_SECONDS * 0.8, 20, 1.0, True),
        (AGE_SECONDS * 0.7, 20, 1.0, False),
        (YOUNG_SECONDS + 1, HEAP_MIB + 1, 0.0, True),
        (YOUNG_SECONDS - 1, HEAP_MIB + 1, 0.0, False),
    ],
)
def test_old_or_big_is_worn(age: float, heap: float, part: float, verdict: bool) -> None:
    assert worn(age, heap, part=part) is verdict


async def test_nobody_is_missed_while_contexts_change(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.wear.AGE_SECONDS", 0.0)
    monkeypatch.setattr("flows.composer._JUST_SAID", 0.0)
    over, spoken = Wear.over, list[str]()

    async def going(wear: Wear, desk: Desk) -> bool:
        worn_out = await over(wear, desk)
        # One buyer speaks for the first time, one in the thread that is open: nothing is read any more.
        for buyer in ("new", "open") if worn_out else ():
            if len(spoken) < 2 * len(ASKED):
                said = await practice.say(desk.card.shop, ASKED[len(spoken) // 2], buyer=buyer)
                spoken.append(said["conversation"])
        return worn_out

    async with watching(practice, browser, tmp_path, monkeypatch) as now:
        monkeypatch.setattr(Wear, "over", going)
        await now.until(lambda: _true(len(spoken) == 2 * len(ASKED)), 40)
        for conversation in set(spoken):
            assert len(await now.replied(conversation, spoken.count(conversation))) == len(ASKED)


async def test_who_is_known_to_wait_is_known_still_when_the_page_is_gone(
    practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(practice, browser, tmp_path, monkeypatch) as now:
        with monkeypatch.context() as held:
            held.setattr(Station, "waiting", lambda _station: [])
            (station,) = now.worker._stations
            conversation = (await now.say(ASKED[0]))["conversation"]
            await now.until(lambda: _true(bool(known(station))))
            old, since = station.desk, known(station)
            await station._drop_page()
            station.poke()
            await now.until(lambda: _true(station.desk not in (None, old) and station.ready))
            assert known(station) == since
        station.poke()
        assert len(await now.replied(conversation)) == 1


def known(station: Station) -> dict[str, float]:
    """Who is known to wait, and since when."""
    return {} if station.desk is None else {waiter.key: waiter.since for waiter in station.desk.inbox.waiting()}


async def _true(holds: bool) -> bool:
    return holds
