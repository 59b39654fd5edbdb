"""Who is served next over all shops: pure, from waiters and a moment."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bots.station import Station
from bots.worker import in_order
from flows.inbox import Waiter

NOW = 1000.0


def waiter(key: str, *, left: float, due_in: float = 0.0) -> Waiter:
    """Somebody with so many seconds left, who may be served in so many."""
    return Waiter(key=key, since=NOW - 5, changed=NOW - 5, late_at=NOW + left, due_at=NOW + due_in, clock=True)


def served(*pairs: tuple[Waiter, str]) -> list[str]:
    """The keys in the order in which they are served; a station is only passed through."""
    waiting = [(one, cast(Station, cast(Any, shop))) for one, shop in pairs]
    return [f"{shop}/{one.key}" for one, shop in in_order(waiting, NOW)]


@pytest.mark.parametrize(
    ("pairs", "order"),
    [
        ([], []),
        ([(waiter("a", left=100), "x"), (waiter("b", left=20), "y")], ["y/b", "x/a"]),
        # Who is late already waits for those who can still be served in time, the one who waits longest first.
        (
            [(waiter("late", left=-5), "x"), (waiter("a", left=100), "x"), (waiter("later", left=-60), "y")],
            ["x/a", "y/later", "x/late"],
        ),
        ([(waiter("a", left=5, due_in=0.3), "x"), (waiter("b", left=100), "x")], ["x/b"]),
        ([(waiter("a", left=50, due_in=0), "x"), (waiter("b", left=50, due_in=0), "y")], ["x/a", "y/b"]),
    ],
)
def test_the_most_urgent_of_all_shops_comes_first(pairs: list[tuple[Waiter, str]], order: list[str]) -> None:
    assert served(*pairs) == order
