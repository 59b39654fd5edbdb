"""Which worker a shop goes to: tables, and what holds for every list of shops."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.placing import MOST_SHOPS, Load, Places, Spread, groups, placed, spread

LIMIT = 4096.0


def load(number: int, *shops: str, memory: float = 0.0) -> Load:
    return Load(number=number, shops=shops, memory=memory)


@pytest.mark.parametrize(
    ("shops", "sizes"), [(1, [1]), (MOST_SHOPS, [18]), (MOST_SHOPS + 1, [10, 9]), (53, [18, 18, 17]), (0, [])]
)
def test_as_few_workers_as_can_be_of_about_the_same_size(shops: int, sizes: list[int]) -> None:
    found = groups([str(number) for number in range(shops)])
    assert [len(group) for group in found] == sizes
    assert sorted((shop for group in found for shop in group), key=int) == [str(number) for number in range(shops)]


@pytest.mark.parametrize(
    ("shops", "loads", "kept", "new"),
    [
        ("ab", [], {}, [["a", "b"]]),
        ("abc", [load(1, "a", "b")], {1: ["a", "b", "c"]}, []),
        # The lightest as weighed, not the one with the fewest shops.
        ("abcd", [load(1, "a", "b", memory=600), load(2, "c", memory=900)], {1: ["a", "b", "d"], 2: ["c"]}, []),
        # One more would be too heavy for either.
        ("abc", [load(1, "a", memory=3000), load(2, "b", memory=2500)], {1: ["a"], 2: ["b"]}, [["c"]]),
        # Two that come share out by what the first of them adds.
        (
            "abcd",
            [load(1, "a", memory=500), load(2, "b", memory=700)],
            {1: ["a", "c"], 2: ["b", "d"]},
            [],
        ),
        ("b", [load(1, "a"), load(2, "b")], {1: [], 2: ["b"]}, []),
        # A worker that has lost all its shops ends: nothing is put there.
        ("bc", [load(1, "a"), load(2, "b", memory=9)], {1: [], 2: ["b", "c"]}, []),
    ],
)
def test_shops_come_and_go(
    shops: str, loads: list[Load], kept: dict[int, list[str]], new: list[list[str]]
) -> None:
    assert placed(list(shops), loads, limit=LIMIT) == Places(kept=kept, new=new)


def test_a_full_worker_takes_no_more() -> None:
    full = load(1, *"abcdefghijklmnopqr", memory=100)
    assert placed(list("abcdefghijklmnopqrs"), [full], limit=LIMIT).new == [["s"]]


LISTS = st.lists(st.integers(0, 60).map(str), unique=True, max_size=60)


@given(before=LISTS, after=LISTS, weights=st.lists(st.floats(0, 6000), min_size=10, max_size=10))
def test_every_shop_has_one_place_and_keeps_the_one_it_had(
    before: list[str], after: list[str], weights: list[float]
) -> None:
    loads = [load(number, *group, memory=weights[number]) for number, group in enumerate(groups(before))]
    places = placed(after, loads, limit=LIMIT)
    everywhere = [*places.kept.values(), *places.new]
    assert sorted(shop for group in everywhere for shop in group) == sorted(after)
    assert all(len(group) <= MOST_SHOPS for group in everywhere)
    for one in loads:
        assert [shop for shop in one.shops if shop in after] == list(places.kept[one.number])[
            : len([shop for shop in one.shops if shop in after])
        ]


def worker(number: int, *shops: str, sick: bool = False, well: bool = False, memory: float = 0.0) -> Load:
    return Load(number=number, shops=shops, memory=memory, sick="病了" if sick else "", well=well)


def apart(source: int, *shops: str) -> Spread:
    return Spread(source=source, shops=shops, why="病了", apart=True)


@pytest.mark.parametrize(
    ("loads", "found"),
    [
        ([], None),
        ([worker(1, "a", "b")], None),
        ([worker(1, "a", "b"), worker(2, "c", "d", "e", sick=True)], apart(2, "d", "e")),
        # A shop that is alone already: nothing can be moved.
        ([worker(1, "a", sick=True), worker(2, "b")], None),
        # All are sick, however they are divided: it is no shop.
        ([worker(number, "a", "b", sick=True) for number in range(8)], None),
        # Long enough after it has been well again, what was apart comes back.
        (
            [worker(1, "a", "b", well=True), worker(2, "c", well=True)],
            Spread(source=2, shops=("c",), why="", apart=False),
        ),
        ([worker(1, "a", "b", well=True), worker(2, "c")], None),
        ([worker(1, "a", "b", well=True, memory=3000), worker(2, "c", well=True, memory=900)], None),
        ([worker(1, *"abcdefghijklmnopqr", well=True), worker(2, "s", well=True)], None),
    ],
)
def test_what_is_moved_next(loads: list[Load], found: Spread | None) -> None:
    assert spread(loads, limit=LIMIT) == found
