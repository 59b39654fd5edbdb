"""Text cut into words of a list."""

from __future__ import annotations

from collections.abc import Container


def fewest(text: str, words: Container[str], longest: int) -> tuple[str, ...]:
    """`text` cut into the fewest words of the list, none longer than `longest`; empty where it cannot be."""
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(text) + 1):
        ways = [
            (*before, text[start:end])
            for start in range(max(0, end - longest), end)
            if (before := best[start]) is not None and text[start:end] in words
        ]
        best.append(min(ways, key=len, default=None))
    return best[-1] or ()
