"""Letters leave: by the person's own channels in order, then by the others'; each attempt on record before it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta

from loguru import logger

from base.clock import Clock
from bots.alerts.channel import Channel, ChannelDown
from bots.alerts.words import footer
from bots.settings import Alerting
from storage.calls import Alert, AlertKind, Letter
from storage.ledger import Ledger
from storage.thread import LedgerThread

_BACK_OFF = (5.0, 15.0, 30.0, 60.0)
# What could not be said for so long is said anew, as it then is.
_STALE = timedelta(minutes=10)


class Delivery:
    """Sends what the ledger holds unsent. One letter at a time to a person, people side by side."""

    def __init__(
        self, alerts: Alerting, channels: Mapping[str, Channel], ledger: LedgerThread, clock: Clock
    ) -> None:
        self._people = alerts.people
        self._channels = channels
        self._ledger = ledger
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._fails: dict[str, tuple[int, float]] = {}
        self._unwritten: list[Callable[[], Awaitable[None]]] = []
        self._writing = asyncio.Lock()

    async def check(self) -> None:
        """Note which channels have no address: the first to ask for it must not be a night's alert."""
        for name, channel in self._channels.items():
            try:
                channel.check()
            except ChannelDown as error:
                logger.error("alert channel {}: {}", name, error)
                await self._ledger(Ledger.sign, f"channel/{name}", fine=False, why=str(error))

    async def poll(self) -> None:
        """Begin to send what waits, and go on."""
        await self._write()
        for alert in await self._ledger(Ledger.unsent_alerts):
            if alert.person not in self._tasks:
                self._tasks[alert.person] = asyncio.create_task(self._deliver(alert), name=f"alert {alert.id}")

    async def stop(self) -> None:
        """Send no more; what was leaving is settled at the next start."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def send_unrecorded(self, letter: Letter) -> bool:
        """Send while the ledger takes nothing; whether it left."""
        for name, text in self._ways(letter.person, letter.kind, letter.text):
            if not await self._try(name, letter.title, text, letter.pictures):
                return True
        return False

    @property
    def dumb(self) -> bool:
        """Whether every channel has failed at its last try."""
        return bool(self._channels) and all(name in self._fails for name in self._channels)

    async def _deliver(self, alert: Alert) -> None:
        try:
            await self._send(alert)
            await self._write()
        except Exception as error:  # nobody waits for this task; its letter is tried again or settled
            logger.opt(exception=error).error("alert {} waits: {}", alert.id, error)
        finally:
            del self._tasks[alert.person]

    async def _send(self, alert: Alert) -> None:
        if self._clock.now() - alert.at > _STALE:
            logger.error("alert {} for {} could not be sent: {}", alert.id, alert.person, alert.why)
            await self._ledger(Ledger.alert_failed, alert.id)
            return
        why = ""
        for name, text in self._ways(alert.person, alert.kind, alert.text + footer(alert)):
            if not await self._ledger(Ledger.alert_leaves, alert.id, name):
                return
            why = await self._try(name, alert.title, text, alert.pictures)
            if not why:
                self._unwritten.append(lambda: self._ledger(Ledger.alert_sent, alert.id))
                return
        if why:
            self._unwritten.append(lambda: self._ledger(Ledger.alert_stuck, alert.id, why))

    def _ways(self, person: str, kind: AlertKind, text: str) -> Iterator[tuple[str, str]]:
        """By which channels in turn, with the text for each; what only informs goes to nobody else."""
        own = [name for each in self._people if each.name == person for name in each.channels]
        others = [name for each in self._people for name in each.channels if kind == "call" or not own]
        for name in dict.fromkeys((*own, *others)):
            _count, again_at = self._fails.get(name, (0, 0.0))
            if self._clock.steady() >= again_at:
                yield name, text if name in own else f"（本来要告诉{person}，没能送到）\n{text}"

    async def _try(self, name: str, title: str, text: str, pictures: tuple[str, ...]) -> str:
        """One attempt; why it failed, empty when the letter left."""
        try:
            await self._channels[name].send(title, text, pictures)
        except ChannelDown as error:
            why = str(error)
            count = self._fails.get(name, (0, 0.0))[0]
            self._fails[name] = (count + 1, self._clock.steady() + _BACK_OFF[min(count, len(_BACK_OFF) - 1)])
            if not count:
                logger.error("alert channel {} is down: {}", name, why)
            self._unwritten.append(lambda: self._ledger(Ledger.sign, f"channel/{name}", fine=False, why=why))
            return why
        if self._fails.pop(name, None):
            logger.info("alert channel {} works again", name)
        self._unwritten.append(lambda: self._ledger(Ledger.sign, f"channel/{name}", fine=True))
        return ""

    async def _write(self) -> None:
        """What became of the letters; kept until the ledger takes it."""
        # One at a time: another letter's end would take off the list what is not written yet.
        async with self._writing:
            while self._unwritten:
                await self._unwritten[0]()
                self._unwritten.pop(0)
