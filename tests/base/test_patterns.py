"""Regular expressions that an operator wrote wrong are told in words."""

from __future__ import annotations

import pytest

from base.patterns import compiled

WRONG = [
    ("[0-9", "方括号 [ ] 没有成对（第 1 个字）"),
    ("编号(a", "括号 ( ) 没有成对（第 3 个字）"),
    ("a)", "括号 ( ) 没有成对（第 2 个字）"),
    ("*a", "* + ? 前面少了要重复的内容（第 1 个字）"),
    ("a**", "* + ? 不能连着写（第 3 个字）"),
    (r"\q", "反斜杠 \\ 后面的写法不对（第 1 个字）"),
    ("[9-0]", "方括号里的范围写反了（第 2 个字）"),
    ("(?!", "括号 ( ) 没有成对（第 1 个字）"),
    ("(?~a)", "(? 后面的写法不对（第 2 个字）"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_is_wrong_with_it(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="正则表达式有误") as caught:
        compiled(text)
    assert str(caught.value) == f"正则表达式有误：{message}"


def test_what_is_right_is_compiled() -> None:
    found = compiled(r"^编号(\d+)$").match("编号15")
    assert found is not None
    assert found[1] == "15"
