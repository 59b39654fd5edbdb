"""The likeliest new selector of a key that no longer finds its element, by the element's portrait. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flows.choice import inner, kind, unique
from flows.identity import Handle, handles, only_on, open_proof, time_handle
from flows.pack import Pack
from flows.portrait import Painter, Portrait, Sight, Spot, likeness, spots

_LEAST = 0.5
# What may be absent where nothing is wrong is taken for broken only where something very like it stands.
_SURE = 0.7
_MOST_HOLDERS = 12
_OF_THREAD = ("thread.", "composer.", "transfer.", "order.", "product.")
_KINDS = "thread.kinds."
_SENDERS = ("thread.buyer", "thread.shop", "thread.robot", "thread.system")
_ROW_COLUMNS = {"inbox.id": 0, "inbox.name": 1, "inbox.preview": 2, "inbox.time": 3}
_MESSAGE_COLUMNS = {"thread.message_id": 0, "thread.time": 4}
_HIDDEN = ":not([hidden])"
# What a selector leaves out is left out of the new one too.
_NOT = re.compile(r":not\(.*\)$", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What to write for one key: selectors to stand before the old ones, another attribute, another pattern.

    `likeness`: how like its portrait the element is, from 0 to 1; `next_best`: the same of the likeliest other.
    """

    key: str
    css: tuple[str, ...] = ()
    attr: str | None = None
    pattern: str | None = None
    likeness: float
    next_best: float

    @property
    def confidence(self) -> float:
        """How far it can be trusted before it is tried, from 0 to 1."""
        apart = min(1.0, max(0.0, self.likeness - self.next_best) / 0.15)
        return round(self.likeness * (0.6 + 0.4 * apart), 2)


def broken(pack: Pack, memory: Mapping[str, Portrait], sight: Sight, known: Sight | None = None) -> list[str]:
    """The keys that used to find their element and do not any more, the outer ones first."""
    return [spot.key for spot in spots(pack) if spot.key in memory and _is_broken(spot, memory, sight, known)]


def broken_vital(
    pack: Pack, memory: Mapping[str, Portrait], sight: Sight, known: Sight | None = None
) -> list[str]:
    """Of the keys that broke those without which nobody can be served."""
    passing = {spot.key for spot in spots(pack) if spot.passing} - {"thread.buyer", "thread.shop"}
    passing |= {"presence.go_online", "transfer.open"}
    return [key for key in broken(pack, memory, sight, known) if key not in passing]


def propose(
    pack: Pack, memory: Mapping[str, Portrait], sight: Sight, key: str, known: Sight | None = None
) -> Change | None:
    """What to write for one broken key; None where nothing on the page is like its portrait.

    `known`: how the page was read while all was well.
    """
    spot = next(spot for spot in spots(pack) if spot.key == key)
    return _Finder(pack, memory, sight, known).change(spot)


def _is_broken(spot: Spot, memory: Mapping[str, Portrait], sight: Sight, known: Sight | None) -> bool:
    if spot.within in ("list", "thread"):
        outer = sight.at("inbox.root" if spot.within == "list" else "thread.root")
        return bool(outer) and not sight.at(spot.key) and _is_there(spot, memory, sight)
    if spot.within not in ("page", "list", "thread") and not sight.held[spot.within]:
        return False
    if spot.key in _SENDERS or spot.key.startswith(_KINDS):
        if sight.at(spot.key):
            return False
        read = _read_otherwise(spot, sight, known)
        return bool(read) or (spot.key in _SENDERS and any(not message[1] for message in sight.messages))
    if spot.key == "thread.open_id":
        return bool(sight.held["message"]) and sight.open_id is None
    if spot.css and not sight.at(spot.key):
        if spot.within == "page":
            shown = not spot.key.startswith(_OF_THREAD) or _thread_is_open(sight)
            return shown and _is_there(spot, memory, sight)
        return not spot.passing or _is_there(spot, memory, sight)
    return spot.attr is not None and not any(_values(spot, sight))


