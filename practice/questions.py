"""The buyers' question set: what they ask, by the topic that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "questions.yaml"
# A question that names a product is asked where that is sold.
_TRADE = {
    "toothpaste": ("牙", "三支", "几支", "六支", "薄荷", "茶香"),
    "towel": ("毛巾", "浴巾", "几条", "20条", "单买一条", "换一条"),
    "cup": ("杯", "壶"),
}


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
    trades = {trade for trade, words in _TRADE.items() if any(word in text for word in words)}
    return Question(text=text, topic=topic, trade=trades.pop() if len(trades) == 1 else None)
