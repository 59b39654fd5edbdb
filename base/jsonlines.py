"""Files of one JSON object a line, read as they stream, with the line of whatever is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from base.errors import ConfigError, Problem


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Each object with the number of its line; empty lines are passed over.

    Raises `ConfigError` when the file cannot be read, and at the first line that is no JSON object.
    """
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if raw.strip():
                    yield number, _object(raw, path, number)
    except OSError as error:
        raise ConfigError(Problem(message=f"读不了这个文件：{error.strerror}", path=path)) from None


def _object(raw: bytes, path: Path, number: int) -> dict[str, object]:
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        message, hint = "这一行不是 UTF-8 编码", "用编辑器“另存为”，编码选择 UTF-8"
    except (json.JSONDecodeError, RecursionError):
        message, hint = "这一行不是 JSON", '每行写一个对象，例如 {"text": "什么时候发货"}'
    else:
        if isinstance(value, dict):
            return value
        message, hint = "这一行不是 JSON 对象", '要用花括号，例如 {"text": "什么时候发货"}'
    raise ConfigError(Problem(message=message, path=path, line=number, hint=hint))
