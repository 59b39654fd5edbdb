"""A pack from what its author pointed at: which selectors, which ids, who spoke. Pure.

Each thing was pointed at on a page as it was at that moment, so each comes with its own tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flows.choice import inner, kind, unique
from flows.identity import (
    Handle,
    handles,
    only_on,
    open_proof,
    selected_row,
    senders,
    time_handle,
)
from flows.tokens import generated
from flows.tree import Tree

_WIDER = 1.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One element pointed at, on the page as it was then; `frames`: selectors of the iframes around it."""

    tree: Tree
    at: int
    frames: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """What a pack will say: by key, as plain data; `warnings` are for the author, in Chinese."""

    values: dict[str, object] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def put(self, key: str, found: Sequence[str] | Mapping[str, object]) -> None:
        """Note a key's value, if there is one."""
        if found:
            self.values[key] = found if isinstance(found, Mapping) else list(found)


def suggest(points: Mapping[str, Point]) -> Draft:
    """The values of a pack for what was pointed at; `inbox.row`, two messages and the input must be among it."""
    draft = Draft()
    for key in ("login.username", "login.password", "login.submit", "composer.input", "composer.send"):
        if key in points:
            draft.put(key, _nobodys(unique(points[key].tree, points[key].at), points))
    rows = _rows(draft, points)
    _thread(draft, points, rows)
    _composer(draft, points)
    _warn_of_made(draft)
    return draft


def _nobodys(found: Sequence[str], points: Mapping[str, Point]) -> list[str]:
    """Selectors without what stands in a row: a label such as “message to Zhang” is one buyer's."""
    row = points["inbox.row"]
    tree = row.tree
    said = {tree[each].text for kin in tree.alike(row_of(tree, row.at), 0) for each in tree.under(kin)}
    names = [text for text in said if len(text) > 1]
    return [css for css in found if not any(name in css for name in names)] or list(found[-1:])


# --- the list -------------------------------------------------------------------------------------------------


def row_of(tree: Tree, at: int) -> int:
    """The row that was meant by pointing somewhere inside it: what has an id of its own, or repeats."""
    best, most = at, -99
    told: list[int] = []
    for number in tree.up(at):
        # Groups that have no row now are mostly there, but out of sight: their names tell nothing of rows.
        alike = [each for each in tree.alike(number, 0) if tree[each].shown is tree[number].shown]
        if tree[number].tag == "body" or _gather(tree, alike, told):
            break
        found = handles(tree, number, alike) if len(alike) > 1 else []
        worth = _worth_of_row(found)
        if worth > most:
            best, most = number, worth
        if not told and any(not one.css and one.worth > 0 and one.count == len(one.values) for one in found):
            told = alike
    return best


def _gather(tree: Tree, outer: Sequence[int], inner: Sequence[int]) -> bool:
    """Whether `outer` are groups of `inner`, each told from the others, and so no rows, whatever their names:
    rows are of one make, groups hold now more, now fewer.
    """
    held = [sum(tree.holds(each, one) for one in inner) for each in outer]
    return max(held) > 1 and min(held) != max(held)


def _worth_of_row(found: Sequence[Handle]) -> int:
    """An id of its own before one of something inside; words, such as a group's name, are hardly ids."""
    return max((handle.worth + (10 if not handle.css else 0) for handle in found), default=-50)


def list_of(tree: Tree, row: int) -> int:
    """The list around a row: all that is about as wide, so that headings and other groups are in it."""
    best = tree[row].parent
    width = tree[row].box[2]
    for number in list(tree.up(row))[1:]:
        if tree[number].tag == "body" or (width and tree[number].box[2] > width * _WIDER + 24):
            break
        best = number
    return best


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    css: list[str]
    ids: list[Handle]


def _rows(draft: Draft, points: Mapping[str, Point]) -> _Rows:
    point = points["inbox.row"]
    tree = point.tree
    row = row_of(tree, point.at)
    held = points.get("inbox.root")
    root = held.at if held is not None and held.tree is tree else list_of(tree, row)
    draft.put("inbox.root", unique(held.tree, held.at) if held else unique(tree, root))
    if not tree.holds(root, row) or root == row:
        root = tree[row].parent
    alike = tree.alike(row, root)
    ids = handles(tree, row, alike)
    named = [each for each in alike if ids and not ids[0].css and tree[each].attrs.get(ids[0].attr or "")]
    draft.put("inbox.row", kind(tree, [row], named or alike, root, known_by=_own_id(ids)))
    for name in ("unread", "preview", "name", "waiting"):
        if f"inbox.{name}" in points:
            _in_row(draft, name, points[f"inbox.{name}"])
    return _Rows(css=[str(one) for one in as_texts(draft.values.get("inbox.row"))], ids=ids)


def _own_id(ids: Sequence[Handle]) -> str | None:
    return ids[0].attr if ids and not ids[0].css else None


