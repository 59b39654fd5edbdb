"""Between values and rows: moments, states and JSON as the columns hold them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Record = TypeVar("Record")
Cell = str | int | float | bytes | None
_PLAIN = (int, float, bytes)


def cell(value: object) -> Cell:
    """`value` as a column holds it; raises `ValueError` for a moment without a zone."""
    if isinstance(value, str):
        # A page can hand over half a character (a lone surrogate), which no UTF-8 column can hold.
        return value.encode("utf-8", "replace").decode()
    if value is None or isinstance(value, _PLAIN):
        return int(value) if isinstance(value, bool) else value
    if isinstance(value, datetime):
        return moment_text(value)
    return cell(json.dumps(value, ensure_ascii=False, default=str))


def cells(values: Mapping[str, object]) -> dict[str, Cell]:
    """Each of these values as its column holds it."""
    return {name: cell(value) for name, value in values.items()}


def moment_text(moment: datetime) -> str:
    """`2026-11-03T04:05:06.789Z`: of one length, so that text sorts as time."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def record(kind: type[Record], row: Mapping[str, Any]) -> Record:
    """The row as a record of this kind; columns that it does not know are left out."""
    names, readers = _columns(kind)  # type: ignore[arg-type]
    values = {name: row[name] for name in names}
    for name, read in readers:
        if (value := values[name]) is not None:
            values[name] = read(value)
    return kind(**values)


def _tuple(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text))


@cache
def _columns(kind: type[Any]) -> tuple[list[str], list[tuple[str, Callable[[Any], Any]]]]:
    """The names of a kind's columns, and how to read those that are not as their columns hold them."""
    hints = get_type_hints(kind)
    readers = ((name, _reader(hint)) for name, hint in hints.items())
    return list(hints), [(name, read) for name, read in readers if read is not None]


def _reader(hint: Any) -> Callable[[Any], Any] | None:
    for part in [part for part in get_args(hint) if part is not NoneType] + [hint]:
        if part is datetime:
            return datetime.fromisoformat
        if isinstance(part, type) and issubclass(part, Enum):
            return part
    if hint is bool:
        return bool
    readers: Mapping[Any, Callable[[Any], Any]] = {tuple: _tuple, Mapping: json.loads}
    return readers.get(get_origin(hint))
