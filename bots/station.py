"""One shop's life in a worker: its context, its login, its readings, and what each error asks for."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from loguru import logger

from base.beat import Beat
from base.clock import Clock
from base.errors import (
    BrowserGone,
    ConfigError,
    ConsoleError,
    ConsoleNotReady,
    LedgerUnavailable,
    LoginLost,
    NeedsPerson,
)
from bots.drifts import note_drift
from bots.duties import Duties
from bots.evidence import Evidence
from bots.pace import ShopPace, tell_of_pace
from bots.reactions import Reactions
from bots.reading import Asked
from bots.sessions import Session
from bots.settings import Settings, Shop
from bots.silence import Silence
from bots.vault import Vault
from bots.walls import WallWatch
from bots.wear import Wear
from flows.desk import Desk
from flows.duty import ShopCard
from flows.inbox import Inbox, Waiter
from flows.login import Credentials
from flows.mind import Mind
from flows.pack import Pack
from flows.page import ConsolePage
from flows.wall import Way
from storage.ledger import Ledger
from storage.records import Pause, ShopState
from storage.thread import LedgerThread

OpenPage = Callable[[Pack, Mapping[str, Any] | None, Callable[[frozenset[str]], None]], Awaitable[ConsolePage]]

# How soon a ledger that took nothing is tried again, and a missing list looked for, whatever the pack says.
_LEDGER_PAUSE, _ASTRAY_PAUSE = 2.0, 1.0
# What a visit changed in the list is read with what the page tells of it, which comes in this time.
_AFTER_VISIT = 0.08
# While many wait, visits would follow each other and nobody see who comes: the list is never older than this.
_BEHIND = 0.5


class Station:
    """Keeps one shop attended: enters its console, reads it, enters again when the session is lost."""

    def __init__(
        self,
        *,
        shop: Shop,
        settings: Settings,
        pack: Pack,
        ledger: LedgerThread,
        clock: Clock,
        mind: Callable[[], Mind],
        credentials: Credentials | None,
        vault: Vault,
        evidence: Evidence,
        open_page: OpenPage,
        on_waiting: Callable[[], None],
        delay: float,
    ) -> None:
        self.shop = shop
        self.card: ShopCard = settings.card(shop, pack)
        self.busy = self.entered = self.leaving = False
        self.failure: ConsoleError | None = None
        self.desk: Desk | None = None
        self.asked, self.silence = Asked(shop.id, ledger), Silence(shop.id)
        self._inside = self._behind = self._missed = False
        self._duties = Duties.of(shop, settings, pack, clock)
        self._pack, self._ledger, self._clock, self._mind = pack, ledger, clock, mind
        self._credentials, self._on_waiting = credentials, on_waiting
        self._evidence, self._open_page = evidence, open_page
        self._session = Session(vault, ledger, clock, kept=not pack.login.afresh)
        self._pace = ShopPace(pack.pace, shop.pace, partial(tell_of_pace, ledger, shop.id))
        every = pack.inbox.refresh.every
        self._beat = Beat(f"read {shop.id}", every, self._step, delay=delay, fatal=(BrowserGone,))
        self._wear = Wear(shop.id, ledger, clock)
        self._inbox = Inbox(pack.inbox, pack.meter.threshold, self.card.burst)
        self._reactions, self._wall = Reactions(shop.id), WallWatch(shop.id, evidence, clock)
        self._wake_at = self._read_at = 0.0

    def start(self) -> None:
        """Begin to attend."""
        self._beat.start()

    async def stop(self) -> None:
        """Attend no longer; the page closes with the browser."""
        await self._beat.stop()
        if self.desk is not None:
            with suppress(LedgerUnavailable):  # the page has to be left all the same
                await self.desk.set_state(ShopState.stopped)

    def leave(self) -> None:
        """Begin no new visit: the shop goes elsewhere, or begins anew."""
        self.leaving = True

    async def part(self) -> None:
        """Attend no longer and close the page, while the browser goes on."""
        await self.stop()
        await self._drop_page()

    def adopt(self, shop: Shop, settings: Settings) -> None:
        """Go on by other settings in the page that is open."""
        self._inbox.forget()  # its mode may be another
        self.shop, self.card = shop, settings.card(shop, self._pack)
        self._duties = replace(Duties.of(shop, settings, self._pack, self._clock), live=self._duties.live)
        self._inbox.burst = self.card.burst
        self._pace.limit(self._pack.pace, shop.pace)
        if self.desk is not None:
            self.desk.adopt(self.card)
        self._beat.poke()

    def poke(self) -> None:
        """Read now: a shift may begin or end."""
        self._beat.poke()

    async def wait(self) -> None:
        """Until the browser is gone, which it raises."""
        await self._beat.wait()

    @property
    def ready(self) -> bool:
        """Whether the console has let us in."""
        return self.desk is not None and self.desk.at_work

    def set_live(self, live: bool) -> None:
        """Whether a person has let the shop answer buyers; who was only observed is then looked at anew."""
        if live and not self._duties.live:
            self._inbox.forget()
        self._duties.live = live

    async def heed(self, pauses: Sequence[Pause]) -> None:
        """Take in where people want silence; what is just about to be said there is stopped in the page."""
        fresh, desk = self.silence.take(pauses), self.desk
        if desk is None:
            return
        await desk.heed(self.silence.why)
        for pause in fresh:
            await desk.page.call_off(pause.conversation_key)

    def waiting(self) -> list[Waiter]:
        """Who waits here, when each may be served; nobody during a visit or a pause."""
        if self.desk is None or self.busy or self.leaving or self._behind or self._clock.steady() < self._wake_at:
            return []
        waiting = self.desk.waiting()
        work = self._duties.work if waiting else None
        if work is None or not work.on:
            return []
        if self._duties.mode == "observe":
            return waiting
        return self._pace.hold((waiter.left_to_people(work.after) for waiter in waiting), self._clock.steady())

    async def serve(self, waiter: Waiter) -> None:
        """Serve one conversation; what the page asks for is seen to at the next step."""
        desk = self.desk
        if desk is None:  # its page was closed as the visit began
            self.busy = False
            return
        try:
            await desk.serve(waiter, self._duties.duty(paused=self.silence.covers(waiter.key)))
        except ConsoleError as error:
            if self.desk is desk:  # else its page is gone by now
                await self._react(error)
        except LedgerUnavailable:
            self._rest_for(_LEDGER_PAUSE)
            raise
        finally:
            self.busy = False
            # A page on which all is done tells by itself what comes; what it told during the visit is read now.
            if not desk.settled or self._missed or desk.waiting():
                self._behind = desk.page.has_news or self._clock.steady() - self._read_at > _BEHIND
                self._beat.poke_in(0.0 if self._behind else _AFTER_VISIT)

    # --- each step ------------------------------------------------------------------------------------------

    async def _step(self) -> None:
        if self.desk is not None:
            with suppress(LedgerUnavailable):  # who comes is read all the same
                await self.desk.tell_state()
        self._missed = self.busy
        if self.busy:  # a visit may have begun just now
            return
        asked, desk = self.asked.now(), self.desk
        try:
            if self._duties.work.on:
                await self._attend()
            else:
                await self._rehearse_and_rest(asked)
        except ConsoleError as error:
            if desk is None or self.desk is not None:
                await self._react(error)
            else:  # a visit beside this has met it as well
                self._beat.poke()
        except ConfigError as error:  # no password, or one that cannot be read
            await self._react(NeedsPerson("needs_login", str(error)))
        await self.asked.tell(asked, self.desk, self.failure)

    async def _attend(self) -> None:
        if self.desk is not None and self.desk.drift.key:
            await self._read_on(self.desk)
        elif self._clock.steady() < self._wake_at:
            await self._watch_wall()
        else:
            if not self.ready:
                await self._enter()
            await self._read()

    async def _rehearse_and_rest(self, asked: Sequence[int]) -> None:
        """Off shift: read once if that was asked for, and leave the page no more open than it was."""
        opened = self.desk is None and not self._pack.login.afresh  # else its marks would be gone with it
        if asked:
            await self._attend()
            await self.asked.tell(asked, self.desk, self.failure)
        await self._rest()
        if asked and opened:
            await self._drop_page()
            self._inbox.clear()

    async def _rest(self) -> None:
        self._wake_at = 0.0
        self._wall.forget()
        await self._show(ShopState.off_shift, self._duties.rest)

    async def _read(self) -> None:
        desk = self.desk
        assert desk is not None  # noqa: S101 - entered just before
        if desk.freshness.due(self._clock.steady()):
            self.busy = True
            try:
                await desk.reload()
            finally:
                self.busy = False
        try:
            await desk.refresh()
        finally:  # who is known to wait need not wait for a reading that fails
            self._behind, self._read_at = False, self._clock.steady()
        await self._session.keep(desk.page)
        await self._tend(desk)
        if not self.busy:
            await self._renew(desk)
        if desk.freshness.doubted:
            self._beat.poke()
        if desk.astray:
            self._beat.poke_in(_ASTRAY_PAUSE)
        if any(True for _ in desk.waiting()):
            self._on_waiting()

    async def _renew(self, desk: Desk) -> None:
        """Serve on in a new context where this one is worn, in the same session if it is kept."""
        self.busy = True
        try:
            if not await self._wear.over(desk):
                return
            # Who speaks in the open thread just now raises no mark: it is looked at afterwards.
            if desk.open_key is not None and self._duties.mode != "observe":
                self._inbox.add(desk.open_key, self._clock.steady())
            await self._session.keep(desk.page, entered=True)
            await self._drop_page()
            await self._enter()
        finally:
            self.busy = False
        self._beat.poke()

    async def _read_on(self, desk: Desk) -> None:
        """While the pack does not fit: read what can be read, and ever more rarely load the page anew."""
        try:
            if self._clock.steady() >= self._wake_at:
                self._rest_for(self._reactions.person_pause())
                await desk.look_anew(self._credentials, known=not self._reactions.may_log_in)
            over = await desk.read_on(hand_over=self._duties.mode != "observe")
        except ConsoleNotReady as error:
            logger.bind(shop=self.shop.id).warning("drift: {}", error)
            return
        if over:
            self.failure = None
            self._reactions.over()
            self._wake_at = self._clock.steady()
            self._beat.poke()

    async def _tend(self, desk: Desk) -> None:
        # A shop that is only observed must not be given buyers whom nobody answers; and beside a visit nobody is
        # put on record: its turn may just have ended.
        work = self._duties.work
        if self.busy or self._duties.mode == "observe" or not work.on:
            return
        self.busy = True
        try:
            await desk.stay_online()
            await (desk.answerer.leave_to_people() if work.after else desk.answerer.note_spoken())
        finally:
            self.busy = False

    async def _enter(self) -> None:
        if self.desk is None:
            self.set_live((await self._ledger(Ledger.shop_row, self.shop.id)).live_since is not None)
            self._reactions.may_log_in |= self._pack.login.afresh
            saved = await self._session.load()
            page = await self._open_page(self._pack, saved, lambda _changed: self._beat.poke())
            self.desk = Desk(
                self.card, page, self._inbox, self._ledger, self._pace, self._clock, self._mind, self._evidence
            )
            self._wear.opened()
            await self.desk.heed(self.silence.why)
        inside, self._inside = self._inside, False
        fresh = await self.desk.enter(self._credentials, known=not self._reactions.may_log_in, inside=inside)
        self._reactions.entered(self._clock.steady(), fresh=fresh)
        # Whoever sees the shop at work may stop the bots at once: the session is saved by then.
        await self._session.keep(self.desk.page, entered=True)
        await self.desk.begin()
        await self._wall.clear()
        self.failure, self.entered = None, True

    async def _watch_wall(self) -> None:
        """A person is at it: see whether they are through, here or elsewhere, and keep the picture of it new."""
        if isinstance(self.failure, NeedsPerson | LoginLost) and self._session.replaced():
            await self._drop_page()
            self._wake_at = 0.0
            self._beat.poke()
            return
        way, other = await self._wall.look()
        if way is not Way.shut:
            self._inside = way is Way.open
            self._wake_at = 0.0
            self._beat.poke()
        elif other and self.desk is not None:
            await self.desk.set_state(self.desk.state, str(self.failure), picture=self._wall.picture)

    # --- what each error asks for -----------------------------------------------------------------------------

    async def _react(self, error: ConsoleError) -> None:
        self.failure = error
        if isinstance(error, BrowserGone) and self.desk is None:
            raise error
        reaction = self._reactions.to(error, self._clock.steady())
        self._rest_for(reaction.pause)
        if isinstance(error, BrowserGone):
            await self._drop_page()  # perhaps only the page died: a new one in the same browser tells
        await self._wall.meet(self.desk, error)
        if self._wall.stands:
            self._wake_at = math.inf
        await self._show(reaction.state, reaction.why, picture=self._wall.picture)
        later = "watched until a person is through" if self._wall.stands else f"next try in {reaction.pause:.0f} s"
        logger.bind(shop=self.shop.id).warning("{}; {}", reaction.why, later)
        if self.desk is not None:
            await note_drift(self.desk, self._evidence, self._ledger, error)
        if self._pack.login.afresh and isinstance(error, LoginLost):
            await self._wear.tell_missed()
            await self._drop_page()

    async def _show(self, state: ShopState, why: str, *, picture: str | None = None) -> None:
        if self.desk is not None:
            await self.desk.set_state(state, why, picture=picture)
        else:
            await self._ledger(Ledger.set_shop_state, self.shop.id, state, why, picture=picture)

    async def _drop_page(self) -> None:
        desk, self.desk = self.desk, None  # first: no visit is to begin in it
        if desk is not None:
            desk.look_again()
            with suppress(ConsoleError):  # what is left of a dead page keeps its memory until it is closed
                await desk.page.close()

    def _rest_for(self, seconds: float) -> None:
        self._wake_at = self._clock.steady() + seconds
        asyncio.get_running_loop().call_later(seconds, self._beat.poke)

    def come_back(self) -> None:
        """A person wants the shop back: yield no longer to whoever has its account, nor leave its page alone, nor
        the conversations that crashed it.
        """
        self._inbox.crashes.lift(self._clock.steady())
        if self._reactions.forget():
            self._wake_at = 0.0
            self._beat.poke()
