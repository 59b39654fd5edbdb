"""Readings of characters, taken from pypinyin's table, are those that pypinyin tells."""

from __future__ import annotations

import pytest
from pypinyin import lazy_pinyin

from knowledge.pinyin import syllable


@pytest.mark.parametrize("char", [*"退货绿女儿长行给还重嗯呣哼", "丂"])
def test_a_character_sounds_as_pypinyin_says(char: str) -> None:
    assert syllable(char) == lazy_pinyin(char)[0]


def test_what_is_no_everyday_character_stays_as_it_is() -> None:
    assert [syllable(char) for char in "a9？"] == ["a", "9", "？"]
