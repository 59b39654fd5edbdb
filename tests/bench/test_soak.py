"""What a soak makes of its samples."""

from __future__ import annotations

import mmap
import os
from xml.etree import ElementTree

from bench.soak import PARTS, Sample, growth, own, svg

SAMPLES = [
    Sample(at=60.0 * minute, mib={"python": 100 + minute, "driver": 80.0, "browser": 300 - minute / 2})
    for minute in range(61)
]


def test_growth_is_per_shop_and_hour() -> None:
    assert growth(SAMPLES, 3, 360) == {"python": 20.0, "driver": 0.0, "browser": -10.0, "all": 10.0}


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
