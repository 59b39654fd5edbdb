"""What a campaign was worth, by what the consoles' own records say that each buyer was told. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.faults.consoles import Heard
from bots.demo.judge import Phrasebook, Said, plain
from storage.meter import percentile

MOST_UNVERIFIED = 0.02
RECOVERY_SECONDS = 10.0
WORKER_SECONDS = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One buyer's one turn; `entry` answers it, None when only a person can. Times in epoch ms."""

    key: str
    shop: str
    entry: str | None
    injection: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """One injection as it was: the state that the reply really was in, and how long its fault lasted.

    `recovered`: seconds from the fault's end until a shop answered somebody again, one figure a shop.
    """

    number: int
    fault: str
    console: str
    wanted: str
    state: str
    begun: int
    ended: int
    recovered: tuple[float, ...] = ()


@dataclass(slots=True, kw_only=True)
class Tally:
    """Figures of one fault, or of all."""

    injections: int = 0
    turns: int = 0
    duplicates: int = 0
    misdelivered: int = 0
    lost: int = 0
    unverified: int = 0
    unverified_outside: int = 0
    recovery: list[float] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in another one."""
        for name in ("injections", "turns", "duplicates", "misdelivered", "lost", "unverified"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.unverified_outside += other.unverified_outside
        self.recovery += other.recovery

    def shown(self) -> dict[str, Any]:
        """As JSON; seconds."""
        times = sorted(self.recovery)
        spread = {f"p{share}": _rounded(percentile(times, share)) for share in (50, 95)}
        counts = {name: count for name, count in asdict(self).items() if name != "recovery"}
        return {**counts, "recovery_s": {**spread, "max": _rounded(times[-1] if times else None)}}


def judge_turn(asked: Asked, heard: Sequence[Heard], book: Phrasebook, people: Collection[str]) -> Tally:
    """One turn: what was said too often, to the wrong one, or not at all."""
    read = [book.read(one.text) for one in heard]
    kinds = [said for said, _entries in read]
    holds = kinds.count(Said.hold)
    repeated = len(heard) - len({plain(one.text) for one in heard})
    extra = max(0, holds - 1) + max(0, len(kinds) - holds - 1)
    other = [entries for said, entries in read if said is Said.answer and entries != {asked.entry}]
    answered = any(said in (Said.answer, Said.choose) for said in kinds)
    return Tally(
        turns=1,
        duplicates=max(extra, repeated),
        misdelivered=len(other) + kinds.count(Said.unknown),
        lost=0 if answered or asked.key in people else 1,
    )


def recovery(struck: Struck, turns: Sequence[Asked], heard: Mapping[str, Sequence[Heard]]) -> tuple[float, ...]:
    """Seconds from the fault's end to the next word, of each shop in which somebody waited for one."""
    found = []
    for shop in sorted({asked.shop for asked in turns}):
        keys = [asked.key for asked in turns if asked.shop == shop]
        after = [one.at for key in keys for one in heard[key] if one.at >= struck.ended]
        if after:
            found.append((min(after) - struck.ended) / 1000)
    return tuple(found)


def met(total: Mapping[str, Any], needs_none: Mapping[str, Any], worker: Mapping[str, Any] | None) -> bool:
    """Whether the needs are: over all, over what needs no person, and after the kill of a worker."""
    clean = not any(total[name] for name in ("duplicates", "misdelivered", "lost", "unverified_outside"))
    rare = total["unverified"] <= MOST_UNVERIFIED * total["turns"]
    quick = (needs_none["recovery_s"]["p95"] or 0.0) <= RECOVERY_SECONDS
    up = worker is None or (worker["recovery_s"]["max"] or 0.0) <= WORKER_SECONDS
    return total["turns"] > 0 and clean and rare and quick and up


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
