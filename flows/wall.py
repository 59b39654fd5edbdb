"""What only a person gets past, such as a captcha or a QR code: shown to them, and watched until it is gone.

Nothing here presses anything or loads the page: a person's hands may be on it, or their phone on its code.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from loguru import logger

from base.errors import BrowserGone, ConsoleError, ConsoleNotReady
from flows.page import ConsolePage
from flows.witness import Shelf

SHOWN = ("captcha", "qr")
_PICTURE_SECONDS = 4.0
# A page on its way from the wall to the console shows neither for a moment.
_BETWEEN = 10.0
# A code that nobody has used so long is dead, and what was done elsewhere shows only in a page loaded anew.
_STILL = 300.0
_MOST = 1800.0


class Way(StrEnum):
    """How it stands: `shut`; `open`, the console has let us in; `load`: only loading the page can tell."""

    shut = "shut"
    open = "open"
    load = "load"


@dataclass(slots=True)
class Wall:
    """One shop's wall since `began`, in seconds of the steady clock. `picture`: the file that shows it."""

    page: ConsolePage
    shelf: Shelf
    shop: str
    began: float
    picture: str | None = None
    _seen: tuple[frozenset[str], bytes] = (frozenset(), b"")
    _changed: float = 0.0

    @property
    def stands(self) -> bool:
        """Whether the page itself waits for a person: no password of ours would get further."""
        return bool(self._seen[0] & {*SHOWN}) or self.page.pack.login.kind != "password"

    async def clear(self) -> None:
        """They are through: nobody needs the picture any more."""
        if self.picture is not None:
            await self.shelf.drop(self.picture)

    async def look(self, now: float) -> Way:
        """Look without touching; a picture that has changed is taken anew. Raises `BrowserGone`."""
        try:
            signals = await self.page.signals()
        except ConsoleNotReady:  # on its way somewhere: it was let in, or sent elsewhere
            return Way.shut
        if "logged_in" in signals and not signals & {*SHOWN}:
            return Way.open
        seen = (signals, await self._take() if signals & {*SHOWN, "logged_out"} else b"")
        if seen != self._seen:
            self._changed = now
            if seen[1] and seen[1] != self._seen[1]:
                self.picture = await self.shelf.keep(f"{self.shop}-wall.png", seen[1])
            self._seen = seen
        still = now - self._changed
        if still >= _STILL or now - self.began >= _MOST or (still >= _BETWEEN and not seen[1]):
            return Way.load
        return Way.shut

    async def _take(self) -> bytes:
        """The picture; nothing, with a word in the log, where none can be had: people are told without it."""
        try:
            async with asyncio.timeout(_PICTURE_SECONDS):
                return await self.page.picture(SHOWN)
        except BrowserGone:
            raise
        except (ConsoleError, TimeoutError) as error:
            logger.bind(shop=self.shop).warning("no picture of what a person has to do: {}", error)
            return self._seen[1]
