"""How fast bots may send: at most so many messages per shop and per conversation in a time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asyncio_throttle.throttler import Throttler

from bots.settings import PaceSetting
from flows.pack import Limit, Pace

_KEPT = 512


class ShopPace:
    """The limits of one shop: its own, and one for each conversation; the stricter of pack and settings."""

    def __init__(self, pack: Pace, setting: PaceSetting) -> None:
        self._shop = _throttler(_stricter(pack.shop, setting.shop))
        self._limit = _stricter(pack.conversation, setting.conversation)
        # In the order of their last use, with its moment.
        self._conversations: OrderedDict[str, tuple[Throttler, float]] = OrderedDict()

    def limit(self, pack: Pace, setting: PaceSetting) -> None:
        """Go by other limits; what was sent before counts."""
        self._limit = _stricter(pack.conversation, setting.conversation)
        _set(self._shop, _stricter(pack.shop, setting.shop))
        for throttler, _used in self._conversations.values():
            _set(throttler, self._limit)

    @asynccontextmanager
    async def slot(self, shop: str, conversation: str) -> AsyncIterator[None]:
        """Waits until one more message may leave."""
        known = self._conversations.pop(conversation, None)
        throttler, now = known[0] if known else _throttler(self._limit), time.monotonic()
        self._conversations[conversation] = throttler, now
        while self._outlived(next(iter(self._conversations.values()))[1], now):
            self._conversations.popitem(last=False)
        async with self._shop, throttler:
            yield

    def _outlived(self, used: float, now: float) -> bool:
        """Whether the limit of the one used longest ago counts nothing any more, or there are too many."""
        return now - used > self._limit.seconds or len(self._conversations) > _KEPT


def _throttler(limit: Limit) -> Throttler:
    return Throttler(rate_limit=limit.messages, period=limit.seconds)


def _set(throttler: Throttler, limit: Limit) -> None:
    throttler.rate_limit, throttler.period = limit.messages, limit.seconds


def _stricter(pack: Limit, setting: Limit | None) -> Limit:
    if setting is None:
        return pack
    return min(pack, setting, key=lambda limit: limit.messages / limit.seconds)
