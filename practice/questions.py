"""The buyers' question set: what they ask, by the topic that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "questions.yaml"
# A question that names a product is asked where that is sold.
_TRADE = {"牙": "toothpaste", "毛巾": "towel", "浴巾": "towel", "杯": "cup", "壶": "cup"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One phrase; `topic` is None if no knowledge answers it, `trade` None if any shop may be asked."""

    text: str
    topic: str | None
    trade: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Everything that a buyer of ours may say."""

    known: tuple[Question, ...]
    nobody: tuple[Question, ...]
    openers: tuple[str, ...]
    tails: tuple[str, ...]
    thanks: tuple[str, ...]


@cache
def load_questions() -> Questions:
    """The set that belongs to the console."""
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Questions(
        known=tuple(_question(text, topic) for topic, texts in data["topics"].items() for text in texts),
        nobody=tuple(_question(text, None) for text in data["nobody"]),
        openers=tuple(data["openers"]),
        tails=tuple(data["tails"]),
        thanks=tuple(data["thanks"]),
    )


def _question(text: str, topic: str | None) -> Question:
    trades = {trade for word, trade in _TRADE.items() if word in text}
    return Question(text=text, topic=topic, trade=trades.pop() if len(trades) == 1 else None)
