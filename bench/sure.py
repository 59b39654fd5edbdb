"""Questions that one entry certainly answers: what a benchmark asks where matching is not what it measures."""

from __future__ import annotations

from base.clock import SystemClock
from flows.decide import Outcome, Situation
from flows.mind import Mind
from knowledge.entry import Scope
from knowledge.model import Knowledge


def sure_questions(knowledge: Knowledge) -> list[tuple[str, str]]:
    """Entries, each with a question of its own that is answered by just that entry."""
    mind, situation = Mind.of(knowledge), Situation(clock=True, seen=({},))
    scope = Scope(shop="shop-1", platform="bench", now=SystemClock().now(), product="")
    found = []
    for entry in knowledge.entries:
        for text in entry.questions[:1]:
            decision = mind.think([text], scope, situation, resume="9点").decision
            if decision.outcome is Outcome.answer and tuple(decision.entries) == (entry.id,):
                found.append((entry.id, text))
    return found
