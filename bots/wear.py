"""What a shop's browser context comes to: it grows in time and gives way to a new one; its page may hide what
came while it was away.
"""

from __future__ import annotations

import zlib

from base.clock import Clock
from flows.desk import Desk
from storage.ledger import Ledger
from storage.thread import LedgerThread

AGE_SECONDS = 4 * 3600.0
HEAP_MIB = 256.0
# A page that is heavy as soon as it is open is no lighter when it is opened again.
YOUNG_SECONDS = 1800.0
_LOOK_EVERY = 60.0
_MIB = 1024 * 1024
_HEAP = "() => performance.memory?.usedJSHeapSize ?? 0"
# What holds a session beside cookies and storage cannot be taken along.
_TIED = "() => sessionStorage.length"
_MISSED = "后台断过线，断线时买家说的话，它可能不标出来：机器人已经重新登录，请到后台翻一下刚才几分钟的会话"


def worn(age: float, heap: float, *, part: float) -> bool:
    """Whether a context so many seconds old, whose page holds so many MiB, must go; `part` (0 to 1) spreads the
    shops of a worker, which were all opened together, over the last quarter of their time.
    """
    return age > AGE_SECONDS * (1 - part / 4) or (heap > HEAP_MIB and age > YOUNG_SECONDS)


class Wear:
    """One shop's context: how old it is, and now and then how big."""

    def __init__(self, shop: str, ledger: LedgerThread, clock: Clock) -> None:
        self._shop, self._ledger, self._clock = shop, ledger, clock
        self._part = zlib.crc32(shop.encode()) / 2**32
        self._opened_at = self._looked_at = clock.steady()

    def opened(self) -> None:
        """A new one serves now."""
        self._opened_at = self._looked_at = self._clock.steady()

    async def over(self, desk: Desk) -> bool:
        """Whether it must go; never one whose session could not be had again without a person."""
        now, page = self._clock.steady(), desk.page
        if page.pack.login.afresh and desk.freshness.outlived(now, calm=desk.calm):
            await self.tell_missed()
            return True
        if not desk.calm or now - self._looked_at < min(_LOOK_EVERY, AGE_SECONDS / 2):
            return False
        self._looked_at = now
        heap = float(await page.run(_HEAP, None)) / _MIB
        if not worn(now - self._opened_at, heap, part=self._part):
            return False
        login = page.pack.login
        return login.kind == "password" or not await page.run(_TIED, None)

    async def tell_missed(self) -> None:
        """Have people look through the shop: what was said while its page was away may be hidden."""
        await self._ledger(Ledger.event, "missed", shop=self._shop, severity="alert", why=_MISSED)
