"""The choice of selectors for elements that somebody pointed at, the most lasting first. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from flows.tokens import generated, numbered, state
from flows.tree import Node, Selector, Step, Trait, Tree

# What a page says of an element, as against what it holds just now.
_PASSING = re.compile(
    r"class|style|href|src|srcset|value|title|alt|d|width|height|action|method|for|tabindex|datetime|maxlength|rows|"
    r"cols|disabled|hidden|checked|selected|required|autofocus|spellcheck|draggable|dir|lang|target|rel|viewBox|fill|"
    r"aria-(?!label$).*|on.*"
)
_FOR_TESTS = re.compile(r"data-(?:test|qa|cy|e2e|role|component|name|action|section|view|part)(?:-?id)?$")
_RANKS = {"name": 12, "role": 14, "aria-label": 16, "autocomplete": 16, "type": 20, "contenteditable": 20}
_MADE, _MADE_VALUE = 60, 64
_CONTROLS = frozenset({"input", "textarea", "button", "select", "a"})
_PLAIN_TAGS = frozenset({"div", "span", "p", "i", "b", "em", "strong", "svg", "path", "img"})
_MOST = 3
_MANY = 40


def traits(node: Node) -> list[Trait]:
    """All that an element can be known by, the most lasting first."""
    return sorted(_traits(node), key=lambda trait: trait.rank)


def _traits(node: Node) -> Iterator[Trait]:
    for name in node.classes:
        if not state(name):
            yield Trait(attr="class", value=name, rank=_MADE if generated(name) else 32)
    for name, value in node.attrs.items():
        if _PASSING.fullmatch(name):
            continue
        if name == "id":
            yield Trait(attr=name, value=value, rank=_MADE_VALUE if generated(value) or numbered(value) else 18)
        elif name in _RANKS or name == "placeholder":
            if _lasting(value, words=node.tag in _CONTROLS or name in ("contenteditable", "role")):
                yield Trait(attr=name, value=value, rank=_RANKS.get(name, 34))
            elif name == "name":
                yield Trait(attr=name, value=value, rank=_MADE_VALUE)
        else:
            yield from _own_attribute(name, value)
    custom = "-" in node.tag
    yield Trait(attr="", value=node.tag, rank=28 if custom else 58 if node.tag in _PLAIN_TAGS else 50)


def _own_attribute(name: str, value: str) -> Iterator[Trait]:
    """Of an attribute that the console made up: its value, if that is a word, and that it is there at all."""
    made = generated(name.removeprefix("data-"))
    if value and _lasting(value, words=False):
        yield Trait(attr=name, value=value, rank=_MADE + 1 if made else 10 if _FOR_TESTS.match(name) else 22)
    elif value and made and not numbered(value) and re.fullmatch(r"[\w-]{1,40}", value):
        yield Trait(attr=name, value=value, rank=_MADE_VALUE)
    yield Trait(attr=name, value=None, rank=_MADE + 2 if made else 26)


def _lasting(value: str, *, words: bool) -> bool:
    """Whether an attribute's value can be relied on; `words`: also where it is text for people."""
    if not value or len(value) > 40 or numbered(value) or generated(value):
        return False
    return words or re.fullmatch(r"[A-Za-z][\w:./-]*", value) is not None


# --- one element ----------------------------------------------------------------------------------------------


def unique(tree: Tree, number: int) -> list[str]:
    """Selectors that find this element alone, with fallbacks that lean on other things."""
    single = [one for one in _singles(tree, number) if _alone(tree, one, number)]
    wide = [one for one in _compounds(tree, number) if _alone(tree, one, number)]
    held = [one for one in _held(tree, number) if _alone(tree, one, number)]
    return _several(sorted([*single, *wide, *held, _path(tree, number)], key=lambda one: one.rank))


def _singles(tree: Tree, number: int) -> list[Selector]:
    return [Selector((Step(traits=(trait,)),)) for trait in traits(tree[number])]


def _compounds(tree: Tree, number: int) -> Iterator[Selector]:
    own = traits(tree[number])[:8]
    for at, one in enumerate(own):
        for other in own[at + 1 :]:
            if one.attr != other.attr or one.attr == "class":
                yield Selector((Step(traits=(one, other)),))


def _anchors(tree: Tree, number: int) -> Iterator[Selector]:
    """What an element stands in, as far as that is known by one trait alone, from the inside out."""
    for outer in list(tree.up(number))[1:]:
        if tree[outer].tag in ("html", "body"):
            return
        known = [one for one in _singles(tree, outer) if _alone(tree, one, outer)]
        yield from known[:1]


