"""All examples of the knowledge, laid out so that the likeliest entries for a phrase are found at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from rapidfuzz import fuzz, process

from knowledge.entry import Entry
from knowledge.grams import Phrase, Place, Weights, faint, phrase, places
from knowledge.library import Topic
from knowledge.spelling import Spelling
from knowledge.synonyms import plainly
from knowledge.text import normalise

_SMOOTH = 0.1
# How many candidates each way of looking brings in; the right entry is hardly ever beyond.
_BY_GRAMS = 8
_BY_RATIO = 30
_LEAST_RATIO = 35
_VOTERS = 7

Posts = dict[str, list[tuple[int, float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example question of an entry, ready for matching, with the weight of its grams."""

    question: str
    phrase: Phrase
    letters_weight: float
    sounds_weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One entry, ready for matching: its examples, the grams of all of them and of its answers, its keywords."""

    entry: Entry | Topic
    examples: tuple[Example, ...]
    letters: frozenset[str]
    sounds: frozenset[str]
    said: frozenset[str]
    any_words: tuple[str, ...]
    all_words: tuple[str, ...]
    none_words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A phrase looked up: the entries worth a closer look, what its grams say for each, its neighbours' votes."""

    phrase: Phrase
    places: tuple[Place, ...]
    candidates: frozenset[int]
    evidence: Sequence[float]
    votes: dict[int, float]
    letters_weight: float
    sounds_weight: float


class Index:
    """The entries' examples with the three ways to look for candidates: letters, sounds, grams.

    `answers` are the texts that each entry says, filled: their words speak for the entry too.
    """

    def __init__(self, entries: Sequence[Entry | Topic], answers: Sequence[Sequence[str]]) -> None:
        questions = [normalise(question) for entry in entries for question in entry.questions]
        self._spelling = Spelling([*questions, *map(plainly, questions)])
        phrases = [[phrase(question) for question in entry.questions] for entry in entries]
        letters = [[each.letters for each in examples] for examples in phrases]
        sounds = [[each.sounds for each in examples] for examples in phrases]
        self.letters = Weights(frozenset().union(*grams) for grams in letters)
        self.sounds = Weights(frozenset().union(*grams) for grams in sounds)
        self._posts = (_posts(letters), _posts(sounds))
        self.known = [
            self._ready(entry, examples, texts)
            for entry, examples, texts in zip(entries, phrases, answers, strict=True)
        ]
        self._owner = [number for number, examples in enumerate(phrases) for _ in examples]
        self._cores = [each.core for examples in phrases for each in examples]
        self._spoken = [each.sound for examples in phrases for each in examples]

    def search(self, text: str) -> Search:
        """Look a text up, slips and all."""
        asked = phrase(text, self._spelling)
        evidence = self._evidence(asked)
        best = sorted(range(len(evidence)), key=evidence.__getitem__, reverse=True)[:_BY_GRAMS]
        alike = self._nearest(asked.core, self._cores)
        heard = self._nearest(asked.sound, self._spoken)
        return Search(
            phrase=asked,
            places=places(asked),
            candidates=frozenset([*best, *(number for number, _ in alike), *(number for number, _ in heard)]),
            evidence=evidence,
            votes=_votes(heard[:_VOTERS]),
            letters_weight=self.letters.sum(asked.letters) or 1.0,
            sounds_weight=self.sounds.sum(asked.sounds) or 1.0,
        )

    def _evidence(self, asked: Phrase) -> list[float]:
        """For each entry a naive Bayes log ratio: what the grams of the question say for it."""
        scores = [0.0] * len(self.known)
        for grams, posts in zip((asked.letters, asked.sounds), self._posts, strict=True):
            for gram in grams:
                for number, weight in posts.get(gram, ()):
                    scores[number] += weight
        return scores

    def _nearest(self, text: str, texts: Sequence[str]) -> list[tuple[int, float]]:
        """The entries of the most similar examples, with the similarity, 0 to 1, best first."""
        found = process.extract(text, texts, scorer=fuzz.ratio, limit=_BY_RATIO, score_cutoff=_LEAST_RATIO)
        return [(self._owner[place], score / 100) for _, score, place in found]

    def _ready(self, entry: Entry | Topic, phrases: Sequence[Phrase], answers: Sequence[str]) -> Known:
        examples = tuple(
            Example(
                question=question,
                phrase=each,
                letters_weight=self.letters.sum_known(each.letters),
                sounds_weight=self.sounds.sum_known(each.sounds),
            )
            for question, each in zip(entry.questions, phrases, strict=True)
        )
        words = entry.keywords
        return Known(
            entry=entry,
            examples=examples,
            letters=frozenset().union(*(each.letters for each in phrases)),
            sounds=frozenset().union(*(each.sounds for each in phrases)),
            said=frozenset(gram for text in answers for gram in phrase(text).letters if len(gram) > 1),
            any_words=_plain_words(words.any),
            all_words=_plain_words(words.all),
            none_words=_plain_words(words.none),
        )


def _plain_words(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plainly(normalise(word)) for word in words))


def _votes(nearest: Sequence[tuple[int, float]]) -> dict[int, float]:
    """What share of the nearest examples is each entry's, by the square of their similarity."""
    total = sum(score * score for _, score in nearest)
    votes: defaultdict[int, float] = defaultdict(float)
    for number, score in nearest:
        votes[number] += score * score / total
    return votes


def _posts(grams: Sequence[Sequence[frozenset[str]]]) -> Posts:
    """For each gram the entries that use it, and how much more it speaks for them than for one that does not."""
    counts: defaultdict[str, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for number, examples in enumerate(grams):
        for each in examples:
            for gram in each:
                counts[gram][number] += 1
    total = sum(map(len, grams))
    typical = total / (len(grams) or 1)
    posts: Posts = {}
    for gram, by_entry in counts.items():
        everywhere, weight = sum(by_entry.values()), faint(gram)
        without = _log_ratio(0, typical, everywhere, total)
        posts[gram] = [
            (number, weight * (_log_ratio(count, len(grams[number]), everywhere, total) - without))
            for number, count in by_entry.items()
        ]
    return posts


def _log_ratio(count: int, examples: float, everywhere: int, total: int) -> float:
    here = (count + _SMOOTH) / (examples + 2 * _SMOOTH)
    elsewhere = (everywhere - count + _SMOOTH) / (max(total - examples, 0.0) + 2 * _SMOOTH)
    return log(here / elsewhere)
