"""Rules of the tree that no other tool checks."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
CODE = ("base", "knowledge", "storage", "flows", "bots", "board", "practice", "bench", "scripts", "tests")
MAX_LINES = 400

# Files above the limit, each with its reason.
LONG_FILES: Mapping[str, str] = {}

# A part that must know a marketplace by name, with its reason.
MAY_NAME_PLATFORMS: Mapping[str, str] = {}
PLATFORMS = r"pinduoduo|pdd|taobao|tmall|qianniu|1688|douyin|feige|kuaishou|xiaohongshu|jingdong|jdhome"


def files(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and "__pycache__" not in path.parts:
                yield path


def words_of(path: Path) -> Iterator[str]:
    """Every name and every text of a module; what is said in docstrings and comments is free."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value
        for field in ("id", "attr", "arg", "name", "module"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield value


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def is_demo(path: Path) -> bool:
    return any(part in ("demo", "demo.py") for part in path.parts)


def test_selectors_hold_no_python() -> None:
    # A package of that name would hide the standard library's `selectors`, and asyncio with it.
    assert [name(path) for path in (ROOT / "selectors").rglob("*.py*")] == []


def test_files_stay_short() -> None:
    suffixes = (".py", ".js", ".css", ".html", ".sh")
    lengths = {name(path): len(path.read_text("utf-8").splitlines()) for path in files(*CODE, suffixes=suffixes)}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_LINES and path not in LONG_FILES} == {}


def test_every_exception_is_still_needed() -> None:
    assert [path for path in (*LONG_FILES, *MAY_NAME_PLATFORMS) if not (ROOT / path).is_file()] == []


def test_only_packs_know_a_console() -> None:
    packs = [path.stem for path in (ROOT / "selectors").glob("*.yaml")]
    stems = "|".join(re.escape(pack).replace(r"\-", "[-_]") for pack in packs)
    pattern = re.compile(rf"\b(?:{stems})\b", re.IGNORECASE)
    found = [
        (name(path), word)
        for path in files("base", "knowledge", "storage", "flows", "bots", "board")
        for word in words_of(path)
        if pattern.search(word) and not is_demo(path)
    ]
    assert packs
    assert found == []


def test_only_packs_know_a_marketplace() -> None:
    pattern = re.compile(rf"(?<![a-z])(?:{PLATFORMS})(?![a-z])", re.IGNORECASE)
    found = [
        (name(path), word)
        for path in files("base", "knowledge", "storage", "flows", "bots", "board")
        for word in words_of(path)
        if pattern.search(word) and name(path) not in MAY_NAME_PLATFORMS
    ]
    assert found == []


def selectors_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from selectors_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from selectors_of(inner)


def test_no_code_repeats_a_selector_of_a_pack() -> None:
    parts = ("login", "signals", "inbox", "thread", "composer", "order", "product", "transfer", "presence")
    telling = {
        text
        for pack in (ROOT / "selectors").glob("*.yaml")
        for part in parts
        for text in selectors_of(yaml.safe_load(pack.read_text("utf-8")).get(part))
        if re.search(r"[.#\[][\w-]*-|\[", text)
    }
    sources = {name(path): path.read_text("utf-8") for path in files("flows", "bots", suffixes=(".py", ".js"))}
    assert telling
    assert [(path, text) for path, source in sources.items() for text in telling if text in source] == []


def test_only_the_demo_starts_the_practice_console() -> None:
    found = [
        name(path)
        for path in files("base", "knowledge", "storage", "flows", "bots", "board")
        if "practice" in words_of(path) and not is_demo(path)
    ]
    assert found == []


def locked(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", path.read_text("utf-8"), re.MULTILINE))


def test_locks_are_in_step_with_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    runtime = [Requirement(text) for text in project["project"]["dependencies"]]
    extras = [
        Requirement(text) for group in project["project"]["optional-dependencies"].values() for text in group
    ]
    tools = [Requirement(text) for text in project["dependency-groups"]["dev"]]
    for path, wanted in (("requirements.lock", runtime), ("requirements-dev.lock", runtime + extras + tools)):
        pins = locked(ROOT / path)
        assert {one.name: f"=={pins.get(canonicalize_name(one.name))}" for one in wanted} == {
            one.name: str(one.specifier) for one in wanted
        }, f"{path}: run `make lock`"


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("requirements*.lock")) + sorted(ROOT.glob("tests/*/*/*.lock")), ids=name
)
def test_locks_pin_by_hash_and_name_no_place(path: Path) -> None:
    text = path.read_text("utf-8")
    entries = re.findall(r"^[a-z0-9-]+==[^\n]*\\\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE)
    assert len(entries) == len(locked(path)) > 0
    assert not re.search(r"https?://|file:|--(?:extra-)?index|--find-links|--trusted", text)
