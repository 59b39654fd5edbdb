"""Calls, letters and signs: what is on record before it leaves, and what a restart makes of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from base.errors import LedgerUnavailable
from storage.calls import Alert, AlertKind, AlertState, Call, Letter
from storage.ledger import Ledger
from storage.records import TurnState
from tests.storage.hands import HandClock, ask

DAY = timedelta(days=1)


def call(clock: HandClock, key: str = "shop/tea") -> Call:
    """A call that was told once."""
    return Call(
        key=key,
        kind="captcha",
        shop="tea",
        subject="茶叶店",
        severity="alert",
        began_at=clock.now(),
        rounds=1,
        told_at=clock.now(),
        kinds=("captcha",),
        people=("小王",),
        alarmed=True,
    )


def tell(ledger: Ledger, clock: HandClock, kind: AlertKind = "call") -> Alert:
    """A letter about the call, put on record with it."""
    letter = Letter(person="小王", kind=kind, title="题", text="文", calls=("shop/tea",), pictures=("/a.png",))
    (alert,) = ledger.record_alerts([call(clock)], [letter])
    return alert


def the_call(ledger: Ledger, clock: HandClock) -> Call:
    (found,) = ledger.calls(clock.now() - DAY)
    return found


def test_on_record_before_it_leaves(ledger: Ledger, clock: HandClock) -> None:
    alert = tell(ledger, clock)
    assert the_call(ledger, clock) == call(clock)
    assert (alert.state, alert.calls, alert.pictures, alert.urgent) == (
        AlertState.new,
        ("shop/tea",),
        ("/a.png",),
        False,
    )
    assert ledger.unsent_alerts() == [alert]
    assert ledger.alert_leaves(alert.id, "群")
    assert ledger.unsent_alerts() == []
    ledger.alert_sent(alert.id)
    sent = ledger.alert(alert.id)
    assert (sent.state, sent.channel, sent.sent_at) == (AlertState.sent, "群", clock.now())
    assert the_call(ledger, clock).owed


def test_a_restart_repeats_it_once_and_never_twice(ledger: Ledger, clock: HandClock) -> None:
    alert = tell(ledger, clock)
    for expected in ([alert.id], []):
        ledger.alert_leaves(alert.id, "群")
        ledger.settle_alerts()
        assert [each.id for each in ledger.unsent_alerts()] == expected
    assert ledger.alert(alert.id).state is AlertState.failed


def test_what_was_refused_waits_and_is_told_anew_in_the_end(ledger: Ledger, clock: HandClock) -> None:
    alert = tell(ledger, clock)
    ledger.alert_leaves(alert.id, "群")
    ledger.alert_stuck(alert.id, "HTTP 500")
    assert [(each.id, each.why) for each in ledger.unsent_alerts()] == [(alert.id, "HTTP 500")]
    ledger.alert_failed(alert.id)
    assert ledger.unsent_alerts() == []
    found = the_call(ledger, clock)
    assert (found.told_at, found.rounds, found.kinds, found.alarmed, found.owed) == (None, 0, (), False, False)
    assert found.people == ()  # he never heard of it


@pytest.mark.parametrize(("late", "again"), [(600, True), (13 * 3600, False)])
def test_an_end_that_could_not_be_told_is_told_later(
    ledger: Ledger, clock: HandClock, late: float, again: bool
) -> None:
    over = replace(call(clock), over_at=clock.now(), people=("老板",))
    letter = Letter(person="小王", kind="over", title="题", text="文", calls=("shop/tea",))
    (alert,) = ledger.record_alerts([over], [letter])
    clock.go(late)
    for _ in range(2):
        ledger.alert_failed(alert.id)
        found = the_call(ledger, clock)
        assert (found.owed, found.people) == (again, ("老板", "小王") if again else ("老板",))


@pytest.mark.parametrize(("kind", "leaves"), [("call", False), ("over", True), ("held", True), ("test", True)])
def test_nobody_is_called_for_what_is_over(
    ledger: Ledger, clock: HandClock, kind: AlertKind, leaves: bool
) -> None:
    alert = tell(ledger, clock, kind)
    ledger._store.run("update calls set over_at = :now", now=clock.now())
    assert ledger.alert_leaves(alert.id, "群") is leaves
    assert (ledger.alert(alert.id).state is AlertState.failed) is not leaves


def test_over_calls_are_remembered_for_a_while(ledger: Ledger, clock: HandClock) -> None:
    tell(ledger, clock)
    ledger._store.run("update calls set over_at = :now", now=clock.now())
    assert ledger.calls(clock.now()) == []
    assert len(ledger.calls(clock.now() - DAY)) == 1


def test_acknowledged_by_code(ledger: Ledger, clock: HandClock) -> None:
    alert = tell(ledger, clock)
    acked = ledger.acknowledge(alert.code, "小王")
    assert (acked.acked_by, acked.acked_at) == ("小王", clock.now())
    assert the_call(ledger, clock).acked_by == "小王"
    clock.go(60)
    assert ledger.acknowledge(alert.code, "小李").acked_by == "小王"
    assert the_call(ledger, clock).acked_at == clock.now()
    with pytest.raises(ValueError, match="00000"):
        ledger.acknowledge("00000", "小王")


def test_what_an_older_version_rang_for_does_not_ring_anew(ledger: Ledger, clock: HandClock, path: Path) -> None:
    tell(ledger, clock)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("alter table calls drop column alarmed")
        db.execute("delete from _sqlite_migrations where name = '0011_alarmed'")
    with closing(Ledger.open(path, clock)) as newer:
        assert the_call(newer, clock) == call(clock)


def test_codes_differ(ledger: Ledger, clock: HandClock) -> None:
    codes = {tell(ledger, clock).code for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 5 and code.isdigit() for code in codes)


def test_an_acknowledgement_is_not_written_over(ledger: Ledger, clock: HandClock, path: Path) -> None:
    alert = tell(ledger, clock)
    other = Ledger.open(path, clock)
    other._store.run("pragma busy_timeout = 20")

    def planner(calls: list[Call]) -> tuple[list[Call], list[Letter]]:
        with pytest.raises(LedgerUnavailable):  # it has to wait, and then finds the call as it was left
            other.acknowledge(alert.code, "小王")
        return [replace(found, rounds=7) for found in calls], []

    ledger.plan_alerts(clock.now() - DAY, planner)
    other.acknowledge(alert.code, "小王")
    other.close()
    found = the_call(ledger, clock)
    assert (found.rounds, found.acked_by) == (7, "小王")


def test_tests_are_sent_by_their_own_command(ledger: Ledger, clock: HandClock) -> None:
    tell(ledger, clock, "test")
    assert ledger.unsent_alerts() == []


def test_signs(ledger: Ledger, clock: HandClock) -> None:
    began = clock.now()
    for fine in (True, True, False, False):
        ledger.sign("channel/群", fine=fine, why="" if fine else "HTTP 500")
        clock.go(10)
    (sign,) = ledger.signs()
    assert (sign.fine, sign.why) == (False, "HTTP 500")
    assert ((sign.since - began).total_seconds(), (sign.at - began).total_seconds()) == (20, 30)


def test_severe_events(ledger: Ledger, clock: HandClock) -> None:
    ledger.event("shop_state", shop="tea", severity="alert", why="滑块")
    for why in ("一次", "两次"):
        ledger.event("presence", shop="tea", severity="warning", why=why)
    clock.go(1)
    ledger.event("presence", shop="coffee", severity="alert", why="三次")
    ledger.event("knowledge", severity="alert", why="写错了")
    found = ledger.severe_events(clock.now() - DAY)
    assert [(each.kind, each.shop, each.detail["why"]) for each in found] == [
        ("presence", "tea", "两次"),
        ("presence", "coffee", "三次"),
        ("knowledge", None, "写错了"),
    ]
    ledger.event("knowledge", severity="info", mended=True)
    ledger.event("presence", shop="tea", severity="info")
    assert [each.shop for each in ledger.severe_events(clock.now() - DAY)] == ["coffee"]
    assert ledger.severe_events(clock.now()) == []


def test_who_waits_without_a_word(ledger: Ledger, clock: HandClock) -> None:
    first = ask(ledger, clock, "b1")
    clock.go(100)
    ask(ledger, clock, "b2")
    held = ask(ledger, clock, "b3")
    ledger.close_turn(held.id, TurnState.ignored)
    clock.go(100)
    ask(ledger, clock, "b4")
    (found,) = ledger.unanswered(clock.now())
    assert (found.shop, found.buyers, found.since) == ("tea", 2, first.seen_at)
    assert ledger.unanswered(first.seen_at) == []
