"""`nightdesk up` as it is started: real supervisors, workers and browsers at the practice console."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterable
from contextlib import suppress

import pytest

from bench.altered import FREEZE, START
from bench.house import House, house
from bots.charge import in_charge
from bots.processes import Birth, birth, started_by
from bots.seat import Holder
from storage.ledger import Ledger
from storage.records import ReplyState

ASKED = "什么时候发货"


def send(births: Iterable[Birth], number: signal.Signals) -> None:
    for one in births:
        with suppress(ProcessLookupError):  # it may have ended since it was looked up
            os.kill(one.pid, number)


async def held(there: House) -> Holder:
    """Who attends the shop, once their seat says what they drive it with: it does at the next sign of life."""
    found: list[Holder] = []

    async def written() -> bool:
        holder = there.holder("shop-1")
        found[:] = [holder] if holder is not None and holder.started else []
        return bool(found)

    await there.until(written)
    return found[0]


async def told(there: House, conversation: str) -> list[str]:
    """What a buyer got, by the console's own record."""
    truth = await there.practice.truth()
    return [
        one["text"] for one in truth["messages"] if one["conversation"] == conversation and one["sender"] == "shop"
    ]


async def status(there: House) -> str:
    """What `nightdesk status` says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from bots.cli import main; main()", "--home", there.home.folder, "status"),
        stdout=PIPE,
    )
    said, _none = await process.communicate()
    return said.decode()


@pytest.mark.timeout(240)
async def test_whoever_freezes_or_dies_is_taken_over_from_and_nobody_is_told_twice() -> None:
    async with house(1) as there:
        first = await there.up()
        await there.ready()
        second = await there.up()

        async def stands_by() -> bool:
            return in_charge(there.home.seats) == (first.pid, second.pid) and len(started_by(second.pid)) > 3

        await there.until(stands_by)
        assert f"另一个（pid {second.pid}）备用" in await status(there)

        frozen = [*started_by(first.pid), *filter(None, [birth(first.pid)])]
        send(frozen, signal.SIGSTOP)
        said = await there.practice.say("shop-1", ASKED)
        await there.answered(said["conversation"])

        async def in_command() -> bool:
            return in_charge(there.home.seats) == (second.pid, None)

        await there.until(in_command)
        send([one for one in frozen if birth(one.pid) == one], signal.SIGCONT)
        await first.wait()

        holder = await held(there)
        os.kill(holder.process.pid, signal.SIGKILL)
        again = await there.practice.say("shop-1", ASKED)
        await there.answered(again["conversation"])

        holder = await held(there)
        driver, *_browser = holder.started
        os.kill(driver.pid, signal.SIGKILL)  # no event tells of that
        later = await there.practice.say("shop-1", ASKED)
        await there.answered(later["conversation"])
        assert (await held(there)).process == holder.process

        left = there.tree()
        await there.close()
        assert second.returncode == 0
        assert {one for one in left if birth(one.pid) == one} == set()
        assert list(there.home.scratch.iterdir()) == []
        assert [len(await told(there, one["conversation"])) for one in (said, again, later)] == [1, 1, 1]


@pytest.mark.timeout(240)
async def test_who_freezes_between_the_last_check_and_the_press_is_ended_and_says_nothing() -> None:
    async with house(1) as there:
        await there.up(START, **{FREEZE: "1"})
        await there.ready()
        hesitating = there.holder("shop-1")
        assert hesitating is not None
        said = await there.practice.say("shop-1", ASKED)

        async def settled() -> bool:
            return [one.state for one in await there.ledger(Ledger.all_replies)] == [ReplyState.unverified]

        await there.until(settled)
        assert birth(hesitating.process.pid) != hesitating.process
        assert await told(there, said["conversation"]) == []
        assert [one.urgent for one in await there.ledger(Ledger.handoffs)] == [True]
        await there.close()
