"""Whether all is well, as one answer for a program that watches; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bots.table import working
from storage.records import ShopRow, ShopState

_READ_SECONDS = 30.0
_COMING = (ShopState.starting, ShopState.ready)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A shop that is not looked after, and why; `read_at`: when its list was last read."""

    shop: str
    state: ShopState | None
    why: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether this `nightdesk up` is in charge, and what is wrong."""

    in_charge: bool
    troubles: Sequence[Trouble]

    @property
    def ok(self) -> bool:
        """Whether nobody has to see to anything."""
        return self.in_charge and not self.troubles


def read_within(every: float) -> float:
    """Seconds within which a list must have been read that is read every so many seconds."""
    return max(_READ_SECONDS, 3 * every)


def health(limits: Mapping[str, float], rows: Mapping[str, ShopRow], *, in_charge: bool, now: datetime) -> Health:
    """How the shops of `limits` are: each has a worker that lives and, on shift, a list read within its limit."""
    found = (_trouble(shop, rows.get(shop), limit, now) for shop, limit in limits.items())
    return Health(in_charge=in_charge, troubles=[trouble for trouble in found if trouble is not None])


def _trouble(shop: str, row: ShopRow | None, limit: float, now: datetime) -> Trouble | None:
    if row is None:
        return Trouble(shop=shop, state=None, why="还没有值守过", read_at=None)
    why = _wrong(row, limit, now)
    return None if why is None else Trouble(shop=shop, state=row.state, why=why, read_at=row.read_at)


def _wrong(row: ShopRow, limit: float, now: datetime) -> str | None:
    if not working(row, now):
        return "没有机器人在值守"
    if row.state is ShopState.off_shift:
        return None
    # Who has just come on shift, or been let in again, has not read yet.
    since = [row.read_at, row.state_since if row.state in _COMING else None]
    last = max((moment for moment in since if moment is not None), default=None)
    if last is not None and (now - last).total_seconds() <= limit:
        return None
    return row.why or f"{limit:.0f} 秒以上没有读到会话列表"
