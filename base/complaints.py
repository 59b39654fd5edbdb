"""What pydantic found wrong in a file, in the operator's words and with its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from base.document import Document, Place
from base.errors import Problem

_EXPECTED = {
    "string": "文字",
    "int": "整数",
    "float": "数字",
    "bool": " true 或 false",
    "list": "列表（每行以 - 开头）",
    "tuple": "列表（每行以 - 开头）",
    "dict": "“键: 值”的形式",
    "model": "“键: 值”的形式",
    "date": "日期（例如 2026-11-03）",
    "datetime": "日期和时间（例如 2026-11-03 08:00）",
    "time": "时刻（例如 08:30）",
    "none": "空的",
}
_TYPE = re.compile(
    r"(string|int|float|bool|list|tuple|dict|model|datetime|date|time|none)_"
    r"(?:type|attributes_type|required|parsing\w*|from_\w+|sub_type|object_invalid)"
)
_LIMITS = {
    "greater_than": "要大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "要小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "string_too_short": "至少要写 {min_length} 个字",
    "string_too_long": "最多写 {max_length} 个字",
    "too_short": "至少要有 {min_length} 项",
    "too_long": "最多只能有 {max_length} 项",
    "string_pattern_mismatch": "写法不对，要符合 {pattern}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Complaint:
    """One of pydantic's errors, with the place in the file that it is about."""

    detail: ErrorDetails
    place: Place

    @property
    def kind(self) -> str:
        return self.detail["type"]

    @property
    def expected(self) -> str:
        """The type asked for, in words; empty when it is about something else."""
        found = _TYPE.fullmatch(self.kind)
        return _EXPECTED[found[1]] if found else ""


def model_problems(model: type[BaseModel], document: Document, error: ValidationError) -> list[Problem]:
    """The problems behind a model's error, one for each place, the first in the file first."""
    complaints = [_placed(document, detail) for detail in error.errors(include_url=False)]
    complaints = _meant(complaints)
    problems: dict[Place, Problem] = {}
    suggested: set[Place] = set()
    schema = model.model_json_schema()
    for place in dict.fromkeys(complaint.place for complaint in complaints):
        same = [complaint for complaint in complaints if complaint.place == place]
        keys = _keys_at(schema, same[0].detail["loc"])
        problems[place] = _problem(document, same, keys)
        if same[0].kind == "extra_forbidden":
            suggested |= {(*place[:-1], near) for near in _near(str(place[-1]), keys)}
    # A key with a slip in it is not missing as well.
    missing = {complaint.place for complaint in complaints if complaint.kind == "missing"}
    kept = [problem for place, problem in problems.items() if place not in suggested & missing]
    return sorted(kept, key=lambda problem: problem.line or 0)


def _placed(document: Document, detail: ErrorDetails) -> _Complaint:
    """Pydantic names branches of unions and items of lists that a validator made: the file knows none of them."""
    place: Place = ()
    for part in detail["loc"]:
        if (*place, part) in document.lines:
            place = (*place, part)
    if detail["type"] == "missing":
        place = (*place, str(detail["loc"][-1]))
    return _Complaint(detail=detail, place=place)


def _meant(complaints: Sequence[_Complaint]) -> list[_Complaint]:
    """Those that are meant: a wrong type with an error inside of it is another branch of a union, and a list that
    is too short with one inside of it lacks only the items that are wrong.
    """
    places = [complaint.place for complaint in complaints]

    def meant(complaint: _Complaint) -> bool:
        size = len(complaint.place)
        return not (complaint.expected or complaint.kind == "too_short") or not any(
            len(place) > size and place[:size] == complaint.place for place in places
        )

    return [complaint for complaint in complaints if meant(complaint)]


