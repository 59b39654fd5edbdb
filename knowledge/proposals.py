"""`knowledge.proposed.yaml`: what was learnt, with its evidence, until a person takes it in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from pydantic import Field

from base.yamlfile import load_model, read_yaml
from knowledge.answers import Part, Saying, Text

Listed = tuple[Text, ...]
NAME = "knowledge.proposed.yaml"
_LONGEST_ID = 16
_NOT_IN_ID = re.compile(r"[\W_]+")


class Draft(Part):
    """An entry as it would stand in the knowledge."""

    id: Text
    questions: Listed
    keywords: Listed = ()
    answer: tuple[Saying, ...] = ()
    products: Listed = ()

    def as_entry(self) -> dict[str, Any]:
        """In the words of `knowledge.yaml`."""
        entry: dict[str, Any] = {"id": self.id, "questions": list(self.questions)}
        if self.keywords:
            entry["keywords"] = list(self.keywords)
        entry["answer"] = list(self.answer)
        if self.products:
            entry["scope"] = {"products": list(self.products)}
        return entry


class Heard(Part):
    """Something that was asked and what was said to it, masked."""

    asked: str
    said: str = ""


class Evidence(Part):
    """Where a proposal comes from: how often it was asked, in which shops, and how alike people's answers were."""

    source: str
    count: int
    shops: tuple[str, ...] = ()
    agree: str = ""
    heard: tuple[Heard, ...] = ()


class Effect(Part):
    """What taking it in would change: tests that pass, messages answered, questions that get another answer."""

    tests: str = ""
    answered: str = ""
    changed: tuple[str, ...] = ()
    blocked: str = ""


class Proposal(Part):
    """A new entry, or more questions `into` one that is there."""

    id: Text
    entry: Draft | None = None
    into: Text | None = None
    questions: Listed = ()
    evidence: Evidence
    effect: Effect = Effect()

    @classmethod
    def of(
        cls,
        *,
        evidence: Evidence,
        entry: Draft | None = None,
        into: str | None = None,
        questions: Collection[str] = (),
    ) -> Proposal:
        """A proposal named after what it says: the same found again has the same id."""
        told = repr((entry, into, sorted(questions)))
        name = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:6]
        return cls(id=f"p{name}", entry=entry, into=into, questions=tuple(questions), evidence=evidence)

    @property
    def title(self) -> str:
        """What it would change, in an operator's words."""
        if self.entry is not None:
            return f"新条目“{self.entry.id}”"
        return f"给“{self.into}”加 {len(self.questions)} 个问法"


class Proposals(Part):
    """The whole file."""

    proposals: tuple[Proposal, ...] = Field(default=())


def load_proposals(path: Path) -> tuple[Proposal, ...]:
    """What is proposed, nothing where there is no file; raises `ConfigError`."""
    return load_model(Proposals, read_yaml(path)).proposals if path.exists() else ()


def free_id(title: str, taken: Collection[str]) -> str:
    """A short name from a question, different from those taken."""
    name = _NOT_IN_ID.sub("", title)[:_LONGEST_ID] or "条目"
    number = 2
    found = name
    while found in taken:
        found = f"{name}{number}"
        number += 1
    return found
