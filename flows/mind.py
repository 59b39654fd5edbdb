"""One version of what a bot knows and may say: knowledge, matcher, guard and policy, swapped as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flows.choices import Choice
from flows.company import in_company
from flows.decide import Asked, Decision, Policy, Situation, decide
from flows.guard import Guard, Verdict, load_lists
from flows.wording import Wording
from knowledge.entry import Scope
from knowledge.library import Library
from knowledge.matcher import Matcher, Ranked
from knowledge.model import Knowledge
from knowledge.parts import parts
from knowledge.talk import Talk, talk
from knowledge.text import MAX_CHARS

# A turn of more parts, or of more characters than are read of one message, is not gone through.
_MOST_PARTS = 16


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

    def __init__(self, library: Library, guard: Guard, policy: Policy) -> None:
        self.library = library
        self.guard = guard
        self.policy = policy
        self.matcher = Matcher(library)
        self._forbidden: dict[tuple[str, str, str | None, str], str] = {}

    @classmethod
    def of(cls, known: Knowledge | Library) -> Mind:
        """A mind with the guard's shipped lists and the default policy."""
        library = known if isinstance(known, Library) else Library(known)
        never = [word for book in library.books for word in book.never_say]
        return cls(library, Guard(load_lists(), never), Policy())

    def think(
        self,
        messages: Sequence[str],
        scope: Scope,
        situation: Situation,
        *,
        category: str | None = None,
        variant: int = 0,
        resume: str | None = None,
    ) -> Thought:
        """Decide on a turn made of `messages`, about goods of `category`.

        `variant` rotates the texts, `resume` says when people are back. Takes some milliseconds, and a tenth of a
        second for the longest turn that is gone through; more than that is a person's to read.
        """
        scope = replace(scope, staffed=situation.staffed, given=situation.given)
        said = [text for message in messages for text in parts(message)]
        if len(said) > _MOST_PARTS or sum(map(len, messages)) > MAX_CHARS:
            said, situation = [], replace(situation, too_much=True)
        read = [self._asked(text, scope) for text in said]
        asked = in_company(read, self.matcher.trained, self.policy.choose_at)
        questions = [part.text for part in asked if part.talk is Talk.question]
        joined = "，".join(questions)
        whole = tuple(self.matcher.match(joined, scope)) if len(questions) > 1 else ()
        if len(questions) == 1:
            whole = tuple(next(part.ranked for part in asked if part.talk is Talk.question))
        knowledge = self.library.of(scope.shop)
        likely = {each.entry for ranked in (whole, *(part.ranked for part in asked)) for each in ranked}
        forbidden = {each: why for each in likely if (why := self._why_forbidden(each, scope, category))}
        likely |= {choice for text in situation.offered if knowledge.find(choice := Choice.read(text).entry)}
        away = frozenset(each for each in likely if not knowledge.entry(each).active_in(scope))
        situation = replace(situation, product=scope.product, forbidden=forbidden, away=away)
        decision = decide(asked, whole, situation, knowledge, self.policy)
        wording = Wording(knowledge=knowledge, situation=situation, variant=variant, resume=resume)
        return Thought(decision=decision, text=wording.of(decision), parts=asked, whole=whole)

    def holding_text(self, shop: str, variant: int, resume: str | None) -> str:
        """A text that only asks for patience."""
        return self.library.of(shop).holding_text(variant, resume=resume)

    def check(self, text: str, *, platform: str, category: str | None) -> Verdict:
        """Whether the guard lets `text` out."""
        return self.guard.check(text, platform=platform, category=category)

    def _why_forbidden(self, entry_id: str, scope: Scope, category: str | None) -> str:
        """What the guard has against offering the entry there, in words; empty where nothing."""
        place = (scope.shop, scope.platform, category, entry_id)
        if place not in self._forbidden:
            knowledge = self.library.of(scope.shop)
            entry = knowledge.entry(entry_id)
            texts = [entry.name, *knowledge.spoken(entry)]
            verdicts = self.guard.check_all(texts, platform=scope.platform, category=category)
            stopped = next((verdict.reason for verdict in verdicts if not verdict.allowed), "")
            self._forbidden[place] = f"“{entry_id}”的名字或答案{stopped}" if stopped else ""
        return self._forbidden[place]

    def _asked(self, text: str, scope: Scope) -> Asked:
        kind = talk(text)
        ranked = tuple(self.matcher.match(text, scope)) if kind is Talk.question else ()
        return Asked(text=text, talk=kind, ranked=ranked)
