"""What became of a press or a key, by the gate's own report, and what the page showed after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.views import Latest, OpenThread


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
    """Of words typed: what the input held then, and who had said what last in the open thread."""

    draft: str | None = None
    latest: Latest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent(Landing):
    """Of a send: the thread once it held a new own message, and the refusal that the console showed."""

    thread: OpenThread | None = None
    refused: str = ""


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
