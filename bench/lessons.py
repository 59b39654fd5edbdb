"""What the matcher is trained on: messages whose right entry is known, asked of shops that know a part.

All of it may be shipped: the examples of knowledge.yaml, the trades of bench/trades with what their buyers say,
and messages that no entry answers (buyers.yaml). Entries are removed at random, so that their questions become
near misses that must not be answered; a part of the messages gets a slip of the keyboard.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from bench.lines import Trade, half_of, read_beyond, read_lines, read_trades
from bench.slips import Slips
from knowledge.background import Background
from knowledge.entry import Entry
from knowledge.features import Looks, look
from knowledge.grams import faint
from knowledge.index import Index, Search

_COMMON = "orders"
_EXAMPLES = (1, 2, 3, 5, 8, 10, 10, 12, 14, 20)
_HELD_OUT = 3
_TWISTED = 0.35
_UNHEARD = 0.3
_SHARES = (0.3, 0.5, 0.7, 0.85, 1.0)
_ASKED = {"可以", "怎么", "什么", "多久", "能不", "不能", "多少", "哪里", "为什", "几天", "如何"}
# A message of no entry that is so like an example of another trade may well be answered by it.
_LIKE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message made of the line `origin`, and the id of the entry that answers it; None: none does."""

    origin: str
    text: str
    right: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One message looked up; `origin` is its text before any slip, `right` the place in `looks` of its entry.

    `shop`: the number of the one asked. `in_scope`: it has the right entry, found or not.
    """

    shop: int
    origin: str
    index: Index
    search: Search
    looks: Looks
    right: int | None
    in_scope: bool


@dataclass(slots=True)
class School:
    """Gives lessons, the same for the same seed."""

    throw: random.Random
    trades: list[Trade] = field(default_factory=read_trades)
    beyond: dict[str, list[str]] = field(default_factory=read_beyond)

    def lessons(self, shops: int) -> Iterator[Lesson]:
        """The lessons of so many shops, each knowing other entries and examples."""
        slips = Slips([text for trade in self.trades for text in trade.texts()], self.throw)
        for shop in range(shops):
            trades = self._trades()
            half = self.throw.randrange(2)
            entries, messages = self._shop(trades, slips)
            # What the background learnt from is no test of what it knows.
            messages = [each for each in messages if half_of(each.origin) == half]
            index = Index(entries, self._background(trades, half))
            names = {entry.id: number for number, entry in enumerate(entries)}
            everywhere = np.ones(len(entries), np.bool_)
            for message in messages:
                said = slips.slip(message.text) if self.throw.random() < 0.15 else message.text
                if self.throw.random() < 0.45:
                    said = slips.dress(said)
                search = index.search(said, everywhere)
                if search is None or not len(search.candidates):
                    continue
                looks = look(index, search)
                place = np.flatnonzero(looks.numbers == names.get(message.right or "", -1))
                yield Lesson(
                    shop=shop,
                    origin=message.origin,
                    index=index,
                    search=search,
                    looks=looks,
                    right=int(place[0]) if len(place) else None,
                    in_scope=message.right in names,
                )

    def _shop(self, trades: Sequence[Trade], slips: Slips) -> tuple[list[Entry], list[Said]]:
        """What one shop knows, and the messages it gets: some left out, some beyond what it knows."""
        throw = self.throw
        most, share = throw.choice(_EXAMPLES), throw.choice(_SHARES)
        entries: list[Entry] = []
        inside: list[Said] = []
        outside: list[Said] = []
        for trade in trades:
            # What is asked of two trades alike can't be told apart.
            alike = {subject.like for other in trades if other is not trade for subject in other.subjects}
            for subject in trade.subjects:
                if subject.name in alike and trade.name == _COMMON:
                    continue
                questions = throw.sample(subject.questions, len(subject.questions))
                asked = throw.sample(subject.asked, len(subject.asked))
                if throw.random() >= share:
                    outside += [Said(origin=text, text=text) for text in (*questions[:2], *asked[:2])]
                    continue
                # An operator's file has some of what buyers say, and buyers some of what operators write.
                held = [*asked[: _HELD_OUT - 1], *questions[:1]] if asked else questions[:_HELD_OUT]
                pool = [
                    text for text in throw.sample(questions + asked, len(questions + asked)) if text not in held
                ]
                name = f"{trade.name}/{subject.name}"
                entries.append(Entry.model_validate(self._entry(name, pool[:most])))
                inside += [Said(origin=text, text=text, right=name) for text in held]
                # Most buyers put it nearly as somebody did before.
                near = [throw.choice(pool[:most]) for _ in range(3)]
                inside += [Said(origin=text, text=slips.dress(slips.dress(text)), right=name) for text in near]
        if len(entries) < 2:
            return self._shop(trades, slips)
        outside += [Said(origin=text, text=text) for text in self._outside(trades, 3 * len(inside))]
        outside += self._near_misses(entries, slips)
        throw.shuffle(outside)
        return entries, inside + outside[: 2 * len(inside) + 20]

    def _background(self, trades: Sequence[Trade], half: int) -> Background:
        """What a matcher knows of general talk without one half of the lines, and now and then of that trade."""
        unheard = [trades[-1].name] if self.throw.random() < _UNHEARD else []
        return Background(
            read_lines(self.trades, self.beyond, latin=trades[0].latin, without=unheard, half=1 - half)
        )

    def _near_misses(self, entries: Sequence[Entry], slips: Slips) -> list[Said]:
        """Examples made messages that their entry does not answer: told instead of asked, or without what
        they are about.
        """
        topics = {entry.id: _topic(entry.questions) for entry in entries}
        found = []
        for entry in entries:
            topic, text = topics[entry.id], self.throw.choice(entry.questions)
            if self.throw.random() < _TWISTED:
                found.append(Said(origin=text, text=slips.twist(text)))
            if topic and topic in text and self.throw.random() < _TWISTED:
                found.append(Said(origin=text, text=text.replace(topic, "")))
        return [each for each in found if each.text]

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
            others = [
                trade for trade in self.trades if not trade.latin and trade not in trades and not trade.own_beyond
            ]
        near = [text for trade in trades for text in trade.near]
        far = [text for trade in others for text in (*trade.near, *trade.texts())]
        if not trades[0].latin:
            far += self.beyond["beyond"]
        near += throw.sample(far, min(len(far), most // 3))
        own = {text for trade in trades if len(trades) == 1 for text in trade.near}
        strange = [text for text in near if text in own or not _is_like(text, texts)]
        if trades[0].own_beyond:
            strange = list(self.beyond["beyond"])
        talk = (
            [] if trades[0].latin else throw.sample(self.beyond["talk"], min(most // 2, len(self.beyond["talk"])))
        )
        return strange + talk


def _topic(questions: Sequence[str]) -> str:
    """The two characters that most of the examples share: what they are about; empty where they share none."""
    pairs = Counter(
        pair for text in questions for pair in {text[at : at + 2] for at in range(len(text) - 1)} if _tells(pair)
    )
    best, uses = max(pairs.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return best if uses >= max(2, 0.4 * len(questions)) else ""


def _tells(pair: str) -> bool:
    return not pair.isascii() and min(map(faint, pair)) == 1.0 and pair not in _ASKED


def _is_like(text: str, texts: Sequence[str]) -> bool:
    return process.extractOne(text, texts, scorer=fuzz.ratio, score_cutoff=_LIKE) is not None
