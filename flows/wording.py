"""The words of a decision: answers joined, things offered, patience asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flows.choices import Choice
from flows.situation import Decision, Outcome, Situation
from knowledge.book import Knowledge
from knowledge.talk import Talk

# Where nothing is to be said to thanks but a clock runs: a greeting would begin the talk anew.
WELCOME = "不客气，有需要随时找我们"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Finds words in what a shop knows; `variant` rotates them, `resume` says when people are back."""

    knowledge: Knowledge
    situation: Situation
    variant: int
    resume: str | None

    def of(self, decision: Decision) -> str:
        """What is said, empty for nothing."""
        if decision.outcome is Outcome.hold:
            return self._patience()
        if decision.outcome not in (Outcome.answer, Outcome.choose):
            return ""
        if decision.talk is not None:
            return self._small_talk(decision.talk)
        offer = [self._offer(decision.offers)] if decision.offers else []
        rest = [self.knowledge.rest_text(self.variant, resume=self.resume)] if decision.rest else []
        return _join([*self._answers(decision.told), *offer, *rest])

    def _patience(self) -> str:
        return self.knowledge.holding_text(self.variant, resume=self.resume)

    def _small_talk(self, talk: Talk) -> str:
        small = self.knowledge.small_talk
        if talk is Talk.thanks:
            texts: Sequence[str] = small.thanks or (WELCOME,)
        else:
            texts = small.greeting
        return self.knowledge.fill(texts[self.variant % len(texts)]) if texts else self._patience()

    def _answers(self, told: Sequence[Choice]) -> list[str]:
        several = len({choice.order for choice in told if choice.order}) > 1
        answers = []
        for choice in told:
            text = self.knowledge.text(choice.entry, self.variant, self.situation.view(choice.order))
            answers.append(f"尾号{choice.tail}的订单：{_bare(text)}" if several and choice.order else text)
        return answers

    def _offer(self, offers: Sequence[Choice]) -> str:
        first = self.knowledge.entry(offers[0].entry)
        if offers[0].asks_product and first.no_product:
            return self.knowledge.fill(first.no_product)
        if offers[0].order:
            return self.knowledge.choose_order_text([self._order(choice) for choice in offers])
        return self.knowledge.choose_text([self.knowledge.entry(choice.entry).name for choice in offers])

    def _order(self, choice: Choice) -> str:
        status = (self.situation.view(choice.order) or {}).get("order.status")
        return f"尾号{choice.tail}" + (f"（{status}）" if status else "")


def _join(texts: Sequence[str]) -> str:
    """Several texts as one: said once each, greeted once."""
    first, *rest = dict.fromkeys(texts)
    return "\n".join([first, *map(_bare, rest)])


def _bare(text: str) -> str:
    return re.sub(r"^(?:亲|您好|你好)[，,~！! ]*", "", text)
