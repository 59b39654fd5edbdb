"""The plan of buyers: repeatable, a third of it beyond the knowledge, quiet at the end."""

from __future__ import annotations

from itertools import islice

import pytest

from practice.plan import QUIET, Visit, visits
from practice.questions import load_questions

SHOPS = {"shop-1": "toothpaste", "shop-2": "towel", "shop-3": "cup"}


def plan(*, seed: int = 7, rate: float = 4.3, seconds: float = 30) -> list[Visit]:
    return list(visits(load_questions(), SHOPS, seed=seed, rate=rate, seconds=seconds))


def test_a_seed_gives_the_same_plan_and_another_seed_another() -> None:
    assert plan() == plan()
    assert plan() != plan(seed=8)


@pytest.mark.parametrize(("rate", "seconds", "number"), [(4.3, 30, 112), (1.3, 60, 73), (0.1, 5, 1)])
def test_the_number_is_fixed_by_rate_and_time(rate: float, seconds: float, number: int) -> None:
    for seed in range(5):
        assert len(plan(seed=seed, rate=rate, seconds=seconds)) == number


def test_nobody_speaks_in_the_last_seconds() -> None:
    for visit in plan():
        ends = visit.at + sum(gap for gap, _ in visit.ask.says)
        assert visit.at >= 0
        assert ends <= 30 - QUIET


def test_a_third_is_beyond_the_knowledge() -> None:
    asks = [ask for visit in plan(seconds=60) for ask in (visit.ask, visit.second) if ask]
    beyond = sum(ask.topic is None for ask in asks) / len(asks)
    assert beyond == pytest.approx(1 / 3, abs=0.02)


def test_bursts_come_fast_and_keep_the_question() -> None:
    bursts = [visit.ask.says for visit in plan(seconds=60) if len(visit.ask.says) > 1]
    assert {len(burst) for burst in bursts} == {2, 3}
    assert all(0.2 <= gap <= 0.5 for burst in bursts for gap, _ in burst[1:])
    alone = [visit for visit in plan(seconds=60) if len(visit.ask.says) == 1]
    assert len(alone) > len(bursts)
    openers = set(load_questions().openers)
    assert not any(visit.ask.says[0][1] in openers for visit in alone)


def test_a_few_thank_and_some_ask_again_about_something_else() -> None:
    whole = plan(rate=5, seconds=120)
    thanks = [visit for visit in whole if visit.thanks]
    again = [visit for visit in whole if visit.second]
    assert 0.02 < len(thanks) / len(whole) < 0.09
    assert 0.07 < len(again) / len(whole) < 0.18
    for visit in again:
        assert visit.second is not None
        assert visit.second.topic is None or visit.second.topic != visit.ask.topic


def test_products_are_asked_about_where_they_are_sold() -> None:
    for visit in plan(seconds=120):
        texts = "".join(text for _, text in visit.ask.says)
        if "毛巾" in texts and not {"牙", "杯"} & set(texts):
            assert visit.shop == "shop-2"


def test_a_shop_alone_is_asked_what_it_sells() -> None:
    for visit in visits(load_questions(), {"shop-1": "toothpaste"}, seed=1, rate=5, seconds=60):
        assert visit.shop == "shop-1"


def test_without_an_end_it_goes_on_at_the_rate() -> None:
    first = list(islice(visits(load_questions(), SHOPS, seed=7, rate=2.0, seconds=None), 2000))
    assert first[-1].at == pytest.approx(1000, rel=0.1)
