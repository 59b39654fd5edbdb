"""A worker as its supervisor starts it, `python -m bots.child HOME`: told its shops, it tells signs of life."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from loguru import logger

from base.clock import SystemClock
from base.errors import ConfigError, LedgerUnavailable, NightdeskError
from bots.hang import Hang
from bots.home import Home
from bots.keeper import MindKeeper
from bots.logs import start_log
from bots.roll import Roll
from bots.scratch import scratch
from bots.secrets import password_of, secret_for
from bots.sign import Sign
from bots.worker import Worker, Workplace
from flows.login import Credentials
from flows.mind import Mind
from storage.thread import LedgerThread

_ZONE = ZoneInfo("Asia/Shanghai")
_BAD_INPUT = 2
_STDOUT = 1
_PATIENCE = 1.0
# Ten shops with their packs are some 30 kB.
_LONGEST_LINE = 16 * 1024 * 1024


def command(home: Home, *, log: bool) -> list[str]:
    """How to start a worker, which is told its shops as lines; `log`: to standard error as well as to the file."""
    # -P: a file beside shops.yaml that has a module's name must not be taken for that module.
    start = [sys.executable, "-P", "-m", "bots.child", *(["--log"] if log else [])]
    return [*start, "--", str(home.folder)]


def main() -> int:
    """Attend until told to stop or the supervisor is gone; returns 2 for what an operator must put right."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--log", action="store_true")
    given = parser.parse_args()
    os.set_blocking(_STDOUT, False)
    try:
        asyncio.run(_attend(Home(given.home), given.log))
    except ConfigError as error:
        _tell(Sign(problems=[str(problem) for problem in error.problems]))
    except NightdeskError as error:
        _tell(Sign(problems=[str(error)]))
    else:
        return 0
    return _BAD_INPUT


async def _attend(home: Home, log: bool) -> None:
    _tell(Sign(begins=True))
    start_log(home.logs, terminal=log)
    asyncio.get_running_loop().set_exception_handler(_note)
    async with AsyncExitStack() as stack:
        stack.callback(logger.remove)
        stack.enter_context(scratch(home.scratch))
        hang = Hang(home.logs)
        stack.callback(hang.close)

        def tell(sign: Sign) -> None:
            _tell(sign)
            hang.note(sign)

        lines = await _stdin()
        first = await lines.readline()
        if not first:
            return
        roll = Roll.of(first)
        ledger = await LedgerThread.open(home.ledger, SystemClock())
        stack.push_async_callback(ledger.close)
        knowledge, own = roll.knowledge(home.folder)
        keeper = await MindKeeper.open(knowledge, ledger, SystemClock(), own)
        _warn_of_blocked(keeper.mind(), roll)
        keeper.start()
        stack.push_async_callback(keeper.stop)
        place = Workplace(
            settings=roll.settings,
            packs=roll.packs,
            credentials=_credentials(roll, home),
            states=home.states,
            seats=home.seats,
            evidence=home.evidence,
            ledger=ledger,
            mind=keeper.mind,
            clock=SystemClock(),
            zone=_ZONE,
            tell=tell,
        )
        await _run(Worker(place), place, keeper, home, lines)


async def _run(
    worker: Worker, place: Workplace, keeper: MindKeeper, home: Home, lines: asyncio.StreamReader
) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, worker.stop)
    told: asyncio.Queue[bytes] = asyncio.Queue()
    following = [
        asyncio.create_task(_hear(lines, told, worker)),
        asyncio.create_task(_follow(told, worker, place, keeper, home)),
    ]
    for task in following:
        task.add_done_callback(partial(_end_with, worker))
    try:
        await worker.run()
    finally:
        for task in following:
            task.cancel()
        await asyncio.wait(following)


def _end_with(worker: Worker, task: asyncio.Task[None]) -> None:
    """A worker that no longer hears what it is told ends, and another one begins."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.opt(exception=error).error("this worker hears no more and ends")
        worker.stop()


async def _hear(lines: asyncio.StreamReader, told: asyncio.Queue[bytes], worker: Worker) -> None:
    while line := await lines.readline():
        told.put_nowait(line)
    logger.error("the supervisor is gone; this worker ends")
    worker.stop()


async def _follow(
    told: asyncio.Queue[bytes], worker: Worker, place: Workplace, keeper: MindKeeper, home: Home
) -> None:
    """Go by what the supervisor says; while the knowledge for it cannot be read, all stays as it is."""
    while True:
        roll = Roll.of(await told.get())
        while told.empty():
            try:
                login = _credentials(roll, home)
                new = replace(place, settings=roll.settings, packs=roll.packs, credentials=login)
                await keeper.attend(*roll.knowledge(home.folder))
                await worker.take(new)
            except (ConfigError, LedgerUnavailable) as error:
                logger.error("a new list of shops has to wait: {}", error)
                await asyncio.sleep(_PATIENCE)
                continue
            _warn_of_blocked(keeper.mind(), roll.only(roll.shops.keys() - place.roll.shops))
            place = new
            break


async def _stdin() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def _tell(sign: Sign) -> None:
    try:
        os.write(_STDOUT, sign.line())
    except BlockingIOError:  # a frozen supervisor hears nothing; the shops are attended all the same
        return
    except BrokenPipeError:  # it is gone: that is noticed by another way
        return


def _note(_loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    logger.opt(exception=context.get("exception")).warning("{}", context["message"])


def _credentials(roll: Roll, home: Home) -> dict[str, Credentials | None]:
    return {
        shop.id: Credentials(user=shop.login.user, password=secret_for(password_of(shop), home))
        if shop.login
        else None
        for shop in roll.settings.shops
    }


def _warn_of_blocked(mind: Mind, roll: Roll) -> None:
    """Say at once which answers a platform would not let out; when one comes up it goes to a person."""
    for shop in roll.settings.shops:
        knowledge = mind.library.of(shop.id)
        for entry in knowledge.entries:
            texts = knowledge.spoken(entry) if entry.live else []
            for verdict in mind.guard.check_all(
                texts, platform=roll.packs[shop.id].platform, category=shop.category
            ):
                if not verdict.allowed:
                    logger.bind(shop=shop.id).warning("entry {} will not be sent: {}", entry.id, verdict.reason)


if __name__ == "__main__":
    sys.exit(main())
