"""A visit in hand when the browser goes has its last word: what was never pressed is known never to have left."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bots.processes import started_by
from bots.settings import Login, Shop
from bots.worker import Worker
from flows.gate import freely
from flows.landing import Written
from flows.page import ConsolePage
from storage.ledger import Ledger
from storage.records import ReplyState
from tests.attending import attending, eventually
from tests.nursery import practising


async def test_a_browser_that_goes_between_commit_and_press_leaves_nothing_in_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaving, killed = asyncio.Event(), asyncio.Event()
    leave, write = Worker._leave, ConsolePage.write

    async def told(worker: Worker) -> None:
        leaving.set()
        await leave(worker)

    async def interrupted(
        page: ConsolePage, *given: Any, sending: Callable[[], Awaitable[bool]] = freely, **more: Any
    ) -> Written:
        async def late() -> bool:
            go_on = await sending()
            if not killed.is_set():
                killed.set()
                for one in started_by(os.getpid()):
                    if one.pid not in spared:
                        with suppress(ProcessLookupError):  # whose parent was killed before it may be gone
                            os.kill(one.pid, signal.SIGKILL)
                await leaving.wait()
            return go_on

        return await write(page, *given, sending=late, **more)

    monkeypatch.setattr(Worker, "_leave", told)
    monkeypatch.setattr(ConsolePage, "write", interrupted)
    practice = await practising("--shops", "1")
    row = practice.shops[0]
    shop = Shop(id=row["id"], console="practice-plain", url=row["url"], login=Login(user=row["user"]))
    # The console, and whatever other tests have running.
    spared = {one.pid for one in started_by(os.getpid())}
    try:
        async with attending(tmp_path, [shop], str(row["password"])) as there:
            await practice.say(shop.id, "什么时候发货")

            async def settled() -> bool:
                states = [reply.state for reply in await there.ledger(Ledger.all_replies)]
                return sorted(states) == [ReplyState.confirmed, ReplyState.failed]

            await eventually(settled)
            assert killed.is_set()
            assert [len(turn["got"]) for turn in (await practice.truth())["turns"]] == [1]
    finally:
        await practice.stop()
