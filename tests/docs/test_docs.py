"""The documents under test: what they name is there, and what is there is named."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote

import click
import pytest
from packaging.requirements import Requirement
from pydantic import BaseModel

from base import errors
from bots.cli import main
from flows.decide import Outcome
from flows.duty import Mode
from flows.pack import Pack
from storage.records import ReplyState

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
PARTS = ("base", "knowledge", "storage", "flows", "bots", "board", "practice", "bench")


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def quoted(text: str) -> set[str]:
    """Everything that stands between backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def page_id(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- links and names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
    relative = [unquote(target.partition("#")[0]) for target in targets if "://" not in target]
    assert [target for target in relative if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_file_named_is_there(page: Path) -> None:
    folders = "|".join((*PARTS, "scripts", "selectors", "tests", "docs"))
    named = {name for name in quoted(page.read_text("utf-8")) if re.fullmatch(rf"(?:{folders})/[\w./-]+", name)}
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_fault_names_tests_that_are_there() -> None:
    named = [name for name in quoted(read("docs/failures.md")) if "::" in name]
    assert len(named) > 15
    missing = [name for name in named if f"def {name.rpartition('::')[2]}(" not in read(name.partition("::")[0])]
    assert missing == []
    reactions = read("docs/failures.md").partition("## What was measured")[0]
    faults = [line for line in reactions.splitlines() if line.startswith("| ")][2:]
    assert all("campaign" in line or "::" in line for line in faults)


def test_every_make_target_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = {target for page in PAGES for target in re.findall(r"\bmake ([a-z-]+)\b", " ".join(code(page)))}
    assert named
    assert named - targets == set()


def code(page: Path) -> Iterator[str]:
    text = page.read_text("utf-8")
    yield from quoted(text)
    yield from re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


# --- what there is --------------------------------------------------------------------------------------------


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for extra in project["project"]["optional-dependencies"].values():
        wanted += extra
    rows = re.findall(r"^\| `([a-z0-9.-]+)` \| \S", read("docs/dependencies.md"), re.MULTILINE)
    assert sorted(rows) == sorted(Requirement(text).name for text in wanted)


def commands() -> Iterator[tuple[str, str | None]]:
    assert isinstance(main, click.Group)
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        inner = command.list_commands(context) if isinstance(command, click.Group) else [None]
        yield from ((name, sub) for sub in inner)


@pytest.mark.parametrize(("name", "sub"), list(commands()))
def test_every_command_is_told_of(name: str, sub: str | None) -> None:
    (line,) = re.findall(rf"^\| `nightdesk {name}\b.*$", read("docs/commands.md"), re.MULTILINE)
    assert sub is None or re.search(rf"(?:{name} |`){sub}\b", line)


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for inner in models_in(field.annotation):
            yield from keys_of(inner)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from models_in(part)


def test_every_key_of_a_pack_is_explained() -> None:
    words = {word for text in quoted(read("docs/packs.md")) for word in re.findall(r"\w+", text)}
    assert set(keys_of(Pack)) - words == set()


# --- the architecture -----------------------------------------------------------------------------------------


def test_the_architecture_names_every_part_state_outcome_and_error() -> None:
    named = quoted(read("docs/architecture.md"))
    kinds = [kind.__name__ for kind in vars(errors).values() if isinstance(kind, type) and is_leaf(kind)]
    wanted = {*ReplyState, *Outcome, *get_args(Mode), *(f"{part}/" for part in PARTS)}
    assert {name for name in wanted if name not in named} == set()
    rows = re.findall(r"^\| `(\w+)`", read("docs/architecture.md"), re.MULTILINE)
    assert set(kinds) - set(rows) == set()


def is_leaf(kind: type) -> bool:
    return issubclass(kind, errors.NightdeskError) and not kind.__subclasses__()


def test_every_decision_is_listed_and_whole() -> None:
    records = sorted(DOCS.glob("adr/[0-9]*.md"))
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", read("docs/adr/README.md"))
    assert listed == [record.name for record in records]
    for number, record in enumerate(records, 1):
        text = record.read_text("utf-8")
        assert text.startswith(f"# {number}. ")
        assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def glossary() -> list[tuple[str, str, str]]:
    table = read("docs/architecture.md").partition("## Glossary")[2]
    rows = re.findall(r"^\| ([a-z ]+) \| ([^|]+) \| [^|]+ \| ([^|]+) \|$", table, re.MULTILINE)
    return [(word, chinese.strip(), avoid.strip()) for word, chinese, avoid in rows if word != "word"]


def test_a_word_of_the_glossary_means_one_thing() -> None:
    words = [word for word, _chinese, _avoid in glossary()]
    assert len(words) > 20
    assert len(words) == len(set(words))


@pytest.mark.parametrize("word", [word for word, _chinese, _avoid in glossary()])
def test_a_word_of_the_glossary_is_used(word: str) -> None:
    sources = (path.read_text("utf-8") for part in PARTS for path in sorted((ROOT / part).rglob("*.py")))
    pattern = re.compile(word.replace(" ", r"[ _]"), re.IGNORECASE)
    assert any(pattern.search(source) for source in sources)
