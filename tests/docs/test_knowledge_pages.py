"""The examples of the operators' page on knowledge are files that can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from base.yamlfile import parse_yaml
from bots.settings import Shop
from knowledge.answers import SEEN
from knowledge.book import Holding, Knowledge, SmallTalk
from knowledge.entry import Entry
from knowledge.model import Shelf, knowledge_from
from knowledge.moments import Active

DOCS = Path(__file__).resolve().parents[2] / "docs"
OPERATORS, ENGINEERS = ((DOCS / name).read_text("utf-8") for name in ("知识.md", "knowledge.md"))
EXAMPLES = re.findall(r"```yaml\n(.*?)```", OPERATORS, re.DOTALL)
ALONE = [text for text in EXAMPLES if "extends" not in text]


@pytest.mark.parametrize("text", ALONE, ids=range(len(ALONE)))
def test_every_example_can_be_read(text: str) -> None:
    knowledge_from(parse_yaml(text, Path("knowledge.yaml")))


def test_the_example_of_one_file_on_another_can_be_read(tmp_path: Path) -> None:
    (own,) = set(EXAMPLES) - set(ALONE)
    common = ALONE[0] + ALONE[2].removeprefix("entries:\n")
    (tmp_path / "common.yaml").write_text(common, "utf-8")
    (tmp_path / "own.yaml").write_text(own, "utf-8")
    known = Shelf().book(tmp_path / "own.yaml")
    assert known.text("发货时间", 0) == "亲，当天就发"
    assert (known.entry("双11满减").status, known.facts) == ("draft", {"发货时限": "24小时"})


@pytest.mark.parametrize("page", [OPERATORS, ENGINEERS], ids=["知识", "knowledge"])
def test_every_key_is_told_of(page: str) -> None:
    models = (Knowledge, Entry, Holding, SmallTalk, Active)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert [key for key in sorted(keys) if not re.search(rf"(?<![a-z_]){key}(?![a-z_])", page)] == []


def test_all_that_an_answer_may_say_is_told_of() -> None:
    assert [name for name in SEEN if f"`{name}`" not in OPERATORS] == []
    assert "knowledge" in Shop.model_fields
