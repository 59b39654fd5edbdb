"""The lines of a growth run: their slopes, their plots, and a short run of the real thing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.fleet import Figures
from bench.growth import Slopes, Step, by_rate, pictures


def step(*, shops: int = 53, rate: float = 1.0, cores: float = 0.5, memory: float = 900, lost: int = 0) -> Step:
    figures = Figures(turns=9, p50_ms=50.0, p99_ms=90.0, replies_per_s=1.0, cpu_ms_per_reply=40.0, lost=lost)
    return Step(shops=shops, rate=rate, idle_cores=shops / 100, cores=cores, memory_mib=memory, figures=figures)


def test_slopes_are_of_each_further_shop_and_question() -> None:
    shops = [step(shops=count, memory=300 + 40 * count) for count in (5, 20, 53)]
    rates = [step(rate=rate, cores=0.2 + 0.05 * rate) for rate in (1, 10, 20)]
    found = Slopes.of(shops, rates)
    assert (found.mib_a_shop, found.idle_cores_a_shop) == pytest.approx((40, 0.01))
    assert found.cpu_ms_a_question == pytest.approx(50)


def test_a_step_that_was_not_borne_bends_no_line() -> None:
    rates = [*(step(rate=rate, cores=0.05 * rate) for rate in (1, 10)), step(rate=60, cores=2, lost=3)]
    assert Slopes.of([], rates).cpu_ms_a_question == pytest.approx(50)


def test_nor_does_a_rate_at_which_replies_came_late() -> None:
    late = replace(step(rate=20, cores=1.5), figures=Figures(turns=9, p50_ms=8_000.0, p99_ms=19_000.0))
    rates = [*(step(rate=rate, cores=0.05 * rate) for rate in (1, 10)), late]
    assert Slopes.of([], rates).cpu_ms_a_question == pytest.approx(50)


def test_what_was_not_measured_has_no_slope_and_no_plot() -> None:
    found = Slopes.of([step()], [])
    assert (found.mib_a_shop, found.cpu_ms_a_question) == (None, None)
    assert list(pictures([step()], [], found)) == ["growth-shops.svg"]


@pytest.mark.timeout(180)
async def test_a_run_tells_what_was_taken() -> None:
    (found,) = await by_rate(1, [4.0], 3.0)
    assert found.figures.clean and found.figures.turns
    assert 0 < found.idle_cores < found.cores
    assert found.memory_mib > 100
