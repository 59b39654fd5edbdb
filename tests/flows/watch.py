"""Bots at the practice console: the real worker in the test's own browser, with moments to step in."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from base.clock import SystemClock
from base.places import shared
from bots.browser import Chromium
from bots.demo.judge import Phrasebook, Said
from bots.settings import BurstSetting, Login, Settings, Shop, load_shop_pack
from bots.worker import Worker, Workplace
from flows.duty import Mode
from flows.inbox import Waiter
from flows.login import Credentials
from flows.mind import Mind
from knowledge.model import load_knowledge
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import Handoff, Reply, ReplyState, ShopState, Turn
from storage.thread import LedgerThread
from tests.attending import ZONE, eventually, off_duty_hours
from tests.lines import line_of

ALWAYS = "00:00-24:00"
_UNFINISHED = frozenset({ReplyState.drafted, ReplyState.typing, ReplyState.sending})
Hook = Callable[[str, str], Awaitable[None]]


@cache
def mind() -> Mind:
    """The shipped knowledge, built once for all tests: it never changes."""
    return Mind.of(load_knowledge(shared("knowledge.yaml")))


@cache
def book() -> Phrasebook:
    """Reads what was said."""
    return Phrasebook(mind().library.default)


@dataclass(slots=True)
class Pace:
    """No limits; runs `hook` with shop and conversation before a message may leave."""

    hook: Hook | None = None

    def hold(self, waiters: Iterable[Waiter], _now: float) -> list[Waiter]:
        """Everybody may be served when they fall due."""
        return list(waiters)

    @asynccontextmanager
    async def slot(self, shop: str, conversation: str) -> AsyncIterator[None]:
        if self.hook is not None:
            await self.hook(shop, conversation)
        yield


@dataclass(slots=True)
class Watch:
    """What a test has in hand while the bots are at work."""

    practice: Practice
    ledger: LedgerThread
    pace: Pace
    browser: Browser
    worker: Worker
    folder: Path
    task: asyncio.Task[None] = field(init=False)

    @property
    def page(self) -> Page:
        """The bots' page of the shop that was opened last."""
        return self.browser.contexts[-1].pages[0]

    async def say(
        self, text: str, buyer: str | None = None, shop: str = "shop-1", **more: object
    ) -> dict[str, Any]:
        """A buyer speaks; gives the message's `id` and its `conversation`."""
        return await self.practice.say(shop, text, buyer=buyer, **more)

    async def seen(self, message: str) -> None:
        """Until the bots' page shows the message in the open thread."""
        await self.page.wait_for_selector(f'.msg[data-id="{message}"]', timeout=5_000)

    async def got(self, conversation: str, account: str = "bot") -> list[str]:
        """What the buyer of a conversation got from the bots, by the console's own record."""
        truth = await self.practice.truth()
        return [
            message["text"]
            for message in truth["messages"]
            if message["conversation"] == conversation
            and message["sender"] == "shop"
            and message["account"].startswith(account)
        ]

    async def replied(self, conversation: str, times: int = 1) -> list[str]:
        """Wait until a buyer got that many texts from the bots, and the ledger knows what became of each."""

        async def enough() -> bool:
            # The console first: what it shows by then, the ledger has, settled or not.
            if len(await self.got(conversation)) < times:
                return False
            return all(reply.state not in _UNFINISHED for reply in await self.replies(conversation))

        await eventually(enough)
        return await self.got(conversation)

    async def turns(self, conversation: str) -> list[Turn]:
        """The conversation's turns as the ledger has them, oldest first."""
        find = "select turns.id from turns join conversations on conversations.id = conversation_id where key = ?"
        with closing(sqlite3.connect(self.folder / "ledger.db")) as database:
            found = database.execute(f"{find} order by turns.id", [conversation]).fetchall()
        return [await self.ledger(Ledger.turn, number) for (number,) in found]

    async def replies(self, conversation: str) -> list[Reply]:
        """The conversation's replies as the ledger has them, oldest first."""
        return [one for one in await self.ledger(Ledger.all_replies) if one.conversation_key == conversation]

    async def handoffs(self, conversation: str) -> list[Handoff]:
        """What people still have to do in the conversation."""
        return [one for one in await self.ledger(Ledger.handoffs) if one.conversation_key == conversation]

    async def until(self, happened: Callable[[], Awaitable[object]], seconds: float = 50.0) -> None:
        """Wait until it holds, and fail as soon as the worker is gone."""

        async def holds() -> bool:
            if self.task.done():
                await self.task
                raise AssertionError("the worker has ended")
            return bool(await happened())

        await eventually(holds, seconds)

    async def ready(self, shop: str = "shop-1") -> None:
        """Until the shop is attended."""

        async def attended() -> bool:
            return (await self.ledger(Ledger.shop_row, shop)).state is ShopState.ready

        await self.until(attended)


