"""Texts that say much the same come together, whatever their order."""

from __future__ import annotations

from knowledge.likeness import groups

ASKED = [
    "能开专票吗",
    "杯子可以放洗碗机里吗",
    "可以开专票吗？",
    "请问能开专票不",
    "洗碗机能洗这个杯子吗",
    "亲，能开专票吗",
    "有没有蓝色的",
]


def together(texts: list[str]) -> set[frozenset[str]]:
    return {frozenset(texts[place] for place in group) for group in groups(texts)}


def test_the_same_question_in_other_words_is_one_group() -> None:
    wanted = {
        frozenset({"能开专票吗", "可以开专票吗？", "请问能开专票不", "亲，能开专票吗"}),
        frozenset({"杯子可以放洗碗机里吗", "洗碗机能洗这个杯子吗"}),
        frozenset({"有没有蓝色的"}),
    }
    assert together(ASKED) == wanted
    assert together(ASKED[::-1]) == wanted


def test_the_largest_group_comes_first_and_each_place_once() -> None:
    found = groups(ASKED)
    assert [len(group) for group in found] == [4, 2, 1]
    assert sorted(place for group in found for place in group) == list(range(len(ASKED)))


def test_nothing_and_texts_without_words() -> None:
    assert groups([]) == []
    assert sorted(map(tuple, groups(["？？", "", "发货"]))) == [(0, 1), (2,)]
