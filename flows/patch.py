"""Changes of a pack: as a pack to be tried, and in its file, where comments and order stay."""

from __future__ import annotations

import difflib
import io
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from flows.pack import Pack
from flows.repair import Change

_WIDTH = 4096


def patched(pack: Pack, changes: Sequence[Change]) -> Pack:
    """The pack with these changes."""
    plain = pack.model_dump(mode="json", exclude_none=True)
    for change in changes:
        _write(plain, change, list)
    return Pack.model_validate(plain)


def patched_text(text: str, changes: Sequence[Change]) -> str:
    """The pack's file with these changes, and all else as it was."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    for change in changes:
        _write(document, change, _as_yaml)
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def unified(before: str, after: str, name: str) -> str:
    """The difference as a patch."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{name}", f"b/{name}"
    )
    return "".join(lines)


def _write(document: MutableMapping[str, Any], change: Change, as_list: Any) -> None:
    *outer, last = change.key.split(".")
    place: MutableMapping[str, Any] = document
    for part in outer:
        place = place[part]
    found = place[last]
    if last in ("logged_in", "online"):
        place[last] = _marks(found, change, as_list)
    elif isinstance(found, Mapping):
        inner: MutableMapping[str, Any] = place[last]
        if change.css:
            inner["css"] = as_list([*change.css, *_texts(inner.get("css", ()), change.css)])
        for name, text in (("attr", change.attr), ("pattern", change.pattern)):
            if text is not None:
                inner[name] = text
    elif change.attr or change.pattern:
        whole: Mapping[str, Any] = {"css": as_list([*change.css, *_texts(found, change.css)])}
        place[last] = {**whole, "attr": change.attr} if change.attr else {**whole, "pattern": change.pattern}
    else:
        place[last] = as_list([*change.css, *_texts(found, change.css)])


def _marks(found: Any, change: Change, as_list: Any) -> Any:
    """The first mark gets the selectors; the others stay."""
    marks = list(found) if isinstance(found, list | tuple) else [found]
    first = marks[0]
    if isinstance(first, Mapping):
        css = [*change.css, *_texts(first.get("css", ()), change.css)]
        return as_list([{**first, "css": as_list(css)}, *marks[1:]])
    return as_list([*change.css, *_texts(marks, change.css)])


def _texts(found: Any, fresh: Sequence[str]) -> list[str]:
    texts = list(found) if isinstance(found, list | tuple) else [found]
    return [text for text in texts if text not in fresh]


def _as_yaml(texts: Sequence[Any]) -> CommentedSeq:
    quoted = [
        DoubleQuotedScalarString(str(text)) if isinstance(text, str) else CommentedMap(text) for text in texts
    ]
    found = CommentedSeq(quoted)
    found.fa.set_flow_style()
    return found
