"""The benchmark of matching: its measures are what they are called, and its sets were learnt from by nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from bench import match_cases
from bench.lines import read_beyond, read_trades
from bench.match import Outcomes, measured
from bench.match_cases import Message, own_cases, paired, spelled
from bench.match_methods import METHODS, Found

MESSAGES = [
    Message(text="a", entries=("x",)),
    Message(text="b", entries=("y",)),
    Message(text="c"),
    Message(text="d"),
]


def found(entry: str, sure: float, *, answered: bool) -> Found:
    return Found(entry=entry, sure=sure, answered=(entry,) if answered else (), three=(entry, "y"))


OUTCOMES = Outcomes.of(
    [
        found("x", 0.9, answered=True),
        found("x", 0.7, answered=False),
        found("x", 0.8, answered=True),
        found("x", 0.1, answered=False),
    ],
    MESSAGES,
)


def test_measures() -> None:
    told = OUTCOMES.measures(paired=False)
    assert told["top1"] == 0.5 and told["top3"] == 1.0
    assert told["precision"] == 0.5 and told["coverage"] == 0.5 and told["oos_answered"] == 0.5
    assert told["both"] is None


def test_recall_is_what_is_right_above_the_cut_that_keeps_the_precision() -> None:
    assert OUTCOMES.recall(0.98) == 0.5 and OUTCOMES.cut(0.98) == 0.9
    assert replace(OUTCOMES, right=np.zeros(4, np.bool_)).recall(0.9) == 0.0


def test_sets_that_ship_share_no_message_with_what_is_learnt() -> None:
    learnt = {text for trade in read_trades() for text in (*trade.texts(), *trade.near)}
    learnt |= {text for texts in read_beyond().values() for text in texts}
    assert [each.text for case in own_cases()[:2] for each in case.messages if each.text in learnt] == []


def test_variants() -> None:
    case = own_cases()[1]
    assert all(len(message.entries) == 2 for message in paired(case).messages)
    assert len(spelled(case).messages) == len(case.in_scope) < len(case.messages)


def test_every_method_answers_an_example_with_its_entry() -> None:
    case = own_cases()[1]
    text, entry = case.entries[0]["questions"][0], case.entries[0]["id"]
    assert all(build(case.entries)(text).entry == entry for build in METHODS.values())


def test_the_numbers_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.match._RESAMPLINGS", 3)
    case = own_cases()[1]
    told = json.loads(json.dumps(measured(replace(case, messages=case.messages[:20]), "ratio")))
    assert set(told["ranges"]) <= set(told) and 0 <= told["top1"] <= 1


def test_without_the_shared_folder_only_what_ships_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_cases, "SHARED", match_cases.SHARED / "nowhere")
    assert match_cases.shared_cases() == []
