"""One shop's place at its console: kept logged in, read again and again, its waiting conversations served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from base.clock import Clock
from base.errors import BrowserGone, ConsoleNotReady, NightdeskError, NoInput, PageChanged
from base.masking import mask
from flows.answer import Answerer
from flows.composer import Composer, Pace
from flows.drift import Drift
from flows.duty import Duty, ShopCard
from flows.freshness import Freshness
from flows.inbox import Inbox, Waiter
from flows.login import Credentials, check_session, enter
from flows.mind import Mind
from flows.observe import Observer
from flows.page import ConsolePage
from flows.presence import NEWS, Presence, Rival, Step
from flows.resume import take_up
from flows.trail import trail
from flows.unserved import Unserved
from flows.views import OpenThread, Row, Snapshot
from flows.visit import Visitor
from flows.witness import Shelf
from storage.ledger import Ledger
from storage.records import Reply, Severity, ShopState
from storage.thread import LedgerThread

if TYPE_CHECKING:
    from loguru import Logger

_ROBOT = "平台自带的机器人开着，会和我们抢着说话：请到后台把它关掉"
_DRIFTED = "后台页面变了，机器人现在不能回复"
# The console has let the bots in; where a person wants silence they only read.
_AT_WORK = (ShopState.ready, ShopState.paused)
_LOAD_SECONDS = 10.0
_RESUME_SECONDS = 1.0


class Desk:
    """Drives one shop's page. One caller at a time may `serve`; `refresh` may run beside it."""

    def __init__(
        self,
        card: ShopCard,
        page: ConsolePage,
        inbox: Inbox,
        ledger: LedgerThread,
        pace: Pace,
        clock: Clock,
        mind: Callable[[], Mind],
        shelf: Shelf,
    ) -> None:
        """`inbox`: who is known to wait, from an earlier page of the shop too."""
        self.card = card
        self.page = page
        self.inbox = inbox
        self.freshness = Freshness(page.pack.inbox.refresh, clock.steady())
        self.state = ShopState.starting
        # How the shop is, as long as the ledger has not taken it.
        self._untold: tuple[ShopState, str, str | None] | None = None
        self._paused = ""
        self._rival = Rival()
        shown = page.pack.presence
        self._presence = Presence(can_press=bool(shown and shown.go_online))
        self._away: bool | None = None
        self._ledger, self._clock, self._mind = ledger, clock, mind
        composer = Composer(page=page, ledger=ledger, pace=pace, clock=clock)
        self.answerer = Answerer(
            card=card, page=page, ledger=ledger, composer=composer, inbox=self.inbox, shelf=shelf, clock=clock
        )
        self._visitor = Visitor(self.answerer)
        self._unserved = Unserved(self.answerer, clock)
        self._observer = Observer(self.answerer)
        self._rows: tuple[Row, ...] = ()
        self._open: str | None = None
        # The open conversation and its newest message, once the ledger has told that it is dealt with.
        self._nothing_new: tuple[str, str] | None = None
        # What the last reading showed; None where it failed.
        self.seen: Snapshot | None = None
        # When the list was last read, by our clock.
        self.read_at: datetime | None = None
        self.drift = Drift(card.shop, page, ledger, clock)

    def adopt(self, card: ShopCard) -> None:
        """Go on by what is said of the shop from now on."""
        self.card = self.answerer.card = card

    # --- getting ready -------------------------------------------------------------------------------------

    async def enter(self, credentials: Credentials | None, *, known: bool = False, inside: bool = False) -> bool:
        """Log in and take up what the ledger holds open; True when the session is worth saving anew.

        `known`: the session is thought to hold, see `flows/login.py`. `inside`: a person has got the page in.
        """
        self.look_again()
        try:
            fresh = not inside and await enter(self.page, self.card.url, credentials, known=known)
        except ConsoleNotReady:
            await self.drift.note_entry()
            raise
        await self._take_up()
        self.freshness.entered(self._clock.steady())
        return fresh

    async def _take_up(self) -> None:
        for turn in await take_up(self.card.shop, self.inbox, self._ledger, self._clock):
            self._observer.watch(turn)

    async def begin(self) -> None:
        """Be at work: what the session needs is done, and buyers may be served."""
        await self.set_state(*self._work())

    @property
    def at_work(self) -> bool:
        """Whether the console has let the bots in."""
        return self.state in _AT_WORK

    async def heed(self, paused: str) -> None:
        """Keep quiet in the whole shop, with the reason, or (nothing) no longer."""
        self._paused = paused
        if self.at_work:
            await self.set_state(*self._work())

    def _work(self) -> tuple[ShopState, str]:
        robot = _ROBOT if self._rival.on else ""
        return (ShopState.paused, self._paused) if self._paused else (ShopState.ready, robot)

    async def set_state(self, state: ShopState, why: str = "", *, picture: str | None = None) -> None:
        """Note how the shop is, with what shows a person what to do; the ledger makes an event of a change."""
        if state is not self.state:
            trail(self.card.shop, None).info("shop is {} {}", state.value, mask(why))
            self.state = state
        self._untold = (state, why, picture)
        await self.tell_state()

    async def tell_state(self) -> None:
        """Note how the shop is, where the ledger could not take it when it came to be so."""
        untold = self._untold
        if untold is not None:
            state, why, picture = untold
            await self._ledger(Ledger.set_shop_state, self.card.shop, state, why, picture=picture)
            if self._untold is untold:
                self._untold = None

    def look_again(self) -> None:
        """What is known is not lost with the page: neither who waits, nor what was said before something broke."""
        self.inbox.keep(unread=bool(self.drift.key))
        if self.freshness.doubted or self.state not in (ShopState.starting, *_AT_WORK):
            for key in set(self.answerer.composer.just_said()) - self.inbox.doubted:
                self.inbox.add(key, self._clock.steady())
                self.inbox.doubted.add(key)

    # --- reading -------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        """Load the page anew; nobody may be served meanwhile."""
        # What it shows of a lost session would be gone with it, and so would whoever has taken that.
        shown, now = await self.page.read(), self._clock.steady()
        await self._check(shown)
        self.inbox.see(shown.rows or (), now)
        if shown.thread is not None:  # nor would anything tell of who spoke where it is open: that raises no mark
            await self._note_thread(shown.thread, now)
        self.look_again()
        # Where there is no list, it is not this page that has to be loaded anew.
        if await self.page.wait_signal(["logged_in"], timeout=_RESUME_SECONDS):
            await self.page.reload()
        else:
            await self.page.goto(self.card.url)
        seen = await self.page.wait_signal(["logged_in", "logged_out"], timeout=_LOAD_SECONDS)
        if "logged_in" not in seen:  # a page with a saved session may show its login form first
            await self.page.wait_signal(["logged_in"], timeout=_RESUME_SECONDS)
        self.freshness.loaded(self._clock.steady())

    async def refresh(self) -> None:
        """Read the whole page and take in who waits; raises what the page's state asks the worker to do."""
        self._away = self.seen = None
        snapshot = self.seen = await self.page.read(told=True)
        now = self._clock.steady()
        self.freshness.note(snapshot, now)
        await self._check(snapshot)
        await self.drift.note(snapshot)
        if self.freshness.lost(now):
            raise ConsoleNotReady("会话列表不见了，重新打开后台")
        if snapshot.rows is None or self.freshness.doubted:
            return
        self.read_at = self._clock.now()
        self._away = "away" in snapshot.signals
        await self._note_robot("robot_on" in snapshot.signals)
        self.inbox.update(snapshot.rows, now)
        self._observer.note_rows(snapshot.rows, now)
        self._rows = snapshot.rows
        self._open = None if snapshot.thread is None else snapshot.thread.key
        if snapshot.thread is not None:
            await self._note_thread(snapshot.thread, now)

    @property
    def astray(self) -> bool:
        """Whether the list was missing from the last reading."""
        return self.freshness.astray

    @property
    def calm(self) -> bool:
        """Whether all is well, nobody waits, and nothing was said a moment ago."""
        waits = any(True for _ in self.inbox.waiting())
        sound = self.at_work and self.freshness.there and not self.freshness.doubted
        return sound and not waits and not self.answerer.composer.just_said()

    @property
    def open_key(self) -> str | None:
        """The conversation that is open, if the list has it, and will have it on the next page."""
        stays = self._lists(self._open) and not self.page.pack.login.afresh
        return self._open if stays else None

    def _lists(self, key: str | None) -> bool:
        return any(row.key == key for row in self._rows)

    async def stay_online(self) -> None:
        """See to it that the account shows as online, by the last reading; nobody may be served meanwhile."""
        if self._away is None:
            return
        step = self._presence.note(self._away, self._clock.steady())
        if step in NEWS:
            severity, why = NEWS[step]
            trail(self.card.shop, None).info("presence: {}", why)
            await self._ledger(Ledger.event, "presence", shop=self.card.shop, severity=severity, why=why)
        how = self.page.pack.presence
        if step in (Step.lost, Step.press) and how is not None and how.go_online:
            try:
                await self.page.press(how.go_online, key="presence.go_online")
            except (ConsoleNotReady, PageChanged) as error:
                trail(self.card.shop, None).warning("could not go online: {}", error)

    async def _note_robot(self, shown: bool) -> None:
        if not self._rival.note(shown):
            return
        severity: Severity = "alert" if shown else "info"
        why = _ROBOT if shown else "平台自带的机器人关掉了"
        await self._ledger(Ledger.event, "robot", shop=self.card.shop, severity=severity, why=why)
        await self.set_state(*self._work())

    def waiting(self) -> list[Waiter]:
        """Who waits here, when each falls due; nobody while the shop is not ready or its page in doubt."""
        sound = self.at_work and self.freshness.there and not self.freshness.doubted
        return list(self.inbox.waiting()) if sound else []

    async def _note_thread(self, thread: OpenThread, now: float) -> None:
        if self.answerer.composer.is_undone(thread):
            self.freshness.doubt()  # what its server has shows once the page was loaded anew
        # What the buyer said while our words were on their way may be shown only now, and before them.
        newest = thread.latest.buyer if thread.key in self.answerer.composer.just_said() else thread.last_asked
        if newest is None or (thread.key, newest) == self._nothing_new:
            return
        conversation = await self._ledger(Ledger.conversation, self.card.shop, thread.key)
        # A thread that was open before we came shows history: it is new only beside what was handled before.
        if conversation.handled_key not in (None, newest):
            self.inbox.note_thread(thread.key, newest, now)
        else:
            self._nothing_new = (thread.key, newest)

    async def _check(self, snapshot: Snapshot) -> None:
        check_session(snapshot.signals)
        if self.freshness.cut_off(self._clock.steady()):
            raise ConsoleNotReady("后台断线了，一直没有连上")
        if "overlay" in snapshot.signals:
            await self.page.dismiss_overlays()

    async def read_on(self, *, hand_over: bool) -> bool:
        """Read what can be read while the pack does not fit; True once all is found again.

        `hand_over`: who waits is put before a person, since nothing is sent meanwhile.
        """
        snapshot = await self.page.read()
        await self._check(snapshot)
        now = self._clock.steady()
        if snapshot.rows is not None:
            self.read_at = self._clock.now()
            self.inbox.update(snapshot.rows, now)
            self._rows = snapshot.rows
        if not await self.drift.is_over(snapshot):
            if hand_over:
                await self.answerer.leave_unread(self._rows, _DRIFTED)
            await self.set_state(ShopState.drift, self.drift.why)
            return False
        self.inbox.forget()
        await self._take_up()  # who was put before a person unread, too
        await self.set_state(*self._work())
        return True

    async def look_anew(self, credentials: Credentials | None, *, known: bool) -> None:
        """Load the page anew while the pack does not fit, by `enter`; open a thread where only that tells."""
        await enter(self.page, self.card.url, credentials, known=known and not self.page.pack.login.afresh)
        if self.drift.needs_thread:
            await self.drift.open_one(self.drift.key, self.inbox.calm(self._rows))

    # --- serving -------------------------------------------------------------------------------------------

    async def serve(self, waiter: Waiter, duty: Duty) -> None:
        """Serve one conversation; one that cannot be opened is put off, and after a few tries left to a person."""
        self.answerer.in_hand, self.answerer.unsaid, self._nothing_new = None, False, None
        self.answerer.composer.settled = self.answerer.composer.crossed = ""
        self.answerer.composer.goes_on = any(other.key != waiter.key for other in self.inbox.waiting())
        try:
            await self._visit(waiter, duty)
        except NightdeskError as error:
            self._log.warning("visit ended: {}", mask(str(error)))
            # Opening it took its mark: nothing else may tell any more that its buyer waits.
            self.inbox.add(waiter.key, self._clock.steady(), since=waiter.since)
            raise

    async def _visit(self, waiter: Waiter, duty: Duty) -> None:
        begun = self._clock.steady()
        if await self._unserved.keeps_shut(waiter, duty, self._rows):
            return
        try:
            if duty.mode == "observe":
                await self._observer.visit(waiter, self._mind())
            else:
                self._observer.unwatch(waiter.key)
                # What is open was read a moment ago; only where it is this one, what it shows now is wanted.
                thread = await self.page.thread() if self._open == waiter.key else None
                self._open = waiter.key
                if thread is not None and self.answerer.composer.is_undone(thread):
                    raise ConsoleNotReady("后台刚才显示发出去的话，现在标成了发送失败")
                await self._visitor.visit(waiter, thread, self._mind(), duty)
            composer = self.answerer.composer
            self._nothing_new = (composer.settled, composer.answered)
            if waiter.key in composer.just_said():
                self.drift.note_sent(waiter.key)
            self._unserved.served(waiter.key)
            if duty.mode != "observe" or not waiter.mark:  # else nothing was opened
                self.inbox.crashes.came_through(waiter.key)
            self.freshness.doubted |= self.answerer.unsaid  # all reads well, and what is typed does nothing
            self.freshness.moved(self._clock.steady())
            await self.drift.note_visit(opened=True)
        except ConsoleNotReady as error:
            if not self.page.pack.login.afresh or self._lists(waiter.key):
                self.freshness.doubt()  # of what is not listed, loading anew brings nothing there
            await self.drift.note_visit(opened=False)
            await self._unserved.put_off(waiter, duty, str(error), listed=self._lists(waiter.key))
        except NoInput as error:
            self._open = None
            await self.drift.note_lack(error.key, waiter.key, self.inbox.calm(self._rows))
            await self._unserved.leave(waiter, duty, str(error), self._rows)
        except BrowserGone:
            await self._unserved.note_crash(waiter, duty, self._rows, begun=begun)
            raise
        except NightdeskError:
            raise
        except Exception as error:  # a fault of ours must not make one buyer's visit run for ever
            self._log.opt(exception=error).error("visit broke: {}", type(error).__name__)
            why = f"程序出错（{type(error).__name__}），详见日志"
            await self._unserved.put_off(waiter, duty, why, listed=self._lists(waiter.key))

    @property
    def settled(self) -> bool:
        """Whether the page told at the end of the last visit that all was done, and tells by itself what comes."""
        composer = self.answerer.composer
        # Who goes on has read the page with the answer: what came meanwhile is told no more, and must be taken in.
        settled = bool(composer.settled) and not composer.goes_on
        return settled and self.page.pack.inbox.refresh.kind != "reload"

    @property
    def _log(self) -> Logger:
        return trail(self.card.shop, self.answerer.in_hand)

    def saying(self, word: str) -> Waiter | None:
        """The conversation whose newest message, as the list shows it, holds `word`."""
        row = next((row for row in self._rows if word in row.preview), None)
        return None if row is None else self.inbox.waiter(row, self._clock.steady())

    async def rehearse(self, waiter: Waiter, text: str) -> Reply:
        """Say `text` to a test buyer by all the rules, whatever the mode: what `golive` rests on."""
        return await self._visitor.rehearse(waiter, text, self._mind())
