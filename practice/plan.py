"""Who comes when and says what: a pure plan that follows from the seed alone."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from practice.dice import dice
from practice.questions import Question, Questions
from practice.slips import with_slip

# At the end nobody new speaks, so that everybody can be served.
QUIET = 4.0
_LONGEST_BURST = 1.0
_SLIPS = 0.3
_THANKS = 0.05
_SECOND = 0.12

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One turn: its messages, each with the seconds to wait before it."""

    topic: str | None
    says: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One buyer: comes `at` seconds after the start; what follows a reply comes `pause` seconds after it."""

    at: float
    shop: str
    ask: Ask
    pause: float
    thanks: str | None = None
    second: Ask | None = None


def visits(
    questions: Questions, shops: Mapping[str, str], *, seed: int, rate: float, seconds: float | None
) -> Iterator[Visit]:
    """Buyers in the order of their coming, `rate` a second over all `shops` (id to trade).

    Without end if `seconds` is None; else their number is fixed and only their times are chance.
    """
    throw = dice(seed, "visits", float(rate), None if seconds is None else float(seconds))
    decks = _Decks(questions, sorted(set(shops.values())), throw)
    for at in _times(throw, rate, seconds):
        yield _visit(at, questions, shops, decks, throw)


def _times(throw: random.Random, rate: float, seconds: float | None) -> Iterator[float]:
    if seconds is not None:
        number = max(1, round(rate * (seconds - QUIET)))
        last = max(0.0, seconds - QUIET - _LONGEST_BURST)
        yield from sorted(throw.uniform(0, last) for _ in range(number))
        return
    at = 0.0
    while True:
        at += throw.expovariate(rate)
        yield at


def _visit(
    at: float, questions: Questions, shops: Mapping[str, str], decks: _Decks, throw: random.Random
) -> Visit:
    question = decks.deal()
    shop = throw.choice([shop for shop, trade in shops.items() if question.trade in (None, trade)])
    ask = _ask(question, questions, throw)
    fate = throw.random()
    second = None
    if _THANKS <= fate < _THANKS + _SECOND:
        second = _ask(decks.deal(trade=shops[shop], other_than=question.topic), questions, throw)
    thanks = throw.choice(questions.thanks) if fate < _THANKS else None
    return Visit(at=at, shop=shop, ask=ask, pause=throw.uniform(1.0, 3.0), thanks=thanks, second=second)


def _ask(question: Question, questions: Questions, throw: random.Random) -> Ask:
    text = with_slip(question.text, throw) if throw.random() < _SLIPS else question.text
    shape = throw.random()
    if shape < 0.62:
        texts = [text]
    elif shape < 0.80:
        texts = [throw.choice(questions.openers), text]
    elif shape < 0.90:
        texts = [text, throw.choice(questions.tails)]
    else:
        texts = [*throw.sample(questions.openers, 2), text]
    gaps = [0.0, *(throw.uniform(0.2, 0.5) for _ in texts[1:])]
    return Ask(topic=question.topic, says=tuple(zip(gaps, texts, strict=True)))


class _Decks:
    """Phrases dealt like cards: none comes twice before all have come once, and one in three has no answer."""

    def __init__(self, questions: Questions, trades: Sequence[str], throw: random.Random) -> None:
        def sold(cards: Sequence[Question]) -> list[Question]:
            return [card for card in cards if card.trade is None or card.trade in trades]

        self._throw = throw
        self._turn = count()
        self._unknown_at = 0
        self._packs = {True: sold(questions.known), False: sold(questions.nobody)}
        self._piles: dict[bool, list[Question]] = {True: [], False: []}

    def deal(self, *, trade: str | None = None, other_than: str | None = None) -> Question:
        """The next phrase; where said, one that fits a shop of this trade and another topic."""
        known = self._is_known(next(self._turn))
        for _ in range(len(self._packs[known])):
            card = self._draw(known)
            fits = trade is None or card.trade in (None, trade)
            if fits and (card.topic is None or card.topic != other_than):
                return card
            self._piles[known].insert(0, card)
        return self._draw(known)

    def _is_known(self, turn: int) -> bool:
        if turn % 3 == 0:
            self._unknown_at = self._throw.randrange(3)
        return turn % 3 != self._unknown_at

    def _draw(self, known: bool) -> Question:
        if not self._piles[known]:
            self._piles[known] = list(self._packs[known])
            self._throw.shuffle(self._piles[known])
        return self._piles[known].pop()
