"""The figures of a run, the search for the rate that is borne, and a short run of all three."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from bench.fleet import Figures, figures_of, main, measure, met, middle, play
from bench.rigs import Rig
from bench.surge import Borne, bears, search
from bench.surge import measure as surge
from bench.surge import met as bears_enough


def turn(key: str, *took: int, text: str = "对") -> dict[str, Any]:
    got = [{"at": 1_000 + ms, "text": text} for ms in took]
    return {"conversation": key, "topic": "发货时间", "asked_first": 1_000, "got": got}


class Late:
    """A console whose buyers get a reply at once, and the same once more 0.3 s later."""

    def __init__(self) -> None:
        self.shops = [{"id": "shop-1"}]
        self.asked: list[int] = []

    async def truth(self) -> dict[str, Any]:
        now = time.time_ns() // 1_000_000
        got = [[{"at": at + late, "text": "对"} for late in (0, 300) if at + late <= now] for at in self.asked]
        turns = [
            {"conversation": str(at), "topic": "发货时间", "asked_first": at, "got": one}
            for at, one in zip(self.asked, got, strict=True)
        ]
        return {"now": now, "turns": turns}

    async def say(self, *_given: object, **_more: object) -> None:
        self.asked.append(time.time_ns() // 1_000_000)


def right(_conversation: str, _topic: str, text: str) -> bool:
    return text == "对"


def figures(**changes: Any) -> Figures:
    usual = {"turns": 9, "p50_ms": 50.0, "p99_ms": 200.0, "replies_per_s": 9.0, "cpu_ms_per_reply": 40.0}
    return Figures(**{**usual, "duplicates": 0, "misdelivered": 0, "lost": 0, **changes})


def test_figures_count_what_went_wrong() -> None:
    found = figures_of([turn("a", 40), turn("b", 60, 90), turn("c"), turn("d", 80, text="错")], 1_000, 0.4, right)
    assert (found.turns, found.duplicates, found.misdelivered, found.lost) == (4, 1, 1, 1)
    assert (found.p50_ms, found.p99_ms) == (60, 80)
    assert found.cpu_ms_per_reply == 100.0
    assert not found.clean


def test_nobody_served_has_no_times() -> None:
    found = figures_of([turn("a")], 1_000, 0.1, right)
    assert (found.p50_ms, found.cpu_ms_per_reply, found.lost) == (None, None, 1)


def test_who_asked_before_the_run_and_is_told_again_in_it_was_told_twice() -> None:
    before = {**turn("a", 40, 2_500), "asked_first": 500}
    found = figures_of([before, {**turn("b"), "asked_first": 500}, turn("c", 60)], 1_000, 0.1, right)
    assert (found.turns, found.duplicates, found.misdelivered, found.lost) == (1, 1, 0, 0)
    before["got"][1]["text"] = "错"
    assert figures_of([before, turn("c", 60)], 1_000, 0.1, right).misdelivered == 1


def test_what_was_told_again_before_the_run_is_none_of_its_matter() -> None:
    before = {**turn("a", 40, 50), "asked_first": 500}
    assert figures_of([before, {**turn("b", 2_000), "asked_first": 2_000}], 2_000, 0.1, right).clean


def test_nobody_asked_is_no_clean_run() -> None:
    found = figures_of([], 1_000, 0.1, right)
    assert not found.clean
    assert not bears(found)
    assert not met({"ours": found})


def test_a_cost_that_is_not_known_is_not_small() -> None:
    assert figures_of([turn("a", 40)], 1_000, -3.0, right).cpu_ms_per_reply is None
    assert not met({"ours": figures(cpu_ms_per_reply=None), "floor": figures()})


async def test_a_second_reply_that_comes_a_moment_later_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.fleet.SETTLE_SECONDS", 0.5)
    practice = Late()
    there = Rig(practice=cast(Any, practice), right=right, processes=list)
    found = await play(there, [("发货时间", "几时发")], rate=20, seconds=0.3)
    assert found.turns > 0
    assert found.duplicates == found.turns


@pytest.mark.parametrize(
    ("changes", "good"),
    [({}, True), ({"lost": 1}, False), ({"p50_ms": 61.0}, False), ({"cpu_ms_per_reply": 53.0}, False)],
)
def test_the_needs(changes: dict[str, Any], good: bool) -> None:
    assert met({"ours": figures(**changes), "floor": figures()}) is good


def test_what_goes_wrong_in_any_round_counts_and_no_slow_minute_does() -> None:
    slow = figures(turns=2, p50_ms=90.0, cpu_ms_per_reply=80.0, lost=1)
    found = middle([figures(turns=3, p50_ms=40.0), slow, figures(turns=3, p50_ms=44.0, cpu_ms_per_reply=None)])
    assert (found.turns, found.lost, found.p50_ms) == (8, 1, 44.0)
    assert found.cpu_ms_per_reply == (80 + (figures().cpu_ms_per_reply or 0)) / 2
    assert middle([Figures()]) == Figures()


@pytest.mark.parametrize(("only", "judged"), [(["ours"], False), (["ours", "floor"], True)])
def test_what_was_not_measured_beside_the_floor_does_not_meet_the_needs(
    only: list[str], judged: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def measured(kinds: list[str], *_given: object) -> dict[str, Figures]:
        return {kind: figures() for kind in kinds}

    monkeypatch.setattr("bench.fleet.measure", measured)
    monkeypatch.setattr("sys.argv", ["bench.fleet", "--json", "--only", *only])
    assert main() == 0
    told = json.loads(capsys.readouterr().out)
    assert told["met"] is judged
    keys = {"p50_ms", "p99_ms", "replies_per_s", "cpu_ms_per_reply", "duplicates", "misdelivered", "lost"}
    assert all(keys <= told[kind].keys() for kind in only)


async def test_the_highest_rate_is_found_by_halving() -> None:
    tried = []

    async def attempt(rate: float) -> Figures:
        tried.append(rate)
        return figures(p99_ms=100.0 if rate <= 13 else 5_000.0)

    found = await search(attempt, 2.5, 160)
    assert tried == [2.5, 5, 10, 20, 15, 12.5, 13.75]
    assert found.rate == 12.5 and found.figures is not None


async def test_a_rate_that_was_too_much_is_followed_by_a_new_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    lived: list[list[float]] = []

    @asynccontextmanager
    async def at_work(*_given: object) -> AsyncIterator[list[float]]:
        rates: list[float] = []
        lived.append(rates)
        yield rates
        rates.append(0.0)

    async def play(there: list[float], *_given: object, rate: float, **_more: object) -> Figures:
        there.append(rate)
        return figures(lost=int(rate > 13))

    monkeypatch.setattr("bench.surge.at_work", at_work)
    monkeypatch.setattr("bench.surge.play", play)
    found = await surge(["ours"], 1, 1.0, 2.5, 160)
    assert found["ours"].rate == 12.5
    assert lived == [[2.5, 5.0, 10.0, 20.0, 0.0], [15.0, 0.0], [12.5, 13.75, 0.0]]


async def test_what_bears_nothing_has_no_figures_and_is_not_asked_for_ever() -> None:
    tried = []

    async def attempt(rate: float) -> Figures:
        tried.append(rate)
        return figures(lost=1)

    found = await search(attempt, 2, 8)
    assert (found.rate, found.figures) == (0, None)
    assert len(tried) < 10


@pytest.mark.parametrize(("first", "most", "highest"), [(2.5, 100, 100), (5, 5, 5), (20, 10, 10)])
async def test_the_highest_rate_of_all_is_tried_too(first: float, most: float, highest: float) -> None:
    tried = []

    async def attempt(rate: float) -> Figures:
        tried.append(rate)
        return figures()

    assert (await search(attempt, first, most)).rate == highest
    assert max(tried) == highest
    assert len(tried) == len(set(tried))


def test_ours_must_come_near_the_floor() -> None:
    def borne(rate: float) -> Borne:
        return Borne(rate=rate, figures=None)

    assert bears_enough({"ours": borne(21), "floor": borne(30), "naive": borne(7)})
    assert not bears_enough({"ours": borne(20), "floor": borne(30), "naive": borne(1)})
    assert not bears_enough({"ours": borne(0), "floor": borne(0), "naive": borne(0)})


@pytest.mark.timeout(180)
async def test_all_three_serve() -> None:
    found = await measure(("ours", "naive", "floor"), 1, 1.0, 3.0)
    assert found["ours"].clean
    assert all(one.replies_per_s > 0 for one in found.values())
