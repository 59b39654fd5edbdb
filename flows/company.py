"""Several questions in one message: each is the likelier read right where another one beside it is clear. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flows.situation import Asked
from knowledge.weights import Trained


def in_company(parts: Sequence[Asked], trained: Trained, clear_at: float) -> tuple[Asked, ...]:
    """`parts` with the confidence that each clear question has beside the clearest of another entry.

    Clear is what asks by its form and may well be meant, from the confidence `clear_at` on.
    """
    clear = [part for part in parts if part.asks and part.ranked and part.ranked[0].confidence >= clear_at]

    def beside(part: Asked) -> Asked:
        first, *rest = part.ranked
        others = [each.ranked[0].confidence for each in clear if each.ranked[0].entry != first.entry]
        if not others:
            return part
        sure = trained.beside(first.confidence, max(others))
        return replace(part, ranked=(replace(first, confidence=sure), *rest))

    return tuple(beside(part) if part in clear else part for part in parts)
