"""One entry of knowledge: the questions it answers, what it says, where and when it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, PrivateAttr, model_validator

from base.document import Place
from knowledge.answers import Case, Part, Saying, Sayings, Text, Texts, facts_in, label
from knowledge.moments import Active

_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where and when a question is asked; `now` is aware, `product` the one the buyer looks at, if known.

    `staffed`: whether people are on shift, if known. `given`: the entries answered in this conversation.
    """

    shop: str
    platform: str
    now: datetime
    product: str | None = None
    staffed: bool | None = None
    given: frozenset[str] = frozenset()


class Where(Part):
    """The shops, platforms and products that an entry holds for; an empty list means all."""

    shops: Texts = ()
    platforms: Texts = ()
    products: Texts = ()

    def covers(self, scope: Scope) -> bool:
        """Whether the entry holds there; one that names products needs the product to be known."""
        return self.serves(scope) and (not self.products or scope.product in self.products)

    def serves(self, scope: Scope) -> bool:
        """Whether the entry is for that shop and platform, whatever the product."""
        return (not self.shops or scope.shop in self.shops) and (
            not self.platforms or scope.platform in self.platforms
        )


def _as_listed(value: Any) -> Any:
    return {"any": value} if isinstance(value, str | list) else value


class Keywords(Part):
    """Words that speak for an entry (`any`, `all` of them) or against it (`none`)."""

    all: Texts = ()
    any: Texts = ()
    none: Texts = ()


def _as_tests(value: Any) -> Any:
    return {"hits": value} if isinstance(value, str | list) else value


class Tests(Part):
    """Questions that must lead to the entry (`hits`), and such as must not (`misses`)."""

    hits: Texts = ()
    misses: Texts = ()


class Person(Part):
    """A question that only a person answers; an urgent one goes first."""

    urgent: bool = False


def _as_person(value: Any) -> Any:
    return {True: {}, False: None}[value] if isinstance(value, bool) else value


def _as_id(text: str) -> str:
    if re.search(r"[+#\n]", text):
        raise ValueError("编号里不能有 + 和 #")
    return text


Id = Annotated[Text, AfterValidator(_as_id)]
_WORDS = str | float | list[Text]


