"""What is asked all the time is found by an index: no look grows with the ledger."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from storage.calls import Call, Letter
from storage.ledger import Ledger
from storage.migrations import KNOWN
from storage.rows import cell
from tests.storage.hands import HandClock, ask, say

HOUR = timedelta(hours=1)
Act = Callable[[Ledger, HandClock], object]

# A table that is read from one end to the other, but for an index that holds only what is pending; and the walk
# through all of a shop's conversations, which no SCAN tells of.
_WHOLE = re.compile(
    r"SCAN (conversations|turns|messages|replies|handoffs|events|calls|alerts)\b(?! USING INDEX handoffs_open)"
    r"|conversations\w* \(shop=\?\)"
)


@pytest.mark.parametrize(
    "act",
    [
        lambda ledger, clock: ledger.attend("tea", "b1", [say("m1")]),
        lambda ledger, clock: ledger.handoffs(),
        lambda ledger, clock: ledger.handoffs(shop="tea"),
        lambda ledger, clock: ledger.handoffs(conversation=1),
        lambda ledger, clock: ledger.calls(clock.now() - HOUR),
        lambda ledger, clock: ledger.plan_alerts(clock.now() - HOUR, lambda calls: planned(clock)),
        lambda ledger, clock: ledger.alerts(clock.now() - HOUR),
        lambda ledger, clock: ledger.unsent_alerts(),
        lambda ledger, clock: ledger.severe_events(clock.now() - HOUR),
        lambda ledger, clock: ledger.unanswered(clock.now()),
        lambda ledger, clock: ledger.knowledge_expires([]),
        lambda ledger, clock: ledger.roll_trouble(),
        lambda ledger, clock: ledger.roll_broken("第 3 行写错了", "", "shops.yaml", 3),
        lambda ledger, clock: ledger.open_turns("tea"),
        lambda ledger, clock: ledger.unfinished("tea"),
        lambda ledger, clock: ask(ledger, clock),
    ],
)
def test_nothing_is_read_whole(
    ledger: Ledger, clock: HandClock, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    asked: list[tuple[str, dict[str, object]]] = []

    def heard(method: str) -> None:
        real = getattr(ledger._store, method)

        def hear(sql: str, *many: list[dict[str, object]], **values: object) -> object:
            asked.append((sql, many[0][0] if many else values))
            return real(sql, *many, **values)

        monkeypatch.setattr(ledger._store, method, hear)

    heard("rows")
    heard("run")
    heard("run_each")
    act(ledger, clock)
    monkeypatch.undo()
    assert asked
    steps = [(step, sql) for sql, values in asked for step in plan(ledger, sql, values)]
    assert [(step, sql) for step, sql in steps if _WHOLE.search(step)] == []


def planned(clock: HandClock) -> tuple[list[Call], list[Letter]]:
    """A call and a letter about it."""
    call = Call(key="disk", kind="disk", shop=None, subject="", severity="alert", began_at=clock.now())
    return [call], [Letter(person="小王", kind="call", title="题", text="文", calls=("disk",))]


def plan(ledger: Ledger, sql: str, values: dict[str, object]) -> list[str]:
    """The steps that SQLite takes for a statement."""
    cells = {name: cell(value) for name, value in values.items()}
    return [step for *_ids, step in ledger._store._db.conn.execute(f"explain query plan {sql}", cells)]


def test_an_older_ledger_gets_the_short_ways_too(path: Path, clock: HandClock) -> None:
    Ledger.open(path, clock).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("drop index events_of_kind")
        db.execute("drop index calls_owed")
        db.execute("delete from _sqlite_migrations where name = '0009_short_ways'")
    Ledger.open(path, clock).close()
    with closing(sqlite3.connect(path)) as db:
        found = {name for (name,) in db.execute("select name from sqlite_master where type = 'index'")}
        assert {"events_of_kind", "calls_owed"} <= found
        assert {name for (name,) in db.execute("select name from _sqlite_migrations")} == KNOWN
