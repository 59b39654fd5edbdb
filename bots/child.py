"""A worker as its supervisor starts it, `python -m bots.child HOME SHOP…`: it tells its signs of life as lines."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from loguru import logger

from base.clock import SystemClock
from base.errors import ConfigError, NightdeskError, Problem
from bots.home import Home
from bots.keeper import MindKeeper
from bots.logs import start_log
from bots.secrets import password_of, secret_for
from bots.settings import Settings, Shop, load_settings, load_shop_pack
from bots.sign import Sign
from bots.worker import Worker, Workplace
from flows.login import Credentials
from flows.mind import Mind
from flows.pack import Pack
from storage.thread import LedgerThread

_ZONE = ZoneInfo("Asia/Shanghai")
_BAD_INPUT = 2
_STDIN, _STDOUT = 0, 1


def command(home: Home, shops: Sequence[str], *, log: bool) -> list[str]:
    """How to start a worker for these shops; `log`: to standard error as well as to the file."""
    # -P: a file beside shops.yaml that has a module's name must not be taken for that module.
    start = [sys.executable, "-P", "-m", "bots.child", *(["--log"] if log else [])]
    return [*start, "--", str(home.folder), *shops]


def main() -> int:
    """Attend until told to stop or the supervisor is gone; returns 2 for what an operator must put right."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("shops", nargs="+")
    parser.add_argument("--log", action="store_true")
    given = parser.parse_args()
    os.set_blocking(_STDOUT, False)
    try:
        asyncio.run(_attend(Home(given.home), given.shops, given.log))
    except ConfigError as error:
        _tell(Sign(problems=[str(problem) for problem in error.problems]))
    except NightdeskError as error:
        _tell(Sign(problems=[str(error)]))
    else:
        return 0
    return _BAD_INPUT


async def _attend(home: Home, ids: Sequence[str], log: bool) -> None:
    _tell(Sign(begins=True))
    start_log(home.logs, terminal=log)
    asyncio.get_running_loop().set_exception_handler(_note)
    settings = _only(load_settings(home.shops), ids, home.shops)
    packs = {shop.id: load_shop_pack(shop, home.folder) for shop in settings.shops}
    async with AsyncExitStack() as stack:
        stack.callback(logger.remove)
        ledger = await LedgerThread.open(home.ledger, SystemClock())
        stack.push_async_callback(ledger.close)
        own = settings.own_knowledge(home.folder)
        keeper = await MindKeeper.open(home.folder / settings.knowledge, ledger, SystemClock(), own)
        _warn_of_blocked(keeper.mind(), settings, packs)
        keeper.start()
        stack.push_async_callback(keeper.stop)
        place = Workplace(
            settings=settings,
            packs=packs,
            credentials={shop.id: _credentials(shop, home) for shop in settings.shops},
            states=home.states,
            seats=home.seats,
            evidence=home.evidence,
            ledger=ledger,
            mind=keeper.mind,
            clock=SystemClock(),
            zone=_ZONE,
            tell=_tell,
        )
        await _run(Worker(place))


async def _run(worker: Worker) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, worker.stop)

    def gone() -> None:  # nothing is ever written there: it is readable when its other end is closed
        loop.remove_reader(_STDIN)
        logger.error("the supervisor is gone; this worker ends")
        worker.stop()

    loop.add_reader(_STDIN, gone)
    await worker.run()


def _tell(sign: Sign) -> None:
    try:
        os.write(_STDOUT, sign.line())
    except BlockingIOError:  # a frozen supervisor hears nothing; the shops are attended all the same
        return
    except BrokenPipeError:  # it is gone: that is noticed by another way
        return


def _note(_loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    logger.opt(exception=context.get("exception")).warning("{}", context["message"])


def _only(settings: Settings, ids: Sequence[str], path: Path) -> Settings:
    shops = [shop for shop in settings.shops if shop.id in ids]
    missing = set(ids) - {shop.id for shop in shops}
    if missing:
        hint = "停下 nightdesk up 再启动，它就照新的清单值守"
        message = f"店铺清单里没有了 {'、'.join(sorted(missing))}"
        raise ConfigError(Problem(message=message, path=path, hint=hint))
    return settings.model_copy(update={"shops": shops})


def _credentials(shop: Shop, home: Home) -> Credentials | None:
    return Credentials(user=shop.login.user, password=secret_for(password_of(shop), home)) if shop.login else None


def _warn_of_blocked(mind: Mind, settings: Settings, packs: Mapping[str, Pack]) -> None:
    """Say at once which answers a platform would not let out; when one comes up it goes to a person."""
    for shop in settings.shops:
        knowledge = mind.library.of(shop.id)
        for entry in knowledge.entries:
            texts = knowledge.spoken(entry) if entry.live else []
            for verdict in mind.guard.check_all(texts, platform=packs[shop.id].platform, category=shop.category):
                if not verdict.allowed:
                    logger.bind(shop=shop.id).warning("entry {} will not be sent: {}", entry.id, verdict.reason)


if __name__ == "__main__":
    sys.exit(main())
