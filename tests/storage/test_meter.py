"""The meter: who waits, who was answered in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.ledger import Ledger
from storage.meter import THREE_MINUTES, Figures, figures, first_reply_seconds, waited
from storage.records import By, ReplyKind, ReplyState, ShopState, TurnState, Wait
from tests.storage.hands import HandClock, ask, draft, take

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


def wait(
    state: str,
    *,
    seen: float,
    asked: float | None = None,
    held: float | None = None,
    replied: float | None = None,
    by: By | None = None,
    handed: float | None = None,
) -> Wait:
    """A turn by how many seconds ago things happened."""
    at = {
        name: None if ago is None else NOW - timedelta(seconds=ago)
        for name, ago in {"asked_at": asked, "holding_at": held, "reply_at": replied, "handed_at": handed}.items()
    }
    seen_at = NOW - timedelta(seconds=seen)
    return Wait(shop="tea", state=TurnState(state), seen_at=seen_at, reply_by=by, **at)


NOBODY = Figures(waiting=0, answered=0, handed=0, p50_ms=None, p95_ms=None, rate_3min=None, met=0, due=0)

CASES: dict[str, tuple[Wait, dict[str, Any]]] = {
    "answered in time": (
        wait("answered", seen=100, replied=98, by="bot"),
        {"answered": 1, "met": 1, "due": 1, "rate_3min": 1.0, "p50_ms": 2000, "p95_ms": 2000},
    ),
    "answered exactly at the threshold": (
        wait("answered", seen=500, replied=320, by="bot"),
        {"answered": 1, "met": 1, "due": 1, "rate_3min": 1.0, "p50_ms": 180_000, "p95_ms": 180_000},
    ),
    "answered late": (
        wait("answered", seen=500, replied=319.9, by="bot"),
        {"answered": 1, "due": 1, "rate_3min": 0.0, "p50_ms": 180_100, "p95_ms": 180_100},
    ),
    "asked before it was seen": (
        wait("answered", seen=100, asked=300, replied=98, by="bot"),
        {"answered": 1, "due": 1, "rate_3min": 0.0, "p50_ms": 202_000, "p95_ms": 202_000},
    ),
    "held in time, answered late by a person": (
        wait("answered", seen=900, held=890, replied=10, by="person", handed=895),
        {"handed": 1, "met": 1, "due": 1, "rate_3min": 1.0, "p50_ms": 10_000, "p95_ms": 10_000},
    ),
    "waiting, not due yet": (wait("open", seen=180), {"waiting": 1}),
    "waiting past the threshold": (wait("open", seen=180.1), {"waiting": 1, "due": 1, "rate_3min": 0.0}),
    "waiting past it by the console's clock": (
        wait("open", seen=5, asked=200),
        {"waiting": 1, "due": 1, "rate_3min": 0.0},
    ),
    "handed, nothing said": (wait("handed", seen=60, handed=59), {"waiting": 1, "handed": 1}),
    "handed, nothing said for too long": (
        wait("handed", seen=600, handed=59),
        {"waiting": 1, "handed": 1, "due": 1, "rate_3min": 0.0},
    ),
    "handed and held": (
        wait("handed", seen=60, held=50, handed=59),
        {"handed": 1, "met": 1, "due": 1, "rate_3min": 1.0, "p50_ms": 10_000, "p95_ms": 10_000},
    ),
    "open and held": (
        wait("open", seen=60, held=50),
        {"waiting": 1, "met": 1, "due": 1, "rate_3min": 1.0, "p50_ms": 10_000, "p95_ms": 10_000},
    ),
    "answered by the platform's robot": (
        wait("answered", seen=60, replied=59, by="robot"),
        {"met": 1, "due": 1, "rate_3min": 1.0, "p50_ms": 1000, "p95_ms": 1000},
    ),
    "a console whose clock is ahead": (
        wait("answered", seen=60, asked=50, replied=55, by="bot"),
        {"answered": 1, "met": 1, "due": 1, "rate_3min": 1.0, "p50_ms": 0, "p95_ms": 0},
    ),
    "ignored": (wait("ignored", seen=600), {}),
    "observed": (wait("observed", seen=600, replied=10, by="person"), {}),
}


@pytest.mark.parametrize(("turn", "wanted"), CASES.values(), ids=CASES)
def test_one_turn(turn: Wait, wanted: dict[str, Any]) -> None:
    found = figures([turn], threshold=THREE_MINUTES, now=NOW)
    changed = {
        name: getattr(found, name) for name in Figures.__slots__ if getattr(found, name) != getattr(NOBODY, name)
    }
    assert changed == wanted


def test_no_turns() -> None:
    assert figures([], threshold=THREE_MINUTES, now=NOW) == NOBODY


def test_percentiles_are_waits_that_happened() -> None:
    turns = [wait("answered", seen=1000, replied=1000 - seconds, by="bot") for seconds in range(1, 101)]
    found = figures(turns, threshold=90, now=NOW)
    assert (found.p50_ms, found.p95_ms) == (50_000, 95_000)
    assert (found.met, found.due, found.rate_3min) == (90, 100, 0.9)


def test_waits_in_seconds() -> None:
    turn = wait("open", seen=7)
    assert waited(turn, NOW) == 7
    assert first_reply_seconds(turn) is None


def test_figures_of_shops(ledger: Ledger, clock: HandClock) -> None:
    ledger.put_shop("cup", title="杯子店", console="plain", platform="practice")
    ledger.set_shop_state("tea", ShopState.ready)
    left = ask(ledger, clock, "b0")
    start = clock.go(1000)
    take(ledger, draft(ledger, ask(ledger, clock)), ReplyState.sending)
    clock.go(3)
    reply = ledger.unfinished("tea")[0]
    ledger.move(reply.id, ReplyState.confirmed, message_key="o1")
    handed = ask(ledger, clock, "b2")
    ledger.hand_over(handed.id, reason="要人工", urgent=False, deadline_at=clock.now())
    take(ledger, draft(ledger, handed, ReplyKind.hold), ReplyState.confirmed)

    cup, tea = ledger.figures(since=start)
    assert (cup.shop, cup.title, cup.state, cup.waiting, cup.rate_3min) == ("cup", "杯子店", "stopped", 0, None)
    assert (tea.title, tea.state) == ("茶叶店", ShopState.ready)
    # The turn left open since long before counts too: its buyer waits now.
    assert (tea.waiting, tea.answered, tea.handed, tea.met, tea.due) == (1, 1, 1, 2, 3)
    assert (tea.p50_ms, tea.p95_ms) == (0, 3000)

    ledger.close_turn(left.id, TurnState.ignored)
    assert ledger.figures()[1].rate_3min == 1.0
    assert ledger.figures(since=clock.go(1))[1].due == 0