class Answering(Part):
    """Questions and what is said to them, by an entry or by what follows up on one.

    `answer`: one text or several that go round. `answers`: by what the page shows, the first case that fits and
    can be said; where none does, a person answers (`otherwise`).
    """

    questions: Texts
    keywords: Annotated[Keywords, BeforeValidator(_as_listed, json_schema_input_type=_WORDS | Keywords)] = (
        Keywords()
    )
    answer: Sayings = ()
    answers: tuple[Case, ...] = ()
    otherwise: Literal["handoff"] = "handoff"
    risky: bool = False
    handoff: Annotated[Person | None, BeforeValidator(_as_person, json_schema_input_type=bool | Person | None)] = (
        None
    )
    tests: Annotated[Tests, BeforeValidator(_as_tests, json_schema_input_type=_WORDS | Tests)] = Tests()

    @model_validator(mode="after")
    def _complete(self) -> Answering:
        name = getattr(self, "id", None) or "、".join(self.questions[:1]) or "这一条"
        if not self.questions:
            raise ValueError(f"“{name}”至少要有一个例句（questions）")
        if self.answer and self.answers:
            raise ValueError(f"“{name}”的 answer 和 answers 只能写一个：分情况回答写 answers")
        if not self.cases and not self.for_person:
            raise ValueError(f"“{name}”缺少 answer；只转人工的条目写 handoff: true")
        return self

    @property
    def cases(self) -> tuple[Case, ...]:
        """All that may be said, by the case; a plain answer is one that always fits."""
        return (Case.model_construct(text=self.answer),) if self.answer else self.answers

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts that may be said, as they are written."""
        return self.answer or tuple(text for case in self.answers for text in case.text)

    @property
    def for_person(self) -> bool:
        """Whether a person must answer: the entry says so, or it is risky."""
        return self.risky or self.handoff is not None

    @property
    def urgent(self) -> bool:
        """Whether the person must come first of all."""
        return self.risky or (self.handoff is not None and self.handoff.urgent)


class FollowUp(Answering):
    """A question that means what it says only after its entry was answered in the conversation."""

    id: Id | None = None


class Entry(Answering):
    """One thing that a shop knows, or knows to leave to a person.

    `no_product`: asks which product is meant, where an entry for certain products is asked for and none is seen.
    `after`: the entry that this one follows up on; the file writes it inside that entry.
    """

    # One that builds on an entry of another file need not write its questions anew.
    model_config = ConfigDict(json_schema_extra={"required": ["id"]})

    id: Id
    status: Literal["draft", "observe", "live"] = "live"
    scope: Where = Where()
    no_product: Saying | None = None
    active: Active = Active()
    follow_up: tuple[FollowUp, ...] = ()

    _place: Place = PrivateAttr(default=())
    _after: str | None = PrivateAttr(default=None)
    _unfilled: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _asks_for_products(self) -> Entry:
        if self.no_product and not self.scope.products:
            raise ValueError(f"“{self.id}”写了 no_product，还要在 scope 里写 products: [商品编号]")
        return self

    @property
    def place(self) -> Place:
        """Where the entry stands in its file."""
        return self._place

    def stand_at(self, place: Place) -> None:
        """Note where the entry stands in its file; called once, when that is read."""
        self._place = place

    @property
    def after(self) -> str | None:
        """The id of the entry that this one follows up on."""
        return self._after

    @property
    def name(self) -> str:
        """What the entry is called before a buyer: its id, or its first question where nobody could read that."""
        return self.id if self._after is None and _HAN.search(self.id) else self.questions[0]

    def with_follow_ups(self) -> Sequence[Entry]:
        """The entry and what follows up on it, as entries that hold after it."""
        found = [self]
        for number, each in enumerate(self.follow_up):
            written = {name: getattr(each, name) for name in FollowUp.model_fields if name != "id"}
            inner = Entry.model_construct(
                id=each.id or f"{self.id}/{each.questions[0]}",
                status=self.status,
                scope=self.scope,
                active=self.active,
                no_product=None,
                follow_up=(),
                **written,
            )
            inner._after = self.id
            inner._place = (*self._place, "follow_up", number)
            found.append(inner)
        return found

    # --- where and when ------------------------------------------------------------------------------------------

    def holds(self, scope: Scope) -> bool:
        """Whether the entry may answer there and then, or ask which product is meant."""
        asks = self.no_product is not None and scope.product is None
        return self.competes(scope) and (self.scope.covers(scope) or asks) and self.active_in(scope)

    def active_in(self, scope: Scope) -> bool:
        """Whether that moment is within the entry's dates, hours and shifts."""
        return self.active.covers(scope.now, staffed=scope.staffed)

    def competes(self, scope: Scope) -> bool:
        """Whether what a buyer says there may mean this entry, though it may not hold just now.

        What an expired promotion would have answered must not go to its neighbour.
        """
        asks = self.no_product is not None and scope.product is None
        here = self.scope.covers(scope) or (asks and self.scope.serves(scope))
        return here and (self._after is None or self._after in scope.given)

    @property
    def width(self) -> tuple[object, ...]:
        """What compares entries that answer the same: the smaller holds for less."""
        where = self.scope
        return (not where.products, not where.shops, not where.platforms, *self.active.width)

    # --- whether it may answer -----------------------------------------------------------------------------------

    @property
    def live(self) -> bool:
        """Whether the entry may answer buyers."""
        return self.status == "live" and not self._unfilled

    @property
    def why_not_live(self) -> str:
        """The reason in words, empty for a live entry."""
        if self._unfilled:
            return f"事实还没填写：{'、'.join(self._unfilled)}"
        return {"draft": "还是草稿", "observe": "只观察，不作答", "live": ""}[self.status]

    @property
    def unfilled(self) -> tuple[str, ...]:
        """The names of the facts that the answers need and the file leaves empty."""
        return self._unfilled

    @property
    def facts(self) -> tuple[str, ...]:
        """The names of the facts that the answers use, each once."""
        return tuple(dict.fromkeys(facts_in(*self.texts)))

    def check_facts(self, facts: Mapping[str, str]) -> None:
        """Note which facts are missing; called once, when the file is loaded."""
        self._unfilled = tuple(name for name in self.facts if not facts.get(name))

    def with_facts(self, facts: Mapping[str, str]) -> Entry:
        """The entry as it is where these facts are filled in."""
        if tuple(name for name in self.facts if not facts.get(name)) == self._unfilled:
            return self
        copy = self.model_copy()
        copy.check_facts(facts)
        return copy

    # --- what it says --------------------------------------------------------------------------------------------

    def sayings(self) -> Iterator[tuple[Place, Sequence[str]]]:
        """All texts that are said, and where they stand in the entry."""
        yield ("answer",), self.answer
        for number, case in enumerate(self.answers):
            yield ("answers", number, "text"), case.text
        yield ("no_product",), (self.no_product,) if self.no_product else ()

    def sayable(self, seen: Mapping[str, str]) -> tuple[str, ...]:
        """The texts of the first case that fits what is seen and can be said; empty: a person answers."""
        fitting = (case.sayable(seen) for case in self.cases if case.fits(seen))
        return next((texts for texts in fitting if texts), ())

    def concerns(self, seen: Mapping[str, str]) -> bool:
        """Whether a case is for what is seen, be it sayable or not."""
        return any(case.fits(seen) for case in self.cases)

    @property
    def of_order(self) -> bool:
        """Whether what is said depends on the buyer's order."""
        return any(name.startswith("order") for case in self.cases for name in case.names)

    def unseen(self, seen: Mapping[str, str]) -> tuple[str, ...]:
        """What keeps every fitting answer from being said, in an operator's words; empty if one can be said."""
        if self.sayable(seen):
            return ()
        cases = [case for case in self.cases if case.fits(seen)] or self.cases
        return tuple(dict.fromkeys(label(name) for case in cases for name in case.names if name not in seen))