def _held(tree: Tree, number: int) -> Iterator[Selector]:
    for anchor in list(_anchors(tree, number))[:6]:
        for trait in traits(tree[number])[:8]:
            yield Selector((*anchor.steps, Step(traits=(trait,))))


def _path(tree: Tree, number: int) -> Selector:
    """By its place, from the nearest ancestor that can be known: where nothing else helps."""
    steps: list[Step] = []
    for each in tree.up(number):
        anchor = next((one for one in _singles(tree, each) if steps and _alone(tree, one, each)), None)
        if anchor is not None:
            return Selector((*anchor.steps, *steps))
        tag = Trait(attr="", value=tree[each].tag, rank=50)
        steps.insert(0, Step(traits=(tag,), nth=tree.place(each), child=True))
        if tree[each].tag == "body":
            break
    return Selector(tuple(steps))


def _alone(tree: Tree, selector: Selector, number: int) -> bool:
    return list(tree.found(selector)) == [number]


def _several(found: Sequence[Selector]) -> list[str]:
    """The first, and further ones that do not lean on the same things; none of these is a mere tag."""
    chosen: list[Selector] = []
    for one in found:
        leans = any(one.traits & other.traits or one.css == other.css for other in chosen)
        weak = bool(chosen) and not one.traits and len(one.steps) == 1 and "-" not in one.css
        if not leans and not weak and len(chosen) < _MOST:
            chosen.append(one)
    return [one.css for one in chosen]


# --- all of a kind --------------------------------------------------------------------------------------------


def kind(
    tree: Tree, examples: Sequence[int], wanted: Collection[int], within: int, *, known_by: str | None
) -> list[str]:
    """Selectors that find all of `wanted` inside `within`, or as nearly as can be, and all of `examples`.

    `known_by`: the attribute with their ids, if they have one; what has it is what counts.
    """
    first = examples[0]
    found = [*_singles(tree, first), *_compounds(tree, first)]
    for anchor in _singles(tree, tree[first].parent):
        for one in _singles(tree, first):
            found.append(Selector((*anchor.steps, replace(one.steps[0], child=True))))
    judged = []
    for selector in found:
        matched = {each for each in tree.found(selector) if each != within and tree.holds(within, each)}
        if matched.issuperset(examples) and not _nested(tree, matched):
            judged.append((len(matched ^ set(wanted)), _common_rank(selector, known_by), selector))
    judged.sort(key=lambda one: one[:2])
    return _several([selector for missed, _rank, selector in judged if missed == judged[0][0]])


def _common_rank(selector: Selector, known_by: str | None) -> int:
    """As a kind: a value may be that of these few alone, and a mere tag anything's."""
    own = [trait for trait in selector.steps[-1].traits]
    if any(trait.attr == known_by and trait.value is None for trait in own):
        return len(own) + 2 * len(selector.steps)
    values = sum(trait.value is not None and trait.attr not in ("", "class") for trait in own)
    return selector.rank + 8 * values


def _nested(tree: Tree, numbers: Collection[int]) -> bool:
    return any(each in numbers for number in numbers for each in list(tree.up(number))[1:])


# --- inside each of a kind ------------------------------------------------------------------------------------


def inner(tree: Tree, target: int, item: int, items: Sequence[int], *, mark: bool) -> list[str]:
    """Selectors that find `target` first of all in `item`; `mark`: what only some of `items` have."""
    found = [*_singles(tree, target), *_compounds(tree, target)]
    for outer in list(tree.up(target))[1:]:
        if outer == item:
            break
        for anchor in _singles(tree, outer):
            found += [Selector((*anchor.steps, *one.steps)) for one in _singles(tree, target)]
    found.append(_path_inside(tree, target, item))
    judged = []
    for selector in dict.fromkeys(found):
        if mark and not any(trait.attr for trait in selector.steps[-1].traits):
            continue  # a mere place holds something else where the mark is gone
        if tree.first(selector, item) == target:
            count = sum(tree.first(selector, each) is not None for each in items[:_MANY])
            judged.append((count if mark else -count, selector.rank, selector))
    judged.sort(key=lambda one: one[:2])
    return _several([selector for score, _rank, selector in judged if score == judged[0][0]])


def _path_inside(tree: Tree, target: int, item: int) -> Selector:
    steps: list[Step] = []
    for each in tree.up(target):
        if each == item:
            break
        tag = Trait(attr="", value=tree[each].tag, rank=50)
        steps.insert(0, Step(traits=(tag,), nth=tree.place(each), child=bool(tree[each].parent != item)))
    return Selector(tuple(steps)) if steps else Selector((Step(traits=(Trait(attr="", value="*", rank=90),)),))
