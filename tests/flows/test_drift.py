"""A pack that no longer fits its page: sending stops, people are told, a page that is right again goes on."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from playwright.async_api import Browser

from flows.drift import doubt_of
from flows.views import OpenThread, Row, Snapshot
from practice.client import Practice
from storage.ledger import Ledger
from storage.records import Drift, Kind, Said, Sender, ShopState
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


# --- a release of the console's while bots are at work --------------------------------------------------------


@pytest.fixture
def watch(practice: Practice, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """A watch whose bots look at a changed page often."""
    monkeypatch.setattr("bots.station._PERSON_PAUSES", (0.5,))
    monkeypatch.setattr("flows.drift._READS", 2)
    monkeypatch.setattr("flows.drift._DOUBT_SECONDS", 0.0)
    monkeypatch.setattr("flows.drift._VISITS", 1)
    monkeypatch.setattr("flows.visit._OPEN_WAITS", (1,))
    monkeypatch.setattr("flows.drift._EXAMINE_EVERY", 0.5)
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


async def drifted(now: Watch, *names: str) -> Drift:
    """After a release that renames these; the drift that the ledger has, with its report."""
    await now.practice.control("drift", names=list(names), seed=7)
    await now.say(OTHER, "u2")
    found: list[Drift] = []

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
