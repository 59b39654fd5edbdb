"""Slips put right by the words of the shop's own examples."""

from __future__ import annotations

import pytest

from knowledge.spelling import Spelling

SHOP = Spelling(["什么时候发货", "快递多久到", "可以开发票吗", "保质期多久"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("什么时侯发或", "什么时候发货"),
        ("shenme shihou fahuo", "什么时候发货"),
        ("shenmeshihoufahuo", "什么时候发货"),
        ("kuaidi多久到", "快递多久到"),
        ("可以开发漂吗", "可以开发票吗"),
        ("什么时候发货", "什么时候发货"),
    ],
)
def test_what_sounds_like_the_shops_words_becomes_them(typed: str, meant: str) -> None:
    assert SHOP.correct(typed) == meant


@pytest.mark.parametrize("text", ["包子多久到", "hello", "iphone", "kuaidi hello", "我爱北京", "", "123"])
def test_other_words_stay_as_they_are(text: str) -> None:
    assert SHOP.correct(text) == text


def test_without_examples_nothing_is_corrected() -> None:
    assert Spelling([]).correct("什么时侯发或 fahuo") == "什么时侯发或 fahuo"
