"""What the matcher is measured on: a file of knowledge each, and messages with the entry that each should find.

`bench/faqs` ships and was trained on by nothing. The sets beside the repository (../shared/matching) are of real
buyers and are only read: none of their text is in the repository.
"""

from __future__ import annotations

import csv
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pypinyin import lazy_pinyin

from base.yamlfile import read_yaml

_ROOT = Path(__file__).resolve().parent.parent
SHARED = _ROOT.parent / "shared" / "matching"
_FAQS = Path(__file__).with_name("faqs")
_SEED = 20261123
_BITEXT_EXAMPLES, _BITEXT_MESSAGES = 10, 8
_PAIRS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a buyer says, and the entries that it asks for; none: out of scope."""

    text: str
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One measurement: the entries as a knowledge file has them, and the messages."""

    name: str
    entries: Sequence[dict[str, Any]]
    messages: Sequence[Message]

    @property
    def in_scope(self) -> list[Message]:
        """The messages that an entry answers."""
        return [message for message in self.messages if message.entries]


def own_cases() -> list[Case]:
    """What ships: a Chinese and an English file, the Chinese in pinyin too, and two questions in one."""
    chinese, english = _own("bicycles"), _own("gym_en")
    return [chinese, english, spelled(chinese), paired(chinese)]


def shared_cases() -> list[Case]:
    """Those of real buyers; none where the folder is not there."""
    if not SHARED.is_dir():
        return []
    entries = read_yaml(SHARED / "faq_public30.yaml").data
    dev = Case(name="dev", entries=entries, messages=_lines("dev_public30.jsonl"))
    typo = replace(dev, name="dev, one typo", messages=_lines("dev_noise1_public30.jsonl"))
    return [dev, typo, spelled(dev), paired(dev), _bitext()]


def spelled(case: Case) -> Case:
    """Its questions in scope, all in the letters of pinyin."""
    messages = [replace(each, text=" ".join(lazy_pinyin(each.text))) for each in case.in_scope]
    return replace(case, name=f"{case.name}, pinyin", messages=messages)


def paired(case: Case) -> Case:
    """Two of its questions in one message."""
    throw = random.Random(_SEED)  # noqa: S311 - dice for a benchmark
    pairs: list[Message] = []
    while len(pairs) < _PAIRS:
        first, second = throw.sample(case.in_scope, 2)
        if first.entries != second.entries:
            text = f"{first.text}{throw.choice(('，', ' ', '？', '，还有'))}{second.text}"
            pairs.append(Message(text=text, entries=first.entries + second.entries))
    return replace(case, name=f"{case.name}, two questions", messages=pairs)


def _own(name: str) -> Case:
    data = read_yaml(_FAQS / f"{name}.yaml").data
    asked = [Message(text=str(text), entries=(each["id"],)) for each in data["entries"] for text in each["asked"]]
    none = [Message(text=str(text)) for text in data["none"]]
    entries = [{"id": each["id"], "questions": each["questions"], "answer": "-"} for each in data["entries"]]
    return Case(name=name, entries=entries, messages=asked + none)


def _lines(name: str) -> list[Message]:
    rows = map(json.loads, (SHARED / name).read_text("utf-8").splitlines())
    return [Message(text=row["text"], entries=() if row["intent"] == "oos" else (row["intent"],)) for row in rows]


def _bitext() -> Case:
    """English: examples and other messages of each intent; out of scope is what the gym's visitors ask."""
    by_intent: defaultdict[str, list[str]] = defaultdict(list)
    with (SHARED / "bitext_train.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            by_intent[row["intent"]].append(row["utterance"])
    throw = random.Random(_SEED)  # noqa: S311 - dice for a benchmark
    entries, messages = [], []
    for intent, texts in sorted(by_intent.items()):
        chosen = throw.sample(sorted(set(texts)), _BITEXT_EXAMPLES + _BITEXT_MESSAGES)
        entries.append({"id": intent, "questions": chosen[:_BITEXT_EXAMPLES], "answer": "-"})
        messages += [Message(text=text, entries=(intent,)) for text in chosen[_BITEXT_EXAMPLES:]]
    gym = _own("gym_en")
    outside = [replace(each, entries=()) for each in gym.messages if "member" not in each.text]
    return Case(name="bitext", entries=entries, messages=messages + outside)
