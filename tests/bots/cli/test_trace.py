"""`nightdesk trace`, on a ledger that bots write meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from base.clock import SystemClock
from storage.ledger import Ledger
from storage.records import Handoff, Kind, Said, Sender
from tests.bots.cli.conftest import Run
from tests.bots.cli.test_ledger_commands import hand_over

PHONE = "138" + "1234" + "5678"
Named = Callable[[Handoff], tuple[object, ...]]


def asked(ledger: Ledger) -> Handoff:
    handoff = hand_over(ledger)
    said = Said(key="m1", sender=Sender.buyer, kind=Kind.text, text=f"[bold]{PHONE}\n快", at=SystemClock().now())
    ledger.fill_turn(handoff.turn_id, [said], asked_at=said.at)
    return handoff


@pytest.mark.parametrize(
    "named",
    [
        lambda handoff: (handoff.turn_id,),
        lambda handoff: ("--handoff", handoff.id),
        lambda handoff: ("--shop", "tea", "--conversation", "b1"),
    ],
)
def test_a_turn_is_found_by_each_name(run: Run, ledger: Ledger, named: Named) -> None:
    hand_over(ledger, "b2")
    handoff = asked(ledger)
    ledger.decide_turn(
        handoff.turn_id, outcome="handoff", entry=None, confidence=None, reason=f"买家给了电话 {PHONE}"
    )
    shown = json.loads(run("trace", *named(handoff), "--json").stdout)
    assert (shown["turn"], shown["shop"], shown["conversation"]) == (handoff.turn_id, "tea", "b1")
    assert {step["what"] for step in shown["steps"]} >= {"asked", "seen", "read", "handoff"}
    assert PHONE not in json.dumps(shown, ensure_ascii=False)


def test_the_story_for_people(run: Run, ledger: Ledger) -> None:
    handoff = asked(ledger)
    result = run("trace", handoff.turn_id)
    assert result.exit_code == 0
    assert "等人工" in result.stdout and "毫秒" in result.stdout and "账本里没有" in result.stdout
    assert "[bold]138****5678 快" in result.stdout


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (("77",), 1, "没有编号为 77 的提问"),
        (("--handoff", "77"), 1, "没有编号为 77 的转人工"),
        (("--shop", "tea", "--conversation", "nobody"), 1, "没有会话“nobody”的提问"),
        ((), 2, "三样里写一样"),
        (("1", "--handoff", "2"), 2, "三样里写一样"),
        (("--shop", "tea"), 2, "要一起写"),
    ],
)
def test_what_is_not_there_or_not_clear(
    run: Run, ledger: Ledger, given: tuple[str, ...], code: int, said: str
) -> None:
    result = run("trace", *given)
    assert (result.exit_code, said in result.stderr) == (code, True)
