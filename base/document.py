"""A file read as plain data that remembers on which line each thing stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from base.errors import Problem

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A YAML file as plain data, with the line (from 1) on which each place stands.

    `files`: the places that were taken over from other files, and which.
    """

    path: Path
    data: Any
    lines: Mapping[Place, int]
    files: Mapping[Place, Path] = field(default_factory=dict)

    def line(self, place: Place) -> int:
        """The line of `place`, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def file(self, place: Place) -> Path:
        """The file that `place` stands in."""
        while place and place not in self.files:
            place = place[:-1]
        return self.files.get(place, self.path)

    def problem(self, place: Place, message: str, hint: str = "") -> Problem:
        """A problem at `place` of this file."""
        return Problem(
            message=message, path=self.file(place), line=self.line(place), key=show_place(place), hint=hint
        )


def show_place(place: Place) -> str:
    """`('entries', 3, 'answer')` as an operator reads it: `entries[4].answer` (counting from 1)."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text
