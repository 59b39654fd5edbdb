"""Knowledge put to the test: its entries' own tests, and what it would answer otherwise than another version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flows.decide import Outcome
from flows.scoring import Score, Scorer
from knowledge.model import Knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One test question of an entry: whether it led where it must (`hit`), or kept away as it must."""

    entry: str
    text: str
    hit: bool
    passed: bool
    score: Score

    @property
    def why(self) -> str:
        """What went wrong, in words; empty when it passed."""
        if self.passed:
            return ""
        return (
            f"应该是“{self.entry}”，{told(self.score)}"
            if self.hit
            else f"不该是“{self.entry}”，{told(self.score)}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A question that two versions treat differently."""

    text: str
    old: Score
    new: Score

    @property
    def before(self) -> str:
        """What was decided, in an operator's words."""
        return told(self.old)

    @property
    def after(self) -> str:
        """What is decided now, in an operator's words."""
        return told(self.new)


def run_tests(knowledge: Knowledge, scorer: Scorer) -> list[Tried]:
    """All entries' tests, in the order of the file."""
    return [
        _tried(knowledge, scorer, entry.id, text, hit=hit)
        for entry in knowledge.entries
        for hit, texts in ((True, entry.tests.hits), (False, entry.tests.misses))
        for text in texts
    ]


def differences(before: Scorer, after: Scorer, texts: Iterable[str]) -> Iterator[Difference]:
    """Questions that the two would treat differently, each once."""
    for text in dict.fromkeys(texts):
        found = Difference(text=text, old=before.score(text), new=after.score(text))
        if found.before != found.after:
            yield found


def told(score: Score) -> str:
    """What is decided on a message, in an operator's words."""
    if score.decision is Outcome.answer:
        return f"回答“{'”和“'.join(score.answered)}”"
    if score.decision is Outcome.choose:
        return f"请买家选（{'、'.join(score.choices)}）"
    return "不理会" if score.decision is Outcome.ignore else "转人工"


def questions(knowledge: Knowledge) -> list[str]:
    """Everything that the file itself says buyers ask."""
    texts = (
        text for entry in knowledge.entries for text in (*entry.questions, *entry.tests.hits, *entry.tests.misses)
    )
    return list(dict.fromkeys(texts))


def _tried(knowledge: Knowledge, scorer: Scorer, entry: str, text: str, *, hit: bool) -> Tried:
    wanted = knowledge.entry(entry)
    given = frozenset({wanted.after}) if wanted.after else frozenset()
    score = scorer.score(text, given=given)
    left = (wanted.for_person or not wanted.live) and score.decision in (Outcome.handoff, Outcome.hold)
    found = entry in score.answered or (left and score.entry == entry)
    return Tried(entry=entry, text=text, hit=hit, passed=found == hit, score=score)
