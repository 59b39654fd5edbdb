"""Whether all is well, as one answer for a program that watches; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bots.table import working
from storage.records import ShopRow, ShopState

# Several times the longest rhythm in which a page is read.
READ_SECONDS = 30.0
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


def health(shops: Iterable[str], rows: Mapping[str, ShopRow], *, in_charge: bool, now: datetime) -> Health:
    """How the shops named are: each has a worker that lives and, on shift, a list that was read just now."""
    troubles = [trouble for shop in shops if (trouble := _trouble(shop, rows.get(shop), now)) is not None]
    return Health(in_charge=in_charge, troubles=troubles)


def _trouble(shop: str, row: ShopRow | None, now: datetime) -> Trouble | None:
    if row is None:
        return Trouble(shop=shop, state=None, why="还没有值守过", read_at=None)
    why = _wrong(row, now)
    return None if why is None else Trouble(shop=shop, state=row.state, why=why, read_at=row.read_at)


def _wrong(row: ShopRow, now: datetime) -> str | None:
    if not working(row, now):
        return "没有机器人在值守"
    if row.state is ShopState.off_shift:
        return None
    # Who has just come on shift, or been let in again, has not read yet.
    since = [row.read_at, row.state_since if row.state in _COMING else None]
    last = max((moment for moment in since if moment is not None), default=None)
    if last is not None and (now - last).total_seconds() <= READ_SECONDS:
        return None
    return row.why or f"{READ_SECONDS:.0f} 秒以上没有读到会话列表"
