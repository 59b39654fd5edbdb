"""What `bench.start` takes for good, and a run of it with one shop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.start import Started, measure

GOOD = Started(
    shops=53,
    cold_s=[20.0, 59.0],
    crash_s=[5.0, 14.0],
    idle_core=0.008,
    python_mib=300.0,
    shops_of_it=10,
    duplicates=0,
    misdelivered=0,
    wrong=0,
    unanswered=0,
)


@pytest.mark.parametrize(
    "worse",
    [
        {"cold_s": [20.0, 61.0]},
        {"crash_s": [5.0, 16.0]},
        {"idle_core": 0.011},
        {"python_mib": 321.0},
        {"duplicates": 1},
        {"misdelivered": 1},
        {"wrong": 1},
        {"unanswered": 1},
    ],
    ids=lambda worse: next(iter(worse)),
)
def test_each_need_counts(worse: dict[str, object]) -> None:
    assert GOOD.met
    assert not replace(GOOD, **worse).met  # type: ignore[arg-type]


@pytest.mark.timeout(180)
async def test_a_shop_is_answered_from_a_cold_start_and_after_its_workers_death(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bench.start._REST", 0.0)
    monkeypatch.setattr("bench.start._IDLE", 1.0)
    found = await measure(1)
    assert (len(found.cold_s), len(found.crash_s), found.shops_of_it) == (1, 1, 1)
    assert (found.duplicates, found.misdelivered, found.wrong, found.unanswered) == (0, 0, 0, 0)
    assert found.python_mib > 50
