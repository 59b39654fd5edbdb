"""The schemas that editors complete YAML files by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from base.yamlfile import parse_yaml, read_yaml
from scripts.running import ROOT
from scripts.schemas import SCHEMAS, schema_text
from tests.schema import Schema

WRITTEN = {path.stem: Schema(json.loads(path.read_text("utf-8"))) for path in SCHEMAS if path.stem != "schema"}


@pytest.mark.parametrize("target", SCHEMAS, ids=lambda target: str(target.relative_to(ROOT)))
def test_the_schemas_are_up_to_date(target: Path) -> None:
    assert target.read_text("utf-8") == schema_text(target), "run python -m scripts.schemas"


def test_the_shipped_knowledge_fits_its_schema() -> None:
    assert WRITTEN["knowledge"].fits(read_yaml(ROOT / "knowledge.yaml").data)


FITS = [
    ("knowledge", "entries: [{id: 1, questions: a, answer: b, keywords: x, tests: y, handoff: false}]"),
    ("knowledge", "extends: common.yaml\nentries: [{id: a, status: draft}]"),
    ("knowledge", "extends: common.yaml\nfacts: {a: 1, b: }"),
    (
        "knowledge",
        "entries: [{id: a, questions: a, answers: [{when: {order: none}, text: b}], otherwise: handoff}]",
    ),
    ("knowledge", "entries: [{id: a, questions: a, answer: b, follow_up: [{questions: c, answer: d}]}]"),
    ("shops", "people: 09:00-22:00\nshops: [{id: 1, console: jd, product: 0102938, login: {user: 123}}]"),
]
DOES_NOT_FIT = [
    ("knowledge", "entries: [{questions: [a]}]"),
    ("knowledge", "entries: [{id: a, question: [a]}]"),
    ("knowledge", "entries: [{id: a, questions: a, answers: [{when: {order.state: x}, text: a}]}]"),
    ("knowledge", "entries: [{id: a, questions: a, answer: b, status: on}]"),
    ("shops", "people: 09:00-22:00\nshops: [{id: a, console: jd, mode: off}]"),
]


@pytest.mark.parametrize(("name", "text"), FITS)
def test_what_may_be_written_fits(name: str, text: str) -> None:
    assert WRITTEN[name].fits(_data(text))


@pytest.mark.parametrize(("name", "text"), DOES_NOT_FIT)
def test_what_may_not_be_written_does_not_fit(name: str, text: str) -> None:
    assert not WRITTEN[name].fits(_data(text))


def _data(text: str) -> Any:
    return parse_yaml(text, Path("some.yaml")).data
