"""Machine edits of the knowledge file: comments and order stay, and nothing is written that does not load."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from base.errors import ConfigError, Problem
from base.yamlfile import parse_yaml, read_yaml
from knowledge.model import load_knowledge
from knowledge.proposals import Proposal, load_proposals

_NEVER_FOLDED = 1 << 20
_MARK = "\ufeff"
_ABOUT = (
    "# 学到的、还没有采用的内容：机器人不会用这里的任何一条。\n"
    "# 看过、改好以后采用：nightdesk knowledge accept 编号；不要的删掉就行。\n"
)


def take_in(path: Path, proposals: Sequence[Proposal]) -> None:
    """Add new entries at the end and questions to theirs; all or nothing.

    Raises `ConfigError`, and leaves the file as it was, when the knowledge would not load with them.
    """

    def change(data: Any) -> None:
        for proposal in proposals:
            _add(data, proposal, path)

    _edit(path, change)


def put_test(path: Path, entry: str, text: str, *, hit: bool) -> None:
    """Have `text` as a test of an entry: it must lead there, or (not `hit`) must not; what said otherwise goes.

    Raises `ConfigError`, also where the file has no such entry, and leaves it as it was.
    """

    def change(data: Any) -> None:
        found = _entry_of(data, entry, path)
        tests = found.get("tests")
        if not isinstance(tests, CommentedMap):
            found["tests"] = tests = CommentedMap({"hits": tests} if tests else {})
        wanted, other = ("hits", "misses") if hit else ("misses", "hits")
        for name in (wanted, other):
            listed = tests.get(name)
            if not isinstance(listed, CommentedSeq):
                tests[name] = CommentedSeq([] if listed is None else [listed])
        if text in tests[other]:
            tests[other].remove(text)
        if text not in tests[wanted]:
            tests[wanted].append(text)
        for name in (wanted, other):
            if not tests[name]:
                del tests[name]

    _edit(path, change)


def propose(path: Path, proposals: Sequence[Proposal]) -> int:
    """Add to the file of proposals what is not there yet; how many that were."""
    known = {proposal.id for proposal in load_proposals(path)}
    fresh = [proposal for proposal in proposals if proposal.id not in known]
    if fresh:
        _change_proposals(path, lambda listed: listed.extend(map(_as_data, fresh)))
    return len(fresh)


def drop(path: Path, ids: Sequence[str]) -> None:
    """Take these out of the file of proposals."""

    def change(listed: CommentedSeq) -> None:
        for place in reversed(range(len(listed))):
            if listed[place]["id"] in ids:
                del listed[place]

    _change_proposals(path, change)


def _change_proposals(path: Path, change: Callable[[CommentedSeq], object]) -> None:
    old = path.read_text("utf-8") if path.exists() else f"{_ABOUT}proposals: []\n"
    data = _yaml().load(old)
    listed = data["proposals"]
    if not listed:
        data["proposals"] = listed = CommentedSeq()  # one written as [] would stay in brackets
    change(listed)
    _replace(path, _dumped(data), lambda draft: load_proposals(draft))


def _as_data(proposal: Proposal) -> dict[str, Any]:
    return {key: _plain(value) for key, value in proposal.model_dump(exclude_defaults=True).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple | list) else value


def _add(data: Any, proposal: Proposal, path: Path) -> None:
    if proposal.entry is not None:
        _entries_of(data, path).append(proposal.entry.as_entry())
        return
    entry = _entry_of(data, proposal.into or "", path)
    asked = entry["questions"]
    if not isinstance(asked, CommentedSeq):
        entry["questions"] = asked = CommentedSeq([asked])
    asked.extend(question for question in proposal.questions if question not in asked)


def _entries_of(data: Any, path: Path) -> CommentedSeq:
    entries = data.get("entries") if isinstance(data, CommentedMap) else None
    if not isinstance(entries, CommentedSeq):
        raise ConfigError(Problem(message="找不到 entries 列表，不能自动添加", path=path, hint="请手工添加"))
    return entries


def _entry_of(data: Any, name: str, path: Path) -> Any:
    entry = next((each for each in _entries_of(data, path) if str(each.get("id")) == name), None)
    if entry is None:
        hint = "它可能改了名字，或者写在 extends 的文件里；请手工添加"
        raise ConfigError(Problem(message=f"这个文件里没有条目“{name}”", path=path, hint=hint))
    return entry


def _edit(path: Path, change: Callable[[Any], None]) -> None:
    """Change a file through `change`; what that does not touch must say what it said before."""
    read_yaml(path)  # what can be wrong with a file is told by its reader
    raw = path.read_bytes().decode("utf-8")
    mark, old = (_MARK, raw[1:]) if raw.startswith(_MARK) else ("", raw)
    end = "\r\n" if "\r\n" in old else "\n"
    old = old.replace("\r\n", "\n")
    offset = _dash_column(old)
    try:
        data = _yaml(offset).load(old)
    except YAMLError as error:
        raise _by_hand(path, str(error).splitlines()[0]) from None
    if parse_yaml(_dumped(data, offset), path).data != parse_yaml(old, path).data:
        raise _by_hand(path, "重写以后内容会变")
    before = len(data["entries"]) if isinstance(data, CommentedMap) and "entries" in data else 0
    change(data)
    text = _with_comments_in_place(_dumped(data, offset), before)
    _replace(path, mark + text.replace("\n", end), load_knowledge)


def _replace(path: Path, text: str, check: Callable[[Path], object]) -> None:
    """Put `text` in the file's place, whole or not at all, once `check` finds nothing wrong with it; a link to a
    file that several folders share stays one.
    """
    place = path.resolve()
    draft = place.with_name(f".{place.name}.new")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            draft.chmod(place.stat().st_mode & 0o777)
        _check(draft, path, check)
        draft.replace(place)
    except OSError as error:
        raise ConfigError(Problem(message=f"写不了这个文件：{error.strerror}", path=path)) from None
    finally:
        draft.unlink(missing_ok=True)


def _check(draft: Path, path: Path, check: Callable[[Path], object]) -> None:
    try:
        check(draft)
    except ConfigError as error:
        told = [
            replace(each, path=path, message=f"加不进去，文件没有改动：{each.message}") for each in error.problems
        ]
        raise ConfigError(*told) from None


def _with_comments_in_place(text: str, before: int) -> str:
    """New entries come before what is said about the next key, not after it: the YAML writer takes the comments
    behind a list for a part of its last item.
    """
    root: Any = _yaml().compose(text)
    keys = [key for key, _value in root.value]
    place = next(number for number, key in enumerate(keys) if key.value == "entries")
    items = root.value[place][1]
    if len(items.value) == before or items.flow_style:
        return text
    lines = text.splitlines(keepends=True)
    start, column = items.value[before].start_mark.line, items.start_mark.column
    end = keys[place + 1].start_mark.line if place + 1 < len(keys) else len(lines)
    behind = start
    while behind and _is_between(lines[behind - 1], column):
        behind -= 1
    while behind < start and lines[behind].strip() and _indent(lines[behind]) >= column:
        behind += 1  # a remark that stands with the items of the list
    return "".join([*lines[:behind], *lines[start:end], *lines[behind:start], *lines[end:]])


def _is_between(line: str, column: int) -> bool:
    bare = line.strip()
    return not bare or (bare.startswith("#") and _indent(line) <= column)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _dash_column(text: str) -> int:
    """How far the entries are indented."""
    found = re.search(r"^entries:[^\n]*\n(?:[ ]*(?:#[^\n]*)?\n)*([ ]*)-", text, re.MULTILINE)
    return len(found[1]) if found else 2


def _yaml(offset: int = 2) -> YAML:
    """Reads and writes with comments, order, quotes and line breaks as they are."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _NEVER_FOLDED
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    return yaml


def _dumped(data: Any, offset: int = 2) -> str:
    out = io.StringIO()
    _yaml(offset).dump(data, out)
    return out.getvalue()


def _by_hand(path: Path, why: str) -> ConfigError:
    return ConfigError(Problem(message=f"不能自动改这个文件：{why}", path=path, hint="请手工添加"))
