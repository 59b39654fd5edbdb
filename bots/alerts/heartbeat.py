"""A sign to an outside watcher every so often: it notices when Nightdesk itself is gone."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit

from loguru import logger

from base.errors import ConfigError, LedgerUnavailable
from base.masking import mask
from bots.alerts.aside import aside
from bots.settings import WATCHER
from storage.ledger import Ledger
from storage.thread import LedgerThread

_SOCKET_SECONDS = 5.0
_SECONDS = 8.0
_LEDGER_SECONDS = 10.0


class Heartbeat:
    """Calls the watcher's address while all is well, and the same with `/fail` behind it while it is not.

    `wrong` says what is wrong, empty when all is well, None when it is not ours to say; that the ledger can be
    written is tried here.
    """

    def __init__(self, address: Callable[[], str], ledger: LedgerThread, wrong: Callable[[], str | None]) -> None:
        self._address = address
        self._ledger = ledger
        self._wrong = wrong
        self._down = ""

    async def beat(self) -> None:
        """Give one sign."""
        wrong = self._wrong()
        if wrong is None:
            return
        wrong = await self._unwritable() or wrong
        try:
            address = self._address()
            failed = await aside(lambda: _call(address, wrong), _SECONDS)
        except ConfigError as error:
            failed = str(error)
        except TimeoutError:
            failed = "没有回音"
        if failed and not self._down:
            logger.error("the watcher was not reached: {}", failed)
        elif self._down and not failed:
            logger.info("the watcher is reached again")
        self._down = failed
        with suppress(LedgerUnavailable):  # told by the sign itself
            await self._ledger(Ledger.sign, WATCHER, fine=not failed, why=mask(failed))

    async def _unwritable(self) -> str:
        try:
            async with asyncio.timeout(_LEDGER_SECONDS):
                await self._ledger(Ledger.sign, "heartbeat", fine=True)
        except LedgerUnavailable as error:
            return str(error)
        except TimeoutError:
            return "账本没有回音"
        return ""


def _call(address: str, wrong: str) -> str:
    """One call; why the watcher did not take it, empty when it did."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        return "地址要以 http:// 或 https:// 开头"
    if wrong:
        address = urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/fail"))
    body = mask(wrong).encode() if wrong else None
    request = urllib.request.Request(address, body, {"User-Agent": "Nightdesk"})  # noqa: S310 - looked at above
    try:
        with urllib.request.urlopen(request, timeout=_SOCKET_SECONDS):  # noqa: S310
            return ""
    except HTTPError as error:
        with error:
            return f"HTTP {error.code}"
    except (URLError, OSError, ValueError) as error:
        return f"没有连上（{getattr(error, 'reason', error)}）"
