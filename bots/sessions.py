"""A shop's session between its page and its vault: saved when it has changed, used when a person put one there."""

from __future__ import annotations

import asyncio
import hashlib
import json

from loguru import logger

from base.clock import Clock
from base.errors import ConfigError, ConsoleNotReady
from bots.vault import State, Vault, lossy
from flows.page import ConsolePage
from storage.ledger import Ledger
from storage.thread import LedgerThread

_EVERY = 600.0


class Session:
    """What one shop needs to be let in again without its password. `kept`: whether its pack lets that be kept."""

    def __init__(self, vault: Vault, ledger: LedgerThread, clock: Clock, *, kept: bool) -> None:
        self._vault, self._kept = vault, kept
        self._ledger = ledger
        self._clock = clock
        self._stamp: int | None = None
        self._digest = b""
        self._saved_at = 0.0
        self._told = False

    async def load(self) -> State | None:
        """The session as it was saved last; a keyring may take its time."""
        if not self._kept:
            return None
        state = await asyncio.to_thread(self._vault.load)
        self._stamp = self._vault.stamp()
        return state

    def replaced(self) -> bool:
        """Whether somebody else has saved one since: a person who logged in, or brought it from elsewhere."""
        return self._kept and self._vault.stamp() not in (None, self._stamp)

    async def keep(self, page: ConsolePage, *, entered: bool = False) -> None:
        """Save what has changed: once the page has been `entered`, and now and then after that; but not over what
        somebody else has saved meanwhile, whose login may just be putting this one out.
        """
        now = self._clock.steady()
        if not self._kept or (not entered and (now - self._saved_at < _EVERY or self.replaced())):
            return
        self._saved_at = now
        try:
            state = await page.state()
        except ConsoleNotReady as error:  # a storage that its driver cannot save is no reason to stop
            logger.bind(shop=self._vault.shop).warning("the session could not be read: {}", error)
            return
        digest = hashlib.blake2s(json.dumps(state, sort_keys=True).encode()).digest()
        if digest == self._digest:
            return
        try:
            await asyncio.to_thread(self._vault.save, state)
        except ConfigError as error:  # the shop goes on; at its next start it has to log in
            logger.bind(shop=self._vault.shop).error("the session was not saved: {}", error)
            return
        self._digest, self._stamp = digest, self._vault.stamp()
        await self._tell_lossy(lossy(state))

    async def _tell_lossy(self, stores: list[str]) -> None:
        if not stores or self._told:
            return
        self._told = True
        why = f"登录状态里有存不下来的东西（IndexedDB：{'、'.join(stores)}），重新启动后可能要再登录"
        logger.bind(shop=self._vault.shop).warning(why)
        await self._ledger(Ledger.event, "session", shop=self._vault.shop, severity="warning", why=why)
