"""The buyers' question set: large enough, true to its topics, and nobody's copy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from rapidfuzz import fuzz, process

from practice.questions import load_questions

KNOWLEDGE = Path(__file__).parents[2] / "knowledge.yaml"


def bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def lines(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [line for child in children for line in lines(child)]


@pytest.fixture(scope="module")
def knowledge() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(KNOWLEDGE.read_text(encoding="utf-8"))
    return data


def test_there_are_enough_of_both() -> None:
    questions = load_questions()
    assert len(questions.known) >= 160
    assert len(questions.nobody) >= 80
    texts = [question.text for question in (*questions.known, *questions.nobody)]
    assert len(set(texts)) == len(texts)


def test_every_topic_is_an_entry_that_answers(knowledge: dict[str, Any]) -> None:
    answering = {entry["id"] for entry in knowledge["entries"] if "answer" in entry}
    assert {question.topic for question in load_questions().known} <= answering


def test_no_phrase_nearly_equals_a_line_of_the_knowledge(knowledge: dict[str, Any]) -> None:
    known = [bare(line) for line in lines(knowledge)]
    questions = load_questions()
    for question in (*questions.known, *questions.nobody):
        nearest = process.extractOne(bare(question.text), known, scorer=fuzz.ratio)
        assert nearest[1] < 90, (question.text, nearest[0])


def test_no_two_phrases_are_clones_of_each_other() -> None:
    questions = load_questions()
    texts = [bare(question.text) for question in (*questions.known, *questions.nobody)]
    for number, text in enumerate(texts):
        others = texts[:number] + texts[number + 1 :]
        nearest = process.extractOne(text, others, scorer=fuzz.ratio)
        assert nearest[1] < 85, (text, nearest[0])


def test_a_phrase_that_names_a_product_belongs_where_it_is_sold() -> None:
    trades = {question.text: question.trade for question in load_questions().known}
    assert trades["毛巾一搓全是毛"] == "towel"
    assert trades["杯胆是不是316钢"] == "cup"
    assert trades["牙膏含氟不含"] == "toothpaste"
    assert trades["发票咋开呀"] is None
