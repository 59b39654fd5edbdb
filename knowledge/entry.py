"""One entry of knowledge: the questions it answers, what it says, where and when it holds."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from knowledge.moments import Active

# What an answer may say of the page that a conversation is open on, and what stands there where none is.
SEEN = {
    "order.number": "订单号",
    "order.status": "订单状态",
    "order.amount": "订单金额",
    "order.ship_by": "最晚发货时间",
    "order.tracking": "快递单号",
    "product.id": "商品编号",
    "product.title": "商品名称",
    "product.price": "商品价格",
    "product.stock": "商品库存",
}
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
MAX_ANSWER = 500


def as_list(value: Any) -> Any:
    """A single thing stands for a list of one, nothing for an empty list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _as_text(value: Any) -> Any:
    # A number is what it looks like; true and false are not, they are reported.
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("这里是空的")
    return text.strip()


def _short(text: str) -> str:
    if len(text) > MAX_ANSWER:
        raise ValueError(f"太长了：{len(text)} 字，最多 {MAX_ANSWER} 字")
    return text


Text = Annotated[str, BeforeValidator(_as_text), AfterValidator(_filled)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(as_list)]
Saying = Annotated[Text, AfterValidator(_short)]
Sayings = Annotated[tuple[Saying, ...], BeforeValidator(as_list)]


class Part(BaseModel):
    """Base of all parts of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where and when a question is asked; `now` is aware, `product` the one the buyer looks at, if known."""

    shop: str
    platform: str
    now: datetime
    product: str | None = None


class Where(Part):
    """The shops, platforms and products that an entry holds for; an empty list means all."""

    shops: Texts = ()
    platforms: Texts = ()
    products: Texts = ()

    def covers(self, scope: Scope) -> bool:
        """Whether the entry holds there; one that names products needs the product to be known."""
        return (
            (not self.shops or scope.shop in self.shops)
            and (not self.platforms or scope.platform in self.platforms)
            and (not self.products or scope.product in self.products)
        )


def _as_keywords(value: Any) -> Any:
    return {"any": value} if isinstance(value, str | list) else value


class Keywords(Part):
    """Words that speak for an entry (`any`, `all` of them) or against it (`none`)."""

    all: Texts = ()
    any: Texts = ()
    none: Texts = ()


class Person(Part):
    """A question that only a person answers; an urgent one goes first."""

    urgent: bool = False


def _as_person(value: Any) -> Any:
    return {True: {}, False: None}[value] if isinstance(value, bool) else value


class Entry(Part):
    """One thing that a shop knows, or knows to leave to a person."""

    id: Text
    status: Literal["draft", "observe", "live"] = "live"
    questions: Texts
    keywords: Annotated[Keywords, BeforeValidator(_as_keywords)] = Keywords()
    answers: Sayings = Field(default=(), alias="answer")
    scope: Where = Where()
    active: Active = Active()
    risky: bool = False
    handoff: Annotated[Person | None, BeforeValidator(_as_person)] = None

    _unfilled: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _complete(self) -> Entry:
        if not self.questions:
            raise ValueError(f"“{self.id}”至少要有一个例句（questions）")
        if not self.answers and not self.for_person:
            raise ValueError(f"“{self.id}”缺少 answer；只转人工的条目写 handoff: true")
        return self

    @property
    def for_person(self) -> bool:
        """Whether a person must answer: the entry says so, or it is risky."""
        return self.risky or self.handoff is not None

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
        return tuple(dict.fromkeys(facts_in(*self.answers)))

    def sayable(self, seen: Container[str]) -> tuple[str, ...]:
        """The answers that need nothing of the page but what is `seen`."""
        return tuple(text for text in self.answers if all(name in seen for name in _seen_in(text)))

    def unseen(self, seen: Container[str]) -> tuple[str, ...]:
        """What keeps every answer from being said, in an operator's words; empty if one can be said."""
        if self.sayable(seen):
            return ()
        names = (name for text in self.answers for name in _seen_in(text))
        return tuple(dict.fromkeys(SEEN[name] for name in names if name not in seen))

    def check_facts(self, facts: dict[str, str]) -> None:
        """Note which facts are missing; called once, when the file is loaded."""
        self._unfilled = tuple(name for name in self.facts if not facts.get(name))


def _seen_in(text: str) -> list[str]:
    return [inner for inner in PLACEHOLDER.findall(text) if inner in SEEN]


def facts_in(*texts: str) -> Iterator[str]:
    """The names of all facts that the texts' placeholders ask for."""
    for text in texts:
        for inner in PLACEHOLDER.findall(text):
            if inner.startswith("facts."):
                yield inner.removeprefix("facts.")
