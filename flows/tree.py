"""A page as plain descriptions of its elements, and the few forms of selectors that are tried on it. Pure."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_IDENT = re.compile(r"-?[A-Za-z_\u0080-\uffff][\w\u0080-\uffff-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One element: `parent` its number in the tree (-1: none), `text` its own, `box` left, top, width, height."""

    tag: str
    parent: int
    attrs: Mapping[str, str]
    text: str = ""
    shown: bool = True
    box: tuple[float, float, float, float] = (0, 0, 0, 0)

    @property
    def classes(self) -> list[str]:
        """The tokens of its class."""
        return self.attrs.get("class", "").split()


class Tree:
    """All elements of a document in its order; what is asked again and again is remembered."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes
        self._children: dict[int, list[int]] = {}
        self._ends = list(range(1, len(nodes) + 1))
        self._shapes: list[int] = []
        self._having: dict[Trait, frozenset[int]] = {}
        self._found: dict[Selector, Sequence[int]] = {}
        shapes: dict[tuple[int, str], int] = {}
        for number, node in enumerate(nodes):
            self._children.setdefault(node.parent, []).append(number)
            outer = self._shapes[node.parent] if node.parent >= 0 else -1
            self._shapes.append(shapes.setdefault((outer, node.tag), len(shapes)))
        for number in range(len(nodes) - 1, 0, -1):
            parent = nodes[number].parent
            if parent >= 0:
                self._ends[parent] = max(self._ends[parent], self._ends[number])

    @classmethod
    def of(cls, raw: Sequence[Sequence[Any]]) -> Tree:
        """What the page's script says, as a value."""
        return cls(
            [
                Node(
                    tag=str(tag),
                    parent=int(parent),
                    attrs={str(name): str(value) for name, value in attrs.items()},
                    text=str(text),
                    shown=bool(shown),
                    box=tuple(map(float, box)),  # type: ignore[arg-type] # the script gives four
                )
                for tag, parent, attrs, text, shown, box in raw
            ]
        )

    def __getitem__(self, number: int) -> Node:
        return self.nodes[number]

    def children(self, number: int) -> Sequence[int]:
        """The elements right under one."""
        return self._children.get(number, ())

    def up(self, number: int) -> Iterator[int]:
        """The element itself, then what it stands in, outwards."""
        while number >= 0:
            yield number
            number = self.nodes[number].parent

    def under(self, number: int) -> range:
        """The element itself and all inside it, in the document's order."""
        return range(number, self._ends[number])

    def holds(self, outer: int, inner: int) -> bool:
        """Whether `inner` is `outer` or stands in it."""
        return inner in self.under(outer)

    def text(self, number: int) -> str:
        """All that is written in an element, in one line."""
        return " ".join(part for each in self.under(number) if (part := self.nodes[each].text))

    def alike(self, number: int, within: int) -> list[int]:
        """All elements inside `within` with the same tags from the outside in: the others of a list."""
        shape = self._shapes[number]
        return [each for each in self.under(within) if self._shapes[each] == shape]

    def common(self, numbers: Sequence[int]) -> int:
        """The innermost element that holds all of `numbers`."""
        return next(each for each in self.up(numbers[0]) if all(self.holds(each, other) for other in numbers))

    def place(self, number: int) -> int:
        """Which it is of its tag among its siblings, from 1."""
        node = self.nodes[number]
        alike = [each for each in self.children(node.parent) if self.nodes[each].tag == node.tag]
        return alike.index(number) + 1

    def having(self, trait: Trait) -> frozenset[int]:
        """All elements with a trait."""
        if trait not in self._having:
            self._having[trait] = frozenset(number for number, node in enumerate(self.nodes) if trait.on(node))
        return self._having[trait]

    def found(self, selector: Selector) -> Sequence[int]:
        """All that a selector finds, in the document's order."""
        if selector not in self._found:
            last = selector.steps[-1]
            having = frozenset.intersection(*(self.having(trait) for trait in last.traits))
            self._found[selector] = [each for each in sorted(having) if selector.on(self, each)]
        return self._found[selector]

    def first(self, selector: Selector, within: int) -> int | None:
        """What a selector finds first in an element, or the element itself."""
        found = self.found(selector)
        at = bisect_left(found, within)
        return found[at] if at < len(found) and self.holds(within, found[at]) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One thing to know an element by; a lower `rank` lasts longer. `attr` "": the tag; `value` None: any."""

    attr: str
    value: str | None
    rank: int

    def on(self, node: Node) -> bool:
        """Whether an element has it."""
        if not self.attr:
            return node.tag == self.value
        if self.attr == "class":
            return self.value in node.classes
        return self.attr in node.attrs and self.value in (None, node.attrs[self.attr])

    @property
    def css(self) -> str:
        """As a simple selector."""
        if not self.attr:
            return self.value or "*"
        if self.attr in ("class", "id") and self.value and _IDENT.fullmatch(self.value):
            return ("." if self.attr == "class" else "#") + self.value
        if self.attr == "class":
            return f"[class~={json.dumps(self.value, ensure_ascii=False)}]"
        name = self.attr.replace(":", r"\:").replace(".", r"\.").replace("@", r"\@")
        return f"[{name}]" if self.value is None else f"[{name}={json.dumps(self.value, ensure_ascii=False)}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Traits of one element; `nth`: its place among siblings of its tag; `child`: right under the step before."""

    traits: tuple[Trait, ...]
    nth: int | None = None
    child: bool = False

    @property
    def css(self) -> str:
        """As a compound selector: the tag has to stand first."""
        ordered = sorted(self.traits, key=lambda trait: bool(trait.attr))
        place = "" if self.nth is None else f":nth-of-type({self.nth})"
        return "".join(trait.css for trait in ordered) + place


@dataclass(frozen=True, slots=True)
class Selector:
    """Steps from the outside in."""

    steps: tuple[Step, ...]

    @property
    def css(self) -> str:
        """As plain CSS."""
        parts = [("" if not at else " > " if step.child else " ") + step.css for at, step in enumerate(self.steps)]
        return "".join(parts)

    @property
    def rank(self) -> int:
        """That of its weakest trait, and a little for each further one; places are the weakest of all."""
        worst = max(trait.rank for step in self.steps for trait in step.traits)
        count = sum(len(step.traits) for step in self.steps)
        places = sum(step.nth is not None for step in self.steps)
        return max(worst, 70 + 2 * places if places else 0) + 2 * (count - 1)

    @property
    def traits(self) -> frozenset[Trait]:
        """All that it leans on, but mere tags."""
        return frozenset(trait for step in self.steps for trait in step.traits if trait.attr)

    def on(self, tree: Tree, number: int) -> bool:
        """Whether it matches an element."""
        return self._matches(tree, number, len(self.steps) - 1)

    def _matches(self, tree: Tree, number: int, at: int) -> bool:
        step = self.steps[at]
        if not all(number in tree.having(trait) for trait in step.traits):
            return False
        if step.nth is not None and tree.place(number) != step.nth:
            return False
        if at == 0:
            return True
        outer = list(tree.up(number))[1:]
        return any(self._matches(tree, each, at - 1) for each in (outer[:1] if step.child else outer))
