"""What people ask of a running worker: rows in the ledger that it polls, and answers in the same rows.

A pause is a row that stays until it is taken back: it holds over restarts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from loguru import logger

from base.errors import ConsoleError, LedgerUnavailable
from bots.station import Station
from storage.ledger import Ledger
from storage.records import Command
from storage.thread import LedgerThread

_HEED_SECONDS = 1.0


class Orders:
    """Carries out the commands that wait for the shops of this worker."""

    def __init__(self, ledger: LedgerThread, stations: Sequence[Station]) -> None:
        self._ledger = ledger
        self._stations = stations

    async def poll(self) -> None:
        """Look once; a command that cannot be carried out is answered with the reason."""
        await self._keep_quiet()
        shops = {station.shop.id: station for station in self._stations}
        for command in await self._ledger(Ledger.commands_for, list(shops), ("new", "doing")):
            station = shops[command.shop]
            try:
                await self._carry_out(command, station)
            except ConsoleError as error:
                await self._ledger(Ledger.set_command, command.id, "failed", why=str(error))

    async def _keep_quiet(self) -> None:
        pauses = await self._ledger(Ledger.pauses)
        # A page that hangs must not keep the others from being quiet.
        told = [asyncio.wait_for(station.heed(pauses), _HEED_SECONDS) for station in self._stations]
        for error in await asyncio.gather(*told, return_exceptions=True):
            if isinstance(error, LedgerUnavailable):
                raise error
            if error is not None:  # the ledger lets nothing new begin there anyway
                logger.warning("a page could not be told to keep quiet: {}", error)

    async def _carry_out(self, command: Command, station: Station) -> None:
        if command.kind == "golive":
            await station.find_test(command)
        elif command.kind == "golive_send" and command.state == "new":
            await station.send_test(command)
        elif command.kind == "golive_send":  # begun by a worker that is gone: it may have been sent
            await self._ledger(Ledger.set_command, command.id, "failed", why="发到一半时重新启动了")
        elif command.kind == "return":
            station.come_back()
            await self._ledger(Ledger.set_command, command.id, "done")
        elif command.state == "new":
            await self._ledger(Ledger.set_command, command.id, "failed", why=f"不认识的命令 {command.kind}")
