"""What the element of each key of a pack looks like while all is well, so that it can be found again. Pure.

A portrait holds no buyer's data: no text but a control's own words, no value that the page shows of anybody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from flows.choice import traits
from flows.pack import Mark, Pack, Value
from flows.probes import panels
from flows.tree import Tree

Within = Literal["page", "list", "thread", "row", "message", "order", "product"]
Holder = Literal["row", "message", "order", "product"]
_MOST_LABEL = 8
_OUTER, _MOST_INNER = 3, 12
_KINDS = (
    (re.compile(r"[\u4e00-\u9fff]+"), "汉"),
    (re.compile(r"[A-Za-z_]+"), "a"),
    (re.compile(r"[\d]+"), "9"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where one key of a pack is looked for; `attr`: its value is this attribute's, not the element's text.

    `passing`: it may be absent on a page where nothing is wrong.
    """

    key: str
    css: tuple[str, ...]
    within: Within
    attr: str | None = None
    passing: bool = False


def spots(pack: Pack) -> list[Spot]:
    """All keys of a pack whose elements can stand on a desk, the outer ones first."""
    return [*_desk_spots(pack), *_row_spots(pack), *_thread_spots(pack), *_fact_spots(pack)]


def _desk_spots(pack: Pack) -> Iterator[Spot]:
    yield Spot(key="signals.logged_in", css=_marks(pack.signals.logged_in), within="page")
    yield Spot(key="inbox.root", css=tuple(pack.inbox.root), within="page")
    yield Spot(key="inbox.row", css=tuple(pack.inbox.row), within="list")
    if pack.presence is not None:
        yield Spot(key="presence.online", css=_marks(pack.presence.online), within="page", passing=True)
        if pack.presence.go_online:
            yield Spot(key="presence.go_online", css=tuple(pack.presence.go_online), within="page")


def _row_spots(pack: Pack) -> Iterator[Spot]:
    for name in ("id", "name", "preview", "time", "unread", "waiting"):
        value: Value | None = getattr(pack.inbox, name)
        if value is not None:
            passing = name in ("time", "unread", "waiting")
            yield Spot(key=f"inbox.{name}", css=tuple(value.css), within="row", attr=value.attr, passing=passing)


def _thread_spots(pack: Pack) -> Iterator[Spot]:
    thread = pack.thread
    yield Spot(key="thread.root", css=tuple(thread.root), within="page")
    yield Spot(key="thread.message", css=tuple(thread.message), within="thread")
    yield Spot(key="thread.open_id", css=tuple(thread.open_id.css), within="page", attr=thread.open_id.attr)
    yield Spot(key="thread.ready", css=tuple(thread.ready), within="page")
    own, when = thread.message_id, thread.time
    yield Spot(key="thread.message_id", css=tuple(own.css), within="message", attr=own.attr)
    for name in ("buyer", "shop", "robot", "system"):
        yield Spot(key=f"thread.{name}", css=tuple(getattr(thread, name)), within="message", passing=True)
    yield Spot(key="thread.text", css=tuple(thread.text), within="message")
    if when is not None:
        yield Spot(key="thread.time", css=tuple(when.css), within="message", attr=when.attr, passing=True)
    yield Spot(key="thread.failed", css=tuple(thread.failed), within="message", passing=True)
    for name in type(thread.kinds).model_fields:
        css = tuple(getattr(thread.kinds, name))
        yield Spot(key=f"thread.kinds.{name}", css=css, within="message", passing=True)
    yield Spot(key="composer.input", css=tuple(pack.composer.input), within="page")
    yield Spot(key="composer.send", css=tuple(pack.composer.send), within="page")
    if pack.transfer is not None:
        yield Spot(key="transfer.open", css=tuple(pack.transfer.open), within="page", passing=True)


def _fact_spots(pack: Pack) -> Iterator[Spot]:
    for name, panel in panels(pack):
        yield Spot(key=f"{name}.root", css=tuple(panel.root), within="page", passing=True)
        for fact, value in panel.facts.items():
            holder: Holder = "order" if name == "order" else "product"
            key = f"{name}.facts.{fact}"
            yield Spot(key=key, css=tuple(value.css), within=holder, attr=value.attr, passing=True)


