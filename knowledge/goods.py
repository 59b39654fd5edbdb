"""A shop's product page made proposals: name, price, specifications, promises of shipping and after sales."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.proposals import Draft, Evidence, Heard, Proposal, free_id

_LONGEST_NAME, _LONGEST_VALUE, _LONGEST_PROMISE = 12, 80, 120
_MOST_SPECS = 30
_SENTENCE = re.compile(r"[^。！!？?\n；;]{4,}")
# How buyers ask for a line of a table of specifications; {} is what the line is called.
_ASKED = ("{}是什么", "{}是多少", "请问{}", "这款{}怎么样", "{}呢")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Promise:
    id: str
    words: re.Pattern[str]
    questions: tuple[str, ...]


_PROMISES = (
    _Promise(
        id="发货承诺",
        words=re.compile(r"(?:小时|天|当日|当天|次日)[^，,]{0,6}(?:内)?发(?:货|出)|发货时[间效]|现货.{0,6}发"),
        questions=("什么时候发货", "多久能发货", "今天拍今天能发吗", "几天发货", "现货吗什么时候发"),
    ),
    _Promise(
        id="运费说明",
        words=re.compile(r"包邮|免邮|邮费|运费"),
        questions=("包邮吗", "要邮费吗", "运费多少", "邮费怎么算", "几件包邮"),
    ),
    _Promise(
        id="退换承诺",
        words=re.compile(r"无理由|退换|退货|换货"),
        questions=("可以退货吗", "支持七天无理由吗", "不喜欢能退吗", "能换货吗", "怎么退换"),
    ),
    _Promise(
        id="保修承诺",
        words=re.compile(r"保修|质保|维修|以换代修|只换不修"),
        questions=("保修多久", "有质保吗", "坏了怎么保修", "质保几年", "坏了能修吗"),
    ),
    _Promise(
        id="发票说明",
        words=re.compile(r"发票"),
        questions=("能开发票吗", "有发票吗", "可以开票吗", "发票怎么开", "开电子发票吗"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """What a product page says: `specs` by name, `promises` sentence by sentence."""

    name: str
    sku: str | None
    price: str | None
    specs: Mapping[str, str]
    promises: Sequence[str]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Goods:
        """From what the page's script found; whatever else the page holds is left out."""
        product = next(filter(_is_product, _linked(raw.get("linked", ()))), {})
        offers = product.get("offers")
        offer = offers[0] if isinstance(offers, list) and offers else offers
        offer = offer if isinstance(offer, dict) else {}
        specs = {_plain(name).rstrip("：:"): _plain(value) for name, value in raw.get("pairs", ())}
        for each in _listed(product.get("additionalProperty")):
            if isinstance(each, dict):
                specs.setdefault(_plain(each.get("name")), _plain(each.get("value")))
        texts = [_plain(text) for text in raw.get("texts", ())]
        return cls(
            name=_plain(product.get("name")) or _plain(raw.get("title")),
            sku=_plain(product.get("sku") or product.get("productID")) or None,
            price=_plain(offer.get("price") or offer.get("lowPrice") or raw.get("price")) or None,
            specs={name: value for name, value in specs.items() if _is_spec(name, value)},
            promises=[sentence.strip() for text in texts for sentence in _SENTENCE.findall(text)],
        )


def propose(goods: Goods, source: str, taken: Collection[str]) -> list[Proposal]:
    """An entry for the price, for each specification and for each kind of promise; `taken`: ids in use."""
    ids = set(taken)
    found = []
    products = (goods.sku,) if goods.sku else ()
    for title, questions, answer, seen in _said(goods):
        name = free_id(title, ids)
        ids.add(name)
        draft = Draft(id=name, questions=questions, answer=(answer,), products=products)
        evidence = Evidence(source=source, count=1, heard=(Heard(asked=title, said=seen),))
        found.append(Proposal.of(entry=draft, evidence=evidence))
    return found


def _said(goods: Goods) -> Iterator[tuple[str, tuple[str, ...], str, str]]:
    """Each entry's id, questions and answer, and what the page says."""
    label = goods.name[:_LONGEST_NAME]
    if goods.price:
        asked = ("多少钱", "什么价格", "这个怎么卖", "价格是多少", "现在卖多少钱")
        yield f"{label}价格", asked, f"亲，这款现在页面价是{goods.price}元，以下单页面为准", goods.price
    for name, value in list(goods.specs.items())[:_MOST_SPECS]:
        yield f"{label}{name}", tuple(text.format(name) for text in _ASKED), f"亲，这款的{name}：{value}", value
    for promise in _PROMISES:
        said = [text for text in goods.promises if promise.words.search(text) and len(text) <= _LONGEST_PROMISE]
        if said:
            text = "；".join(dict.fromkeys(said[:2]))
            yield f"{label}{promise.id}", promise.questions, f"亲，{text}", text


def _linked(blocks: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Every object of the page's JSON-LD, lists and graphs unfolded."""
    for block in blocks:
        if isinstance(block, list):
            yield from _linked(block)
        elif isinstance(block, dict):
            yield block
            yield from _linked(_listed(block.get("@graph")))


def _is_product(block: Mapping[str, Any]) -> bool:
    return "Product" in _listed(block.get("@type"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _is_spec(name: str, value: str) -> bool:
    return 0 < len(name) <= _LONGEST_NAME and 0 < len(value) <= _LONGEST_VALUE and not value.startswith("http")


def _plain(value: Any) -> str:
    # What a page says is not ours to fill in: braces would be taken for facts.
    text = " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
    return text.replace("{", "（").replace("}", "）")