def _in_row(draft: Draft, name: str, point: Point) -> None:
    tree = point.tree
    row = row_of(tree, point.at)
    alike = tree.alike(row, 0)
    css = inner(tree, point.at, row, alike, mark=name in ("unread", "waiting"))
    if row == point.at or not css:
        draft.warnings.append(f"inbox.{name}：在行里认不出来，没有写进去")
    elif name == "unread" and any(char.isdigit() for char in tree.text(point.at)):
        draft.put(f"inbox.{name}", {"css": css, "pattern": r"\d+"})
    else:
        draft.put(f"inbox.{name}", css)


# --- the thread -----------------------------------------------------------------------------------------------


def _thread(draft: Draft, points: Mapping[str, Point], rows: _Rows) -> None:
    buyer, shop = points["thread.buyer"], points["thread.shop"]
    tree = shop.tree
    theirs, ours = _same_page(buyer, shop), shop.at
    holder = tree.common([theirs, ours])
    items = [_child_of(tree, holder, each) for each in (theirs, ours)]
    extra = {name: points[f"thread.{name}"] for name in ("robot", "system") if f"thread.{name}" in points}
    examples = items + [
        _child_of(tree, holder, each) for point in extra.values() if (each := _same_page(point, shop)) != holder
    ]
    alike = [each for each in tree.children(holder) if tree[each].tag == tree[items[0]].tag]
    ids = [one for one in handles(tree, items[0], alike) if _on_all(tree, one, examples)]
    wanted = [each for each in alike if not ids or ids[0].css or tree[each].attrs.get(ids[0].attr or "")]
    root = _pane(tree, holder, points["composer.input"], points["inbox.row"])
    draft.put("thread.message", kind(tree, examples, wanted, root, known_by=_own_id(ids)))
    draft.put("thread.root", _lasting_root(tree, root, rows.ids))
    if ids:
        draft.put("thread.message_id", as_value(ids[0]))
    else:
        draft.warnings.append("thread.message_id：消息上没有找到自己的编号，要手工写；没有它就不能防止重复回复")
    _speakers(draft, tree, items, wanted, extra, shop, holder)
    spoken = [_words(tree, items[0], theirs), _words(tree, items[1], ours)]
    draft.put("thread.text", _text(tree, items, spoken, wanted))
    if moment := time_handle(tree, items[0], wanted):
        draft.put("thread.time", as_value(moment))
    _proof(draft, tree, rows, holder)


def _same_page(point: Point, other: Point) -> int:
    """An element pointed at a moment before, found again on the page as it is now."""
    if point.tree is other.tree:
        return point.at
    there, now = point.tree[point.at], other.tree.nodes
    near = sorted(range(len(now)), key=lambda number: abs(number - point.at))
    same = (each for each in near if (now[each].tag, now[each].text) == (there.tag, there.text))
    return next((each for each in same if now[each].classes == there.classes), min(point.at, len(now) - 1))


def _child_of(tree: Tree, holder: int, number: int) -> int:
    return next((each for each in tree.up(number) if tree[each].parent == holder), number)


def _on_all(tree: Tree, handle: Handle, items: Sequence[int]) -> bool:
    if handle.css:
        return handle.count >= len(items)
    return all(tree[each].attrs.get(handle.attr or "") for each in items)


def _pane(tree: Tree, holder: int, field: Point, row: Point) -> int:
    """What holds the messages and the input, but not the list; else what holds the messages."""
    if field.tree.nodes[field.at].tag == "body":
        return holder
    at = field.at if field.at < len(tree.nodes) and tree[field.at].tag == field.tree[field.at].tag else holder
    pane = tree.common([holder, at])
    listed = row.at < len(tree.nodes) and tree.holds(pane, row.at)
    return holder if listed or tree[pane].tag in ("body", "html") else pane


def _lasting_root(tree: Tree, root: int, ids: Sequence[Handle]) -> list[str]:
    """Selectors of the pane without the id of the conversation that happens to be open."""
    values = {value for handle in ids for value in handle.values}
    return [css for css in unique(tree, root) if not any(f'"{value}"' in css for value in values)]


def _speakers(
    draft: Draft,
    tree: Tree,
    items: Sequence[int],
    messages: Sequence[int],
    extra: Mapping[str, Point],
    shop: Point,
    holder: int,
) -> None:
    theirs, ours = senders(tree, items[0], items[1], messages)
    message = as_texts(draft.values.get("thread.message"))
    if ours and not theirs and message:
        theirs = [f"{message[0]}:not({ours[0]})"]
    if theirs and not ours and message:
        ours = [f"{message[0]}:not({theirs[0]})"]
    draft.put("thread.buyer", theirs)
    draft.put("thread.shop", ours)
    if not theirs and not ours:
        draft.warnings.append("thread.buyer、thread.shop：两条消息看不出区别，要手工写")
    for name, point in extra.items():
        one = _child_of(tree, holder, _same_page(point, shop))
        draft.put(f"thread.{name}", only_on(tree, one, items))


