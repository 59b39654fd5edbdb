"""What the browser says is told in words that help an operator; its own stay beside them."""

from __future__ import annotations

import pytest

from flows.breakage import meaning


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ERR_CONNECTION_REFUSED", "拒绝连接"),
        ("ERR_NAME_NOT_RESOLVED", "找不到这个网址"),
        ("ERR_INTERNET_DISCONNECTED", "网断了"),
        ("ERR_CONNECTION_TIMED_OUT", "没有回音"),
        ("ERR_CERT_DATE_INVALID", "证书"),
        ("ERR_NOTHING_KNOWN", "打不开"),
    ],
)
def test_a_page_that_cannot_be_reached(code: str, words: str) -> None:
    said = str(meaning(f"Page.goto: net::{code} at https://shop.example/im\nCall log: much", closed=False))
    assert said.startswith("连不上后台网页：") and words in said
    assert said.endswith(f"（{code}，https://shop.example/im）")


def test_a_page_that_cannot_be_reached_and_does_not_say_where() -> None:
    assert str(meaning("net::ERR_FAILED", closed=False)) == "连不上后台网页：打不开（ERR_FAILED）"
