"""What became of a press or a key, by the gate's own report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What became of one press or key: let through or not, where it landed, and why it was stopped."""

    passed: bool
    landed: str
    why: str


def landing_of(log: Sequence[Mapping[str, str]] | None) -> Landing:
    """The gate's report as one outcome: any event let through counts as passed, and so does an unknown end."""
    if log is None:
        return Landing(passed=True, landed="", why="page gone")
    stopped = next((entry for entry in log if entry["why"]), None)
    told = stopped or (log[0] if log else {"landed": "", "why": "nothing landed"})
    passed = any(not entry["why"] for entry in log)
    return Landing(passed=passed, landed=told["landed"], why=told["why"])
