"""What a soak makes of its samples."""

from __future__ import annotations

import mmap
import os
from dataclasses import replace
from xml.etree import ElementTree

from bench.soak import PARTS, Result, Sample, _weigh, growth, own, restarts, svg
from bots.processes import Birth

SAMPLES = [
    Sample(at=60.0 * minute, mib={"python": 100 + minute, "driver": 80.0, "browser": 300 - minute / 2})
    for minute in range(61)
]


def test_growth_is_per_shop_and_hour() -> None:
    assert growth(SAMPLES, 3, 360) == {"python": 20.0, "driver": 0.0, "browser": -10.0, "all": 10.0}


def test_a_worker_that_was_begun_anew_does_not_pass_for_one_that_hardly_grows() -> None:
    one, two, other = (Birth(pid, 1.0) for pid in (1, 2, 3))
    both = frozenset({one, two})
    assert restarts([both, both, frozenset({two})]) == 0
    assert restarts([both, frozenset({two}), frozenset({two, other}), frozenset({Birth(2, 9.0), other})]) == 2
    none = dict.fromkeys((*PARTS, "all"), 0.0)
    good = Result(
        minutes=60, shops=3, growth=none, mib=none, restarts=0, turns=9, duplicates=0, misdelivered=0, lost=0
    )
    assert good.met
    assert not any(one.met for one in (replace(good, restarts=1), replace(good, turns=0), replace(good, lost=1)))


def test_a_worker_that_has_just_ended_takes_nothing() -> None:
    assert _weigh([Birth(2**22 + 1, 1.0)]) == dict.fromkeys(PARTS, 0.0)


def test_what_is_given_back_is_no_growth() -> None:
    teeth = [
        Sample(at=60.0 * minute, mib={"python": 100.0, "driver": 80.0, "browser": 300.0 + 40 * (minute % 6)})
        for minute in range(60)
    ]
    assert growth(teeth, 1, 360)["browser"] == 0


def test_memory_that_is_taken_counts() -> None:
    before = own(os.getpid())
    with mmap.mmap(-1, 64 << 20) as taken:
        taken.write(b"x" * (64 << 20))
        assert 60 < own(os.getpid()) - before < 140


def test_the_picture_has_a_line_for_each_part() -> None:
    picture = ElementTree.fromstring(svg(SAMPLES, "3 shops"))  # noqa: S314 - our own
    lines = [one for one in picture if one.tag.endswith("polyline")]
    assert [len(one.attrib["points"].split()) for one in lines] == [len(SAMPLES)] * len(PARTS)
