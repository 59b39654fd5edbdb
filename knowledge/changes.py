"""What changed between two versions of the knowledge, entry by entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.entry import Entry
from knowledge.model import Knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Ids of entries that came, went, or say something else; `edited`: each with its keys that differ.

    `facts`: the names of facts that differ; `other`: other parts of the file that do.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    edited: tuple[tuple[str, tuple[str, ...]], ...] = ()
    facts: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.edited or self.facts or self.other)

    def words(self, most: int = 5) -> str:
        """In an operator's words, at most so many names of each kind; empty when nothing changed."""
        edited = [f"{entry}（{'、'.join(keys)}）" for entry, keys in self.edited]
        kinds = (
            ("新增", self.added),
            ("删除", self.removed),
            ("改动", edited),
            ("事实", self.facts),
            ("其他", self.other),
        )
        return "；".join(f"{kind} {_few(names, most)}" for kind, names in kinds if names)


def changes(before: Knowledge, after: Knowledge) -> Changes:
    """What `after` says otherwise than `before`."""
    old, new = ({entry.id: entry for entry in known.entries} for known in (before, after))
    edited = [(name, _differing(old[name], new[name])) for name in new if name in old]
    parts = [name for name in Knowledge.model_fields if name not in ("entries", "facts")]
    return Changes(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        edited=tuple((name, keys) for name, keys in edited if keys),
        facts=tuple(
            name
            for name in dict.fromkeys([*before.facts, *after.facts])
            if before.facts.get(name) != after.facts.get(name)
        ),
        other=tuple(name for name in parts if getattr(before, name) != getattr(after, name)),
    )


def changes_in_all(before: Mapping[str, Knowledge], after: Mapping[str, Knowledge]) -> Changes:
    """The same over several files by name; one that came or went is told of as such."""
    found = [changes(before[name], after[name]) for name in after if name in before]
    files = [name for name in dict.fromkeys([*before, *after]) if (name in before) != (name in after)]
    return Changes(
        added=_all(each.added for each in found),
        removed=_all(each.removed for each in found),
        edited=tuple(dict.fromkeys(pair for each in found for pair in each.edited)),
        facts=_all(each.facts for each in found),
        other=_all([*(each.other for each in found), files]),
    )


def _all(names: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in names for name in each))


def _differing(old: Entry, new: Entry) -> tuple[str, ...]:
    def told(entry: Entry) -> dict[str, Any]:
        return {(field.alias or name): getattr(entry, name) for name, field in Entry.model_fields.items()}

    before, after = told(old), told(new)
    return tuple(key for key in after if before[key] != after[key])


def _few(names: tuple[str, ...] | list[str], most: int) -> str:
    more = f" 等 {len(names)} 条" if len(names) > most else ""
    return "、".join(names[:most]) + more