def _marks(marks: Sequence[Mark]) -> tuple[str, ...]:
    return tuple(css for mark in marks[:1] for css in mark.css)


# --- what was seen --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One look at a page: its tree, and for each key what each of its selectors found.

    `held`: the rows, messages and panels; `rows`, `messages`: as the reader has them; `open_id`: whose thread.
    """

    tree: Tree
    found: Mapping[str, Sequence[Sequence[int]]]
    held: Mapping[str, Sequence[int]]
    rows: Sequence[Sequence[Any]]
    messages: Sequence[Sequence[Any]]
    facts: Mapping[str, str | None]
    open_id: str | None
    signals: frozenset[str]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Sight:
        """What the script says, as a value."""
        thread = raw["thread"]
        return cls(
            tree=Tree.of(raw["nodes"]),
            found=raw["found"],
            held=raw["held"],
            rows=raw["inbox"] or (),
            messages=thread["messages"] if thread else (),
            facts={f"{name}.facts.{fact}": text for name, fact, text in _facts(thread or {})},
            open_id=raw["open"],
            signals=frozenset(raw["signals"]),
        )

    def at(self, key: str) -> Sequence[int]:
        """The elements that the first selector with any finds."""
        return next((each for each in self.found.get(key, ()) if each), ())

    @property
    def said(self) -> list[tuple[int, Sequence[Any]]]:
        """The messages as read, each with its element, the newest first."""
        return list(zip(reversed(self.held["message"]), reversed(self.messages), strict=False))

    @property
    def words(self) -> frozenset[str]:
        """What the page shows of people: ids, names and words of theirs, which no portrait may hold."""
        said = [text for row in self.rows for text in row[:3]] + [self.open_id]
        said += [text for message in self.messages for text in (message[0], message[3])]
        return frozenset(text for text in said if text and len(text) > 1)


def _facts(thread: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    orders: Sequence[Mapping[str, str | None]] = thread.get("orders") or ({},)
    for name, facts in (("order", orders[0]), ("product", thread.get("product") or {})):
        yield from ((name, fact, text) for fact, text in facts.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """An element by what lasts of it: tag, marks (classes, attributes, roles), its way down from what holds it,
    the marks around it, the kinds of its text's characters, a control's own words, its place; in how many of its
    kind of rows or messages there was one (`share`).
    """

    tag: str
    marks: tuple[str, ...]
    path: tuple[str, ...]
    around: tuple[str, ...]
    inner: tuple[str, ...]
    shape: str
    label: str
    box: tuple[float, float, float, float]
    share: float = 1.0


@dataclass(frozen=True)
class Painter:
    """Makes portraits of a page's elements."""

    tree: Tree
    words: Collection[str]
    _known: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def portrait(self, number: int, holder: int) -> Portrait:
        """Of one element; `holder`: the row, message, panel or page that it is looked for in."""
        node = self.tree[number]
        outer = list(self.tree.up(number))[1 : _OUTER + 1]
        text = self.tree.text(number)
        return Portrait(
            tag=node.tag,
            marks=self.marks(number),
            path=self._path(number, holder),
            around=tuple(sorted({mark for each in (*outer, *self._beside(number)) for mark in self.marks(each)})),
            inner=tuple(sorted({m for each in self.tree.under(number)[1:_MOST_INNER] for m in self.marks(each)})),
            shape=shape(text[:60]),
            label=text if holder == self.page and self._is_control(number) and len(text) <= _MOST_LABEL else "",
            box=self._place(number, holder),
        )

    def marks(self, number: int) -> tuple[str, ...]:
        """What an element can be known by, without what is anybody's; the tag counts for itself."""
        if number not in self._known:
            found = (trait.css for trait in traits(self.tree[number]) if trait.attr and self._nobodys(trait.value))
            self._known[number] = tuple(found)
        return self._known[number]

    def _nobodys(self, value: str | None) -> bool:
        return value is None or not any(word in value for word in self.words)

    def _is_control(self, number: int) -> bool:
        node = self.tree[number]
        return (
            node.tag in ("button", "a") or "button" in node.attrs.get("role", "") or not self.tree.children(number)
        )

    def _path(self, number: int, holder: int) -> tuple[str, ...]:
        steps = []
        for each in self.tree.up(number):
            if each == holder:
                break
            steps.append(f"{self.tree[each].tag}:{self.tree.place(each)}")
        return tuple(reversed(steps))

    def _beside(self, number: int) -> Iterator[int]:
        kin = list(self.tree.children(self.tree[number].parent))
        at = kin.index(number)
        yield from kin[max(0, at - 1) : at]
        yield from kin[at + 1 : at + 2]

    def _place(self, number: int, holder: int) -> tuple[float, float, float, float]:
        left, top, width, height = self.tree[number].box
        x, y, full, tall = self.tree[holder].box
        full, tall = full or 1, tall or 1
        return (
            round((left + width / 2 - x) / full, 2),
            round((top + height / 2 - y) / tall, 2),
            round(width / full, 2),
            round(height / tall, 2),
        )

    @cached_property
    def page(self) -> int:
        """What all stands in: the body, so that a place is one on the screen."""
        return next((at for at, node in enumerate(self.tree.nodes) if node.tag == "body"), 0)