def _thread_is_open(sight: Sight) -> bool:
    return sight.open_id is not None or any(sight.at(key) for key in ("thread.root", "composer.input"))


def _read_otherwise(spot: Spot, sight: Sight, known: Sight | None) -> list[int]:
    """The messages that were this sender's or of this kind while all was well, and are something else now."""
    if known is None:
        return []
    column, name = (1 if spot.key in _SENDERS else 2), spot.key.rpartition(".")[2]
    were = {message[0] for message in known.messages if message[column] == name}
    return [at for at, message in sight.said if message[0] in were and message[column] != name]


def _values(spot: Spot, sight: Sight) -> list[str | None]:
    """What is read for a key with an attribute."""
    if spot.key in _ROW_COLUMNS:
        return [row[_ROW_COLUMNS[spot.key]] for row in sight.rows]
    if spot.key in _MESSAGE_COLUMNS:
        return [message[_MESSAGE_COLUMNS[spot.key]] for message in sight.messages]
    return [sight.facts.get(spot.key)]


def _is_there(spot: Spot, memory: Mapping[str, Portrait], sight: Sight) -> bool:
    found = _Finder(None, memory, sight, None).likeliest(spot)
    return found is not None and found.likeness >= _SURE


@dataclass(frozen=True, slots=True)
class _Found:
    at: int
    holder: int
    likeness: float
    next_best: float


