"""An upgrade while buyers come: the old `nightdesk up` is told to stop with the new one standing by."""

from __future__ import annotations

import asyncio

import pytest

from bench.house import house
from bots.charge import in_charge

SHOPS, RATE, SECONDS = 2, 2.0, 20.0
# Buyers are well under way when the old one is told, and go on coming long after.
BEFORE = 6.0


@pytest.mark.timeout(180)
async def test_an_upgrade_under_load_loses_and_doubles_nothing() -> None:
    async with house(SHOPS) as there:
        old = await there.up()
        await there.ready()
        await there.practice.control("buyers", run=True, rate=RATE, seconds=SECONDS)
        new = await there.up()

        async def stands_by() -> bool:
            return in_charge(there.home.seats) == (old.pid, new.pid)

        await there.until(stands_by)
        await asyncio.sleep(BEFORE)
        old.terminate()
        assert await asyncio.wait_for(old.wait(), 40) == 0
        await there.ready()

        async def in_charge_now() -> bool:
            return in_charge(there.home.seats)[0] == new.pid

        await there.until(in_charge_now)
        await there.until(there.seen_to)
        verdict = await there.verdict()
        await there.close()
    assert verdict.turns > RATE * SECONDS / 2
    assert (verdict.shortcomings, verdict.lost, verdict.rate_3min) == ([], 0, 1.0)
