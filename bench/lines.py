"""The lines that training reads: the trades of bench/trades, that of knowledge.yaml, and what no entry answers."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from base.yamlfile import read_yaml
from knowledge.background import Lines
from knowledge.model import load_knowledge

_ROOT = Path(__file__).resolve().parent.parent
_BENCH = _ROOT / "bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What buyers of one trade ask about: an operator's examples, and how buyers put it.

    `like` names the subject of orders in general that asks nearly the same.
    """

    name: str
    questions: tuple[str, ...]
    asked: tuple[str, ...] = ()
    like: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """The subjects of one trade, and messages `near` them that ask something else."""

    name: str
    latin: bool
    subjects: tuple[Subject, ...]
    near: tuple[str, ...] = ()
    own_beyond: bool = False

    def texts(self) -> list[str]:
        """All that is asked in it."""
        return [text for subject in self.subjects for text in (*subject.questions, *subject.asked)]


def read_trades() -> list[Trade]:
    """Every trade of bench/trades, and that of knowledge.yaml."""
    trades = []
    for path in sorted((_BENCH / "trades").glob("*.yaml")):
        data = read_yaml(path).data
        subjects = tuple(
            Subject(
                name=each["id"],
                questions=tuple(map(str, each["questions"])),
                asked=tuple(map(str, each["asked"])),
                like=each.get("like", ""),
            )
            for each in data["entries"]
        )
        near = tuple(map(str, data["near"]))
        trades.append(Trade(name=path.stem, latin=data.get("language") == "en", subjects=subjects, near=near))
    known = load_knowledge(_ROOT / "knowledge.yaml")
    shown = tuple(Subject(name=entry.id, questions=entry.questions) for entry in known.entries)
    return [*trades, Trade(name="shown", latin=False, subjects=shown, own_beyond=True)]


def read_lines(
    trades: Sequence[Trade],
    beyond: dict[str, list[str]],
    *,
    latin: bool,
    without: Sequence[str] = (),
    half: int | None = None,
) -> Lines:
    """What the background learns from: all lines of one script, or one half of them, of all trades but some."""

    def kept(texts: Sequence[str]) -> list[str]:
        return [text for text in texts if half is None or half_of(text) == half]

    heard = [trade for trade in trades if trade.latin == latin and trade.name not in without]
    subjects = [kept([*subject.questions, *subject.asked]) for trade in heard for subject in trade.subjects]
    near = [text for trade in heard for text in trade.near]
    return Lines(
        subjects=[texts for texts in subjects if texts],
        near=kept([*near, *([] if latin else beyond["beyond"])]),
        talk=[] if latin else kept(beyond["talk"]),
        latin=latin,
    )


def half_of(text: str) -> int:
    return zlib.crc32(text.encode()) % 2


def read_beyond() -> dict[str, list[str]]:
    """Messages that no entry of any trade answers: `talk` and `beyond`."""
    data = read_yaml(_BENCH / "buyers.yaml").data
    return {kind: [str(text) for text in data[kind]] for kind in ("talk", "beyond")}
