"""What a wave must leave behind, who was overtaken, and a small wave over one shop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench import waves
from bench.house import House
from bench.waves import Ridden, Wave, as_json, overtaken, part, ride, weathered
from bots.demo.judge import Verdict

GOOD = Verdict(
    turns=9,
    answered=6,
    chosen=1,
    handed_off=3,
    waiting=0,
    lost=0,
    duplicates=0,
    misdelivered=0,
    wrong=0,
    first_reply_ms={"p50": 1.0, "p95": 1.0, "p99": 1.0},
    held_ms={"p50": 1.0, "p95": 1.0, "p99": 1.0},
    rate_3min=1.0,
    in_scope_answered=0.7,
)


def ridden(**changes: Any) -> Ridden:
    wave = Wave(times=10, seconds=600)
    return Ridden(wave=wave, verdict=replace(GOOD, **changes), longest_ms=9.0, overtaken=0)


@pytest.mark.parametrize("worse", ["waiting", "lost", "duplicates", "misdelivered", "wrong"])
def test_nobody_may_come_to_harm_in_any_wave(worse: str) -> None:
    assert weathered([ridden(), ridden()])
    assert not weathered([ridden(), ridden(**{worse: 1})])


def test_only_in_the_first_wave_everybody_must_have_a_word_in_time() -> None:
    assert weathered([ridden(), ridden(rate_3min=0.9)])
    assert not weathered([ridden(rate_3min=0.9), ridden()])


def test_who_asked_earlier_in_the_same_shop_and_was_served_later_was_overtaken() -> None:
    def turn(shop: str, asked: int, got: int | None) -> dict[str, Any]:
        return {"shop": shop, "asked_first": asked, "got": [] if got is None else [{"at": got}]}

    early, late = turn("a", 0, 60_000), turn("a", 30_000, 50_000)
    assert overtaken([early, late]) == 1
    assert overtaken([early, turn("b", 30_000, 50_000)]) == 0
    assert overtaken([early, turn("a", 5_000, 50_000)]) == 0  # as good as at the same time
    assert overtaken([turn("a", 0, None), late]) == 0


def test_a_wave_is_judged_by_all_that_its_buyers_were_told_however_late() -> None:
    turns = [{"shop": "a", "conversation": key, "asked_first": at} for key, at in (("x", 5), ("y", 10), ("z", 20))]
    messages = [{"shop": "a", "conversation": key, "at": 99, "text": key} for key in "xyz"]
    found = part({"now": 100, "turns": turns, "messages": messages}, 5, 20)
    assert [turn["conversation"] for turn in found["turns"]] == ["x", "y"]
    assert [one["text"] for one in found["messages"]] == ["x", "y"]


@pytest.mark.timeout(180)
async def test_who_is_never_seen_to_is_lost_and_the_figures_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_there: House) -> bool:
        return False

    monkeypatch.setattr(House, "seen_to", never)
    monkeypatch.setattr(waves, "_REST_SECONDS", 3.0)
    (found,) = await ride(1, 0.1, [Wave(times=10, seconds=5)])
    assert found.verdict.turns > 0


@pytest.mark.timeout(180)
async def test_a_small_wave() -> None:
    (found,) = await ride(1, 0.1, [Wave(times=10, seconds=3)])
    assert found.clean and found.verdict.rate_3min == 1.0
    told = as_json(found)
    assert (told["times"], told["turns"], told["overtaken"]) == (10, found.verdict.turns, 0)
