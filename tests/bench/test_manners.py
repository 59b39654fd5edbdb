"""The benchmark of bad manners: what is tried, what counts as a fault, and two cells played through."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from bench import ground, manners
from bench.ground import Tried
from bench.manners import Cell, judged, markdown, measure, plan, table
from bots.demo.judge import Verdict
from practice.manners import MANNERS, SHAPE

NOTHING = {"p50": None, "p95": None, "p99": None}
GOOD = Cell(
    dialect="plain",
    manners=("slow",),
    turns=15,
    answered=9,
    duplicates=0,
    misdelivered=0,
    lost=0,
    wrong=0,
    p95_ms=2500.0,
    extra_p95_ms=500.0,
)


def tried(*took: float, lost: int = 0) -> Tried:
    verdict = Verdict(
        turns=3,
        answered=2,
        chosen=0,
        handed_off=1 - lost,
        waiting=lost,
        lost=lost,
        duplicates=0,
        misdelivered=0,
        wrong=0,
        first_reply_ms=NOTHING,
        held_ms=NOTHING,
        rate_3min=None,
        in_scope_answered=None,
    )
    return Tried(manners=("slow",), verdict=verdict, took=took)


async def test_two_cells_beside_the_one_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "SHOPS", 1)
    monkeypatch.setattr(ground, "TURNS", 4)
    said: list[str] = []
    cells = await measure("plain", [(), ("untrusted",), ("shadow",)], 5.0, said.append)
    assert [cell.manners for cell in cells] == [(), ("untrusted",), ("shadow",)]
    assert [(cell.turns >= 4, cell.met) for cell in cells] == [(True, True)] * 3
    base = cells[0].p95_ms
    assert base is not None
    assert cells[0].extra_p95_ms == 0
    assert [cell.extra_p95_ms for cell in cells[1:]] == [(cell.p95_ms or 0) - base for cell in cells[1:]]
    assert len(said) == 3
    assert json.loads(json.dumps([asdict(cell) for cell in cells]))[1]["manners"] == ["untrusted"]


def test_what_is_tried() -> None:
    alone, pairs = plan("pinduoduo", pairs=False), plan("pinduoduo", pairs=True)
    assert alone[0] == pairs[0] == ()
    assert {name for cell in alone for name in cell} == set(MANNERS)
    assert {frozenset(cell) for cell in pairs[1:]} == {
        frozenset((a, b)) for a in MANNERS for b in MANNERS if a != b
    }
    assert len(alone) == len(MANNERS) + 1
    assert alone[-2:] == [("polled",), ("kicked",)]
    # Where a second page does not end the first, nobody is kicked.
    assert {name for cell in plan("plain", pairs=False) for name in cell} == set(MANNERS) - {"kicked"}
    some = plan("pinduoduo", pairs=True, most=9)
    assert some == plan("pinduoduo", pairs=True, most=9) != plan("doudian", pairs=True, most=9)
    assert len(some) == 10 and set(some) < set(pairs)
    assert set(ground.SHAPES) == set(SHAPE)


def test_the_delay_is_told_beside_none() -> None:
    assert judged("plain", tried(1000.0, 2000.0, 3000.0), 1200.0).extra_p95_ms == 1800.0
    assert judged("plain", tried(), 1200.0).extra_p95_ms is None


@pytest.mark.parametrize("fault", ["duplicates", "misdelivered", "lost", "wrong"])
def test_each_fault_counts_and_is_shown(fault: str) -> None:
    changes: dict[str, Any] = {fault: 2}
    bad = replace(GOOD, **changes)
    assert GOOD.met
    assert not bad.met
    assert bad.faults == {fault: 2}
    pair = replace(bad, manners=("slow", "lost"))
    assert f"+0.5 **{fault} 2**" in markdown([replace(GOOD, manners=()), pair])


def test_a_cell_in_which_nobody_asked_shows_nothing() -> None:
    assert not replace(GOOD, turns=0).met


def test_who_is_lost_is_counted_by_the_judge() -> None:
    assert judged("plain", tried(1000.0, lost=1), None).faults == {"lost": 1}


def test_as_tables() -> None:
    none = replace(GOOD, manners=(), extra_p95_ms=0.0)
    assert markdown([none, GOOD]).splitlines()[2:] == [
        "| none | 15 | 9 | 0 | 0 | 0 | 0 | 2.5 |  |",
        "| slow | 15 | 9 | 0 | 0 | 0 | 0 | 2.5 | +0.5 |",
    ]
    matrix = markdown([none, replace(GOOD, manners=("slow", "lost"))])
    assert matrix.splitlines()[-1] == (
        "plain, 2 cells together: turns 30, answered 18, duplicates 0, misdelivered 0, lost 0, wrong 0."
    )
    (row,) = [line for line in matrix.splitlines() if line.startswith("| slow |")]
    assert row.split("|")[2:].count(" +0.5 ") == 1
    assert len({line.count("|") for line in matrix.splitlines()[:-2]}) == 1
    assert table([none, GOOD]).row_count == 2


def test_a_time_in_which_nobody_could_speak_is_refused() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="至少要多于"):
        manners._seconds_given("4")
