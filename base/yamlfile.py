"""The YAML reader that knows lines: operators' files in, typed models out, each error with file, line and key.

Only plain data is ever built. YAML's traps stay text (`22:00`, `off`, `0123456`, dates); a key given
twice, a tab, a file that is empty, too large or not UTF-8 is one clear `ConfigError`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from base.complaints import model_problems
from base.document import Document as Document
from base.document import Place as Place
from base.document import show_place as show_place
from base.errors import ConfigError, Problem

MAX_BYTES = 8 * 1024 * 1024
_MAX_DEPTH = 40
_MAX_NODES = 500_000  # no operator writes as many; references to references would make billions

Model = TypeVar("Model", bound=BaseModel)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,8})\.(0|[0-9]{0,5}[1-9])")  # 9.90 stays text: a price keeps its zero
_CONSTANTS: Mapping[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}
_PLAIN = "tag:yaml.org,2002:"
_TAGS = frozenset(_PLAIN + name for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value"))
_UNREADABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


def read_yaml(path: Path, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read one YAML file of plain data; raises `ConfigError` for whatever an operator can get wrong."""
    return parse_yaml(_read_text(path, max_bytes), path)


def parse_yaml(text: str, path: Path) -> Document:
    """YAML text as a `Document`; `path` only names it in errors."""
    try:
        _check_size(text, path)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise ConfigError(_syntax_problem(error, text, path)) from None
    lines: dict[Place, int] = {}
    data = None if node is None else _Builder(path, lines).build(node, (), 0)
    if data is None:
        raise ConfigError(
            Problem(message="文件是空的", path=path, hint="删掉或改名，再运行 nightdesk init，它会写一份样例")
        )
    return Document(path=path, data=data, lines=lines)


def load_model(model: type[Model], document: Document) -> Model:
    """The document as a typed model; raises `ConfigError` with the line of every wrong key."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise ConfigError(*model_problems(model, document, error)) from None


def _check_size(text: str, path: Path) -> None:
    """Before anything is built: the C loader's own recursion would crash the process on a deep file."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_LOADER):
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH or nodes > _MAX_NODES:
            message = "嵌套层数太多" if depth > _MAX_DEPTH else f"内容太多，超过 {_MAX_NODES} 项"
            line = event.start_mark.line + 1 if event.start_mark else None
            raise ConfigError(Problem(message=message, path=path, line=line, hint="是不是放错了文件？"))


def _read_text(path: Path, max_bytes: int) -> str:
    try:
        if path.exists() and not path.is_file():
            what = "这不是一个文件，是文件夹" if path.is_dir() else "这不是一个文件"
            hint = "检查路径：要写到文件名为止；它占了文件的位置，就把它改名"
            raise ConfigError(Problem(message=what, path=path, hint=hint))
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
    except PermissionError:
        raise ConfigError(
            Problem(message="没有权限读这个文件", path=path, hint="检查文件的所有者和权限")
        ) from None
    except OSError as error:
        raise ConfigError(Problem(message=f"读不了这个文件：{error.strerror}", path=path)) from None


class _Builder:
    """Turns YAML nodes into plain data and notes the line of each."""

    def __init__(self, path: Path, lines: dict[Place, int]) -> None:
        self._path = path
        self._lines = lines
        self._built = 0

    def build(self, node: yaml.Node, place: Place, depth: int) -> object:
        self._built += 1
        self._lines.setdefault(place, node.start_mark.line + 1)
        if depth > _MAX_DEPTH:
            raise ConfigError(self._problem(node, place[:1], "引用（*）绕回了自己", "去掉这个引用"))
        if self._built > _MAX_NODES:
            raise ConfigError(self._problem(node, place[:1], "引用（*）展开后内容太多", "把引用换成直接写出来"))
        if isinstance(node, yaml.MappingNode):
            self._check_tag(node, place, "map")
            return self._mapping(node, place, depth)
        if isinstance(node, yaml.SequenceNode):
            self._check_tag(node, place, "seq")
            return [self.build(child, (*place, index), depth + 1) for index, child in enumerate(node.value)]
        if node.tag not in _TAGS:
            self._check_tag(node, place, "str")
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, place: Place, depth: int) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigError(self._problem(key_node, place, "键必须是一个词", "以 { 或 [ 开头的文字要加引号"))
            key = str(key_node.value)
            inner = (*place, key)
            if key in result:
                first = self._lines[inner]
                hint = f"第 {first} 行已经写过，删掉其中一个"
                raise ConfigError(self._problem(key_node, inner, f"“{key}”写了两次", hint))
            self._lines[inner] = key_node.start_mark.line + 1
            result[key] = self.build(value_node, inner, depth + 1)
        return result

    def _check_tag(self, node: yaml.Node, place: Place, plain: str) -> None:
        if node.tag != _PLAIN + plain:
            tag = str(node.tag).replace(_PLAIN, "!!")
            raise ConfigError(self._problem(node, place, f"不允许使用标签 {tag}", "以 ! 开头的文字要加引号"))

    def _problem(self, node: yaml.Node, place: Place, message: str, hint: str = "") -> Problem:
        line = node.start_mark.line + 1
        return Problem(message=message, path=self._path, line=line, key=show_place(place), hint=hint)