class _Finder:
    """Looks for elements on one page by their portraits."""

    def __init__(
        self, pack: Pack | None, memory: Mapping[str, Portrait], sight: Sight, known: Sight | None
    ) -> None:
        self._pack = pack
        self._memory = memory
        self._sight = sight
        self._known = known
        self._tree = sight.tree
        self._painter = Painter(sight.tree, sight.words)

    def change(self, spot: Spot) -> Change | None:
        """What to write for a key."""
        makers = {"inbox.row": self._row, "thread.message": self._message, "thread.ready": self._ready}
        if spot.key in _SENDERS or (spot.key.startswith(_KINDS) and self._known is not None):
            return self._told_apart(spot)
        if spot.key in ("inbox.id", "thread.message_id"):
            return self._own_id(spot)
        if spot.key == "thread.open_id":
            return self._open_id(spot)
        found = self.likeliest(spot)
        if found is None:
            return None
        if spot.key in makers:
            css = makers[spot.key](found)
        elif spot.within == "page":
            css = self._nobodys(unique(self._tree, found.at))
        else:
            return self._inside(spot, found)
        return self._made(spot, css, found) if css else None

    # --- which element ------------------------------------------------------------------------------------

    def likeliest(self, spot: Spot) -> _Found | None:
        """The element that is most like the key's portrait, if any is like it at all."""
        portrait = self._memory[spot.key]
        judged: list[tuple[float, int, int]] = []
        for holder, candidates in self._candidates(spot):
            for each in candidates:
                judged.append((likeness(portrait, self._painter.portrait(each, holder)), each, holder))
        judged.sort(key=lambda one: -one[0])
        if not judged or judged[0][0] < _LEAST:
            return None
        best, at, holder = judged[0]
        others = (score for score, each, other in judged if not self._same_kind(spot, each, other, at, holder))
        return _Found(at=at, holder=holder, likeness=round(best, 3), next_best=round(next(others, 0.0), 3))

    def _candidates(self, spot: Spot) -> Iterator[tuple[int, Sequence[int]]]:
        tree, sight = self._tree, self._sight
        if spot.within in ("page", "list", "thread"):
            outer = {"page": self._painter.page}
            outer["list"] = next(iter(sight.at("inbox.root")), outer["page"])
            outer["thread"] = next(iter(sight.at("thread.root")), outer["page"])
            holder = outer[spot.within]
            yield holder, [each for each in tree.under(holder)[1:] if tree[each].shown and tree[each].box[2]]
            return
        taken = self._taken(spot)
        itself = not self._memory[spot.key].path
        for holder in self._holders(spot)[:_MOST_HOLDERS]:
            if itself:
                yield holder, [holder]
                continue
            inside = tree.under(holder)[1:]
            yield holder, [each for each in inside if each not in taken]

    def _holders(self, spot: Spot) -> Sequence[int]:
        """Rows, messages or panels that a key is meant for: words stand in texts, a lost kind is read as one."""
        if spot.key == "thread.text" or spot.key.startswith(_KINDS):
            return [at for at, message in self._sight.said if message[2] == "text"]
        return self._sight.held[spot.within]

    def _taken(self, spot: Spot) -> frozenset[int]:
        """Elements of other keys, but those that are this key's too."""
        mine = self._memory[spot.key]
        others = [
            key
            for key, portrait in self._memory.items()
            if key != spot.key and (portrait.marks, portrait.around) != (mine.marks, mine.around)
        ]
        return frozenset(each for key in others for each in self._sight.at(key))

    def _same_kind(self, spot: Spot, each: int, other: int, at: int, holder: int) -> bool:
        if spot.within in ("list", "thread"):
            return each in self._tree.alike(at, holder)
        if spot.within == "page":
            return each == at
        return self._painter.portrait(each, other).path == self._painter.portrait(at, holder).path

    # --- which selectors ----------------------------------------------------------------------------------

    def _made(self, spot: Spot, css: Sequence[str], found: _Found, handle: Handle | None = None) -> Change:
        return Change(
            key=spot.key,
            css=tuple(css),
            attr=None if handle is None or handle.attr == spot.attr else handle.attr,
            pattern=None if handle is None else handle.pattern,
            likeness=found.likeness,
            next_best=found.next_best,
        )

    def _nobodys(self, found: Sequence[str]) -> list[str]:
        return [css for css in found if not any(word in css for word in self._sight.words)]

    def _row(self, found: _Found) -> list[str]:
        tree = self._tree
        alike = [each for each in tree.alike(found.at, found.holder) if each != found.holder]
        ids = handles(tree, found.at, alike)
        own = ids[0].attr if ids and not ids[0].css else None
        named = [each for each in alike if own and tree[each].attrs.get(own)]
        return self._nobodys(kind(tree, [found.at], named or alike, found.holder, known_by=own))

    def _message(self, found: _Found) -> list[str]:
        tree = self._tree
        alike = [each for each in tree.children(tree[found.at].parent) if tree[each].tag == tree[found.at].tag]
        ids = handles(tree, found.at, alike)
        own = ids[0].attr if ids and not ids[0].css else None
        wanted = [each for each in alike if own is None or tree[each].attrs.get(own)]
        css = self._nobodys(kind(tree, [found.at], wanted, found.holder, known_by=own))
        return [one + self._left_out(own, wanted) for one in css]

    def _left_out(self, own: str | None, messages: Sequence[int]) -> str:
        """What the old selector leaves out at its end, by the ids' attribute as it is called now."""
        assert self._pack is not None  # noqa: S101 - only a change needs it
        ending = _NOT.search(self._pack.thread.message[0])
        old = self._pack.thread.message_id.attr
        if ending is None or own is None or old is None or any(old in self._tree[each].attrs for each in messages):
            return ending[0] if ending else ""
        return ending[0].replace(f"[{old}", f"[{own}")

    def _ready(self, found: _Found) -> list[str]:
        """A thread is there when one of its messages is; best inside what carries the conversation's id."""
        assert self._pack is not None  # noqa: S101 - only a change needs it
        message = list(self._pack.thread.message)
        first = next(iter(self._sight.held["message"]), None)
        if first is None or self._sight.open_id is None:
            return message
        proof, around = open_proof(self._tree, {self._sight.open_id}, self._sight.held["row"], first)
        if proof is None or not around or proof.attr is None or proof.pattern:
            return message
        holder = proof.css[0].removesuffix(f"[{proof.attr}]")
        return [f'{holder}[{proof.attr}="{{id}}"] {message[0]}']

    def _inside(self, spot: Spot, found: _Found) -> Change | None:
        """In a row, a message or a panel; an attribute that is gone is looked for by what it may be called now."""
        tree, holders = self._tree, self._holders(spot)
        css: Sequence[str] = ()
        if spot.css and not self._sight.at(spot.key):
            if found.at == found.holder:
                others = [each for each in self._sight.held[spot.within] if each != found.at]
                css = only_on(tree, found.at, others) if spot.passing else ()
            else:
                mark = spot.passing and self._memory[spot.key].share < 1
                css = inner(tree, found.at, found.holder, holders, mark=mark)
            css = self._nobodys(css)
            if not css:
                return None
            if spot.css[0].endswith(_HIDDEN):
                css = [one + _HIDDEN for one in css]
        if spot.attr is None or spot.attr in tree[found.at].attrs:
            return self._made(spot, css, found) if css else None
        handle = self._other_attribute(spot, found)
        return None if handle is None else self._made(spot, css, found, handle)

    def _other_attribute(self, spot: Spot, found: _Found) -> Handle | None:
        if spot.key in ("thread.time", "inbox.time"):
            return time_handle(self._tree, found.at, [found.at])
        known = {mark for mark in self._memory[spot.key].marks}
        fresh = [
            name
            for name in self._tree[found.at].attrs
            if f"[{name}]" not in known and name not in ("class", "style", "id", "src", "href")
        ]
        return Handle(attr=fresh[0]) if len(fresh) == 1 else None

    def _own_id(self, spot: Spot) -> Change | None:
        holders = self._sight.held[spot.within]
        found = next(iter(handles(self._tree, holders[0], holders)), None)
        if found is None or found.worth < 0 or not found.attr:
            return None
        portrait = self._memory[spot.key]
        at = holders[0] if not found.css else self._first(found, holders[0])
        alike = likeness(portrait, self._painter.portrait(at, holders[0]))
        sure = _Found(at=at, holder=holders[0], likeness=round(alike, 3), next_best=0.0)
        return self._made(spot, found.css, sure, found)

    def _first(self, handle: Handle, holder: int) -> int:
        return next(each for each in self._tree.under(holder) if (handle.attr or "") in self._tree[each].attrs)

    def _open_id(self, spot: Spot) -> Change | None:
        near = next(iter([*self._sight.held["message"], *self._sight.at("thread.root")]))
        ids = {row[0] for row in self._sight.rows if row[0]}
        handle, _around = open_proof(self._tree, ids, self._sight.held["row"], near)
        if handle is None:
            return None
        found = _Found(at=near, holder=near, likeness=0.9, next_best=0.0)
        return self._made(spot, handle.css, found, handle)

    def _told_apart(self, spot: Spot) -> Change | None:
        """What only the messages of a sender or a kind have, as against all others."""
        held = [at for at, _message in self._sight.said]
        examples = _read_otherwise(spot, self._sight, self._known)
        if not examples and spot.key in _SENDERS:
            unknown = [at for at, message in self._sight.said if not message[1]]
            lost = [key for key in _SENDERS if key in self._memory and not self._sight.at(key)]
            examples = [at for at in unknown if self._likest(at, lost)[1] == spot.key]
        if not examples:
            return None
        best = max(examples, key=lambda at: self._likest(at, [spot.key])[0])
        css = only_on(self._tree, best, [at for at in held if at not in examples])
        alike = round(self._likest(best, [spot.key])[0], 3)
        found = _Found(at=best, holder=best, likeness=alike, next_best=0.0)
        return self._made(spot, self._nobodys(css), found) if css else None

    def _likest(self, message: int, keys: Collection[str]) -> tuple[float, str]:
        inside = self._tree.under(message)
        return max(
            (max(likeness(self._memory[key], self._painter.portrait(each, message)) for each in inside), key)
            for key in keys
        )
