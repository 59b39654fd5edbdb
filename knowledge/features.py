"""A question beside entries, in numbers that name no entry, so that weights for them serve any file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from knowledge.grams import pair
from knowledge.index import Index, Search, Words
from knowledge.postings import Floats, Ints
from knowledge.speech import MANNERS, REQUEST, denies, goes_on, past, refuses, states

SCORES = (
    "ratio",  # most similar example, by letters
    "sound",  # the same by sounds
    "partial",  # the most similar part of an example, by sounds
    "letters",  # cosine of grams with the nearest example
    "sounds",
    "head",  # the trained classifier
    "evidence",  # what the grams say for the entry, by all its examples
    "covered",  # share of the question's sounds that some example has
    "vocabulary",  # the same without pairs
    "asked",  # share of the nearest example that the question has
    "keyword",
    "keyword_share",
    "manner",  # asks in the way of the nearest example
    "any_manner",  # or of any
    "votes",  # share of the nearest examples that are the entry's
    "meaning",  # how much the most similar example is about the same
    "meaning_all",  # and all of them together
)
_UNSURE = (
    "share",  # of the winner among the candidates
    "rank_margin",
    "third_margin",
    "length",
    "examples",  # how many the winner has
    "entries",  # how many there are
    "talk",  # how much it is like talk that asks nothing
    "subject",  # how clearly it is about something that is often asked
    "subject_here",  # how much the entry is about just that
    "question",
    "bare",  # no question, no request
    "statement",
    "past",
    "goes_on",
    "denial",
    "refusal",
    "more_manners",  # ways of asking that its nearest example lacks
    "other_keyword",  # the question has another entry's keyword
    "left",  # weight of tokens that the entry does not explain
    "left_share",
    "left_most",  # the heaviest of them
    "left_nearest",  # that its nearest example does not explain
    "left_nearest_share",
    "left_known",  # that it does not explain, though some other entry knows them
    "unknown_share",  # that nobody explains
)
WINNER = (*SCORES, *(f"{name}_margin" for name in SCORES), *_UNSURE)

# Exact comparison is for the examples most alike; the others cannot be the nearest.
_CLOSEST, _CLOSEST_PARTS = 5, 2
_LONG = 30
_BITS = np.array([at.bit_count() for at in range(1 << len(MANNERS))], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """A close look at some entries: for each a row of `SCORES`, its nearest example, what it explains."""

    numbers: Ints
    scores: Floats
    nearest: Ints
    explained: NDArray[np.bool_]

    def score(self, place: int, name: str) -> float:
        """One score of the entry in that place by its name."""
        return float(self.scores[place, SCORES.index(name)])


def look(index: Index, search: Search) -> Looks:
    """The scores of the candidates for the question, most of them 0 to 1."""
    asked, numbers = search.phrase, search.candidates
    closest = [_closest(search.alike, index.starts[number], index.starts[number + 1]) for number in numbers]
    groups = np.concatenate(([0], np.cumsum([len(each) for each in closest])))[:-1]
    flat = np.concatenate(closest)
    heard = _alike(asked.sound, index.spoken, flat, fuzz.ratio)
    read = heard if asked.spelled else _alike(asked.core, index.cores, flat, fuzz.ratio)
    firsts = np.concatenate([each[:_CLOSEST_PARTS] for each in closest])
    parts = _alike(asked.sound, index.spoken, firsts, fuzz.partial_ratio)
    part_groups = np.concatenate(([0], np.cumsum([len(each[:_CLOSEST_PARTS]) for each in closest])))[:-1]
    nearest = flat[groups]  # the closest come best first
    columns = np.full(index.count, -1, np.int32)
    columns[numbers] = np.arange(len(numbers))
    has_letters, has_sounds = (
        index.kinds[kind].has(search.found[kind], columns, len(numbers)) for kind in range(2)
    )
    sound_weights = search.found[1].weights
    single = np.array([gram in asked.sounds for gram in asked.grams()[1]], np.bool_)
    shared = index.kinds[1].overlap(search.found[1])[nearest]
    words = np.array([_keyword(index.words[number], asked.text, asked.core) for number in numbers])
    manners = _BITS[index.manners & asked.manners] / np.maximum(_BITS[index.manners | asked.manners], 1)
    manners[(index.manners | asked.manners) == 0] = 1
    every, ends = _all(index, numbers), _ends(index, numbers)[:-1]
    by_entry = np.maximum.reduceat(manners[every], ends)
    scores = np.column_stack(
        [
            np.maximum.reduceat(read, groups),
            np.maximum.reduceat(heard, groups),
            np.maximum.reduceat(parts, part_groups),
            search.letters[nearest],
            search.sounds[nearest],
            search.head[numbers],
            search.evidence[numbers],
            sound_weights @ has_sounds / search.found[1].total,
            (sound_weights * single) @ has_sounds / max(float(sound_weights @ single), 1e-3),
            shared / np.maximum(index.kinds[1].example_weight[nearest], 1e-3),
            words > 0,
            np.minimum(1, words / max(1, len(asked.core))),
            manners[nearest],
            by_entry,
            [search.votes.get(number, 0.0) for number in numbers.tolist()],
            np.maximum.reduceat((index.meanings[every] @ search.meaning).astype(np.float32), ends),
            index.middles[numbers] @ search.meaning,
        ]
    )
    return Looks(
        numbers=numbers,
        scores=scores.astype(np.float32),
        nearest=nearest.astype(np.int32),
        explained=_explained(search, has_letters, has_sounds),
    )


def winner_features(index: Index, search: Search, looks: Looks, order: Ints, ranks: Floats) -> Floats:
    """The features of the first of `looks` by `order` (best first), in the order of `WINNER`; so are `ranks`."""
    first, rest = int(order[0]), order[1:]
    asked, best = search.phrase, looks.scores[first]
    rivals = looks.scores[rest].max(axis=0) if len(rest) else np.zeros(len(SCORES), np.float32)
    nearest = int(looks.nearest[first])
    number = int(looks.numbers[first])
    subject = int(search.meaning.argmax())
    keyword = SCORES.index("keyword")
    asks = bool(asked.manners & ~REQUEST)
    lead = np.append(ranks[0] - ranks[1:3], [ranks[0], ranks[0]])
    values = [
        1 / float(np.exp(ranks - ranks[0]).sum()),
        float(lead[0]),
        float(lead[1]),
        min(len(asked.letters), _LONG) / _LONG,
        float(np.log1p(index.starts[number + 1] - index.starts[number])),
        float(np.log1p(index.count)),
        index.background.talks(search.meaning),
        float(search.meaning[subject]),
        float(index.middles[number, subject]),
        asks,
        not asked.manners,
        not asks and states(asked.text),
        past(asked.text),
        goes_on(asked.text),
        denies(asked.text) != index.denies[nearest],
        refuses(asked.text) and not index.refuses[nearest],
        float(_BITS[asked.manners & ~index.manners[nearest]]),
        bool(len(rest)) and looks.scores[rest, keyword].max() > best[keyword],
        *_left(index, search, looks, first, nearest),
    ]
    return np.concatenate([best, best - rivals, np.array(values, np.float32)]).astype(np.float32)


def _closest(alike: Floats, start: int, end: int) -> NDArray[np.intp]:
    """An entry's examples that are most alike, best first."""
    return start + np.argsort(-alike[start:end], kind="stable")[:_CLOSEST]


