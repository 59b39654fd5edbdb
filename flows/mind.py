"""One version of what a bot knows and may say: knowledge, matcher, guard and policy, swapped as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flows.decide import Asked, Decision, Outcome, Policy, Situation, decide
from flows.guard import Guard, Verdict, load_lists
from knowledge.entry import Scope
from knowledge.matcher import Matcher, Ranked
from knowledge.model import Knowledge
from knowledge.parts import parts
from knowledge.talk import Talk, talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """What was understood of a text and what was decided, with the words to say (none when to be silent)."""

    decision: Decision
    text: str
    parts: tuple[Asked, ...]
    whole: tuple[Ranked, ...]

    @property
    def entry(self) -> str:
        """The entries that the words come from, as the ledger notes them."""
        return "+".join(self.decision.entries)


class Mind:
    """Thinks about what buyers say; knows no console and no database."""

    def __init__(self, knowledge: Knowledge, guard: Guard, policy: Policy) -> None:
        self.knowledge = knowledge
        self.guard = guard
        self.policy = policy
        self.matcher = Matcher(knowledge)

    @classmethod
    def of(cls, knowledge: Knowledge) -> Mind:
        """A mind with the guard's shipped lists and the default policy."""
        return cls(knowledge, Guard(load_lists(), knowledge.never_say), Policy())

    def think(
        self,
        messages: Sequence[str],
        scope: Scope,
        situation: Situation,
        *,
        variant: int = 0,
        resume: str | None = None,
    ) -> Thought:
        """Decide on a turn made of `messages`; `variant` rotates the texts, `resume` says when people are back."""
        asked = tuple(self._asked(text, scope) for message in messages for text in parts(message))
        questions = [part.text for part in asked if part.talk is Talk.question]
        joined = "，".join(questions)
        whole = tuple(self.matcher.match(joined, scope)) if len(questions) > 1 else ()
        if len(questions) == 1:
            whole = tuple(next(part.ranked for part in asked if part.talk is Talk.question))
        decision = decide(asked, whole, situation, self.knowledge, self.policy)
        return Thought(
            decision=decision, text=self._words(decision, variant, resume, situation), parts=asked, whole=whole
        )

    def holding_text(self, variant: int, resume: str | None) -> str:
        """A text that only asks for patience."""
        return self.knowledge.holding_text(variant, resume=resume)

    def check(self, text: str, *, platform: str, category: str | None) -> Verdict:
        """Whether the guard lets `text` out."""
        return self.guard.check(text, platform=platform, category=category)

    def _asked(self, text: str, scope: Scope) -> Asked:
        kind = talk(text)
        ranked = tuple(self.matcher.match(text, scope)) if kind is Talk.question else ()
        return Asked(text=text, talk=kind, ranked=ranked)

    def _words(self, decision: Decision, variant: int, resume: str | None, situation: Situation) -> str:
        knowledge = self.knowledge
        if decision.outcome is Outcome.choose:
            return knowledge.choose_text(decision.entries)
        if decision.outcome is Outcome.hold:
            return self.holding_text(variant, resume)
        if decision.talk is not None:
            talk_texts = knowledge.small_talk
            texts = talk_texts.thanks if decision.talk is Talk.thanks else talk_texts.greeting
            return knowledge.fill(texts[variant % len(texts)]) if texts else self.holding_text(variant, resume)
        if decision.outcome is Outcome.answer:
            return _join([knowledge.text(entry, variant, situation.seen) for entry in decision.entries])
        return ""


def _join(answers: Sequence[str]) -> str:
    """Several answers as one text: said once each, greeted once."""
    first, *rest = dict.fromkeys(answers)
    return "\n".join([first, *(re.sub(r"^(?:亲|您好|你好)[，,~！! ]*", "", text) for text in rest)])
