"""A console's release under a shop's feet: what was renamed is found again, tried, and compared with the truth."""

from __future__ import annotations

import pytest

from bench.drift import drifted, names_of
from flows.portrait import Spot


@pytest.mark.parametrize(
    ("css", "attr", "names"),
    [
        ((".a .b", "#c"), None, [".a", ".b", "#c"]),
        (("[data-k][type=text]",), "data-m", ["[data-k]", "[data-m]"]),
        (('[class*="name"]',), None, [".name"]),
        (('.a[data-k="{id}"]', '[role="list"]'), None, [".a", "[data-k]", '[role="list"]']),
        ((), None, []),
    ],
)
def test_what_a_key_leans_on(css: tuple[str, ...], attr: str | None, names: list[str]) -> None:
    assert names_of(Spot(key="k", css=css, within="page", attr=attr)) == names


async def test_keys_of_a_dialect_are_found_again() -> None:
    keys = ("inbox.row", "inbox.waiting", "thread.text")
    done = await drifted("pinduoduo", 7, keys)
    assert {one.key: one.verdict for one in done.outcomes} == dict.fromkeys(keys, "right")
    assert all(one.confidence > 0.5 for one in done.outcomes)
    assert done.alarms == []
