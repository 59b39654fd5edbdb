"""A night in which things need people: the plan made every five seconds, its letters delivered at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bots.alerts.needs import Kind, Need
from bots.alerts.plan import Rules, Sent, plan
from storage.calls import Call, Letter
from storage.records import Severity

START = datetime(2026, 11, 3, 15, 0, tzinfo=UTC)
STEP = 5


def at(seconds: float) -> datetime:
    """So many seconds into the night."""
    return START + timedelta(seconds=seconds)


def need(
    shop: str = "tea",
    kind: Kind = Kind.needs_login,
    *,
    since: float = 0,
    after: float = 0,
    severity: Severity = "alert",
    urgent: bool | None = None,
    key: str = "",
    subject: str = "",
    **more: Any,
) -> Need:
    """A shop's need that is to be told so many seconds after it began."""
    return Need(
        key=key or f"shop/{shop}",
        kind=kind,
        severity=severity,
        subject=subject or f"{shop}店",
        text="",
        since=at(since),
        due_at=at(since + after),
        shop=shop,
        urgent=severity == "alert" if urgent is None else urgent,
        **more,
    )


def handoff(
    number: int, *, since: float = 0, left: float = 170, urgent: bool = False, taken: bool = False, **more: Any
) -> Need:
    """A buyer who was handed over, with so many seconds until the deadline."""
    return need(
        kind=Kind.handoff,
        key=f"handoff/{number}",
        subject=f"{number} 号 tea店",
        since=since,
        after=0 if urgent else max(0.0, min(60, left - 120)),
        severity="alert" if urgent else "warning",
        deadline=at(since + left),
        taken=taken,
        **more,
    )


class Night:
    """`letters` are those sent so far, each with its second."""

    def __init__(self, *people: str, quiet: float = 0, per_hour: int = 20, escalate: float = 600) -> None:
        self.people = people or ("小王",)
        self.quiet = quiet
        self.per_hour = per_hour
        self.escalate = timedelta(seconds=escalate)
        self.unwell: frozenset[str] = frozenset()
        self.own: dict[str, list[str]] = {}
        self.removed: frozenset[str] = frozenset()
        self.calls: dict[str, Call] = {}
        self.letters: list[tuple[float, Letter]] = []
        self.second = 0.0

    def go(self, until: float, needs: Callable[[float], Sequence[Need]] | Sequence[Need] = ()) -> Night:
        """Live until this second with these needs."""
        while self.second <= until:
            self._step(needs(self.second) if callable(needs) else needs)
            self.second += STEP
        return self

    def acknowledge(self) -> None:
        """Somebody sees to everything."""
        now = at(self.second)
        self.calls = {key: replace(call, acked_by="我", acked_at=now) for key, call in self.calls.items()}

    def told(self, kind: str = "call") -> list[tuple[float, str]]:
        """When who was told."""
        return [(second, letter.person) for second, letter in self.letters if letter.kind == kind]

    def _step(self, needs: Sequence[Need]) -> None:
        sent = [Sent(person=letter.person, kind=letter.kind, at=at(second)) for second, letter in self.letters]
        shops = [*(need.shop for need in needs), *(call.shop for call in self.calls.values())]
        rules = Rules(
            people=self.people,
            quiet=self.second < self.quiet,
            per_hour=self.per_hour,
            escalate=self.escalate,
            sent=sent,
            unwell=self.unwell,
            own=self.own,
            listed=frozenset(shop for shop in shops if shop and shop not in self.removed),
        )
        planned = plan(at(self.second), needs, list(self.calls.values()), rules)
        self.calls |= {call.key: call for call in planned.calls}
        for letter in planned.letters:
            self.letters.append((self.second, letter))
            if letter.kind == "call":
                for key in letter.calls:
                    self.calls[key] = replace(self.calls[key], owed=True)
