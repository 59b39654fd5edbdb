"""What a run with two `nightdesk up` takes for good."""

from __future__ import annotations

from dataclasses import replace

from bench.seats import Result

GOOD = Result(
    seconds=600,
    frozen={"worker": 3},
    changes=2,
    turns=9,
    duplicates=0,
    misdelivered=0,
    lost=0,
    unverified=1,
    first_reply_s={},
)


def test_each_need_counts() -> None:
    assert GOOD.met
    worse = (replace(GOOD, duplicates=1), replace(GOOD, misdelivered=1), replace(GOOD, lost=1))
    assert not any(one.met for one in worse)


def test_a_run_in_which_nothing_froze_or_nobody_asked_shows_nothing() -> None:
    assert not any(
        one.met for one in (replace(GOOD, turns=0), replace(GOOD, frozen={}), replace(GOOD, frozen={"up": 0}))
    )
