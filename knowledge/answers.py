"""What is said and when: texts as operators write them, and answers that depend on what the page shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

SeenName = Literal[
    "order.number",
    "order.status",
    "order.amount",
    "order.ship_by",
    "order.tracking",
    "product.id",
    "product.title",
    "product.price",
    "product.stock",
]
# What an answer may say of the page that a conversation is open on, and what stands there where none is.
SEEN: Mapping[str, str] = {
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


Text = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | float), AfterValidator(_filled)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(as_list, json_schema_input_type=Text | list[Text] | None)]
Saying = Annotated[Text, AfterValidator(_short)]
Sayings = Annotated[
    tuple[Saying, ...], BeforeValidator(as_list, json_schema_input_type=Saying | list[Saying] | None)
]


class Part(BaseModel):
    """Base of all parts of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Case(Part):
    """What is said when the page shows what `when` asks for; `needs`: what else it must show."""

    when: dict[Literal["order", SeenName], Texts] = {}
    needs: Annotated[
        tuple[SeenName, ...], BeforeValidator(as_list, json_schema_input_type=SeenName | list[SeenName])
    ] = ()
    text: Sayings

    @model_validator(mode="after")
    def _complete(self) -> Case:
        if not self.text:
            raise ValueError("这种情况要说的话（text）没有写")
        if not set(self.when.get("order", ())) <= {"none", "some"}:
            raise ValueError("order 只能写 none（没有订单）或 some（有订单）；看状态写 order.status: 待发货")
        return self

    def fits(self, seen: Mapping[str, str]) -> bool:
        """Whether the page shows what the case is for; what it does not show fits nothing."""
        return all(name in seen and _same(seen[name], wanted) for name, wanted in self.when.items())

    def sayable(self, seen: Mapping[str, str]) -> tuple[str, ...]:
        """The texts that need nothing of the page but what is seen."""
        if any(name not in seen for name in self.needs):
            return ()
        return tuple(text for text in self.text if all(name in seen for name in seen_in(text)))

    @property
    def names(self) -> tuple[str, ...]:
        """Everything of the page that the case asks for, each once."""
        said = (name for text in self.text for name in seen_in(text))
        return tuple(dict.fromkeys([*self.when, *self.needs, *said]))


def _same(shown: str, wanted: tuple[str, ...]) -> bool:
    return _plain(shown) in {_plain(each) for each in wanted}


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def label(name: str) -> str:
    """What of the page a name stands for, in an operator's words."""
    return SEEN.get(name, "订单")


def seen_in(text: str) -> list[str]:
    """The names of what a text says of the page."""
    return [inner for inner in PLACEHOLDER.findall(text) if inner in SEEN]


def facts_in(*texts: str) -> Iterator[str]:
    """The names of all facts that the texts' placeholders ask for."""
    for text in texts:
        for inner in PLACEHOLDER.findall(text):
            if inner.startswith("facts."):
                yield inner.removeprefix("facts.")
