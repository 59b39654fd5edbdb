"""Questions at the terminal in the operators' language; click asks them too, and complains in English."""

from __future__ import annotations

import click

_YES, _NO = frozenset({"y", "yes", "是"}), frozenset({"", "n", "no", "否"})


def confirmed(question: str) -> bool:
    """Whether the answer is yes; nothing at all is a no, anything else is asked again."""
    while True:
        said = (
            str(click.prompt(question, default="", show_default=False, prompt_suffix=" [y/N]：")).strip().lower()
        )
        if said in _YES | _NO:
            return said in _YES
        click.echo("请回答 y（是）或 n（否）")


def hidden_twice(question: str) -> str:
    """What is typed unseen, twice the same."""
    while True:
        first, second = (
            str(click.prompt(text, hide_input=True, prompt_suffix="：")) for text in (question, "再输入一次")
        )
        if first == second:
            return first
        click.echo("两次输入的不一样，请重新输入")
