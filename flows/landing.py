"""What became of a press or a key, by the gate's own report, and what the page showed after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from flows.views import Latest, OpenThread

# What the gate tells when it is armed: {x, y}, {covered} or {missing}, and whether what it is about has the focus.
Place: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What became of one press or key: let through or not, where it landed, and why it was stopped."""

    passed: bool
    landed: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Landing):
    """Of a press on a row: the thread that it opened, if one came."""

    thread: OpenThread | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Landing):
    """Of words typed: what the input held then, and who had said what last in the open thread.

    `armed`: where to press, if all was as it had to be and the gate was armed in that moment to send these words.
    """

    draft: str | None = None
    latest: Latest | None = None
    armed: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent(Landing):
    """Of a send: the thread once it held a new own message, and the refusal that the console showed.

    `settled`: nobody has spoken since and the row bears no mark, and what the page showed then is no news to it.
    """

    thread: OpenThread | None = None
    refused: str = ""
    settled: bool = False


# The document that was armed is gone: what happened to the event nobody knows, so it counts as let through.
PAGE_GONE = Landing(passed=True, landed="", why="page gone")


def landing_of(log: Sequence[Mapping[str, str]] | None) -> Landing:
    """The gate's report as one outcome: any event let through counts as passed, and so does an unknown end."""
    if log is None:
        return PAGE_GONE
    stopped = next((entry for entry in log if entry["why"]), None)
    told = stopped or (log[0] if log else {"landed": "", "why": "nothing landed"})
    passed = any(not entry["why"] for entry in log)
    return Landing(passed=passed, landed=told["landed"], why=told["why"])
