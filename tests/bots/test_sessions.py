"""When a shop's session is saved, and when one that a person put there is taken up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from base.errors import ConsoleNotReady
from bots.sessions import Session
from bots.vault import Vault
from flows.page import ConsolePage
from storage.ledger import Ledger
from storage.thread import LedgerThread
from tests.flows.paper import Set
from tests.fresh import fresh

STORE = {"name": "s", "records": [{"valueEncoded": {"o": []}}]}
LOST = {"origin": "http://x", "indexedDB": [{"name": "d", "stores": [STORE]}]}


@dataclass(slots=True)
class Case:
    """A session, the page that it is of, and the clock."""

    session: Session
    vault: Vault
    clock: Set
    ledger: LedgerThread
    state: dict[str, Any] = field(default_factory=lambda: {"cookies": [], "origins": []})
    asked: int = 0
    broken: bool = False

    async def keep(self, *, entered: bool = False) -> None:
        await self.session.keep(cast(ConsolePage, cast(Any, _Page(self))), entered=entered)

    def cookie(self, value: str) -> None:
        self.state["cookies"] = [{"name": "session", "value": value}]


@dataclass(slots=True)
class _Page:
    case: Case

    async def state(self) -> dict[str, Any]:
        self.case.asked += 1
        if self.case.broken:
            raise ConsoleNotReady("页面出错：Unable to serialize IndexedDB")
        return dict(self.case.state)


@pytest.fixture
async def case(tmp_path: Path) -> AsyncIterator[Case]:
    clock = Set()
    ledger = await LedgerThread.open(fresh(tmp_path / "ledger.db"), clock)
    await ledger(Ledger.put_shop, "tea", title="茶", console="any", platform="any")
    vault = Vault(folder=tmp_path / "states", shop="tea")
    yield Case(Session(vault, ledger, clock, kept=True), vault, clock, ledger)
    await ledger.close()


async def test_it_is_saved_once_the_shop_was_let_in_and_then_only_when_it_has_changed(case: Case) -> None:
    await case.keep(entered=True)
    first = case.vault.stamp()
    case.cookie("two")
    await case.keep()
    assert (case.asked, case.vault.stamp()) == (1, first)  # too soon
    case.clock.go(601)
    await case.keep()
    second = case.vault.stamp()
    assert second != first
    assert case.vault.load() == case.state
    case.clock.go(601)
    await case.keep()
    await case.keep(entered=True)
    assert (case.asked, case.vault.stamp()) == (4, second)


async def test_what_a_person_saved_is_told_from_what_the_bots_did(case: Case) -> None:
    assert await case.session.load() is None
    assert not case.session.replaced()
    await case.keep(entered=True)
    assert not case.session.replaced()
    case.vault.save({"cookies": [], "origins": [], "by": "hand"})
    assert case.session.replaced()
    assert await case.session.load() is not None
    assert not case.session.replaced()


async def test_what_a_person_saved_is_not_saved_over_while_the_shop_is_at_work(case: Case) -> None:
    """Their login has put the bot out, which it has not seen yet; what they imported is for the next start."""
    await case.keep(entered=True)
    by_hand = {"cookies": [], "origins": [], "by": "hand"}
    case.vault.save(by_hand)
    case.cookie("two")
    case.clock.go(601)
    await case.keep()
    assert case.vault.load() == by_hand
    await case.keep(entered=True)  # it has got in anew, which is newer than what they have saved
    assert case.vault.load() == case.state
    case.cookie("three")
    case.clock.go(601)
    await case.keep()
    assert case.vault.load() == case.state


async def test_a_keyring_that_takes_its_time_stops_nobody(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, seen, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()

    def load(_vault: Vault) -> None:
        loop.call_soon_threadsafe(begun.set)
        assert seen.wait(5), "the loop stood still"

    async def go_on() -> None:
        async with asyncio.timeout(5):
            await begun.wait()
        seen.set()

    monkeypatch.setattr(Vault, "load", load)
    await asyncio.gather(case.session.load(), go_on())


async def test_what_cannot_be_saved_is_told_once_and_stops_nobody(case: Case) -> None:
    case.broken = True
    await case.keep(entered=True)
    assert case.vault.load() is None
    case.broken = False
    case.state["origins"] = [LOST]
    for value in ("one", "two"):
        case.cookie(value)
        await case.keep(entered=True)
    events = [event for event in await case.ledger(Ledger.events) if event.kind == "session"]
    assert [(event.severity, "d/s" in event.detail["why"]) for event in events] == [("warning", True)]
    key = case.vault.folder / "key"
    key.write_text("")
    case.cookie("three")
    await case.keep(entered=True)  # no key, nothing saved, and nobody is stopped


async def test_of_a_console_that_is_entered_afresh_nothing_is_kept(case: Case) -> None:
    await case.keep(entered=True)
    saved = case.vault.stamp()
    case.session = Session(case.vault, case.ledger, case.clock, kept=False)
    case.cookie("two")
    await case.keep(entered=True)
    assert (await case.session.load(), case.session.replaced(), case.vault.stamp()) == (None, False, saved)
