"""Several questions in one message."""

from __future__ import annotations

import pytest

from knowledge.parts import parts
from knowledge.text import MAX_CHARS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("什么时候发货", ["什么时候发货"]),
        ("可以开发票不，什么时候发货", ["可以开发票不", "什么时候发货"]),
        ("包邮吗？多久到？", ["包邮吗?", "多久到?"]),
        ("在吗 这个多少ml", ["在吗", "这个多少ml"]),
        ("包邮吗还有什么时候发货", ["包邮吗", "什么时候发货"]),
        ("怎么退货另外发票怎么开", ["怎么退货", "发票怎么开"]),
        ("还有货吗", ["还有货吗"]),
        ("另外一个多大", ["另外一个多大"]),
        ("红色、蓝色有货吗", ["红色、蓝色有货吗"]),
        ("3.5厘米的有吗.多少钱", ["3.5厘米的有吗", "多少钱"]),
        ("zhuan ren gong", ["zhuan ren gong"]),
        ("iphone 15 用的 有吗", ["iphone 15 用的", "有吗"]),
        ("500ml\n包邮吗", ["500ml", "包邮吗"]),
        ("！！！", ["!!!"]),
        ("", []),
        (" \n\u200b\n ", []),
    ],
)
def test_cuts(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_only_the_beginning_of_a_pasted_page_is_cut() -> None:
    assert len("".join(parts("多大？多重？" * 5_000))) == MAX_CHARS
