"""What deciding is about, as values: what was asked, what surrounds it, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from flows.choices import Choice
from knowledge.matcher import Ranked
from knowledge.speech import manners
from knowledge.talk import Talk
from storage.records import Kind

# What is shorter than this is a piece of a question rather than one: 几号, 多少钱.
_PIECE = 4


class Outcome(StrEnum):
    """`hold`: ask for patience now, and a person; `handoff`: a person, who is there and may answer first."""

    answer = "answer"
    choose = "choose"
    hold = "hold"
    handoff = "handoff"
    ignore = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The cuts: answer at or above `answer_at`, offer a choice at or above `choose_at`; `holds` texts at most.

    At most so many entries are offered (`choices`, each at or above `choice_at`) and answered at once (`answers`),
    and so many orders asked for (`orders`).
    """

    answer_at: float = 0.9
    choose_at: float = 0.2
    choices: int = 3
    choice_at: float = 0.03
    answers: int = 3
    orders: int = 5
    holds: int = 3

    def told_enough(self, held: int, *, clock: bool) -> bool:
        """Whether a buyer asked for patience `held` times is not asked again: once will do without a clock."""
        return held >= self.holds or (held > 0 and not clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One part of what the buyer said, with what kind of talk it is and the entries it may mean, best first.

    `picked`: what the buyer chose of what was offered.
    """

    text: str
    talk: Talk
    ranked: Sequence[Ranked] = ()
    picked: Choice | None = None

    @property
    def asks(self) -> bool:
        """Whether it asks by its form, and is more than a piece of a question."""
        return bool(manners(self.text)) and len(self.text.rstrip("?!")) >= _PIECE


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What surrounds a turn.

    `clock`: the row shows a waiting clock. `given`: entries already answered in this conversation. `offered`:
    the choices last offered, as the ledger keeps them. `handed`/`claimed`: a person has been asked for, or has
    taken it. `seen`: what an answer may say of the page beside the thread, once for each of the buyer's orders;
    None: no thread is at hand, as if all were seen. `product`: the one the buyer looks at, if known. `held`:
    holding texts since the last answer. `repeats`: how often the newest text was said before. `forbidden`: the
    entries that may not be offered, by id with the reason: the guard would stop their name or an answer. `away`:
    the entries whose dates or hours have passed or are yet to come. `too_much`: more was said than is gone
    through.
    """

    kinds: frozenset[Kind] = frozenset({Kind.text})
    clock: bool = False
    given: frozenset[str] = frozenset()
    offered: tuple[str, ...] = ()
    handed: bool = False
    claimed: bool = False
    held: int = 0
    repeats: int = 0
    robot: bool = False
    staffed: bool = False
    seen: tuple[Mapping[str, str], ...] | None = None
    product: str | None = None
    forbidden: Mapping[str, str] = field(default_factory=dict)
    away: frozenset[str] = frozenset()
    too_much: bool = False

    def view(self, order: str) -> Mapping[str, str] | None:
        """What is seen of that order, or without one at all; None where no thread is at hand."""
        if self.seen is None or not order:
            return None if self.seen is None else self.seen[0]
        return next((seen for seen in self.seen if seen.get("order.number") == order), {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do and why.

    `told` is answered in this order; `offers` are for the buyer to choose from, alone or after what is told;
    `rest` says why a person must see to what else was asked; `talk` chooses a small-talk text.
    """

    outcome: Outcome
    reason: str
    told: tuple[Choice, ...] = ()
    offers: tuple[Choice, ...] = ()
    confidence: float = 0.0
    urgent: bool = False
    rest: str = ""
    talk: Talk | None = None

    @property
    def entries(self) -> tuple[str, ...]:
        """The entries answered, or else those offered, each once."""
        return tuple(dict.fromkeys(choice.entry for choice in self.told or self.offers))


def to_person(
    situation: Situation, policy: Policy, reason: str, *, urgent: bool = False, confidence: float = 0.0
) -> Decision:
    """A person is needed: one on shift may answer first; with nobody there the buyer is told at once."""
    told = policy.told_enough(situation.held, clock=situation.clock)
    outcome = Outcome.handoff if situation.staffed or told else Outcome.hold
    return Decision(outcome=outcome, reason=reason, urgent=urgent, confidence=confidence)