def _words(tree: Tree, item: int, at: int) -> int:
    """Where the words of a message are: what was pointed at, if it holds any, else its longest text."""
    if at != item and tree[at].text:
        return at
    return max(tree.under(item), key=lambda each: len(tree[each].text))


def _text(tree: Tree, items: Sequence[int], spoken: Sequence[int], messages: Sequence[int]) -> list[str]:
    found = [inner(tree, one, item, messages, mark=False) for one, item in zip(spoken, items, strict=True)]
    both = [css for css in found[0] if css in found[1]]
    return both or list(dict.fromkeys([*found[0][:2], *found[1][:2]]))


def _proof(draft: Draft, tree: Tree, rows: _Rows, near: int) -> None:
    """The id of a row, and the one of the open thread that must be the same."""
    seen = [each for each in range(len(tree.nodes)) if _is_row(tree, each, rows)]
    for handle in rows.ids:
        values = handle.values | _now(tree, seen, handle)
        proof, around = open_proof(tree, values, seen, near)
        if proof is not None:
            draft.put("inbox.id", as_value(handle))
            draft.put("thread.open_id", as_value(proof))
            _ready(draft, proof, around=around)
            return
    _ready(draft, None, around=False)
    if not rows.ids:
        draft.warnings.append("inbox.id：行上没有找到会话自己的编号，要手工写；昵称会重名，不能用")
        return
    handle = rows.ids[0]
    draft.put("inbox.id", as_value(handle))
    marked = selected_row(tree, rows.css[0], seen) if rows.css and not handle.css else None
    if marked:
        draft.put("thread.open_id", as_value(replace(handle, css=(marked,))))
        draft.warnings.append("thread.open_id：会话区里没有编号，用的是列表里选中的那一行，请多检查几次")
    else:
        draft.warnings.append("thread.open_id：没有找到证明打开的是谁的编号，要手工写")


def _is_row(tree: Tree, number: int, rows: _Rows) -> bool:
    handle = rows.ids[0] if rows.ids else None
    if handle is None or handle.css:
        return False
    return (handle.attr or "") in tree[number].attrs and tree[number].attrs[handle.attr or ""] in handle.values


def _now(tree: Tree, rows: Sequence[int], handle: Handle) -> frozenset[str]:
    if handle.css or handle.pattern:
        return frozenset()
    return frozenset(value for row in rows if (value := tree[row].attrs.get(handle.attr or "")))


def _ready(draft: Draft, proof: Handle | None, *, around: bool) -> None:
    """A thread is there when one of its messages is; best inside what carries the conversation's id."""
    message = as_texts(draft.values.get("thread.message"))
    if proof is not None and around and proof.attr and not proof.pattern and message:
        holder = proof.css[0].removesuffix(f"[{proof.attr}]")
        message = [f'{holder}[{proof.attr}="{{id}}"] {message[0]}']
    draft.put("thread.ready", message)


# --- the composer, and what is said of it all -----------------------------------------------------------------


def _composer(draft: Draft, points: Mapping[str, Point]) -> None:
    node = points["composer.input"].tree[points["composer.input"].at]
    field = node.tag in ("textarea", "input")
    draft.values["composer.kind"] = "fill" if field else "type"
    draft.values["composer.lines"] = "keep" if node.tag == "textarea" else "shift_enter" if not field else "join"
    most = node.attrs.get("maxlength", "")
    if most.isdigit() and 10 <= int(most) <= 10_000:
        draft.values["composer.max_chars"] = int(most)
    if "composer.send" not in draft.values:
        draft.values["composer.key"] = "Enter"


def _warn_of_made(draft: Draft) -> None:
    for key, found in draft.values.items():
        first = next(iter(as_texts(found)), "")
        if any(generated(word) for word in _words_of(first)):
            draft.warnings.append(f"{key}：只找到像是自动生成的名字（{first}），后台改版时会变")


def _words_of(css: str) -> list[str]:
    return ["".join(word) for word in _names(css)]


def _names(css: str) -> list[list[str]]:
    words: list[list[str]] = [[]]
    for char in css.split('="')[0]:
        if char.isalnum() or char in "-_":
            words[-1].append(char)
        elif words[-1]:
            words.append([])
    return [word for word in words if word]


def as_texts(found: object) -> list[str]:
    """A key's selectors, whether it is a mere list or a value with `css`."""
    if isinstance(found, Mapping):
        found = found.get("css", [])
    return [str(one) for one in found] if isinstance(found, list | tuple) else []


def as_value(handle: Handle) -> dict[str, object]:
    """A handle as a pack writes it."""
    parts: dict[str, object] = {"css": list(handle.css), "attr": handle.attr, "pattern": handle.pattern}
    return {name: part for name, part in parts.items() if part}
