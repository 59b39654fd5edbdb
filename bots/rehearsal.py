"""The rehearsal: before a shift, whether all is there that the night needs, and what to do where it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from base.clock import Clock
from base.errors import ConfigError, ConsoleError, NeedsPerson, Problem
from base.spoken import span
from bots.browser import Chromium, open_browser
from bots.coverage import covers_of, missing_years
from bots.findings import Finding, disk, look_at
from bots.home import Home
from bots.jobs import each_minute
from bots.reading import Reading
from bots.roll import Roll
from bots.seat import holder_of, seat_path, seated
from bots.secrets import password_of, secret_for
from bots.settings import Shop
from bots.shifts.calendar import missing_words
from bots.shifts.coverage import alike, audit_words, shops_words
from bots.table import edits_words
from bots.vault import Vault
from flows.login import Credentials, enter
from flows.pack import Pack
from knowledge.versions import read_version
from storage.ledger import Ledger
from storage.records import Severity, ShopState
from storage.rows import moment_text
from storage.thread import LedgerThread

BEFORE = timedelta(minutes=60)
_MINUTE = timedelta(minutes=1)
_NIGHT = timedelta(hours=14)
# A session that only a person can renew, and that has not changed for so long, may be over soon.
_OLD = timedelta(days=3)
_ANSWER_SECONDS = 60.0
_LOOK = 0.1
_MOST_TOLD = 3
_TEST = "\n  建议：改好以后运行 nightdesk alerts test"


class Rehearsal:
    """A look at everything for these shops. Bots at work read for themselves; where none is, we log in."""

    def __init__(self, home: Home, roll: Roll, ledger: LedgerThread, clock: Clock, zone: ZoneInfo) -> None:
        self._home = home
        self._roll = roll
        self._ledger = ledger
        self._clock = clock
        self._zone = zone

    async def look(self, start: datetime) -> list[Finding]:
        """All that was looked at; `start`: when the shift begins."""
        home, roll = self._home, self._roll
        readings = await self._readings()
        found = [self._reading(shop, readings.get(shop.id)) for shop in roll.settings.shops]
        found += [self._session(shop) for shop in roll.settings.shops]
        found.append(await asyncio.to_thread(look_at, "知识库", lambda: self._knowledge(start)))
        found.append(look_at("班次", lambda: self._covered(start)))
        found.append(look_at("值班", lambda: self._on_call(start)))
        knowledge = await self._ledger(Ledger.knowledge_trouble)
        edits = edits_words(knowledge, await self._ledger(Ledger.roll_trouble))
        found.append(Finding(what="改动", found="都已经启用", problem=edits))
        found += await self._channels()
        found.append(look_at("磁盘", lambda: disk(home.folder)))
        return found

    async def tell(self, found: Collection[Finding], start: datetime | None = None) -> None:
        """Put on record what people have to see to; `start`: of the shift that this is the rehearsal of."""
        shops = self._roll.settings.shops
        severity, why = verdict(found, [f"店铺 {shop.title or shop.id}" for shop in shops])
        of = {} if start is None else {"start": moment_text(start)}
        await self._ledger(
            Ledger.event, "rehearsal", severity=severity, why=why, shops=[shop.id for shop in shops], **of
        )

    # --- a real reading of every shop ---------------------------------------------------------------------------

    def _reading(self, shop: Shop, reading: Reading | None) -> Finding:
        title = shop.title or shop.id
        if reading is None:
            return Finding(what=f"店铺 {title}", found="没有试登录：这个后台登录一次，等着的消息就不再标出来")
        return reading.finding(shop.id, title)

    async def _readings(self) -> dict[str, Reading]:
        shops = self._roll.shops
        driven = [shop for shop in shops if holder_of(seat_path(self._home.seats, shop)) is not None]
        orders = {shop: await self._ledger(Ledger.command, shop, "rehearse") for shop in driven}
        found: dict[str, Reading] = {}
        if len(driven) < len(shops):
            async with open_browser() as browser:
                for shop in shops.values():
                    pack = self._roll.packs[shop.id]
                    # A page of such a console that is closed again takes the marks of who waits with it.
                    if shop.id not in driven and not pack.login.afresh:
                        found[shop.id] = await self._enter(browser, shop, pack)
        end = self._clock.steady() + _ANSWER_SECONDS
        for shop_id, order in orders.items():
            found[shop_id] = await self._answer(shop_id, order.id, end)
        return found

    async def _answer(self, shop: str, order: int, end: float) -> Reading:
        while self._clock.steady() < end:
            row = await self._ledger(Ledger.command_row, order)
            if row.state == "done":
                return Reading.heard(row.result)
            await asyncio.sleep(_LOOK)
        await self._ledger(Ledger.set_command, order, "failed", why="等了太久")
        row_now = await self._ledger(Ledger.shop_row, shop)
        return Reading(state=row_now.state, why="值守进程没有应答")

    async def _enter(self, browser: Chromium, shop: Shop, pack: Pack) -> Reading:
        """Log in as a bot would, and read once; the seat is held meanwhile."""
        vault = Vault.of(shop, self._home.states)
        login = None
        if shop.login is not None:
            login = Credentials(user=shop.login.user, password=secret_for(password_of(shop), self._home))
        try:
            with seated(self._home.seats, shop.id):
                page = await browser.console(pack, await asyncio.to_thread(vault.load), self._clock, _ignore)
                try:
                    if await enter(page, shop.url or pack.url, login):
                        await asyncio.to_thread(vault.save, await page.state())
                    return Reading.of(ShopState.ready, await page.read())
                finally:
                    await page.close()
        except NeedsPerson as error:
            return Reading(state=ShopState(error.state), why=str(error))
        except ConsoleError as error:
            return Reading(state=ShopState.degraded, why=str(error))
        except ConfigError as error:  # no password, or the seat was just taken
            return Reading(state=ShopState.needs_login, why=str(error))

    def _session(self, shop: Shop) -> Finding:
        what = f"登录状态 {shop.title or shop.id}"
        stamp = Vault.of(shop, self._home.states).stamp()
        if stamp is None:
            return Finding(what=what, found="没有存过，每次用密码登录")
        age = self._clock.now().timestamp() - stamp / 1e9
        by_hand = self._roll.packs[shop.id].login.kind != "password"
        old = by_hand and age > _OLD.total_seconds()
        hint = f"存了 {span(age)}，可能快要过期\n  建议：运行 nightdesk login {shop.id}"
        return Finding(what=what, found=f"{span(age)}前存的", problem=hint if old else "")

    # --- what people have to see to -----------------------------------------------------------------------------

    def _knowledge(self, start: datetime) -> str:
        books = read_version(*self._roll.knowledge(self._home.folder)).library.books
        ending = dict.fromkeys(entry.id for book in books for entry in book.expiring(start))
        unfilled = dict.fromkeys(name for book in books for entry in book.entries for name in entry.unfilled)
        wrong = [f"今天或明天到期：{'、'.join(ending)}"] if ending else []
        wrong += [f"店铺承诺还没填写：{'、'.join(unfilled)}"] if unfilled else []
        if wrong:
            raise ConfigError(Problem(message="；".join(wrong), hint="在知识库里改好，保存就生效"))
        return f"{sum(entry.live for book in books for entry in book.entries)} 条启用"

    def _covered(self, start: datetime) -> str:
        found = covers_of(self._roll.settings, self._home.folder)
        bare = audit_words([(cover, list(cover.roster.gaps(start, start + _NIGHT))) for cover in found])
        missing = missing_years(self._roll.settings, found, start)
        if bare or missing:
            told = [bare] if bare else []
            raise ConfigError(Problem(message="；".join([*told, *([missing_words(missing)] if missing else [])])))
        return "这一班每家店都有机器人或人工"

    def _on_call(self, start: datetime) -> str:
        alerts = self._roll.settings.alerts
        if alerts is None:
            hint = "在 shops.yaml 里写 alerts，见 docs/alerts.md"
            raise ConfigError(Problem(message="出了事不会叫人", hint=hint))
        on_call = self._roll.settings.on_call(alerts)
        at = f"{start.astimezone(self._zone):%H:%M}"
        shops = {shop.id: shop.title or shop.id for shop in self._roll.settings.shops}
        bare = [title for shop, title in shops.items() if not on_call.of(shop).at(start, self._zone)]
        if bare:
            whom = "" if len(bare) == len(shops) else f"{shops_words(bare)} "
            hint = "在 alerts 的 people 里写上 hours；没有人值班时，出了事会叫所有人"
            raise ConfigError(Problem(message=f"{whom}{at} 没有人值班", hint=hint))
        said = [
            f"{'、'.join(names)}，先叫 {names[0]}"
            + ("" if len(called) == len(shops) else f"（{shops_words([shops[shop] for shop in called])}）")
            for names, called in alike({shop: on_call.of(shop).at(start, self._zone) for shop in shops})
        ]
        return "；".join(said)

    async def _channels(self) -> list[Finding]:
        alerts = self._roll.settings.alerts
        exits = alerts.exits() if alerts is not None else {}
        return [
            Finding(what=f"告警渠道 {exits[sign.name]}", problem=f"发不出去：{sign.why}{_TEST}")
            for sign in await self._ledger(Ledger.signs)
            if sign.name in exits and not sign.fine
        ]


def shift_of(roll: Roll, start: datetime) -> list[str]:
    """The shops whose bots are on shift at `start`, a whole minute, if those of one begin just then, or are left
    alone by its people: bots that never rest begin only once.
    """
    on, begins = [], False
    for shop in roll.settings.shops:
        roster = roll.settings.roster(shop, ZoneInfo(roll.packs[shop.id].meter.time_zone))
        before = start - _MINUTE
        if roster.bots.at(start, roster.zone).on:
            on.append(shop.id)
            fresh = not roster.bots.at(before, roster.zone).on
            begins = begins or fresh or (roster.people_on(before) and not roster.people_on(start))
    return on if begins else []


@contextmanager
def rehearsing(
    home: Home,
    roll: Callable[[], Roll],
    ledger: LedgerThread,
    clock: Clock,
    zone: ZoneInfo,
    in_charge: Callable[[], bool],
) -> Iterator[None]:
    """An hour before each shift while the block runs, if that is ours to do, people are told what is not ready."""

    looked: datetime | None = None
    settled = False

    async def look() -> None:
        nonlocal looked, settled
        if not in_charge():
            looked, settled = None, False
            return
        minute = clock.now().replace(second=0, microsecond=0)
        # The minutes too that passed while another rehearsal went on, the machine slept or nobody was in charge:
        # those only a minute later, or our own bots would be taking the seats that the rehearsal takes.
        before = minute - (_MINUTE if looked is None else BEFORE)
        if looked is not None and settled:
            before = max(looked, before)
        looked, settled = minute, looked is not None
        while in_charge() and before < minute:
            before += _MINUTE
            start = before + BEFORE
            shops = shift_of(roll(), start)
            if shops and not await ledger(Ledger.rehearsed, start):
                rehearsal = Rehearsal(home, roll().only(shops), ledger, clock, zone)
                await rehearsal.tell(await rehearsal.look(start), start)

    with each_minute(zone, look):
        yield


def verdict(found: Collection[Finding], shops: Collection[str]) -> tuple[Severity, str]:
    """How serious it is, and in a sentence what is not ready: a shop without its bot is worse than all else."""
    wrong = [finding for finding in found if finding.problem]
    if not wrong:
        return "info", "班前检查都正常"
    first = [f"{finding.what}（{finding.problem.splitlines()[0]}）" for finding in wrong[:_MOST_TOLD]]
    more = f"等 {len(wrong)} 处" if len(wrong) > _MOST_TOLD else ""
    severe = any(finding.what in shops for finding in wrong)
    return "alert" if severe else "warning", f"班前检查有问题，运行 nightdesk rehearse：{'；'.join(first)}{more}"


def _ignore(_changed: frozenset[str]) -> None:
    """What changes meanwhile is no concern here."""
