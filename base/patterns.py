"""Regular expressions in operators' files: compiled, or refused in words that say what to do."""

from __future__ import annotations

import re

_MEANINGS = (
    ("unterminated character set", "方括号 [ ] 没有成对"),
    ("subpattern", "括号 ( ) 没有成对"),
    ("unbalanced parenthesis", "括号 ( ) 没有成对"),
    ("nothing to repeat", "* + ? 前面少了要重复的内容"),
    ("multiple repeat", "* + ? 不能连着写"),
    ("bad escape", "反斜杠 \\ 后面的写法不对"),
    ("bad character range", "方括号里的范围写反了"),
    ("unknown extension", "(? 后面的写法不对"),
)


def compiled(text: str) -> re.Pattern[str]:
    """The regular expression in `text`; raises ValueError in Chinese."""
    try:
        return re.compile(text)
    except re.error as error:
        meaning = next((words for said, words in _MEANINGS if said in error.msg), error.msg)
        place = "" if error.pos is None else f"（第 {error.pos + 1} 个字）"
        raise ValueError(f"正则表达式有误：{meaning}{place}") from None
