"""All examples of the knowledge, laid out so that the likeliest entries for a phrase are found at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from rapidfuzz import fuzz, process

from knowledge.entry import Entry
from knowledge.grams import Phrase, Weights, faint, phrase

_SMOOTH = 0.1
# How many candidates each way of looking brings in; the best entry is hardly ever beyond.
_BY_GRAMS = 8
_BY_RATIO = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example question of an entry, ready for matching, with the weight of its grams."""

    question: str
    phrase: Phrase
    letters_weight: float
    sounds_weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One entry, ready for matching: its examples, the grams of all of them, its keywords."""

    entry: Entry
    examples: tuple[Example, ...]
    letters: frozenset[str]
    sounds: frozenset[str]
    keywords: tuple[str, ...]


class Index:
    """The entries' examples with the three ways to look for candidates: letters, sounds, grams."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        phrases = [[phrase(question) for question in entry.questions] for entry in entries]
        self.letters = Weights(_union(each, "letters") for each in phrases)
        self.sounds = Weights(_union(each, "sounds") for each in phrases)
        self.known = [self._known(entry, each) for entry, each in zip(entries, phrases, strict=True)]
        self._owner = [number for number, known in enumerate(self.known) for _ in known.examples]
        self._cores = [example.phrase.core for known in self.known for example in known.examples]
        self._spoken = [example.phrase.sound for known in self.known for example in known.examples]
        self._posts_letters = _posts(phrases, "letters")
        self._posts_sounds = _posts(phrases, "sounds")

    def evidence(self, asked: Phrase) -> list[float]:
        """For each entry, what the grams of the question say for it (a naive Bayes log ratio, by posts)."""
        scores = [0.0] * len(self.known)
        for grams, posts in ((asked.letters, self._posts_letters), (asked.sounds, self._posts_sounds)):
            for gram in grams:
                for number, weight in posts.get(gram, ()):
                    scores[number] += weight
        return scores

    def candidates(self, asked: Phrase, evidence: Sequence[float]) -> set[int]:
        """The numbers of the entries worth a closer look."""
        found = set(sorted(range(len(evidence)), key=evidence.__getitem__, reverse=True)[:_BY_GRAMS])
        for text, texts in ((asked.core, self._cores), (asked.sound, self._spoken)):
            near = process.extract(text, texts, scorer=fuzz.ratio, limit=_BY_RATIO, score_cutoff=35)
            found.update(self._owner[place] for _, _, place in near)
        return found

    def _known(self, entry: Entry, phrases: Sequence[Phrase]) -> Known:
        examples = tuple(
            Example(
                question=question,
                phrase=each,
                letters_weight=self.letters.sum(each.letters),
                sounds_weight=self.sounds.sum(each.sounds),
            )
            for question, each in zip(entry.questions, phrases, strict=True)
        )
        return Known(
            entry=entry,
            examples=examples,
            letters=_union(phrases, "letters"),
            sounds=_union(phrases, "sounds"),
            keywords=tuple(word.lower() for word in entry.keywords.any),
        )


def _union(phrases: Sequence[Phrase], kind: str) -> frozenset[str]:
    sets: list[frozenset[str]] = [getattr(each, kind) for each in phrases]
    return frozenset().union(*sets)


def _posts(phrases: Sequence[Sequence[Phrase]], kind: str) -> dict[str, list[tuple[int, float]]]:
    """For each gram the entries that use it, with the log ratio that it speaks for them over all others."""
    counts: defaultdict[str, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for number, examples in enumerate(phrases):
        for each in examples:
            for gram in getattr(each, kind):
                counts[gram][number] += 1
    total = sum(map(len, phrases))
    posts = {}
    for gram, by_entry in counts.items():
        everywhere, weight = sum(by_entry.values()), faint(gram)
        floor = log(_SMOOTH / (everywhere + 2 * _SMOOTH) * total / 10)
        posts[gram] = [
            (number, weight * (_log_ratio(count, len(phrases[number]), everywhere, total) - floor))
            for number, count in by_entry.items()
        ]
    return posts


def _log_ratio(count: int, examples: int, everywhere: int, total: int) -> float:
    here = (count + _SMOOTH) / (examples + 2 * _SMOOTH)
    elsewhere = (everywhere - count + _SMOOTH) / (total - examples + 2 * _SMOOTH)
    return log(here / elsewhere)
