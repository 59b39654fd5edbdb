"""How fast bots may send: at most so many messages per shop and per conversation in a time, not like clockwork."""

from __future__ import annotations

import asyncio
import random
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

from asyncio_throttle.throttler import Throttler

from bots.settings import PaceSetting
from flows.inbox import Waiter
from flows.pack import Limit, Pace
from storage.ledger import Ledger
from storage.thread import LedgerThread

_KEPT = 512
# Whoever waited for less than this on account of the pace need not be told of.
_TOLD_SECONDS = 1.0
# So many seconds before the platform's limit a visit begins all the same: it may only have to ask for a person.
_UNTIL = 40.0
Tell = Callable[[str, float], Awaitable[None]]


class ShopPace:
    """The limits of one shop: its own, and one for each conversation; the stricter of pack and settings.

    `tell` is called before a message leaves that had to wait for them, with its conversation and the seconds.
    """

    def __init__(self, pack: Pace, setting: PaceSetting, tell: Tell) -> None:
        self._shop = _Lane(_stricter(pack.shop, setting.shop))
        self._limit = _stricter(pack.conversation, setting.conversation)
        self._hesitate = pack.hesitate
        self._tell = tell
        self._conversations: OrderedDict[str, _Lane] = OrderedDict()
        # Whom the limits hold back: since when, and until when they did at the last look.
        self._held: dict[str, tuple[float, float]] = {}

    def limit(self, pack: Pace, setting: PaceSetting) -> None:
        """Go by other limits; what was sent before counts."""
        self._limit = _stricter(pack.conversation, setting.conversation)
        self._shop.set(_stricter(pack.shop, setting.shop))
        for lane in self._conversations.values():
            lane.set(self._limit)

    def hold(self, waiters: Iterable[Waiter], now: float) -> list[Waiter]:
        """Those who wait, none due before there is room to answer: a visit that had to wait for it would keep the
        shop's other buyers waiting too. `now`: seconds of the waiters' clock.
        """
        waiters, moment = list(waiters), time.monotonic()
        keys = {waiter.key for waiter in waiters}
        self._held = {key: span for key, span in self._held.items() if key in keys}
        whole, found = self._shop.wait(), []
        for waiter in waiters:
            lane = self._conversations.get(waiter.key)
            wait = whole if lane is None else max(whole, lane.wait())
            if wait > 0:
                since, _until = self._held.get(waiter.key, (moment, moment))
                self._held[waiter.key] = (since, moment + wait)
                waiter = replace(waiter, due_at=max(waiter.due_at, min(now + wait, waiter.late_at - _UNTIL)))
            found.append(waiter)
        return found

    @asynccontextmanager
    async def slot(self, _shop: str, conversation: str) -> AsyncIterator[None]:
        """Waits until one more message may leave."""
        begun = time.monotonic()
        since, until = self._held.pop(conversation, (begun, begun))
        lane = self._conversations.get(conversation) or _Lane(self._limit)
        self._conversations[conversation] = lane
        self._conversations.move_to_end(conversation)
        while self._outlived(next(iter(self._conversations.values()))):
            self._conversations.popitem(last=False)
        await lane.enter()  # the shop's own room is not taken while a conversation has none
        await self._shop.enter()
        waited = min(until, begun) - since + time.monotonic() - begun
        if waited >= _TOLD_SECONDS:
            await self._tell(conversation, waited)
        if self._hesitate is not None:
            await asyncio.sleep(random.uniform(*self._hesitate))  # noqa: S311 - no secret
        yield

    def _outlived(self, first: _Lane) -> bool:
        """Whether the limit of the one used longest ago counts nothing any more, or there are too many."""
        count = len(self._conversations)
        return count > _KEPT or (count > 1 and first.idle)


async def tell_of_pace(ledger: LedgerThread, shop: str, conversation: str, seconds: float) -> None:
    """Put on record that a reply is late on account of the pace."""
    why = f"发送限速，这一句多等了 {seconds:.1f} 秒"
    await ledger(Ledger.event, "pace", shop=shop, conversation=conversation, seconds=round(seconds, 1), why=why)


class _Lane:
    """One limit, as the throttle keeps it, and how long it would keep the next one."""

    def __init__(self, limit: Limit) -> None:
        self._throttler = Throttler(rate_limit=limit.messages, period=limit.seconds)
        self._left: deque[float] = deque(maxlen=limit.messages)

    def set(self, limit: Limit) -> None:
        self._throttler.rate_limit, self._throttler.period = limit.messages, limit.seconds
        self._left = deque(self._left, maxlen=limit.messages)

    def wait(self) -> float:
        """Seconds until the next message may leave."""
        if len(self._left) < self._throttler.rate_limit:
            return 0.0
        return max(0.0, self._left[0] + float(self._throttler.period) - time.monotonic())

    @property
    def idle(self) -> bool:
        """Whether something has left, and counts for nothing any more."""
        return bool(self._left) and time.monotonic() - self._left[-1] > self._throttler.period

    async def enter(self) -> None:
        async with self._throttler:
            self._left.append(time.monotonic())


def _stricter(pack: Limit, setting: Limit | None) -> Limit:
    if setting is None:
        return pack
    return min(pack, setting, key=lambda limit: limit.messages / limit.seconds)
