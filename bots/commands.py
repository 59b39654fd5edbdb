"""What people ask of a running worker: rows in the ledger that it polls, and answers in the same rows.

A pause is a row that stays until it is taken back: it holds over restarts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from loguru import logger

from base.errors import ConsoleError, LedgerUnavailable
from base.masking import mask
from bots.station import Station
from storage.ledger import Ledger
from storage.records import Command, Pause, ReplyState
from storage.thread import LedgerThread

_HEED_SECONDS = 1.0


class Orders:
    """Carries out the commands that wait for the shops of this worker."""

    def __init__(self, ledger: LedgerThread, stations: Sequence[Station]) -> None:
        self._ledger = ledger
        self._stations = stations

    async def poll(self) -> None:
        """Look once; a command that cannot be carried out is answered with the reason."""
        shops = {station.shop.id: station for station in self._stations}
        pauses, commands = await self._ledger(Ledger.orders_for, list(shops))
        await self._keep_quiet(pauses)
        for command in commands:
            station = shops[command.shop]
            try:
                await self._carry_out(command, station)
            except ConsoleError as error:
                await self._ledger(Ledger.set_command, command.id, "failed", why=str(error))

    async def _keep_quiet(self, pauses: Sequence[Pause]) -> None:
        # A page that hangs must not keep the others from being quiet.
        news = [station for station in self._stations if station.silence.is_news(pauses)]
        told = [asyncio.wait_for(station.heed(pauses), _HEED_SECONDS) for station in news]
        for error in await asyncio.gather(*told, return_exceptions=True):
            if isinstance(error, LedgerUnavailable):
                raise error
            if error is not None:  # the ledger lets nothing new begin there anyway
                logger.warning("a page could not be told to keep quiet: {}", error)

    async def _carry_out(self, command: Command, station: Station) -> None:
        if command.kind == "golive":
            await self._find_test(command, station)
        elif command.kind == "golive_send" and command.state == "new":
            await self._send_test(command, station)
        elif command.kind == "golive_send":  # begun by a worker that is gone: it may have been sent
            await self._ledger(Ledger.set_command, command.id, "failed", why="发到一半时重新启动了")
        elif command.kind == "return":
            station.come_back()
            await self._ledger(Ledger.set_command, command.id, "done")
        elif command.kind == "rehearse":
            if station.asked.add(command.id):
                station.poke()
        elif command.state == "new":
            await self._ledger(Ledger.set_command, command.id, "failed", why=f"不认识的命令 {command.kind}")

    # --- golive: a supervised reply to a test buyer -------------------------------------------------------------

    async def _find_test(self, command: Command, station: Station) -> None:
        """Look for the test buyer's word among those who wait."""
        found = None if station.desk is None else station.desk.saying(str(command.args["code"]))
        if command.state == "new" and found is not None:
            await self._ledger(Ledger.begin_command, command.id, step="found", preview=mask(found.preview))

    async def _send_test(self, command: Command, station: Station) -> None:
        """Say the test reply, and tell how far it came in the row of the `golive` command itself."""
        asked = await self._ledger(Ledger.command_row, int(command.args["of"]))
        desk = station.desk
        found = None if desk is None or station.busy else desk.saying(str(asked.args["code"]))
        if desk is None or found is None:
            return  # a visit is on: the next poll tries again
        station.busy = True
        try:
            if not await self._ledger(Ledger.begin_command, command.id):
                return
            reply = await desk.rehearse(found, str(command.args["text"]))
        finally:
            station.busy = False
        sent = reply.state is ReplyState.confirmed
        await self._ledger(Ledger.set_command, command.id, "done")
        await self._ledger(Ledger.set_command, asked.id, "done" if sent else "failed", why=reply.why)
