"""A pack that no longer fits its page: sending stops, people are told, a page that is right again goes on."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.async_api import Browser

from base.clock import SystemClock
from flows.drift import Drift, doubt_of
from flows.page import ConsolePage
from flows.portrait import Sight
from flows.views import OpenThread, Row, Snapshot
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import Drift as Drifted
from storage.records import Kind, Said, Sender, ShopState
from storage.thread import LedgerThread
from tests.flows.drawn import PACK, Page
from tests.flows.watch import Watch, watching

KNOWN, OTHER = "什么时候发货", "可以开发票吗"
Open = Callable[..., AbstractAsyncContextManager[Watch]]


# --- what a reading tells ---------------------------------------------------------------------------------------


def said(sender: Sender = Sender.buyer, text: str = "在吗", key: str = "m1", kind: Kind = Kind.text) -> Said:
    return Said(key=key, sender=sender, kind=kind, text=text, at=None)


def row() -> Row:
    return Row(key="k", name="", preview="", time="", unread=None, waiting=None, group="")


def snapshot(
    *messages: Said,
    rows: tuple[Row, ...] | None = (),
    bad: int = 0,
    unknown: int = 0,
    signals: tuple[str, ...] = ("logged_in",),
) -> Snapshot:
    """A reading; `unknown` messages of the thread were not parsed; without any there is no thread."""
    thread = OpenThread(key="k", messages=messages, draft="", facts={}, failed=frozenset(), unparsed=unknown)
    shown = thread if messages or unknown else None
    return Snapshot(rows=rows, unparsed=bad, thread=shown, signals=frozenset(signals))


@pytest.mark.parametrize(
    ("reading", "listed", "key", "sure"),
    [
        (snapshot(), False, None, None),
        (snapshot(rows=(row(),)), True, None, None),
        (snapshot(rows=(row(),), bad=3), True, None, None),
        (snapshot(bad=3), False, "inbox.id", True),
        (snapshot(), True, "inbox.row", False),
        (snapshot(rows=None), True, "inbox.root", True),
        (snapshot(rows=None, signals=()), True, None, None),
        (snapshot(said(), rows=(row(),)), True, None, None),
        (snapshot(rows=(row(),), unknown=3), True, "thread.message_id", True),
        (snapshot(said(), rows=(row(),), unknown=1), True, "thread.shop", False),
        (snapshot(said(Sender.system, key="known"), rows=(row(),)), True, "thread.shop", False),
        (snapshot(said(text=""), said(text="", key="m2"), rows=(row(),)), True, "thread.text", False),
        (snapshot(said(text=""), said(key="m2"), rows=(row(),)), True, None, None),
        (snapshot(said(text=""), said(text="", key="m2", kind=Kind.image), rows=(row(),)), True, None, None),
    ],
)
def test_what_a_reading_tells(reading: Snapshot, listed: bool, key: str | None, sure: bool | None) -> None:
    doubt = doubt_of(reading, listed=listed, said={"known": Sender.buyer})
    assert (doubt and doubt.key, doubt and doubt.sure) == (key, sure)


# --- while all seems well -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Quiet:
    """A shop that reads well, on a page that is drawn; `shown`: what it looks like just now."""

    drift: Drift
    ledger: LedgerThread
    shown: Sight

    async def read(self) -> list[tuple[str, str, str]]:
        """Read once more; kind, severity and key of all that people were told so far."""
        await self.drift.note(snapshot(said(key="m1001"), rows=(row(),)))
        told = [event for event in await self.ledger(Ledger.events) if event.severity != "info"]
        return [(event.kind, event.severity, event.detail["key"]) for event in told]


@pytest.fixture
async def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Quiet]:
    """A shop whose page was remembered."""
    ledger = await LedgerThread.open(tmp_path / "ledger.db", SystemClock())
    await ledger(Ledger.put_shop, "shop", title="店", console="stage", platform="stage")
    page = cast(ConsolePage, SimpleNamespace(pack=PACK))
    place = Quiet(Drift("shop", page, ledger, SystemClock()), ledger, Page().sight())

    async def look(_page: object, _pack: object) -> Sight:
        return place.shown

    monkeypatch.setattr("flows.drift.look", look)
    monkeypatch.setattr("flows.drift._LOOK_EVERY", 0.0)
    monkeypatch.setattr("flows.drift._LOOK_AGAIN", 0.0)
    assert await place.read() == []
    yield place
    await ledger.close()


async def test_a_mark_that_is_gone_is_told_though_all_reads_well(quiet: Quiet) -> None:
    quiet.shown = Page({".mark": "lamp"}).sight()
    assert await quiet.read() == []
    assert await quiet.read() == [("key_gone", "alert", "inbox.unread")]
    assert len(await quiet.read()) == 1


async def test_what_a_page_lacks_while_it_loads_is_not_told(quiet: Quiet) -> None:
    whole = quiet.shown
    for shown in (Page({".mark": "lamp"}).sight(), whole) * 2:
        quiet.shown = shown
        assert await quiet.read() == []


async def test_what_is_gone_is_looked_for_again_soon(quiet: Quiet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.drift._LOOK_EVERY", 600.0)
    quiet.shown = Page({".mark": "lamp"}).sight()
    assert await quiet.read() == []
    assert await quiet.read() == [("key_gone", "alert", "inbox.unread")]


async def test_a_fallback_that_had_to_be_used_is_told(quiet: Quiet) -> None:
    found = dict(quiet.shown.found)
    found["inbox.row"] = [[], *found["inbox.row"]]
    pack = PACK.model_copy(update={"inbox": PACK.inbox.model_copy(update={"row": [".gone", ".row"]})})
    quiet.drift.page = cast(ConsolePage, SimpleNamespace(pack=pack))
    quiet.shown = replace(quiet.shown, found=found)
    assert await quiet.read() == [("fallback_used", "warning", "inbox.row")]


async def test_portraits_outlive_the_page(quiet: Quiet) -> None:
    again = Drift("shop", quiet.drift.page, quiet.ledger, SystemClock())
    quiet.drift, quiet.shown = again, Page({".mark": "lamp"}).sight()
    assert await quiet.read() == []
    assert await quiet.read() == [("key_gone", "alert", "inbox.unread")]


async def test_one_row_among_good_ones_is_told_once_and_when_it_is_over(quiet: Quiet) -> None:
    for bad in (1, 2, 0):
        await quiet.drift.note(snapshot(rows=(row(),), bad=bad))
    told = [(one.kind, one.severity) for one in await quiet.ledger(Ledger.events) if one.kind == "rows_unparsed"]
    assert told == [("rows_unparsed", "warning"), ("rows_unparsed", "info")]


# --- a release of the console's while bots are at work --------------------------------------------------------


@pytest.fixture
def watch(practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """A watch whose bots look at a changed page often."""
    monkeypatch.setattr("bots.reactions._PERSON_PAUSES", (0.5,))
    monkeypatch.setattr("flows.drift._READS", 2)
    monkeypatch.setattr("flows.drift._DOUBT_SECONDS", 0.0)
    monkeypatch.setattr("flows.drift._VISITS", 1)
    monkeypatch.setattr("flows.visit._OPEN_WAITS", (1,))
    monkeypatch.setattr("flows.drift._EXAMINE_EVERY", 0.5)
    monkeypatch.setattr("flows.drift._OVER_EVERY", 0.0)
    return lambda: watching(practice, browser, tmp_path, monkeypatch)


@pytest.fixture
async def now(watch: Open) -> AsyncIterator[Watch]:
    """Bots that have served a buyer and remember what the page looks like."""
    async with watch() as at_work:
        await at_work.replied((await at_work.say(KNOWN, "u1"))["conversation"])

        async def remembered() -> bool:
            return bool(await at_work.ledger(Ledger.portraits, "shop-1"))

        await at_work.until(remembered)
        yield at_work


async def drifted(now: Watch, *names: str) -> Drifted:
    """After a release that renames these; the drift that the ledger has, with its report."""
    await now.practice.control("drift", names=list(names), seed=7)
    await now.say(OTHER, "u2")
    found: list[Drifted] = []

    async def reported() -> bool:
        state = (await now.ledger(Ledger.shop_row, "shop-1")).state
        drift = await now.ledger(Ledger.last_drift, "shop-1")
        if drift is not None and drift.report and state is ShopState.drift:
            found.append(drift)
        return bool(found)

    await now.until(reported, 30)
    return found[0]


def private(path: str | None) -> str:
    """What stands in a file that only its owner may read."""
    assert path is not None
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
    return Path(path).read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "key"),
    [(".composer-input", "composer.input"), (".row", "inbox.row"), (".thread", "thread.root")],
)
async def test_sending_stops_people_are_told_and_a_right_page_goes_on(now: Watch, name: str, key: str) -> None:
    drift = await drifted(now, name)
    assert drift.key == key
    assert key in (await now.ledger(Ledger.shop_row, "shop-1")).why
    (tried,) = [one for one in drift.report["tried"] if one["key"] == key]
    assert (tried["selectors"], tried["found"]) == ([name], [0])
    assert key in [change["key"] for change in drift.report["changes"]]
    assert drift.report["objections"] == []
    copy = private(drift.page)
    assert 'class="inbox"' in copy
    for word in (KNOWN, OTHER, '"u1"', '"u2"'):
        assert word not in copy
    assert await now.got("u2") == []
    if key != "inbox.row":  # who waits can still be read
        await now.until(lambda: now.handoffs("u2"))
    await now.practice.control("drift", names=[], seed=7)
    await now.ready()
    await now.replied("u2")
    over = await now.ledger(Ledger.last_drift, "shop-1")
    assert over is not None
    assert over.over_at is not None
