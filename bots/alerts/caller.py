"""Calls people: looks at the ledger on a beat, plans who is told what, and has it sent."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from loguru import logger

from base.beat import Beat
from base.clock import Clock
from base.errors import LedgerUnavailable
from bots.alerts.channel import Channel
from bots.alerts.delivery import Delivery
from bots.alerts.heartbeat import Heartbeat
from bots.alerts.needs import EVENT_LASTS, WAITED, Facts, Kind, Need, needs_of, unwell
from bots.alerts.plan import FLAP, Rules, Sent, plan
from bots.home import Home
from bots.secrets import address_of, secret_for
from bots.settings import WATCHER, Alerting, Settings
from bots.shifts.plan import daily
from storage.calls import Call, Letter
from storage.ledger import Ledger
from storage.thread import LedgerThread

_LOOK_EVERY = 2.0
_SEND_EVERY = 1.0
_RENEW_EVERY = 1.0
# Longer than that between two looks, we were not there: what was silent meanwhile may only have slept with us.
_MISSED = timedelta(seconds=30)
_COUNTED = timedelta(hours=1)
# A ledger that is only busy for a moment calls nobody.
_LEDGER_GRACE = timedelta(seconds=20)


class Caller:
    """Looks and plans, as long as `in_charge` says that it is ours to do: two supervisors must not both call."""

    def __init__(
        self,
        home: Home,
        settings: Settings,
        alerts: Alerting,
        ledger: LedgerThread,
        clock: Clock,
        zone: ZoneInfo,
        in_charge: Callable[[], bool],
    ) -> None:
        self._home = home
        self._settings = settings
        self._alerts = alerts
        self._ledger = ledger
        self._clock = clock
        self._zone = zone
        everybody = settings.on_call(alerts)
        self._on_call = everybody.of(None)
        self._own = {shop.id: everybody.of(shop.id) for shop in settings.shops}
        self._shifts = {shop.id: settings.roster(shop, zone).bots for shop in settings.shops}
        self._quiet = daily(alerts.quiet) if alerts.quiet else None
        self._in_charge = in_charge
        self._settled = False
        self._looked_at: datetime | None = None
        # The end of the last look that did not break; before any, when the first one began.
        self._well_at: datetime | None = None
        self._watched_since = clock.now()
        self._silent: list[str] = []
        self._exits = alerts.exits()
        self._unwritable_since: datetime | None = None
        self._spare_calls: list[Call] = []
        self._spare_sent: list[Sent] = []
        self.delivery = Delivery(alerts, channels_of(alerts, home), ledger, clock)

    def beats(self) -> list[Beat]:
        """What it does, each at its own pace."""
        beats = [Beat("alerts", _LOOK_EVERY, self.look), Beat("letters", _SEND_EVERY, self.send)]
        watcher = self._alerts.watcher
        if watcher is not None:
            address = secret_for(address_of(WATCHER, watcher.secret), self._home)
            heartbeat = Heartbeat(address, self._ledger, self.wrong)
            beats.append(Beat("heartbeat", watcher.every, heartbeat.beat))
        return beats

    async def look(self) -> None:
        """Look once: plan and put on record; where the ledger takes nothing, tell of that without it."""
        if not self._in_charge():
            self._settled, self._looked_at, self._well_at = False, None, None
            return
        now = self._clock.now()
        if self._looked_at is None or not timedelta() <= now - self._looked_at <= _MISSED:
            self._watched_since = now
        self._looked_at = now
        self._well_at = self._well_at or now
        try:
            await self._call(now)
        except LedgerUnavailable as error:
            if self._unwritable_since is None:
                logger.error("alerts go on without the ledger: {}", error)
                self._unwritable_since = now
            await self._call_without_ledger(now, str(error))
        else:
            self._unwritable_since = None
            if self._spare_calls:
                await self._call_without_ledger(now, "")
            self._well_at = self._clock.now()

    async def send(self) -> None:
        """Send what is on record."""
        if self._settled:
            with suppress(LedgerUnavailable):  # told by the looks
                await self.delivery.poll()

    def wrong(self) -> str | None:
        """What an outside watcher must be told of, empty when all is well; None: another one gives the sign."""
        if not self._in_charge() or self._well_at is None:
            return None
        if self._clock.now() - self._well_at > _MISSED:
            return "告警停了"
        if self._silent:
            return f"没有机器人在值守：{'、'.join(self._silent)}"
        return "所有告警渠道都发不出去" if self.delivery.dumb else ""

    async def _call(self, now: datetime) -> None:
        ledger = self._ledger
        if not self._settled:
            await ledger(Ledger.settle_alerts)
            await self.delivery.check()
            self._settled = True
        await ledger(Ledger.sign, "alerts", fine=True)  # a ledger that can only be read must not look well
        facts = Facts(
            now=now,
            watched_since=self._watched_since,
            titles={shop.id: shop.title or shop.id for shop in self._settings.shops},
            answering=frozenset(shop.id for shop in self._settings.shops if shop.mode != "observe"),
            shops=await ledger(Ledger.shop_rows),
            handoffs=await ledger(Ledger.handoffs),
            events=await ledger(Ledger.severe_events, now - EVENT_LASTS),
            unanswered=await ledger(Ledger.unanswered, now - WAITED),
            signs=[sign for sign in await ledger(Ledger.signs) if sign.name in self._exits],
            pauses=await ledger(Ledger.pauses),
            free=(await asyncio.to_thread(shutil.disk_usage, self._home.data)).free,
            on_shift=frozenset(shop for shop, bots in self._shifts.items() if bots.at(now, self._zone).on),
        )
        needs = needs_of(facts)
        self._silent = [need.subject for need in needs if need.kind is Kind.silent and need.due_at <= now]
        letters = await ledger(Ledger.alerts, now - _COUNTED)
        sent = [Sent(person=each.person, kind=each.kind, at=each.at) for each in letters if each.kind != "test"]
        rules = self._rules(now, sent, unwell(facts))

        def planner(calls: list[Call]) -> tuple[list[Call], list[Letter]]:
            planned = plan(now, needs, calls, rules)
            return planned.calls, planned.letters

        await ledger(Ledger.plan_alerts, now - FLAP, planner)

    async def _call_without_ledger(self, now: datetime, why: str) -> None:
        """What cannot be put on record is remembered here: the one thing that must be told all the same."""
        since = self._unwritable_since
        need = Need(
            key="ledger",
            kind=Kind.ledger,
            severity="alert",
            subject="",
            text=why,
            since=since or now,
            due_at=(since or now) + _LEDGER_GRACE,
            urgent=True,
        )
        planned = plan(
            now, [need] if why else [], self._spare_calls, self._rules(now, self._spare_sent, frozenset())
        )
        after = {call.key: call for call in (*self._spare_calls, *planned.calls)}
        self._spare_calls = [call for call in after.values() if call.over_at is None or call.owed]
        for letter in planned.letters:
            self._spare_sent.append(Sent(person=letter.person, kind=letter.kind, at=now))
            left = await self.delivery.send_unrecorded(letter)
            if letter.kind == "call":
                self._spare_calls = [
                    replace(call, owed=True) if left else replace(call, told_at=None) for call in self._spare_calls
                ]

    def _rules(self, now: datetime, sent: list[Sent], unwell: frozenset[str]) -> Rules:
        alerts = self._alerts
        return Rules(
            people=self._on_call.called(now, self._zone),
            quiet=self._quiet is not None and self._quiet.at(now, self._zone).on,
            per_hour=alerts.per_hour,
            escalate=timedelta(minutes=alerts.escalate),
            sent=sent,
            unwell=unwell,
            listed=frozenset(shop.id for shop in self._settings.shops),
            own={shop: on_call.called(now, self._zone) for shop, on_call in self._own.items()},
        )


def channels_of(alerts: Alerting, home: Home) -> dict[str, Channel]:
    """The channels by name."""
    return {
        name: Channel(name, secret_for(address_of(name, source), home)) for name, source in alerts.channels.items()
    }


class _Calls:
    """The caller of the settings as they are now: another one takes its place when they change."""

    def __init__(self, settings: Callable[[], Settings], begin: Callable[[Settings], Caller | None]) -> None:
        self._settings = settings
        self._begin = begin
        self._known: Settings | None = None
        self._caller: Caller | None = None
        self._beats: list[Beat] = []

    async def renew(self) -> None:
        """Go by the settings as they are now."""
        settings = self._settings()
        if settings is self._known:
            return
        await self.stop()
        self._known, self._caller = settings, self._begin(settings)
        self._beats = [] if self._caller is None else self._caller.beats()
        for beat in self._beats:
            beat.start()

    async def stop(self) -> None:
        """Call nobody any more."""
        for beat in self._beats:
            await beat.stop()
        if self._caller is not None:
            await self._caller.delivery.stop()


@asynccontextmanager
async def calling(
    home: Home,
    settings: Callable[[], Settings],
    ledger: LedgerThread,
    clock: Clock,
    zone: ZoneInfo,
    in_charge: Callable[[], bool],
) -> AsyncIterator[None]:
    """People are called, and the watcher is given its sign, while the block runs and that is ours to do."""

    def begin(now: Settings) -> Caller | None:
        if now.alerts is None:
            logger.warning("nobody is called: shops.yaml says nothing of alerts")
            return None
        return Caller(home, now, now.alerts, ledger, clock, zone, in_charge)

    calls = _Calls(settings, begin)
    renewing = Beat("alert settings", _RENEW_EVERY, calls.renew)
    renewing.start()
    try:
        yield
    finally:
        await renewing.stop()
        await calls.stop()
