"""What the ledger holds about alerts, as values: calls, letters, and signs of what must be well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from storage.records import Severity

AlertKind = Literal["call", "over", "held", "test"]


class AlertState(StrEnum):
    """How far an alert is: `leaving` is committed before each attempt, so such a one may have left."""

    new = "new"
    leaving = "leaving"
    sent = "sent"
    failed = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What people are called for, from when it began until it is over.

    `gone_at`: since when it is not seen, while that may still be a flap; `times`: how often it came; `rounds`: how
    often it was told, last at `told_at`, as these `kinds`, to these `people`, last to the last of them; `alarmed`:
    it was told as an alert; `owed`: they are to be told of its end; `held`: it was due and had to wait.
    """

    key: str
    kind: str
    shop: str | None
    subject: str
    severity: Severity
    began_at: datetime
    gone_at: datetime | None = None
    over_at: datetime | None = None
    times: int = 1
    rounds: int = 0
    told_at: datetime | None = None
    kinds: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    owed: bool = False
    held: bool = False
    acked_by: str | None = None
    acked_at: datetime | None = None
    alarmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message for one person, not yet on record; `calls` are the keys of what it tells."""

    person: str
    kind: AlertKind
    title: str
    text: str
    urgent: bool = False
    calls: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A letter on record: whoever sees to it acknowledges it by its `code`; `channel` is the one last tried."""

    id: int
    code: str
    at: datetime
    person: str
    kind: AlertKind
    urgent: bool
    calls: tuple[str, ...]
    title: str
    text: str
    pictures: tuple[str, ...]
    state: AlertState
    channel: str | None
    repeats: int
    why: str
    sent_at: datetime | None
    acked_by: str | None
    acked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Whether something beside the shops is well: `at` is the last look, `since` how long it has been so."""

    name: str
    at: datetime
    since: datetime
    fine: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """How many buyers of a shop wait without any reply since before a moment, and the first of them since when."""

    shop: str
    buyers: int
    since: datetime
