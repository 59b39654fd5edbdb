"""Slips: one a phrase, the same for the same seed, and never on what would turn its meaning."""

from __future__ import annotations

import re

from practice.dice import dice
from practice.questions import load_questions
from practice.slips import with_slip


def phrases() -> list[str]:
    return [question.text for question in load_questions().known]


def test_the_same_seed_slips_alike() -> None:
    assert [with_slip(text, dice(1, text)) for text in phrases()] == [
        with_slip(text, dice(1, text)) for text in phrases()
    ]
    assert any(with_slip(text, dice(1, text)) != with_slip(text, dice(2, text)) for text in phrases())


def test_nearly_every_phrase_can_slip() -> None:
    unchanged = [text for text in phrases() if with_slip(text, dice(3, text)) == text]
    assert len(unchanged) <= len(phrases()) // 20


def test_numbers_and_negations_stay() -> None:
    for seed in range(20):
        for text in phrases():
            slipped = with_slip(text, dice(seed, text))
            for weighty in ("不", "没", *re.findall(r"\d+", text)):
                assert slipped.count(weighty) >= text.count(weighty), (text, slipped)


def test_a_slip_is_small() -> None:
    for text in phrases():
        slipped = with_slip(text, dice(5, text))
        letters = sum(sign.isascii() and sign.isalpha() for sign in slipped)
        assert abs(len(slipped) - len(text)) <= 1 or letters, (text, slipped)