def _scalar(node: yaml.Node) -> object:
    text = str(node.value)
    # Quoted, a block or tagged as text: the operator says that it is text. Plain is None, or "" from the C loader.
    if getattr(node, "style", None) or node.tag == _PLAIN + "str":
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


# What the parser says (a part of its problem or context), what that means, and what to do.
_SLIPS = (
    ("quoted scalar", "引号没有成对", "在这一段文字的末尾补上引号；文字里面的引号用“”"),
    ("expected ',' or ']'", "方括号 [ ] 没有成对，或中间少了逗号", "检查这一行和上一行；文字以 [ 开头时加引号"),
    ("expected ',' or '}'", "花括号 { } 没有成对，或中间少了逗号", "检查这一行和上一行；文字以 { 开头时加引号"),
    ("alias", "以 * 开头的文字要加引号", "给整段文字加上引号"),
    ("anchor", "以 & 开头的文字要加引号", "给整段文字加上引号"),
    ("scanning a tag", "以 ! 开头的文字要加引号", "给整段文字加上引号"),
    ("parsing a node", "以 ! 开头的文字要加引号", "给整段文字加上引号"),
    ("directive", "以 % 开头的文字要加引号", "给整段文字加上引号"),
    ("block scalar", "| 或 > 后面不能直接写文字", "把文字写到下一行并缩进，或给整段文字加上引号"),
    ("node content", "多了或少了一个 ]、} 或逗号", "检查这一行和上一行的括号和逗号；文字以它们开头时加引号"),
    ("mapping keys are not allowed", "以 ? 开头的文字要加引号", "给整段文字加上引号"),
    ("cannot start any token", "这一行以特殊符号（@ ` % 等）开头", "给整段文字加上引号"),
    ("another document", "文件里多了一行 ---", "删掉这一行 ---"),
    ("mapping values are not allowed", "多了一个冒号，或者缩进没有对齐", "文字里有冒号时，给整段文字加上引号"),
    ("expected ':'", "这一行或上一行少了冒号", "键后面写英文的冒号和一个空格"),
    ("expected key", "缩进没有对齐，或引号后面多了内容", "同一级的键要对齐；引号要把整段文字都包住"),
    ("expected '-' indicator", "列表里混进了别的内容，或缩进没有对齐", "同一级的 - 要对齐"),
    ("document start", "缩进没有对齐，或前面多了内容", "最外层的键要顶格写"),
)


def _syntax_problem(error: yaml.YAMLError, text: str, path: Path) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError):
        return _unreadable_problem(text, path)
    said = f"{error.context or ''} {error.problem or ''}"
    mark = error.problem_mark or error.context_mark
    if error.context_mark is not None and ("quoted scalar" in said or "expected ','" in said):
        mark = error.context_mark  # where it begins helps more than where the parser gave up
    rows = _LINE_END.split(text)
    row = rows[mark.line] if mark and mark.line < len(rows) else ""
    line = mark.line + 1 if mark else None
    if re.match(r" *\t", row):
        return Problem(message="这一行用 Tab 键缩进", path=path, line=line, hint="把 Tab 换成空格")
    for part, message, hint in _SLIPS:
        if part in said:
            return Problem(message=message, path=path, line=line, hint=hint)
    hint = "检查这一行和上一行：冒号后要有空格，同级要对齐，引号要成对"
    return Problem(message=f"YAML 写法有误（{error.problem}）", path=path, line=line, hint=hint)


def _unreadable_problem(text: str, path: Path) -> Problem:
    found = _UNREADABLE.search(text)
    line = len(_LINE_END.findall(text, 0, found.start())) + 1 if found else None
    code = f" U+{ord(found[0]):04X}" if found else ""
    return Problem(message=f"有看不见的控制字符{code}", path=path, line=line, hint="删掉这一行，重新打一遍")
