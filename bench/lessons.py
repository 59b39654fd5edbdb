"""What the confidence is trained on: messages whose right entry is known, asked of shops that know a part.

All of it may be shipped: the examples of knowledge.yaml, each left out in turn, and messages of the trade that
no entry answers (buyers.yaml). Entries are removed at random, so that their questions become near misses that
must not be answered; a part of the messages gets a slip of the keyboard.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pypinyin import lazy_pinyin

from base.yamlfile import read_yaml
from knowledge.entry import Entry
from knowledge.features import Look, look
from knowledge.index import Index, Search
from knowledge.model import Knowledge, load_knowledge

_ROOT = Path(__file__).resolve().parent.parent
_LEAST_EXAMPLES = 3
_KNOWN_SHARES = (0.5, 0.7, 0.85, 1.0)
_EXAMPLES = (6, 10, 14, 20, 26)
_TAILS = ("呢", "啊", "呀", "哦", "亲", "谢谢", "?", "。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One message looked up; `origin` is its text before any slip, `right` the place in `looks` of its entry."""

    origin: str
    index: Index
    search: Search
    looks: tuple[Look, ...]
    right: int | None


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
        if throw.random() < 0.05:
            return throw.choice(("", " ", " ")).join(lazy_pinyin(text))
        at, kind = throw.randrange(len(text)), throw.random()
        before, char, after = text[:at], text[at], text[at + 1 :]
        if kind < 0.55:
            spoken = lazy_pinyin(char)[0]
            return (
                before + throw.choice([each for each in self._alike[spoken] if each != char] or [spoken]) + after
            )
        if kind < 0.65 and len(text) > 3:
            return before + after
        if kind < 0.75:
            return before + char + char + after
        if kind < 0.85 or not after:
            return text + throw.choice(_TAILS)
        return before + after[0] + char + after[1:]


class School:
    """Gives lessons, the same for the same seed."""

    def __init__(self, throw: random.Random) -> None:
        self._throw = throw
        self._knowledge: Knowledge = load_knowledge(_ROOT / "knowledge.yaml")
        self._beyond: list[str] = read_yaml(_ROOT / "bench" / "buyers.yaml").data["beyond"]
        examples = [question for entry in self._knowledge.entries for question in entry.questions]
        self._slips = Slips(examples, throw)

    def lessons(self, shops: int) -> Iterator[Lesson]:
        """The lessons of so many shops, each knowing other entries and examples."""
        for _ in range(shops):
            entries, messages = self._shop()
            index = Index(entries, [self._knowledge.spoken(entry) for entry in entries])
            for text, right in messages:
                said = self._slips.slip(text) if self._throw.random() < 0.35 else text
                search = index.search(said)
                looks = tuple(look(index, search, number) for number in sorted(search.candidates))
                known = [index.known[each.number].entry.id for each in looks]
                place = known.index(right) if right in known else None
                if looks and (right is None or place is not None):
                    yield Lesson(origin=text, index=index, search=search, looks=looks, right=place)

    def _shop(self) -> tuple[list[Entry], list[tuple[str, str | None]]]:
        """What one shop knows, and the messages it gets: some left out, some beyond what it knows."""
        throw, most = self._throw, self._throw.choice(_EXAMPLES)
        entries: list[Entry] = []
        messages: list[tuple[str, str | None]] = []
        for entry in self._knowledge.entries:
            questions = throw.sample(entry.questions, len(entry.questions))
            if throw.random() >= throw.choice(_KNOWN_SHARES):
                messages += [(question, None) for question in questions[:2]]
                continue
            kept = max(_LEAST_EXAMPLES, min(most, len(questions) - 1))
            entries.append(entry.model_copy(update={"questions": tuple(questions[:kept])}))
            messages += [(question, entry.id) for question in questions[kept:][: throw.choice((1, 2, 3))]]
            if throw.random() < 0.6:
                messages.append((self._slips.slip(throw.choice(questions[:kept])), entry.id))
        messages += [(text, None) for text in self._beyond if throw.random() < 0.4]
        return entries, messages