def _problem(document: Document, same: Sequence[_Complaint], keys: Sequence[str]) -> Problem:
    first, place = same[0], same[0].place
    detail, context = first.detail, first.detail.get("ctx", {})
    options = _options(context)
    if first.kind == "missing":
        problem = document.problem(place[:-1], f"缺少“{place[-1]}”这一项")
    elif first.kind == "extra_forbidden":
        problem = document.problem(place, f"不认识“{place[-1]}”这一项", _key_hint(str(place[-1]), keys))
    elif detail["loc"][-1:] == ("[key]",) and options:
        problem = document.problem(place, f"不认识“{place[-1]}”这一项", _key_hint(str(place[-1]), options))
    elif first.kind in ("value_error", "assertion_error"):
        problem = document.problem(place, str(context.get("error", detail["msg"])))
    elif options:
        problem = document.problem(
            place, f"不能写{shown(detail['input'])}", _option_hint(detail["input"], options)
        )
    elif first.expected:
        expected = "，或者".join(dict.fromkeys(each.expected for each in same if each.expected))
        message = f"应该是{expected}，现在是{shown(detail['input'])}"
        problem = document.problem(place, message, _type_hint(same))
    elif first.kind in _LIMITS:
        limit = _LIMITS[first.kind].format_map(context)
        problem = document.problem(place, f"{limit}，现在是{shown(detail['input'])}")
    else:
        problem = document.problem(place, f"{detail['msg']}，现在是{shown(detail['input'])}")
    return problem


def shown(value: object) -> str:
    """A value from a file as an operator would name it."""
    if value is None:
        return "空的"
    if isinstance(value, bool):
        return f" {str(value).lower()}"
    if isinstance(value, Mapping):
        return "“键: 值”的形式"
    if isinstance(value, list | tuple):
        return f"列表（{len(value)} 项）"
    if isinstance(value, int | float):
        return f"数字 {value}"
    text = str(value)
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"


def _type_hint(same: Iterable[_Complaint]) -> str:
    kinds = {complaint.expected for complaint in same}
    value = next(iter(same)).detail["input"]
    if _EXPECTED["dict"] in kinds and isinstance(value, str) and re.search("[:：]", value):
        return "冒号要用英文的 : ，后面要有一个空格"
    if _EXPECTED["string"] in kinds and isinstance(value, bool | int | float):
        return "如果要写的就是这几个字，请加上引号"
    if _EXPECTED["string"] in kinds and isinstance(value, Mapping):
        return "文字里有冒号时，请给整段文字加上引号"
    return ""


def _options(context: Mapping[str, Any]) -> list[str]:
    """The values that a literal or an enumeration allows, from pydantic's sentence."""
    return re.findall(r"'([^']*)'", str(context.get("expected", "")))


def _near(word: str, words: Sequence[str]) -> list[str]:
    return get_close_matches(word, words, n=1, cutoff=0.5)


def _key_hint(key: str, keys: Sequence[str]) -> str:
    near = _near(key, keys)
    if near:
        return f"是不是想写“{near[0]}”？"
    return f"这里可以写的有：{'、'.join(keys[:30])}" if keys else "删掉这一项"


def _option_hint(value: object, options: Sequence[str]) -> str:
    near = _near(str(value), options)
    meant = f"是不是想写“{near[0]}”？" if near else ""
    return f"{meant}只能写其中之一：{'、'.join(options)}"


def _keys_at(schema: Mapping[str, Any], loc: Sequence[str | int]) -> list[str]:
    """The keys that the thing around `loc` may have."""
    nodes = _branches(schema, schema)
    for part in loc[:-1]:
        inner = [child for node in nodes for child in _children(node, part)]
        nodes = [branch for child in inner for branch in _branches(child, schema)] or nodes
    return list(dict.fromkeys(key for node in nodes for key in node.get("properties", {})))


def _children(node: Mapping[str, Any], part: str | int) -> list[Mapping[str, Any]]:
    if isinstance(part, str):
        found = node.get("properties", {}).get(part, node.get("additionalProperties"))
    else:
        found = node.get("items")
    return [found] if isinstance(found, Mapping) else []


def _branches(node: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """`node` without references and unions: all that it may be."""
    if "$ref" in node:
        return _branches(schema["$defs"][str(node["$ref"]).rsplit("/", 1)[-1]], schema)
    unions = [branch for name in ("anyOf", "oneOf", "allOf") for branch in node.get(name, ())]
    return [inner for branch in unions for inner in _branches(branch, schema)] if unions else [node]