def portraits(pack: Pack, sight: Sight) -> dict[str, Portrait]:
    """Of every key whose element stands on the page."""
    painter = Painter(sight.tree, sight.words)
    return {
        spot.key: replace(painter.portrait(number, holder), share=_share(spot, sight))
        for spot in spots(pack)
        for number, holder in examples(spot, sight, painter.page)
    }


def _share(spot: Spot, sight: Sight) -> float:
    holders = sight.held.get(spot.within, ())
    return round(len(sight.at(spot.key)) / len(holders), 2) if holders and spot.css else 1.0


def examples(spot: Spot, sight: Sight, page: int) -> list[tuple[int, int]]:
    """One element of a key with what holds it; none where there is none."""
    if spot.within in ("page", "list", "thread"):
        outer = {"page": page, "list": _first(sight.at("inbox.root")), "thread": _first(sight.at("thread.root"))}
        holder = outer[spot.within]
        return [(number, page if holder is None else holder) for number in sight.at(spot.key)[:1]]
    holders = sight.held[spot.within]
    if not spot.css:
        return [(number, number) for number in holders[:1]]
    found = ((each, holder) for each in sight.at(spot.key) for holder in holders if sight.tree.holds(holder, each))
    return [next(found)] if sight.at(spot.key) else []


def _first(numbers: Sequence[int]) -> int | None:
    return numbers[0] if numbers else None


def shape(text: str) -> str:
    """The kinds of characters of a text, each run as one sign: `9汉` for 9秒后超时."""
    for pattern, sign in _KINDS:
        text = pattern.sub(sign, text)
    return text[:20]


# --- how alike ------------------------------------------------------------------------------------------------


def likeness(one: Portrait, other: Portrait) -> float:
    """From 0 to 1; what neither has counts for nothing."""
    parts = [
        (2.0, float(one.tag == other.tag)),
        (4.0, _way(one.path, other.path)),
        (2.0, _alike(one.shape, other.shape)),
        (3.0, _near(one.box, other.box)),
    ]
    for weight, mine, theirs in (
        (4.0, one.marks, other.marks),
        (3.0, one.around, other.around),
        (2.0, one.inner, other.inner),
    ):
        if mine or theirs:
            parts.append((weight, _shared(mine, theirs)))
    if one.label:
        parts.append((4.0, float(one.label == other.label)))
    return sum(weight * share for weight, share in parts) / sum(weight for weight, _share in parts)


def _shared(one: Collection[str], other: Collection[str]) -> float:
    mine, theirs = set(one), set(other)
    return len(mine & theirs) / len(mine | theirs)


def _way(one: Sequence[str], other: Sequence[str]) -> float:
    """Both ways down, step by step from the inside; a place among siblings counts half."""
    if not one and not other:
        return 1.0
    score = 0.0
    for mine, theirs in zip(reversed(one), reversed(other), strict=False):
        score += 1.0 if mine == theirs else 0.5 if mine.split(":")[0] == theirs.split(":")[0] else 0.0
    return score / max(len(one), len(other))


def _alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    return 0.5 * _shared(one, other) if one and other else 0.0


def _near(one: Sequence[float], other: Sequence[float]) -> float:
    apart = sum(min(1.0, abs(mine - theirs)) for mine, theirs in zip(one, other, strict=True))
    return max(0.0, 1.0 - apart)
