"""Which commits are on the disk when they return: what a power cut takes back could be said twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest
from sqlite_utils import Database

from base.errors import LedgerUnavailable
from storage.ledger import Ledger
from storage.migrations import migrations
from storage.records import Kind, ReplyKind, ReplyState, Said, Sender
from tests.storage.hands import HandClock

# What the pragma `synchronous` is as a number.
NORMAL, FULL = 1, 2
T = TypeVar("T")


def level(ledger: Ledger) -> int:
    """What `synchronous` is now."""
    ((found,),) = (row.values() for row in ledger._store.rows("pragma synchronous"))
    return int(found)


def commits(ledger: Ledger, act: Callable[[], T]) -> tuple[list[int], T]:
    """At which `synchronous` each commit ran, by the statements that SQLite was given."""
    done: list[str] = []
    levels, now = [], level(ledger)
    ledger._store._db.conn.set_trace_callback(lambda sql: done.append(sql.lower()))
    try:
        given = act()
    finally:
        ledger._store._db.conn.set_trace_callback(None)
    for sql in done:
        if sql.startswith("pragma synchronous = "):
            now = {"normal": NORMAL, "full": FULL}[sql.split()[-1]]
        elif sql == "commit":
            levels.append(now)
    assert level(ledger) == NORMAL
    return levels, given


@pytest.mark.parametrize(("synced", "wanted"), [(True, FULL), (False, NORMAL)])
def test_a_transaction_has_its_level_to_the_end_whatever_is_inside(
    ledger: Ledger, clock: HandClock, synced: bool, wanted: int
) -> None:
    with ledger._store.write(synced=synced):
        assert level(ledger) == wanted
        with ledger._store.write(synced=not synced):
            ledger.sign("disk", fine=True)
            assert level(ledger) == wanted
        assert level(ledger) == wanted
    assert level(ledger) == NORMAL


def test_the_level_is_back_after_what_failed_and_the_next_is_synced_again(
    ledger: Ledger, clock: HandClock, path: Path
) -> None:
    def broken(error: Exception) -> None:
        with ledger._store.write():
            ledger.sign("disk", fine=False)
            raise error

    for error in (ValueError("mine"), sqlite3.OperationalError("its")):
        with pytest.raises(type(error), match=str(error)):
            broken(error)
        assert level(ledger) == NORMAL
    ledger._store.rows("pragma busy_timeout = 20")
    with closing(sqlite3.connect(path)) as other:
        other.execute("begin immediate")
        with pytest.raises(LedgerUnavailable, match="锁住"):
            ledger.command("tea", "return")
    assert level(ledger) == NORMAL
    assert ledger.signs() == []
    assert commits(ledger, lambda: ledger.command("tea", "return"))[0] == [FULL]


@pytest.mark.parametrize(
    "act",
    [
        lambda ledger: ledger.event("disk"),
        lambda ledger: ledger.set_command(1, "done"),
        lambda ledger: ledger.begin_command(1),
        lambda ledger: ledger._store.run_each("update commands set state = :state", [{"state": "done"}]),
    ],
)
def test_a_statement_of_its_own_is_synced_too(ledger: Ledger, act: Callable[[Ledger], object]) -> None:
    ledger.command("tea", "return")
    assert commits(ledger, lambda: act(ledger))[0] == [FULL]


def test_migrations_are_synced(path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    levels: list[int] = []
    apply = migrations.apply

    def heard(db: Database) -> None:
        levels.append(db.execute("pragma synchronous").fetchone()[0])
        apply(db)

    monkeypatch.setattr(migrations, "apply", heard)
    Ledger.open(path, clock).close()
    assert levels == [FULL]


def test_what_must_outlive_a_power_cut_is_synced_and_the_rest_comes_with_it(
    ledger: Ledger, clock: HandClock
) -> None:
    def synced(act: Callable[[], T]) -> tuple[bool, T]:
        levels, given = commits(ledger, act)
        (one,) = levels
        return one == FULL, given

    ledger.put_shop("tea", title="茶叶店", console="plain", platform="practice")
    kept, turn = synced(lambda: ledger.open_turn("tea", "b1", seen_at=clock.now()))
    assert kept
    said = Said(key="m1", sender=Sender.buyer, kind=Kind.text, text="在吗", at=clock.now())
    assert not synced(lambda: ledger.fill_turn(turn.id, [said], asked_at=None))[0]
    kept, reply = synced(
        lambda: ledger.draft(turn.id, kind=ReplyKind.answer, entry="e", text="在的", newest_key="m1")
    )
    assert not kept
    assert not synced(lambda: ledger.begin(reply.id, ReplyState.typing))[0]
    assert synced(lambda: ledger.begin(reply.id, ReplyState.sending))[0]
    assert not synced(lambda: ledger.move(reply.id, ReplyState.confirmed, message_key="m2"))[0]
    assert synced(lambda: ledger.command("tea", "return"))[0]
