"""The YAML reader that knows lines: operators' files in, typed models out, each error with file, line and key.

Only plain data is ever built. YAML's traps stay text (`22:00`, `off`, `0123456`, dates); a key given
twice, a tab, a file that is empty, too large or not UTF-8 is one clear `ConfigError`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from base.errors import ConfigError, Problem

MAX_BYTES = 8 * 1024 * 1024
_MAX_DEPTH = 40

Place = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.(0|[0-9]*[1-9])")  # 9.90 stays text: a price keeps its zero
_CONSTANTS: Mapping[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A YAML file as plain data, with the line (from 1) on which each place stands."""

    path: Path
    data: Any
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """The line of `place`, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Place, message: str, hint: str = "") -> Problem:
        """A problem at `place` of this file."""
        return Problem(message=message, path=self.path, line=self.line(place), key=show_place(place), hint=hint)


def show_place(place: Place) -> str:
    """`('entries', 3, 'answer')` as an operator reads it: `entries[4].answer` (counting from 1)."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def read_yaml(path: Path, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read one YAML file of plain data; raises `ConfigError` for whatever an operator can get wrong."""
    return parse_yaml(_read_text(path, max_bytes), path)


def parse_yaml(text: str, path: Path) -> Document:
    """YAML text as a `Document`; `path` only names it in errors."""
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_syntax_problem(error, text, path)) from None
    except yaml.YAMLError as error:
        raise ConfigError(Problem(message=f"含有无法读取的字符：{error}", path=path)) from None
    except RecursionError:
        raise ConfigError(Problem(message="嵌套层数太多", path=path)) from None
    if node is None:
        raise ConfigError(Problem(message="文件是空的", path=path, hint="运行 nightdesk init 可以生成一份样例"))
    lines: dict[Place, int] = {}
    data = _Builder(path, lines).build(node, (), 0)
    return Document(path=path, data=data, lines=lines)


def load_model(model: type[Model], document: Document) -> Model:
    """The document as a typed model; raises `ConfigError` with the line of every wrong key."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problems = [_model_problem(model, document, detail) for detail in error.errors()]
        # A union reports each of its members: one problem a line is enough for a person.
        unique = {(problem.line, problem.key): problem for problem in reversed(problems)}
        raise ConfigError(*sorted(unique.values(), key=lambda problem: problem.line or 0)) from None


def _read_text(path: Path, max_bytes: int) -> str:
    try:
        size = path.stat().st_size
        if size > max_bytes:
            message = f"文件太大：{size / 1048576:.1f} MB，最多 {max_bytes / 1048576:.0f} MB"
            raise ConfigError(Problem(message=message, path=path, hint="是不是放错了文件？"))
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        hint = "检查文件名和所在目录，或运行 nightdesk init"
        raise ConfigError(Problem(message="找不到这个文件", path=path, hint=hint)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        hint = "用编辑器“另存为”，编码选择 UTF-8"
        raise ConfigError(Problem(message="文件不是 UTF-8 编码", path=path, line=line, hint=hint)) from None
    except OSError as error:
        raise ConfigError(Problem(message=f"读不了这个文件：{error.strerror}", path=path)) from None


class _Builder:
    """Turns YAML nodes into plain data and notes the line of each."""

    def __init__(self, path: Path, lines: dict[Place, int]) -> None:
        self._path = path
        self._lines = lines

    def build(self, node: yaml.Node, place: Place, depth: int) -> object:
        self._lines.setdefault(place, node.start_mark.line + 1)
        if depth > _MAX_DEPTH:
            raise ConfigError(self._problem(node, place, "嵌套层数太多"))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*place, index), depth + 1) for index, child in enumerate(node.value)]
        if not isinstance(node, yaml.ScalarNode) or not node.tag.startswith("tag:yaml.org,2002:"):
            raise ConfigError(self._problem(node, place, f"不允许使用标签 {node.tag}", "去掉以 ! 开头的部分"))
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, place: Place, depth: int) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigError(self._problem(key_node, place, "键必须是一个词", "检查冒号和括号"))
            key = str(key_node.value)
            inner = (*place, key)
            if key in result:
                first = self._lines[inner]
                hint = f"第 {first} 行已经写过，删掉其中一个"
                raise ConfigError(self._problem(key_node, inner, f"“{key}”写了两次", hint))
            self._lines[inner] = key_node.start_mark.line + 1
            result[key] = self.build(value_node, inner, depth + 1)
        return result

    def _problem(self, node: yaml.Node, place: Place, message: str, hint: str = "") -> Problem:
        line = node.start_mark.line + 1
        return Problem(message=message, path=self._path, line=line, key=show_place(place), hint=hint)


def _scalar(node: yaml.ScalarNode) -> object:
    text = str(node.value)
    if node.style:  # quoted or a block: the operator says that it is text; plain is None, or "" from the C loader
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, path: Path) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    content = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
    if "\t" in content:
        return Problem(message="这一行用了 Tab 键缩进", path=path, line=line, hint="把 Tab 换成空格")
    if "alias" in str(error.problem or "") or "anchor" in str(error.problem or ""):
        hint = "以 * 或 & 开头的文字要加引号"
        return Problem(message="YAML 写法有误", path=path, line=line, hint=hint)
    hint = "检查这一行和上一行：冒号后要有空格，同级要对齐，引号要成对，文字里有 : 或 # 时加引号"
    return Problem(message=f"YAML 写法有误（{error.problem}）", path=path, line=line, hint=hint)


def _model_problem(model: type[BaseModel], document: Document, detail: ErrorDetails) -> Problem:
    place = tuple(part for part in detail["loc"] if isinstance(part, int) or _in_data(part, document, detail))
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "missing":
        return document.problem(place[:-1], f"缺少“{detail['loc'][-1]}”这一项")
    if kind == "extra_forbidden":
        near = get_close_matches(str(place[-1]), _known_keys(model), n=1, cutoff=0.5)
        hint = f"是不是想写“{near[0]}”？" if near else f"可以写的有：{'、'.join(_known_keys(model)[:30])}"
        return document.problem(place, f"不认识“{place[-1]}”这一项", hint)
    if kind in ("value_error", "assertion_error"):
        return document.problem(place, str(context.get("error", detail["msg"])))
    given = repr(detail["input"])[:60]
    expected = _EXPECTED.get(kind.split("_")[0], "")
    if kind == "literal_error" or kind == "enum":
        return document.problem(place, f"不能写 {given}", f"只能写其中之一：{context.get('expected', '')}")
    if kind.endswith(("_type", "_parsing")) and expected:
        return document.problem(place, f"应该是{expected}，现在是 {given}")
    return document.problem(place, f"{detail['msg']}（现在是 {given}）")


_EXPECTED = {
    "string": "文字",
    "int": "整数",
    "float": "数字",
    "bool": "true 或 false",
    "list": "列表（每行以 - 开头）",
}
_EXPECTED |= {"tuple": "列表（每行以 - 开头）", "dict": "“键: 值”的形式", "model": "“键: 值”的形式"}


def _in_data(part: str, document: Document, detail: ErrorDetails) -> bool:
    """Whether a part of pydantic's location names a key of the file (union branches do not)."""
    if any(part in place for place in document.lines):
        return True
    return detail["type"] == "missing" and part == detail["loc"][-1]


def _known_keys(model: type[BaseModel]) -> list[str]:
    """Every key that a model or the models inside it know, outermost first."""
    schema = model.model_json_schema()
    keys = list(schema.get("properties", {}))
    for inner in schema.get("$defs", {}).values():
        keys += [key for key in inner.get("properties", {}) if key not in keys]
    return keys
