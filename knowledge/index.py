"""All examples of the knowledge, laid out so that the likeliest entries for a phrase are found at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.background import Background, shipped_background
from knowledge.entry import Entry
from knowledge.grams import Phrase, phrase
from knowledge.head import Head
from knowledge.library import Topic
from knowledge.postings import Floats, Found, Ints, Postings, gather
from knowledge.speech import denies, refuses
from knowledge.spelling import Spelling
from knowledge.synonyms import plainly
from knowledge.text import normalise

# How many candidates each way of looking brings in; the right entry is hardly ever beyond.
_BY_HEAD, _BY_EVIDENCE, _BY_MEANING, _BY_EXAMPLES = 8, 5, 5, 20
_VOTERS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The keywords of an entry, ready for comparison."""

    any: tuple[str, ...]
    all: tuple[str, ...]
    none: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A phrase looked up: its grams by letter, sound and spelling, what each way of looking says, the candidates.

    `alike` is for each example the sum of its cosines by letters and sounds (0 to 2); `candidates` are entries.
    """

    phrase: Phrase
    found: tuple[Found, Found, Found]
    letters: Floats
    sounds: Floats
    alike: Floats
    head: Floats
    meaning: Floats
    evidence: Floats
    votes: dict[int, float]
    candidates: Ints


class Index:
    """The entries' examples with the ways to look for candidates: a trained head, evidence of grams, likeness."""

    def __init__(self, entries: Sequence[Entry | Topic], background: Background | None = None) -> None:
        normal = [normalise(question) for entry in entries for question in entry.questions]
        # Knowledge in Latin letters is not to be read as pinyin.
        self.latin = 2 * sum(map(str.isascii, normal)) > len(normal)
        self.background = background or shipped_background(latin=self.latin)
        self._spelling = Spelling([*normal, *map(plainly, normal)])
        sizes = np.fromiter((len(entry.questions) for entry in entries), np.int32, len(entries))
        self.owner = np.repeat(np.arange(len(entries), dtype=np.int32), sizes)
        self.starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
        self.questions = [question for entry in entries for question in entry.questions]
        self.cores: list[str] = []
        self.spoken: list[str] = []
        self.manners = np.zeros(len(self.questions), np.int32)
        self.denies, self.refuses = np.zeros((2, len(self.questions)), np.bool_)
        kinds = gather(self._noted())
        general = (*self.background.shares, {})
        self.kinds = tuple(
            Postings(each, self.owner, len(entries), shares) for each, shares in zip(kinds, general, strict=True)
        )
        self.words = [_ready(entry) for entry in entries]
        self.count = len(entries)
        self._head = Head(self.kinds, self.owner, self.count)
        self.meanings = self.background.meanings(self.kinds)
        middles = np.add.reduceat(self.meanings, self.starts[:-1]) if self.count else self.meanings
        self.middles = middles / np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-6)

    def _noted(self) -> Iterator[Phrase]:
        """Every question made ready, and noted what is kept of it: all of them at once would fill the memory."""
        for number, question in enumerate(self.questions):
            each = phrase(question, latin=self.latin)
            self.cores.append(each.core)
            self.spoken.append(each.sound)
            self.manners[number] = each.manners
            self.denies[number], self.refuses[number] = denies(each.text), refuses(each.text)
            yield each

    def search(self, text: str, open_: NDArray[np.bool_]) -> Search | None:
        """Look a text up, slips and all, among the entries that are open; None where nothing is asked of any."""
        asked = phrase(text, self._spelling, latin=self.latin)
        if not asked.letters or not open_.any():
            return None
        grams = asked.grams()
        first, second, third = (kind.find(each) for kind, each in zip(self.kinds, grams, strict=True))
        meaning = self.background.meaning(grams)
        means = np.where(open_, self.middles @ meaning, -1)
        found = (first, second, third)
        sounds = self._cosine(self.kinds[1], second)
        letters = sounds if asked.spelled else self._cosine(self.kinds[0], first)
        head = np.where(open_, self._head.scores(found), -1)
        evidence = self.kinds[1].speaks(second, self.count)
        if not asked.spelled:
            evidence += self.kinds[0].speaks(first, self.count)
        evidence /= second.total + (0 if asked.spelled else first.total)
        evidence[~open_] = -1
        alike = (letters + sounds) * open_[self.owner]
        nearest = _best(alike, _BY_EXAMPLES)
        nearest = nearest[alike[nearest] > 0]
        candidates = np.union1d(
            np.concatenate([_best(head, _BY_HEAD), _best(evidence, _BY_EVIDENCE), _best(means, _BY_MEANING)]),
            self.owner[nearest],
        )
        return Search(
            phrase=asked,
            found=found,
            letters=letters,
            sounds=sounds,
            alike=alike,
            head=head,
            meaning=meaning,
            evidence=evidence,
            votes=_votes(self.owner[nearest[:_VOTERS]], alike[nearest[:_VOTERS]]),
            candidates=candidates[open_[candidates]].astype(np.int32),
        )

    def _cosine(self, kind: Postings, found: Found) -> Floats:
        return np.asarray(
            kind.overlap(found) / np.sqrt(np.maximum(kind.example_weight, 1e-3) * found.total), np.float32
        )


def _ready(entry: Entry | Topic) -> Words:
    words = entry.keywords
    return Words(any=_plain_words(words.any), all=_plain_words(words.all), none=_plain_words(words.none))


def _plain_words(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plainly(normalise(word)) for word in words))


def _best(scores: Floats, most: int) -> NDArray[np.intp]:
    """The places of the highest scores, best first."""
    if len(scores) > most:
        places = np.argpartition(-scores, most)[:most]
        return places[np.argsort(-scores[places], kind="stable")]
    return np.argsort(-scores, kind="stable")


def _votes(owners: Ints, likeness: Floats) -> dict[int, float]:
    """What share of the nearest examples is each entry's, by the square of their likeness."""
    votes: dict[int, float] = {}
    total = float(likeness @ likeness) or 1.0
    for owner, like in zip(owners.tolist(), likeness.tolist(), strict=True):
        votes[owner] = votes.get(owner, 0.0) + like * like / total
    return votes
