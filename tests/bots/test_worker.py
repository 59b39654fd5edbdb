"""Who is served next over all shops: pure, from waiters and a moment; tables, and what holds for every crowd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.station import Station
from bots.worker import _FAIR_EACH, next_of
from flows.inbox import Waiter

NOW = 1000.0
FAIR = _FAIR_EACH - 1
Pair = tuple[Waiter, Station]


def waiter(key: str, *, left: float, waited: float = 5.0) -> Waiter:
    """Somebody with so many seconds left, who has waited for so many."""
    since = NOW - waited
    return Waiter(key=key, since=since, changed=since, late_at=NOW + left, due_at=NOW, clock=True)


def pairs_of(*pairs: tuple[Waiter, str]) -> list[Pair]:
    """A station is only passed through."""
    return [(one, cast(Station, cast(Any, shop))) for one, shop in pairs]


def served(*pairs: tuple[Waiter, str], begun: int = 0) -> list[str]:
    """The keys in the order in which they are served."""
    due, order = pairs_of(*pairs), []
    while due:
        pair = next_of(due, NOW, begun)
        begun += 1
        due.remove(pair)
        order.append(f"{pair[1]}/{pair[0].key}")
    return order


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
        ([(waiter("a", left=50), "x"), (waiter("b", left=50), "y")], ["x/a", "y/b"]),
    ],
)
def test_the_most_urgent_of_all_shops_comes_first(pairs: list[tuple[Waiter, str]], order: list[str]) -> None:
    assert served(*pairs) == order


def test_every_eighth_visit_is_for_whoever_has_waited_longest() -> None:
    there = [(waiter("a", left=3), "x"), (waiter("late", left=-5, waited=185), "y")]
    assert served(*there)[0] == "x/a"
    assert served(*there, begun=FAIR)[0] == "y/late"


PEOPLE = st.lists(
    st.tuples(st.floats(-300, 300), st.floats(0, 900), st.booleans()).map(
        lambda one: replace(waiter("", left=one[0], waited=one[1]), again=one[2])
    ),
    min_size=1,
    max_size=20,
)


def crowd(people: Sequence[Waiter]) -> list[Pair]:
    return pairs_of(*((replace(one, key=str(number)), str(number % 5)) for number, one in enumerate(people)))


@given(people=PEOPLE, begun=st.integers(0, 100).filter(lambda count: count % _FAIR_EACH != FAIR))
def test_nobody_who_can_be_served_in_time_has_less_time_left(people: Sequence[Waiter], begun: int) -> None:
    chosen, _shop = next_of(crowd(people), NOW, begun)
    in_time = [one for one in people if not one.again and one.late_at >= NOW]
    assert not in_time or chosen.late_at == min(one.late_at for one in in_time)


@given(people=PEOPLE, begun=st.integers(0, 100), left=st.floats(0, 300))
def test_a_stream_of_urgent_ones_starves_nobody(people: Sequence[Waiter], begun: int, left: float) -> None:
    """With each visit one more comes who is in a hurry, without end: all who were there first get their turn."""
    due, first = crowd(people), {str(number) for number in range(len(people))}
    for count in range(_FAIR_EACH * (len(people) + 1) * 2):
        if not first:
            return
        chosen = next_of(due, NOW, begun + count)
        due.remove(chosen)
        first.discard(chosen[0].key)
        due += pairs_of((waiter(f"new {count}", left=left, waited=0.0), "new"))
    raise AssertionError(first)


@given(people=PEOPLE, busy=st.integers(60, 90), begun=st.integers(0, 100))
def test_a_shop_in_which_hundreds_ask_leaves_the_others_their_turn(
    people: Sequence[Waiter], busy: int, begun: int
) -> None:
    """Whoever has less time left than the crowd of one shop is served before it, but for its fair share."""
    hurried = [replace(one, again=False, late_at=NOW + 1) for one in people]
    rush = pairs_of(*((waiter(f"rush {number}", left=100), "rush") for number in range(busy)))
    due = [*rush, *crowd(hurried)]
    left = {pair[0].key for pair in crowd(hurried)}
    for count in range(len(people) * 2 + _FAIR_EACH):
        chosen = next_of(due, NOW, begun + count)
        due.remove(chosen)
        left.discard(chosen[0].key)
    assert left == set()