@asynccontextmanager
async def watching(
    practice: Practice,
    browser: Browser,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    shops: Sequence[str] = ("shop-1",),
    mode: Mode = "answer",
    live: bool = True,
    people: str | None = None,
    silence: float = 10,
    quiet: float = 0.1,
    prepare: Callable[[LedgerThread], Awaitable[None]] | None = None,
    urls: dict[str, str] | None = None,
    password: str | None = None,
    start: bool = True,
    console: str = "practice-plain",
    colleagues: tuple[str, ...] | None = None,
) -> AsyncIterator[Watch]:
    """Attend `shops` until the block ends; `prepare` fills the ledger first, `people` are away unless given.

    With `colleagues` conversations are transferred; where a console finds them only by name, to one of these.
    """
    logins = {row["id"]: row for row in practice.shops if row["id"] in shops}
    rows = [
        Shop(
            id=shop,
            console=console,
            mode=mode,
            url=(urls or {}).get(shop, row["url"]),
            login=Login(user=row["user"]),
            transfer=colleagues is not None,
            colleagues=colleagues or (),
        )
        for shop, row in logins.items()
    ]
    burst = BurstSetting(quiet=quiet, most=max(1.5, quiet))
    settings = Settings(shops=rows, people=people or off_duty_hours(), silence=silence, burst=burst)
    pace = Pace()
    monkeypatch.setattr("bots.station.ShopPace", lambda *_given: pace)
    monkeypatch.setattr("bots.worker.open_browser", lambda **_how: _lent(browser))
    clock = SystemClock()
    ledger = await LedgerThread.open(folder / "ledger.db", clock)
    packs = {shop.id: load_shop_pack(shop, folder) for shop in rows}
    for shop in rows:
        await ledger(Ledger.put_shop, shop.id, title=shop.id, console=packs[shop.id].name, platform="practice")
        if live:
            await ledger(Ledger.go_live, shop.id)
    if prepare is not None:
        await prepare(ledger)
    worker = Worker(
        Workplace(
            settings=settings,
            packs=packs,
            credentials={
                name: Credentials(user=row["user"], password=partial(str, password or row["password"]))
                for name, row in logins.items()
            },
            states=folder,
            seats=folder,
            evidence=folder,
            ledger=ledger,
            mind=mind,
            clock=clock,
            zone=ZONE,
        )
    )
    watch = Watch(practice=practice, ledger=ledger, pace=pace, browser=browser, worker=worker, folder=folder)
    watch.task = asyncio.create_task(worker.run())
    try:
        if start:
            for name in shops:
                await watch.ready(name)
        yield watch
    finally:
        worker.stop()
        await asyncio.gather(watch.task, return_exceptions=True)
        await ledger.close()


@asynccontextmanager
async def _lent(browser: Browser) -> AsyncIterator[Chromium]:
    """The test's browser as the worker's own; what the worker opened in it goes when it is given back."""
    try:
        yield Chromium(browser, line_of(browser))
    finally:
        for context in browser.contexts:
            await context.close()


def entry_of(text: str) -> frozenset[str]:
    """The entries that a text answers."""
    said, entries = book().read(text)
    return entries if said is Said.answer else frozenset()


def kind_of(text: str) -> Said:
    """What a text was."""
    return book().read(text)[0]


async def left_to_a_person(now: Watch, buyer: str, why: str, *, other: str, asks: str) -> None:
    """Once `buyer` is put before a person as urgent for that reason, and told nothing: that is no drift, and the
    question that an `other` one asks is answered.
    """
    await now.until(partial(now.handoffs, buyer))
    (handoff,) = await now.handoffs(buyer)
    assert handoff.urgent and why in handoff.reason
    await now.replied((await now.say(asks, other))["conversation"])
    assert (await now.ledger(Ledger.shop_row, "shop-1")).state is ShopState.ready
    assert await now.ledger(Ledger.last_drift, "shop-1") is None
    assert await now.got(buyer) == []
    assert {one.state for one in await now.replies(buyer)} == {ReplyState.failed}
