"""A shop whose page does not fit its pack: who waits is put before a person once, and looked at afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from base.errors import LoginLost
from bots.drifts import note_drift
from bots.evidence import Evidence
from flows.desk import Desk
from flows.drift import Drift
from flows.resume import take_up
from flows.views import Row, Snapshot
from storage.ledger import Ledger
from storage.records import HandoffState, Sender
from tests.flows.paper import KNOWN, MIND, NoLimit, Paper, Room

MARKED = Row(key="k", name="", preview=KNOWN, time="", unread="1", waiting=None, group="")


@dataclass(slots=True)
class Adrift:
    """A shop in drift with one row in its list; notes each time that somebody is handed over."""

    room: Room
    desk: Desk
    folder: Path
    row: Row = MARKED
    right: bool = False
    handed: int = 0

    async def read(self, readings: int = 60, *, every: float = 2.0) -> None:
        """As many readings; a clock in the row goes on meanwhile."""
        for reading in range(readings):
            if self.row.waiting is not None:
                self.row = replace(self.row, waiting=f"{170 - reading * every:.0f}秒后超时")
            await self.desk.read_on(hand_over=True)
            self.room.clock.go(every)


@pytest.fixture
async def adrift(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Adrift]:
    """A shop in drift whose list can still be read."""
    act = room.visitor.answerer
    desk = Desk(act.card, act.page, act.inbox, room.ledger, NoLimit(), room.clock, lambda: MIND, act.shelf)
    desk.drift.key = "thread.root"
    shop, hand_over = Adrift(room, desk, tmp_path), Ledger.hand_over

    async def read(_paper: Paper) -> Snapshot:
        return Snapshot(rows=(shop.row,), unparsed=0, thread=None, signals=frozenset({"logged_in"}))

    async def is_over(_drift: Drift, _snapshot: Snapshot) -> bool:
        return shop.right

    def note(ledger: Ledger, *given: Any, **more: Any) -> Any:
        shop.handed += 1
        return hand_over(ledger, *given, **more)

    monkeypatch.setattr(Paper, "read", read, raising=False)
    monkeypatch.setattr(Drift, "is_over", is_over)
    monkeypatch.setattr(Ledger, "hand_over", note)
    yield shop


@pytest.mark.parametrize(
    "row", [MARKED, replace(MARKED, unread=None), replace(MARKED, unread=None, waiting="170秒后超时")]
)
async def test_who_waits_is_handed_over_once_for_what_their_row_shows(adrift: Adrift, row: Row) -> None:
    adrift.row = row
    adrift.room.inbox.add("k", adrift.room.clock.steady())  # their turn was open before
    await adrift.read()
    assert (adrift.handed, len(await adrift.room.handoffs())) == (1, 1)
    adrift.row = replace(adrift.row, preview="还在吗")
    await adrift.read()
    assert adrift.handed == 2


@pytest.mark.parametrize("unread", [None, "1"])
async def test_whom_a_person_has_seen_to_people_are_not_called_for_again(
    adrift: Adrift, unread: str | None
) -> None:
    adrift.row = replace(MARKED, unread=unread)
    adrift.room.inbox.add("k", adrift.room.clock.steady())
    await adrift.read(2)
    (handoff,) = await adrift.room.handoffs()
    await adrift.room.ledger(Ledger.finish, handoff.id, "小王")
    await adrift.read()
    assert await adrift.room.handoffs() == []


async def test_what_was_done_about_a_row_before_is_not_a_persons_now(adrift: Adrift) -> None:
    adrift.room.inbox.see([MARKED], adrift.room.clock.steady())
    adrift.room.inbox.done("k", adrift.room.clock.steady())  # answered, and the badge has stayed
    await adrift.read()
    assert adrift.handed == 0


async def test_who_was_handed_over_is_looked_at_once_the_page_is_right(adrift: Adrift) -> None:
    adrift.row = replace(MARKED, unread=None)
    adrift.room.inbox.add("k", adrift.room.clock.steady())
    await adrift.read(5)
    adrift.row = replace(adrift.row, preview="亲，我来看一下")  # a person has answered, which raises no mark
    await adrift.read(5)
    assert list(adrift.room.inbox.waiting()) == []
    adrift.right = True
    await adrift.desk.read_on(hand_over=True)
    adrift.room.inbox.update([adrift.row], adrift.room.clock.steady())
    assert adrift.room.comes_back_in == 0


async def session_lost(adrift: Adrift) -> None:
    error = LoginLost("后台的登录已经失效")
    await note_drift(adrift.desk, Evidence(adrift.folder), adrift.room.ledger, error)


async def page_dead(adrift: Adrift) -> None:
    adrift.desk.look_again()  # as its page is closed


@pytest.mark.parametrize("ended", [session_lost, page_dead])
async def test_who_was_handed_over_is_looked_at_whatever_else_befell_the_page(
    adrift: Adrift, ended: Callable[[Adrift], Awaitable[None]]
) -> None:
    await adrift.read(100)
    assert adrift.handed == 1
    await ended(adrift)
    await take_up("shop", adrift.room.inbox, adrift.room.ledger, adrift.room.clock)
    adrift.room.inbox.update([MARKED], adrift.room.clock.steady())
    assert adrift.room.comes_back_in is not None and adrift.room.comes_back_in < 1


async def test_a_draft_that_is_forgotten_under_a_clock_that_runs_out_is_handed_over_once(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed, hand_over = list[int](), Ledger.hand_over

    def note(ledger: Ledger, turn: int, **more: Any) -> Any:
        handed.append(turn)
        return hand_over(ledger, turn, **more)

    monkeypatch.setattr(Ledger, "hand_over", note)
    room.paper.say(Sender.buyer, KNOWN)
    room.paper.draft = "亲，我去问一下"
    for _visit in range(10):
        await room.visit(left=80 - 5 * _visit)
        room.clock.go(5)
    (handoff,) = await room.handoffs()
    assert (len(handed), handoff.urgent, handoff.state) == (1, True, HandoffState.open)
