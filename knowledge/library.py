"""Everything that the shops of a worker know: one list of questions for all, and each shop's own answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.entry import Entry, Keywords, Scope
from knowledge.model import Knowledge, Shelf
from knowledge.text import core, normalise


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Questions as they are written once or more: by several shops, for several products, for a while.

    `id`: that of the first entry that has them, made unique. `texts`: all that is said to them, filled.
    `cores`: the questions as they compare. `entries`: who has them, in each book; `books`: the book of each shop.
    """

    id: str
    questions: tuple[str, ...]
    keywords: Keywords
    texts: tuple[str, ...]
    cores: frozenset[str]
    entries: Mapping[int, tuple[Entry, ...]]
    books: Mapping[str, int]

    def at(self, shop: str) -> tuple[Entry, ...]:
        """The entries with these questions that the shop has."""
        return self.entries.get(self.books.get(shop, 0), ())

    def competes(self, scope: Scope) -> bool:
        """Whether what a buyer says there may mean one of the entries, though none may hold just now."""
        return bool(self.competing(scope))

    def competing(self, scope: Scope) -> list[Entry]:
        """The entries that compete there, be it that they hold or not."""
        return [entry for entry in self.at(scope.shop) if entry.competes(scope)]

    def holding(self, scope: Scope) -> list[Entry]:
        """The entries that hold there and then; where one holds for less than another, only that one."""
        found = [entry for entry in self.competing(scope) if entry.holds(scope)]
        narrowest = min((entry.width for entry in found), default=None)
        return [entry for entry in found if entry.width == narrowest]


class Library:
    """What each shop knows. The first book is for every shop that has none of its own."""

    def __init__(self, default: Knowledge, shops: Mapping[str, Knowledge] | None = None) -> None:
        self._shops = dict(shops or {})
        self.books: tuple[Knowledge, ...] = _distinct([default, *self._shops.values()])
        numbers = {shop: _place_of(book, self.books) for shop, book in self._shops.items()}
        self.topics = _topics(self.books, numbers)
        self._topics = {topic.id: topic for topic in self.topics}

    def topic(self, topic_id: str) -> Topic:
        """The topic of that id; raises KeyError."""
        return self._topics[topic_id]

    @property
    def default(self) -> Knowledge:
        """What a shop without knowledge of its own knows."""
        return self.books[0]

    def of(self, shop: str) -> Knowledge:
        """What that shop knows."""
        return self._shops.get(shop, self.default)


def load_library(path: Path, shops: Mapping[str, Path] | None = None) -> Library:
    """Read the file for all shops and those of single ones; raises `ConfigError` with the file of each mistake."""
    shelf = Shelf()
    default = shelf.book(path)
    return Library(default, {shop: shelf.book(own) for shop, own in (shops or {}).items()})


def _distinct(books: Iterable[Knowledge]) -> tuple[Knowledge, ...]:
    found: list[Knowledge] = []
    for book in books:
        if not any(book is each for each in found):
            found.append(book)
    return tuple(found)


def _place_of(book: Knowledge, books: Sequence[Knowledge]) -> int:
    return next(number for number, each in enumerate(books) if each is book)


def _topics(books: Sequence[Knowledge], numbers: Mapping[str, int]) -> tuple[Topic, ...]:
    """The entries that are no drafts, gathered by their questions."""
    alike: defaultdict[object, defaultdict[int, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for number, book in enumerate(books):
        for entry in book.entries:
            if entry.status != "draft":
                key = (frozenset(entry.questions), entry.keywords.model_dump_json(), entry.after)
                alike[key][number].append(entry)
    topics: list[Topic] = []
    taken: set[str] = set()
    for entries in alike.values():
        first = next(iter(entries.values()))[0]
        name, again = first.id, 2
        while name in taken:
            name, again = f"{first.id}#{again}", again + 1
        taken.add(name)
        spoken = [
            text for number, each in entries.items() for entry in each for text in books[number].spoken(entry)
        ]
        topics.append(
            Topic(
                id=name,
                questions=first.questions,
                keywords=first.keywords,
                texts=tuple(dict.fromkeys(spoken)),
                cores=frozenset(core(normalise(question)) for question in first.questions),
                entries={number: tuple(each) for number, each in entries.items()},
                books=numbers,
            )
        )
    return tuple(topics)
