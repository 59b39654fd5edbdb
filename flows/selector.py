"""What a pack may write where the page is searched: plain CSS, and expressions that browsers understand too."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from base.patterns import compiled

_QUOTED = re.compile(r"\\.|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.DOTALL)
_PAIRS = (("[", "]"), ("(", ")"))
_OTHER_ENGINES = ("//", "..", "xpath=", "text=", "css=", "id=", "role=")
_NOT_CSS = re.compile(r">>|:(?:has-text|text|text-is|text-matches|visible|nth-match|contains)\b")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}?|\}")
# Python and browsers share most of the language; these would fail in the page.
_PYTHON_ONLY = re.compile(r"(?<!\\)(?:\\\\)*(?:\\[AZ]|\(\?P|\(\?[aiLmsux]+[-:)]|\(\?#|\(\?>|[*+?}]\+)")


def css(text: str) -> str:
    """`text` if it can be a CSS selector; raises ValueError in Chinese."""
    bare = _QUOTED.sub("", text)
    if not text.strip():
        raise ValueError("选择器是空的")
    if text.lstrip().startswith(_OTHER_ENGINES):
        raise ValueError(f"这里只能写 CSS 选择器，不能写 XPath 等其他写法：{text}")
    if found := _NOT_CSS.search(bare):
        raise ValueError(f"浏览器不认识“{found[0]}”，这里只能写标准的 CSS：{text}")
    if "'" in bare or '"' in bare:
        raise ValueError(f"选择器的引号不成对：{text}")
    if any(bare.count(opened) != bare.count(closed) for opened, closed in _PAIRS):
        raise ValueError(f"选择器的括号不成对：{text}")
    if other := [found for found in _PLACEHOLDER.findall(text) if found != "{id}"]:
        raise ValueError(f"选择器里的花括号只能写 {{id}}，不能写 {other[0]}")
    return text


def pattern(text: str) -> str:
    """`text` if it can be a regular expression here and in the page; raises ValueError in Chinese."""
    if compiled(text).groups > 1:
        raise ValueError("正则表达式最多一个括号组，用来取出要的部分；其余的括号写成 (?:…)")
    if found := _PYTHON_ONLY.search(text):
        raise ValueError(f"浏览器不认识正则表达式里的“{found[0]}”")
    return text


def as_list(value: Any) -> Any:
    """One thing as a list of one."""
    return value if isinstance(value, list) else [value]


Css = Annotated[str, AfterValidator(css)]
Fallbacks = Annotated[list[Css], BeforeValidator(as_list, json_schema_input_type=Css | list[Css])]
Selectors = Annotated[
    list[Css],
    Field(min_length=1),
    BeforeValidator(as_list, json_schema_input_type=Css | Annotated[list[Css], Field(min_length=1)]),
]
Pattern = Annotated[str, AfterValidator(pattern)]
