"""Events and commands."""

from __future__ import annotations

import pytest

from storage.ledger import Ledger
from tests.storage.hands import HandClock


def test_event_is_masked(ledger: Ledger, clock: HandClock) -> None:
    ledger.event(
        "seen", shop="tea", severity="warning", text="打 13812345678", more={"list": ["a@b.cn", 7]}, at=clock.now()
    )
    (event,) = ledger.events()
    assert (event.kind, event.shop, event.severity, event.at) == ("seen", "tea", "warning", clock.now())
    assert event.detail == {
        "text": "打 138****5678",
        "more": {"list": ["***@***", 7]},
        "at": "2026-11-03 20:00:00+00:00",
    }


def test_events_after_one(ledger: Ledger) -> None:
    for number in range(5):
        ledger.event("tick", number=number)
    first = ledger.events(limit=2)
    rest = ledger.events(after_id=first[-1].id)
    assert [event.detail["number"] for event in [*first, *rest]] == [0, 1, 2, 3, 4]
    assert rest[0].shop is None


def test_command(ledger: Ledger, clock: HandClock) -> None:
    made = ledger.command("tea", "pause", conversation="b1", minutes=5)
    assert (made.shop, made.kind, made.state, made.at) == ("tea", "pause", "new", clock.now())
    assert (made.args, made.result) == ({"conversation": "b1", "minutes": 5}, {})
    ledger.command("cup", "pause")
    assert ledger.commands_for(["tea"]) == [made]
    ledger.set_command(made.id, "doing", step=1)
    assert ledger.commands_for(["tea"]) == []
    (doing,) = ledger.commands_for(["tea", "pot"], ("new", "doing"))
    assert (doing.state, doing.result) == ("doing", {"step": 1})
    ledger.set_command(made.id, "done")
    assert (ledger.command_row(made.id).state, ledger.command_row(made.id).result) == ("done", {})
    assert ledger.commands_for([]) == []


def test_commands_oldest_first(ledger: Ledger) -> None:
    made = [ledger.command(shop, "pause") for shop in ("tea", "cup", "tea")]
    assert ledger.commands_for(["cup", "tea"]) == made


def test_unknown_command(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="没有编号为 7"):
        ledger.command_row(7)
    with pytest.raises(ValueError, match="no row 7"):
        ledger.set_command(7, "done")
