"""What the matcher is trained on: messages whose right entry is known, asked of shops that know a part.

All of it may be shipped: the examples of knowledge.yaml, the trades of bench/trades with what their buyers say, and
messages that no entry answers (buyers.yaml). Entries are removed at random, so that their questions become near
misses that must not be answered; a part of the messages gets a slip of the keyboard.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pypinyin import lazy_pinyin
from rapidfuzz import fuzz, process

from base.yamlfile import read_yaml
from knowledge.background import Background
from knowledge.entry import Entry
from knowledge.features import Looks, look
from knowledge.index import Index, Search
from knowledge.model import load_knowledge
from knowledge.synonyms import SAID

_ROOT = Path(__file__).resolve().parent.parent
_BENCH = _ROOT / "bench"
_COMMON = "orders"
_EXAMPLES = (1, 2, 3, 5, 8, 10, 10, 12, 14, 20)
_HELD_OUT = 3
_SHARES = (0.3, 0.5, 0.7, 0.85, 1.0)
# A message of no entry that is so like an example of another trade may well be answered by it.
_LIKE = 60
# Words around a question that change nothing about it.
_BEFORE = (
    "请问 你好, 亲, 我想问下 客服 在吗, 那 请问一下 老板 您好 我的 我这个 我买的 我昨天买的 这个 这款 那个 你们 你们家 "
    "我想问问 麻烦问下 那我 那这个 我这边 我的订单 我这个订单 我在你家买的 我上周买的东西 我刚下单的 还有就是 就是 "
    "你好我想问下 请问你们这边 帮我看下 帮我看一下 请教下 对了 想咨询一下 你好 亲亲 哈喽, 另外 我要 我想 你好请问 问一下"
).split(" ")
_AFTER = (
    "呢 啊 呀 哦 亲 谢谢 ? 。 了 吗 哈 ~ !! 急 啊亲 呢? 啊? 麻烦了 谢谢啦 的 嘛 哦? 我比较急 帮我看看 帮忙查一下 您看看 "
    "可以吗 行吗 啊急用 呢亲 ?? , 吧 ,谢谢 ,我着急 ,在线等"
).split(" ")
_LATIN_BEFORE = (
    "hi, |hello |hey |please |i'd like to know |can you tell me |could you help me, |i have a question, |"
    "so |um |i was wondering |i need to know |tell me |question: |sorry, "
).split("|")
_LATIN_AFTER = "?| please| thanks|??|, thank you| asap| pls|!| for me|, any idea?".split("|")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One message looked up; `origin` is its text before any slip, `right` the place in `looks` of its entry.

    `in_scope`: the shop has the right entry, found or not.
    """

    origin: str
    index: Index
    search: Search
    looks: Looks
    right: int | None
    in_scope: bool


class Slips:
    """The slips of people who type in a hurry: a character of the same sound, one too few, too many or swapped."""

    def __init__(self, texts: Sequence[str], throw: random.Random) -> None:
        self._throw = throw
        self._alike: defaultdict[str, list[str]] = defaultdict(list)
        for char in sorted({char for text in texts for char in text if "\u4e00" <= char <= "\u9fa5"}):
            self._alike[lazy_pinyin(char)[0]].append(char)

    def slip(self, text: str) -> str:
        """`text` with one slip, now and then all in pinyin."""
        throw = self._throw
        if throw.random() < 0.08 and not text.isascii():
            return throw.choice(("", " ", " ")).join(lazy_pinyin(text))
        at, kind = throw.randrange(len(text)), throw.random()
        before, char, after = text[:at], text[at], text[at + 1 :]
        if kind < 0.55 and not text.isascii():
            spoken = lazy_pinyin(char)[0]
            return (
                before + throw.choice([each for each in self._alike[spoken] if each != char] or [spoken]) + after
            )
        if kind < 0.65 and len(text) > 3:
            return before + after
        if kind < 0.75:
            return before + char + char + after
        return before + after[:1] + char + after[1:]

    def dress(self, text: str) -> str:
        """`text` in other words that mean the same, with words around it that add nothing."""
        throw = self._throw
        before, after = (_LATIN_BEFORE, _LATIN_AFTER) if text.isascii() else (_BEFORE, _AFTER)
        if throw.random() < 0.3:
            text = self._otherwise(text)
        if throw.random() < 0.6:
            text = throw.choice(before) + text
        return text + throw.choice(after) if throw.random() < 0.6 else text

    def _otherwise(self, text: str) -> str:
        """One word put in another way, as people do."""
        ways = [(word, others) for word, others in SAID.items() if word in text]
        if not ways:
            return text
        word, others = self._throw.choice(ways)
        return text.replace(word, self._throw.choice(others), 1)


