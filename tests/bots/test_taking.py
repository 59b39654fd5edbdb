"""A worker goes by what its supervisor tells it, whatever is in the way just then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from base.errors import BrowserGone, LedgerUnavailable
from bots import child, worker
from bots.worker import Worker
from tests.flows.paper import Set


class Roll:
    """A list of one shop, whose address is what it was told."""

    def __init__(self, url: str) -> None:
        self.shops = {"a": SimpleNamespace(id="a", url=url)}
        self.settings = self.packs = None

    def same_page(self, shop: str, new: Roll) -> bool:
        return bool(self.shops[shop] == new.shops[shop])

    def knowledge(self, _folder: Path) -> tuple[()]:
        return ()

    def only(self, _shops: object) -> Roll:
        return self


async def test_a_list_that_the_ledger_could_not_take_is_taken_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    taken: list[Any] = []
    tries = iter([LedgerUnavailable("账本被锁住了")])
    heard = asyncio.Event()

    class Keeper:
        async def attend(self, *_files: object) -> None:
            pass

        def mind(self) -> None:
            pass

    class Attending:
        async def take(self, place: Any) -> None:
            if (error := next(tries, None)) is not None:
                raise error
            taken.append(place.roll)
            heard.set()

    monkeypatch.setattr("bots.child.Roll.of", lambda line: Roll(line.decode()))
    monkeypatch.setattr(child, "_credentials", lambda *_given: {})
    monkeypatch.setattr(child, "_warn_of_blocked", lambda *_given: None)
    monkeypatch.setattr(child, "replace", lambda place, **_more: place)
    monkeypatch.setattr(child, "_PATIENCE", 0.0)
    told: asyncio.Queue[bytes] = asyncio.Queue()
    told.put_nowait(b"first")
    place, home = SimpleNamespace(roll=Roll("old")), SimpleNamespace(folder=tmp_path)
    following = asyncio.create_task(
        child._follow(told, cast(Any, Attending()), cast(Any, place), cast(Any, Keeper()), cast(Any, home))
    )
    async with asyncio.timeout(5):
        await heard.wait()
        heard.clear()
        told.put_nowait(b"second")
        await heard.wait()
    following.cancel()
    assert len(taken) == 2


async def test_one_that_hears_no_more_ends() -> None:
    ended = asyncio.Event()

    async def breaks() -> None:
        raise RuntimeError("a fault of ours")

    task = asyncio.create_task(breaks())
    await asyncio.wait([task])
    child._end_with(cast(Any, SimpleNamespace(stop=ended.set)), task)
    assert ended.is_set()


async def test_what_could_not_be_taken_is_no_news_the_second_time() -> None:
    left: list[str] = []
    shop = SimpleNamespace(id="a")
    station = SimpleNamespace(shop=shop, leaving=False, leave=lambda: left.append("a"), adopt=lambda *_new: None)
    tries = iter([LedgerUnavailable("账本被锁住了")])

    async def enroll(_place: object) -> None:
        if (error := next(tries, None)) is not None:
            raise error

    there: Any = object.__new__(Worker)
    there._stations, there._seating, there._enroll = [station], None, enroll
    there._place = SimpleNamespace(roll=Roll("old"), settings=None)
    new = cast(Any, SimpleNamespace(roll=Roll("new"), settings=None))
    with pytest.raises(LedgerUnavailable):
        await there.take(new)
    await there.take(new)
    assert left == ["a"]


async def test_a_browser_that_dies_at_once_is_started_again_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dying:
        painted, started = True, ()

        async def ping(self, *, heard: bool) -> None:
            assert not heard
            raise BrowserGone("浏览器已经关闭")

    class Seats:
        held = shops = ()

        def cover(self, _shops: object) -> None:
            pass

        async def take(self) -> None:
            pass

    @asynccontextmanager
    async def open_browser(**_how: object) -> AsyncIterator[Dying]:
        yield Dying()

    really, done = Worker._leave, list[str]()

    async def leave(one: Worker) -> None:
        done.append("left")
        await really(one)

    monkeypatch.setattr(Worker, "_leave", leave)
    monkeypatch.setattr(worker, "open_browser", open_browser)
    monkeypatch.setattr(worker, "_RESTART_SECONDS", 0.2)
    there: Any = object.__new__(Worker)
    there._place = SimpleNamespace(
        tell=lambda sign: done.append("begins" if sign.begins else "lives"),
        packs={},
        clock=Set(),
        roll=SimpleNamespace(shops={}),
        settings=None,
    )
    there._seats, there._stations, there._ends, there._visits, there._begun = Seats(), [], [], {}, 0
    there._wake, there._stop, there._entered, there._seating = asyncio.Event(), asyncio.Event(), False, None
    there._serve_due = lambda: 60.0
    begun = asyncio.get_running_loop().time()
    await there._session()
    assert asyncio.get_running_loop().time() - begun >= 0.2
    # What a hung browser takes to be left and started anew is no silence: nobody is to kill the worker meanwhile.
    assert done == ["begins", "begins", "left"]


async def test_an_edit_while_a_seat_is_taken_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def listed(what: str) -> Any:
        return SimpleNamespace(roll=SimpleNamespace(shops={"a": what}))

    class Seats:
        held = ("a",)

        def cover(self, _shops: object) -> None:
            pass

        async def take(self) -> None:
            there._place = listed("new")

    class Station:
        shop, leaving = SimpleNamespace(id="a"), False

        def start(self) -> None:
            pass

        async def wait(self) -> None:
            pass

    def station(_self: Worker, _browser: object, shop: str, _delay: float) -> Station:
        made.append(shop)
        return Station()

    there: Any = object.__new__(Worker)
    monkeypatch.setattr(Worker, "_station", station)
    monkeypatch.setattr(Worker, "_fits", lambda _self, _browser: True)
    there._stop, there._wake, there._stations, there._ends = asyncio.Event(), asyncio.Event(), [], []
    there._seats, there._place = Seats(), listed("old")
    await there._take_seats(None)
    assert made == ["new"]
