"""Which attribute tells the things of a list apart, which one proves whose thread is open, who spoke. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from flows.choice import inner, traits, unique
from flows.tokens import generated, numbered, state
from flows.tree import Selector, Step, Trait, Tree

# Never an id: what is text for people, what a place or a look is, where a file lies.
_NEVER = re.compile(
    r"^(?:class|style|title|alt|placeholder|type|role|name|for|value|src|srcset|width|height|tabindex|datetime|"
    r"aria-.*|on.*|d|fill|draggable|contenteditable)$"
)
_TIME = re.compile(r"^(?:\d{4}-\d\d-\d\dT?[\d:. ]*(?:Z|[+-]\d\d:?\d\d)?|1[5-9]\d{8}(?:\d{3})?)$")
_TELLS_ID = re.compile(r"(?:^|[-_])(?:id|uid|key|conversation|session|user|msg|message)$")
_PREFIX = re.compile(r"^.*[A-Za-z].*[^A-Za-z0-9]|^[A-Za-z]+[^A-Za-z0-9]")
_SUFFIX = re.compile(r"[^A-Za-z0-9].*[A-Za-z].*$|[A-Za-z]{4,}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """Where a text stands in each of a kind: `css` empty means on the thing itself, `attr` None its own text.

    `worth`: how well the values serve as ids; less than 0: they are rather words;
    `count`: how many of the kind have one.
    """

    css: tuple[str, ...] = ()
    attr: str | None = None
    pattern: str | None = None
    values: frozenset[str] = frozenset()
    worth: int = 0
    count: int = 0


# --- ids ------------------------------------------------------------------------------------------------------


def handles(tree: Tree, item: int, items: Sequence[int]) -> list[Handle]:
    """The attributes by which `item` can be told from the others of its kind, the surest first."""
    found: list[Handle] = []
    for target in tree.under(item):
        for attr in tree[target].attrs:
            if _NEVER.match(attr):
                continue
            css = () if target == item else _way(tree, target, item, attr)
            values = _values(tree, items, attr, inside=bool(css))
            worth = _worth(attr, tree[target].attrs[attr], values) - (0 if target == item else 4)
            if worth > -9 and (css or target == item):
                ids = frozenset(values)
                found.append(Handle(css=css, attr=attr, values=ids, worth=worth, count=len(values)))
    found.sort(key=lambda handle: -handle.worth)
    return [one for handle in found for one in (handle, *_without_prefix(handle))]


def _way(tree: Tree, target: int, item: int, attr: str) -> tuple[str, ...]:
    """How something inside is found by an attribute that it carries; empty where another has it before."""
    there = _carrier(attr)
    return (there.css,) if tree.first(there, item) == target else ()


def _values(tree: Tree, items: Sequence[int], attr: str, *, inside: bool) -> list[str]:
    ends = [tree.first(_carrier(attr), each) if inside else each for each in items]
    return [value for end in ends if end is not None and (value := tree[end].attrs.get(attr))]


def _carrier(attr: str) -> Selector:
    return Selector((Step(traits=(Trait(attr=attr, value=None, rank=26),)),))


def _worth(attr: str, own: str, values: Sequence[str]) -> int:
    """How well the values serve as ids; -9 and less: not at all."""
    if not own or " " in own or not own.isascii() or _TIME.match(own) or own.startswith(("data:", "#")):
        return -9
    different = len(set(values))
    if len(values) > 1 and (different * 2 < len(values) or different < 2):
        return -9
    if all(value.isdigit() for value in values) and sorted(map(int, values)) in (
        list(range(len(values))),
        list(range(1, len(values) + 1)),
    ):
        return -9  # a mere place in the list
    worth = min(different, 6) if different == len(values) else 0
    worth += 4 if all(numbered(value) or len(value) >= 8 for value in values) else -6
    worth += 2 if _TELLS_ID.search(attr) else 0
    return worth - (4 if attr == "href" else 0)


def _without_prefix(handle: Handle) -> Iterator[Handle]:
    """The same without what all values begin or end with: `conv-1001-shop` and `conv-1002-shop`: 1001 and 1002."""
    if len(handle.values) < 2:
        return
    found = _PREFIX.match(_shared(handle.values))
    prefix = found[0] if found else ""
    ending = _SUFFIX.search(_shared([value[::-1] for value in handle.values])[::-1])
    for suffix in dict.fromkeys(("", ending[0] if ending else "")):
        if (prefix or suffix) and all(len(value) > len(prefix) + len(suffix) for value in handle.values):
            values = frozenset(value[len(prefix) : len(value) - len(suffix)] for value in handle.values)
            yield replace(handle, pattern=f"^{_escaped(prefix)}(.+){_escaped(suffix)}$", values=values)


def _shared(values: Collection[str]) -> str:
    """What all values begin with."""
    first, last = min(values), max(values)
    return first[
        : next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    ]


def _escaped(text: str) -> str:
    """As a regular expression that Python and the page's own engine read alike."""
    return re.sub(r"([.*+?^${}()|\[\]\\/])", r"\\\1", text)


