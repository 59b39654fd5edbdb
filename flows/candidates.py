"""What is likely meant by each step, for authors who cannot point at it but choose from a list. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from flows.identity import handles
from flows.suggest import Point, list_of, row_of
from flows.tree import Node, Tree

_MOST = 15
_WAITING = re.compile(r"\d+\s*(?:秒|分|小时)|超时|等待|\d:\d\d")
_LOGIN = re.compile(r"登\s*[录陆]|log\s*in|sign\s*in", re.IGNORECASE)
_SEND = re.compile(r"发\s*送|send", re.IGNORECASE)


def likely(key: str, tree: Tree, points: Mapping[str, Point]) -> list[int]:
    """The elements that a step may mean, the likeliest first; at most fifteen."""
    finders: Mapping[str, Callable[[], Iterator[int]]] = {
        "login.username": lambda: _fields(tree, "password", wanted=False),
        "login.password": lambda: _fields(tree, "password", wanted=True),
        "login.submit": lambda: _buttons(tree, _LOGIN),
        "inbox.row": lambda: _rows(tree),
        "inbox.root": lambda: _lists(tree, points),
        "inbox.unread": lambda: (
            each for each in _in_rows(tree, points) if re.fullmatch(r"\d{0,3}\+?", tree[each].text)
        ),
        "inbox.preview": lambda: (each for each in _in_rows(tree, points) if len(tree[each].text) > 1),
        "inbox.name": lambda: (each for each in _in_rows(tree, points) if len(tree[each].text) > 1),
        "inbox.waiting": lambda: (each for each in _in_rows(tree, points) if _WAITING.search(tree[each].text)),
        "composer.input": lambda: _editors(tree),
        "composer.send": lambda: _buttons(tree, _SEND),
    }
    find = finders.get(key, lambda: _said(tree, points))
    return list(dict.fromkeys(find()))[:_MOST]


def saying(tree: Tree, text: str) -> list[int]:
    """The innermost elements in sight with a piece of text."""
    own = [each for each, node in enumerate(tree.nodes) if node.shown and text in node.text]
    if own:
        return own
    whole = [each for each, node in enumerate(tree.nodes) if node.shown and text in tree.text(each)]
    return [each for each in whole if not any(inside in whole for inside in tree.under(each)[1:])]


def label(tree: Tree, at: int) -> str:
    """An element in a few words, with the beginning of what stands in it."""
    node = tree[at]
    name = node.tag + (f"#{node.attrs['id']}" if node.attrs.get("id") else "")
    name += "".join(f".{one}" for one in node.classes[:2])
    text = tree.text(at)[:30] or node.attrs.get("placeholder", "")[:30] or node.attrs.get("aria-label", "")[:30]
    return f"<{name}>" + (f" “{text}”" if text else "")


# --- each kind ------------------------------------------------------------------------------------------------


def _shown(tree: Tree) -> Iterator[tuple[int, Node]]:
    return ((number, node) for number, node in enumerate(tree.nodes) if node.shown)


def _fields(tree: Tree, kind: str, *, wanted: bool) -> Iterator[int]:
    skipped = ("hidden", "checkbox", "radio", "submit", "button", "file", "image")
    for number, node in _shown(tree):
        given = node.attrs.get("type", "text")
        if node.tag == "input" and given not in skipped and (given == kind) == wanted:
            yield number


def _buttons(tree: Tree, says: re.Pattern[str]) -> Iterator[int]:
    found = [
        number
        for number, node in _shown(tree)
        if node.tag == "button"
        or node.attrs.get("role") == "button"
        or (node.tag == "input" and node.attrs.get("type") in ("submit", "button", "image"))
        or (says.search(node.text) and len(node.text) < 12)
    ]
    words = {number: tree.text(number) + tree[number].attrs.get("aria-label", "") for number in found}
    yield from sorted(found, key=lambda number: (not says.search(words[number]), len(words[number])))


def _editors(tree: Tree) -> Iterator[int]:
    for wanted in (
        _is_editor,
        lambda node: node.tag == "input" and node.attrs.get("type", "text") in ("text", "search"),
    ):
        yield from (number for number, node in _shown(tree) if wanted(node))


def _is_editor(node: Node) -> bool:
    editable = node.attrs.get("contenteditable") in ("", "true", "plaintext-only")
    return node.tag == "textarea" or editable or node.attrs.get("role") == "textbox"


def _rows(tree: Tree) -> Iterator[int]:
    """One of each kind that repeats, shows text and has ids; the surest kinds first."""
    judged: list[tuple[int, int]] = []
    done: set[int] = set()
    for number, node in _shown(tree):
        if number in done or not set(node.attrs) - {"class", "style"} or not tree.text(number):
            continue
        alike = [each for each in tree.alike(number, 0) if tree[each].shown]
        done.update(alike)
        found = handles(tree, number, alike) if tree[number].tag not in ("html", "body") else []
        own = [handle.worth for handle in found if not handle.css]
        if own and max(own) >= 0:
            judged.append((-max(own) - 2 * min(len(alike), 3), number))
    yield from (number for _worth, number in sorted(judged))


def _lists(tree: Tree, points: Mapping[str, Point]) -> Iterator[int]:
    row = points["inbox.row"].at
    if row < len(tree.nodes):
        row = row_of(tree, row)
        yield list_of(tree, row)
        yield from (each for each in list(tree.up(row))[1:] if tree[each].tag not in ("html", "body"))


def _in_rows(tree: Tree, points: Mapping[str, Point]) -> Iterator[int]:
    """The things in the rows, those in the row that was named first."""
    at = points["inbox.row"].at
    row = row_of(tree, at) if at < len(tree.nodes) else 0
    for each in sorted(tree.alike(row, 0), key=lambda number: number != row):
        yield from (inside for inside in tree.under(each)[1:] if tree[inside].shown and not tree.children(inside))


def _said(tree: Tree, points: Mapping[str, Point]) -> Iterator[int]:
    """Pieces of text outside the list and outside controls, the newest first."""
    row = points["inbox.row"].at if "inbox.row" in points else 0
    outer = list_of(tree, row_of(tree, row)) if 0 < row < len(tree.nodes) else -1
    for number in range(len(tree.nodes) - 1, 0, -1):
        node = tree[number]
        control = any(tree[each].tag in ("button", "textarea", "select", "label") for each in tree.up(number))
        if node.shown and len(node.text) > 1 and not control and not (outer >= 0 and tree.holds(outer, number)):
            yield number
