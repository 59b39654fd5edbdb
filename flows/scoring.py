"""What a body of knowledge makes of single messages, with nothing else known: what an evaluation counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flows.decide import Outcome, Situation
from flows.mind import Mind, Thought
from knowledge.entry import Scope, Where
from knowledge.matcher import Ranked
from knowledge.model import Knowledge
from knowledge.moments import Active

MOST_CHOICES = 3
_FAINT = 0.1
_ANYWHERE = Scope(shop="", platform="", now=datetime(2026, 1, 1, tzinfo=UTC))
_PEOPLE = Situation(staffed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One message: the likeliest entry (None: nothing is like it) with its confidence, and what is decided.

    `choices`: for `answer` what is `answered`, for `choose` what is offered, then the next likeliest up to three.
    """

    text: str
    entry: str | None
    confidence: float
    decision: Outcome
    choices: tuple[str, ...]
    answered: tuple[str, ...] = ()


class Scorer:
    """Scores messages as if every entry held everywhere, now, with its facts filled and people on shift."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._mind = Mind.of(_everywhere(knowledge))

    @property
    def sure(self) -> float:
        """From which confidence on a question may well be meant for an entry."""
        return self._mind.policy.choose_at

    def score(self, text: str, *, given: frozenset[str] = frozenset()) -> Score:
        """What the knowledge makes of `text`, said after the entries `given` were answered.

        An answer that is only small talk counts as `ignore`.
        """
        scope, situation = replace(_ANYWHERE, given=given), replace(_PEOPLE, given=given)
        thought = self._mind.think([text], scope, situation)
        decision = thought.decision
        # Small talk, disputes and calls for a person are not matched before they are decided on, yet they may
        # be what an entry is about.
        ranked = _ranking(thought) or self._mind.matcher.match(text, scope)
        # Of several questions in one message, each has a place among the first.
        firsts = [part.ranked[0] for part in thought.parts if part.ranked and part.ranked[0].confidence >= _FAINT]
        likely = [*ranked[:1], *firsts, *ranked]
        order = tuple(dict.fromkeys([*decision.entries, *(each.entry for each in likely)]))
        answered = decision.entries if decision.outcome is Outcome.answer else ()
        first = next(iter(answered), None)
        entry = first or next((each.entry for each in ranked), None)
        sure = decision.confidence if first else max((each.confidence for each in ranked), default=0.0)
        talked = decision.outcome is Outcome.answer and not answered
        return Score(
            text=text,
            entry=entry,
            confidence=round(sure, 4),
            decision=Outcome.ignore if talked else decision.outcome,
            choices=order[:MOST_CHOICES],
            answered=answered,
        )


def _ranking(thought: Thought) -> Sequence[Ranked]:
    """The ranking of the whole text; where only its parts are like anything, theirs."""
    found = thought.whole or [each for part in thought.parts for each in part.ranked]
    return sorted(found, key=lambda each: -each.confidence)


def _everywhere(knowledge: Knowledge) -> Knowledge:
    """The same knowledge, bound to no shop, goods or time, with no fact missing."""
    fields = {name: getattr(knowledge, name) for name in Knowledge.model_fields}
    free = {"scope": Where(), "active": Active()}
    fields["entries"] = tuple(entry.model_copy(update=free) for entry in knowledge.entries)
    fields["facts"] = {name: value or name for name, value in knowledge.facts.items()}
    return Knowledge.model_construct(**fields)