def open_proof(tree: Tree, ids: Collection[str], rows: Sequence[int], near: int) -> tuple[Handle | None, bool]:
    """What outside the list carries the id of the open conversation, and whether it holds `near`, the messages."""
    listed = {each for row in rows for each in tree.under(row)}
    above = set(tree.up(near))
    found: list[tuple[int, int, str | None, str | None]] = []
    for number, node in enumerate(tree.nodes):
        if number in listed or node.tag in ("html", "head"):
            continue
        texts: list[tuple[str | None, str]] = [*node.attrs.items(), (None, node.text)]
        for attr, value in texts:
            if attr in ("class", "style") or not value:
                continue
            pattern = _inside(value, ids)
            if pattern is not None:
                score = (0 if number in above else 4) + (2 if pattern else 0) + (1 if attr is None else 0)
                found.append((score, number, attr, pattern or None))
    if not found:
        return None, False
    _score, number, attr, pattern = min(found, key=lambda one: one[:2])
    css = [one for one in unique(tree, number) if not any(each in one for each in ids)]
    return (Handle(css=tuple(css), attr=attr, pattern=pattern), number in above) if css else (None, False)


def _inside(value: str, ids: Collection[str]) -> str | None:
    """Empty where a value is an id, a pattern where it ends in one after something else, None elsewhere."""
    if value in ids:
        return ""
    for one in ids:
        if len(one) >= 3 and value.endswith(one) and not value[-len(one) - 1].isalnum() and len(value) < 120:
            return f"{_escaped(value[: -len(one)])}(.+)$"
    return None


def selected_row(tree: Tree, row_css: str, rows: Sequence[int]) -> str | None:
    """A selector of the row that is marked as open, where exactly one is marked by its own."""
    counts: dict[Trait, int] = {}
    for row in rows:
        for trait in _states(tree, row):
            counts[trait] = counts.get(trait, 0) + 1
    marks = [trait for trait, count in counts.items() if count == 1]
    known = [trait for trait in marks if trait.rank == 0] or (marks if len(rows) > 2 and len(marks) == 1 else [])
    return f"{row_css}{known[0].css}" if known else None


def _states(tree: Tree, row: int) -> Iterator[Trait]:
    for name in tree[row].classes:
        yield Trait(attr="class", value=name, rank=0 if state(name) else 1)
    for name in ("aria-selected", "aria-current"):
        value = tree[row].attrs.get(name)
        if value not in (None, "false"):
            yield Trait(attr=name, value=value, rank=0)


# --- who spoke ------------------------------------------------------------------------------------------------


def senders(tree: Tree, buyer: int, shop: int, messages: Sequence[int]) -> tuple[list[str], list[str]]:
    """What tells a buyer's message from an own one, on the message or inside it; empty where nothing does."""
    theirs, ours = _difference(tree, buyer, [shop]), _difference(tree, shop, [buyer])
    if not theirs and not ours:
        theirs, ours = _difference(tree, buyer, [shop], made=True), _difference(tree, shop, [buyer], made=True)
    where = {trait: _with(tree, trait, messages) for trait in {*theirs, *ours}}
    pairs = []
    for one, other in product(theirs[:16], ours[:16]):
        both = where[one] & where[other]
        known = where[one] | where[other]
        pairs.append((len(both), -len(known), one.rank + other.rank, (one, other)))
    if not pairs:
        return [one.css for one in theirs[:2]], [one.css for one in ours[:2]]
    pairs.sort(key=lambda pair: pair[:3])
    best = [pair for *_rest, pair in [each for each in pairs if each[:2] == pairs[0][:2]]]
    return _split([one for one, _other in best]), _split([other for _one, other in best])


def only_on(tree: Tree, item: int, others: Sequence[int]) -> list[str]:
    """What a message has, or holds, that none of `others` does: for robots' and systems' messages."""
    return [trait.css for trait in _difference(tree, item, others)[:2]]


def _difference(tree: Tree, item: int, others: Sequence[int], *, made: bool = False) -> list[Trait]:
    """Traits of one message and of what is inside it that others lack, those of the message itself first;
    `made`: also a build tool's classes that happen to end like a number.
    """
    lacking = {trait for other in others for each in tree.under(other) for trait in traits(tree[each])}
    found: dict[Trait, int] = {}
    for each in tree.under(item):
        for trait in [*traits(tree[each]), *_flags(tree, each)]:
            known = not numbered(trait.value or "") or (made and _is_hash(trait))
            if trait.attr and trait not in lacking and known and trait not in found:
                found[trait] = trait.rank + (0 if each == item else 15)
    return sorted(found, key=lambda trait: found[trait])


def _is_hash(trait: Trait) -> bool:
    name = trait.value or ""
    return trait.attr == "class" and generated(name) and not re.search(r"\d{3,}", name)


def _flags(tree: Tree, number: int) -> Iterator[Trait]:
    for name in ("aria-label", "dir"):
        value = tree[number].attrs.get(name)
        if value is not None and len(value) <= 8:
            yield Trait(attr=name, value=value, rank=30)


def _with(tree: Tree, trait: Trait, messages: Sequence[int]) -> frozenset[int]:
    return frozenset(each for each in messages if any(trait.on(tree[inside]) for inside in tree.under(each)))


def _split(found: Sequence[Trait]) -> list[str]:
    return list(dict.fromkeys(trait.css for trait in found))[:2]


# --- times ----------------------------------------------------------------------------------------------------


def time_handle(tree: Tree, item: int, items: Sequence[int]) -> Handle | None:
    """An attribute of a message, or of something in it, that holds a moment."""
    for target in tree.under(item):
        for attr, value in tree[target].attrs.items():
            if _TIME.match(value) and attr not in ("id", "class"):
                css = () if target == item else tuple(inner(tree, target, item, items, mark=False)[:2])
                if css or target == item:
                    return Handle(css=css, attr=attr)
    return None