@dataclass(slots=True)
class School:
    """Gives lessons, the same for the same seed."""

    throw: random.Random
    background: Background
    trades: list[Trade] = field(default_factory=lambda: read_trades())
    beyond: dict[str, list[str]] = field(default_factory=lambda: read_beyond())

    def lessons(self, shops: int) -> Iterator[Lesson]:
        """The lessons of so many shops, each knowing other entries and examples."""
        slips = Slips([text for trade in self.trades for text in trade.texts()], self.throw)
        for _ in range(shops):
            entries, messages = self._shop(slips)
            index = Index(entries, self.background)
            names = {entry.id: number for number, entry in enumerate(entries)}
            everywhere = np.ones(len(entries), np.bool_)
            for text, right in messages:
                said = slips.slip(text) if self.throw.random() < 0.15 else text
                if self.throw.random() < 0.45:
                    said = slips.dress(said)
                search = index.search(said, everywhere)
                if search is None or not len(search.candidates):
                    continue
                looks = look(index, search)
                place = np.flatnonzero(looks.numbers == names.get(right or "", -1))
                yield Lesson(
                    origin=text,
                    index=index,
                    search=search,
                    looks=looks,
                    right=int(place[0]) if len(place) else None,
                    in_scope=right in names,
                )

    def _shop(self, slips: Slips) -> tuple[list[Entry], list[tuple[str, str | None]]]:
        """What one shop knows, and the messages it gets: some left out, some beyond what it knows."""
        throw = self.throw
        trades = self._trades()
        most, share = throw.choice(_EXAMPLES), throw.choice(_SHARES)
        entries: list[Entry] = []
        inside: list[tuple[str, str | None]] = []
        outside: list[str] = []
        for trade in trades:
            # What is asked of two trades alike can't be told apart.
            alike = {subject.like for other in trades if other is not trade for subject in other.subjects}
            for subject in trade.subjects:
                if subject.name in alike and trade.name == _COMMON:
                    continue
                questions = throw.sample(subject.questions, len(subject.questions))
                asked = throw.sample(subject.asked, len(subject.asked))
                if throw.random() >= share:
                    outside += [*questions[:1], *asked[:1]]
                    continue
                # An operator's file has some of what buyers say, and buyers some of what operators write.
                held = [*asked[:_HELD_OUT - 1], *questions[:1]] if asked else questions[:_HELD_OUT]
                pool = [text for text in throw.sample(questions + asked, len(questions + asked)) if text not in held]
                name = f"{trade.name}/{subject.name}"
                entries.append(Entry.model_validate(self._entry(name, pool[:most])))
                inside += [(text, name) for text in held]
                # Most buyers put it nearly as somebody did before.
                inside += [(slips.dress(slips.dress(throw.choice(pool[:most]))), name) for _ in range(2)]
        if len(entries) < 2:
            return self._shop(slips)
        outside += self._outside(trades, 3 * len(inside))
        throw.shuffle(outside)
        messages = inside + [(text, None) for text in outside[: 2 * len(inside) + 20]]
        return entries, messages

    def _trades(self) -> list[Trade]:
        """One trade, or one with what every shop is asked about orders."""
        first = self.throw.choice(self.trades)
        common = next(trade for trade in self.trades if trade.name == _COMMON)
        if self.throw.random() < 0.3:
            first = common
        own = first.latin or first.own_beyond or first is common
        return [first] if own or self.throw.random() < 0.4 else [common, first]

    def _entry(self, name: str, questions: Sequence[str]) -> dict[str, Any]:
        """An entry as a file has it, some with keywords: runs of characters that its examples share."""
        entry: dict[str, Any] = {"id": name, "questions": list(questions), "answer": "-"}
        if self.throw.random() < 0.3:
            pairs = [text[at : at + 2] for text in questions for at in range(len(text) - 1)]
            common = sorted({each for each in pairs if pairs.count(each) >= 2 and each.isalpha()})
            entry["keywords"] = common[:2]
        return entry

    def _outside(self, trades: Sequence[Trade], most: int) -> list[str]:
        """Messages that none of those trades' subjects answer."""
        throw = self.throw
        texts = [text for trade in trades for text in trade.texts()]
        if trades[0].latin:
            others = [trade for trade in self.trades if trade.latin and trade not in trades]
        else:
            others = [trade for trade in self.trades if not trade.latin and trade not in trades and not trade.own_beyond]
        near = [text for trade in trades for text in trade.near]
        far = [text for trade in others for text in (*trade.near, *trade.texts())]
        if not trades[0].latin:
            far += self.beyond["beyond"]
        near += throw.sample(far, min(len(far), most // 3))
        own = {text for trade in trades if len(trades) == 1 for text in trade.near}
        strange = [text for text in near if text in own or not _is_like(text, texts)]
        if trades[0].own_beyond:
            strange = list(self.beyond["beyond"])
        talk = [] if trades[0].latin else throw.sample(self.beyond["talk"], min(most // 2, len(self.beyond["talk"])))
        return strange + talk


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
        trades.append(
            Trade(name=path.stem, latin=data.get("language") == "en", subjects=subjects, near=near)
        )
    known = load_knowledge(_ROOT / "knowledge.yaml")
    shown = tuple(Subject(name=entry.id, questions=entry.questions) for entry in known.entries)
    return [*trades, Trade(name="shown", latin=False, subjects=shown, own_beyond=True)]


def read_beyond() -> dict[str, list[str]]:
    """Messages that no entry of any trade answers: `talk` and `beyond`."""
    data = read_yaml(_BENCH / "buyers.yaml").data
    return {kind: [str(text) for text in data[kind]] for kind in ("talk", "beyond")}


def _is_like(text: str, texts: Sequence[str]) -> bool:
    return process.extractOne(text, texts, scorer=fuzz.ratio, score_cutoff=_LIKE) is not None
