"""The benchmark of bad manners: what is tried, what counts as a fault, what is kept, and cells played through."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import ground, manners
from bench.cells import COUNTS, Record, cells, keep, markdown, read_records, table, words
from bench.manners import measure, plan, shapes
from practice.manners import MANNERS, SHAPE

GOOD = Record(
    dialect="plain",
    manners=("slow",),
    shop="shop-1",
    counts={**dict.fromkeys(COUNTS, 0), "turns": 15, "answered": 9},
    took_ms=(1000.0, 2000.0, 2500.0),
)
NONE = replace(GOOD, manners=(), took_ms=(500.0, 1000.0, 2000.0))


def bad(fault: str, record: Record = GOOD) -> Record:
    return replace(record, counts={**record.counts, fault: 2})


@pytest.mark.timeout(180)
async def test_cells_of_several_shops_beside_those_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manners, "TURNS", 4)
    file = tmp_path / "cells.jsonl"
    todo = [(), ("untrusted",), ("shadow",)]
    await measure("plain", todo, 5.0, 2, lambda record: keep(file, record))
    found = read_records(file)
    assert set(found) == {
        ("plain", (), "shop-1"),
        ("plain", ("shadow",), "shop-2"),
        ("plain", ("untrusted",), "shop-1"),
    }
    assert all(record.counts["turns"] >= 4 and len(record.took_ms) >= 4 for record in found.values())
    assert all(cell.met for cell in cells(found.values()))


def test_each_shape_has_a_shop_and_the_others_are_shared_out() -> None:
    pairs = plan("plain", pairs=True)
    inside = shapes(pairs, 10)
    assert len(inside) == 10 and inside[0] == ()
    assert {one: inside.count(one) for one in set(inside)} == {
        (): 7,
        ("frames",): 1,
        ("shadow",): 1,
        ("frames", "shadow"): 1,
    }
    assert shapes([(), ("slow",)], 10) == [(), ()]
    assert shapes([(), ("frames", "slow")], 1) == [(), ("frames",)]
    assert shapes([("frames", "slow")], 1) == [("frames",)]


def test_what_is_tried() -> None:
    alone, pairs = plan("pinduoduo", pairs=False), plan("pinduoduo", pairs=True)
    assert alone[0] == pairs[0] == ()
    assert {name for cell in alone for name in cell} == set(MANNERS)
    assert {frozenset(cell) for cell in pairs[1:]} == {
        frozenset((a, b)) for a in MANNERS for b in MANNERS if a != b
    }
    assert len(alone) == len(MANNERS) + 1
    # What takes a minute comes first, so that the shops come to their ends together.
    assert {name for (name,) in alone[1:4]} == {"polled", "drafting", "kicked"}
    # Where a second page does not end the first, nobody is kicked.
    assert {name for cell in plan("plain", pairs=False) for name in cell} == set(MANNERS) - {"kicked"}
    some = plan("pinduoduo", pairs=True, most=9)
    assert some == plan("pinduoduo", pairs=True, most=9) != plan("doudian", pairs=True, most=9)
    assert len(some) == 10 and set(some) < set(pairs)
    assert set(ground.SHAPES) == set(SHAPE)


def test_the_delay_is_told_beside_none() -> None:
    extra = {cell.manners: cell.extra_p95_ms for cell in cells([NONE, GOOD])}
    assert extra == {(): 0.0, ("slow",): 500.0}
    assert [cell.extra_p95_ms for cell in cells([GOOD])] == [None]
    assert [cell.extra_p95_ms for cell in cells([NONE, replace(GOOD, took_ms=())])] == [0.0, None]


def test_what_several_shops_showed_is_one_cell() -> None:
    (cell,) = cells([NONE, replace(bad("lost", NONE), shop="shop-2", took_ms=(9000.0,))])
    assert (cell.turns, cell.answered, cell.lost, cell.p95_ms) == (30, 18, 2, 9000.0)


@pytest.mark.parametrize("fault", ["duplicates", "misdelivered", "lost", "wrong"])
def test_each_fault_counts_and_is_shown(fault: str) -> None:
    good, ill = cells([GOOD, bad(fault, replace(GOOD, manners=("lost",)))])
    assert good.met and not good.faults
    assert not ill.met
    assert ill.faults == {fault: 2}
    pair = replace(bad(fault), manners=("slow", "lost"))
    assert f"+0.5 **{fault} 2**" in markdown(cells([NONE, pair]))
    assert words(ill).endswith("2") and not words(good).endswith("2")


def test_a_cell_in_which_nobody_asked_shows_nothing() -> None:
    (cell,) = cells([replace(GOOD, counts=dict.fromkeys(COUNTS, 0))])
    assert not cell.met


def test_as_tables() -> None:
    found = cells([GOOD, NONE])
    assert markdown(found).splitlines()[2:] == [
        "| none | 15 | 9 | 0 | 0 | 0 | 0 | 2.0 |  |",
        "| slow | 15 | 9 | 0 | 0 | 0 | 0 | 2.5 | +0.5 |",
    ]
    matrix = markdown(cells([NONE, replace(GOOD, manners=("slow", "lost"))]))
    assert matrix.splitlines()[-1] == (
        "plain, 2 cells together: turns 30, answered 18, duplicates 0, misdelivered 0, lost 0, wrong 0."
    )
    (row,) = [line for line in matrix.splitlines() if line.startswith("| slow |")]
    assert row.split("|")[2:].count(" +0.5 ") == 1
    assert len({line.count("|") for line in matrix.splitlines()[:-2]}) == 1
    assert table(found).row_count == 2


def test_what_is_kept_is_read_again_and_the_last_word_counts(tmp_path: Path) -> None:
    file = tmp_path / "cells.jsonl"
    assert read_records(file) == {}
    for record in (bad("lost"), NONE, GOOD):
        keep(file, record)
    assert list(read_records(file).values()) == [GOOD, NONE]


def test_a_rerun_goes_on_where_the_last_one_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, asked = tmp_path / "cells.jsonl", list[object]()

    async def noted(dialect: str, todo: object, *given: Any) -> None:
        asked.append((dialect, todo))

    monkeypatch.setattr(manners, "measure", noted)
    monkeypatch.setattr("sys.argv", ["bench.manners", "--dialect", "plain", "--out", str(file)])
    *done, last = plan("plain", pairs=False)
    for one in done:
        keep(file, replace(GOOD, manners=one))
    assert manners.main() == 0
    assert asked == [("plain", [last])]
    keep(file, bad("wrong", replace(GOOD, manners=last)))
    assert manners.main() == 1
    assert len(asked) == 1


def test_a_time_in_which_nobody_could_speak_is_refused() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="至少要多于"):
        manners._seconds_given("4")