def _alike(text: str, texts: list[str], places: NDArray[np.intp], scorer: Callable[..., float]) -> Floats:
    chosen = [texts[place] for place in places.tolist()]
    return np.asarray(process.cdist([text], chosen, scorer=scorer, dtype=np.float32)[0] / 100)


def _keyword(words: Words, text: str, core: str) -> int:
    """How many letters of the question are keywords of the entry; 0 without one."""
    said = [word for word in words.any if word in text or word in core]
    if words.all and all(word in text or word in core for word in words.all):
        said += words.all
    return sum(map(len, said))


def _ends(index: Index, numbers: Ints) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(index.starts[numbers + 1] - index.starts[numbers])))


def _all(index: Index, numbers: Ints) -> NDArray[np.int64]:
    """The examples of those entries, end to end."""
    return np.concatenate([np.arange(index.starts[number], index.starts[number + 1]) for number in numbers])


def _explained(search: Search, letters: NDArray[np.bool_], sounds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a token (row) is known to an entry (column): as written, or by its sound together with a neighbour
    (a slip of the keyboard).
    """
    asked = search.phrase
    by_letter, by_sound = ({gram: at for at, gram in enumerate(grams)} for grams in asked.grams()[:2])
    tokens = asked.letters if len(asked.letters) == len(asked.sounds) else asked.sounds
    read = np.array([by_letter.get(token, -1) for token in tokens])
    heard = np.array([by_sound[token] for token in asked.sounds])
    pairs = np.array(
        [by_sound[pair(*each)] for each in zip(asked.sounds, asked.sounds[1:], strict=False)], np.intp
    )
    known = letters[read] & (read >= 0)[:, None]
    beside = np.zeros((len(heard), sounds.shape[1]), np.bool_)
    beside[:-1] |= sounds[pairs]
    beside[1:] |= sounds[pairs]
    return np.asarray(known | (sounds[heard] & beside), np.bool_)


def _left(index: Index, search: Search, looks: Looks, first: int, nearest: int) -> tuple[float, ...]:
    """How much of the question stays unexplained, by the entry, its nearest example, or all entries looked at."""
    asked = search.phrase
    by_sound = {gram: at for at, gram in enumerate(asked.grams()[1])}
    by_letter = {gram: at for at, gram in enumerate(asked.grams()[0])}
    side_by_side = len(asked.letters) == len(asked.sounds) and not asked.spelled
    weights = (
        search.found[0].weights[[by_letter[token] for token in asked.letters]]
        if side_by_side
        else search.found[1].weights[[by_sound[token] for token in asked.sounds]]
    )
    total = float(weights.sum()) or 1.0
    left = weights * ~looks.explained[:, first]
    own = [index.kinds[kind].example_has(search.found[kind], nearest)[:, None] for kind in range(2)]
    left_nearest = float(weights @ ~_explained(search, own[0], own[1])[:, 0])
    unknown = weights * ~looks.explained.any(axis=1)
    return (
        float(np.log1p(left.sum())),
        float(left.sum()) / total,
        float(left.max()),
        float(np.log1p(left_nearest)),
        left_nearest / total,
        float(np.log1p((left - unknown).sum())),
        float(unknown.sum()) / total,
    )
