"""What waits in each shop, and turns as they come and end: what is measured while bots work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.records import Turn
from storage.rows import record
from storage.turns import TURNS, Turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One shop's open turns and handoffs, since when the oldest of each waits, and its `unverified` replies."""

    shop: str
    turns: int
    oldest_turn: datetime | None
    handoffs: int
    oldest_handoff: datetime | None
    unverified: int


class Queues(Turns):
    """The ledger's part for what waits; it only reads."""

    def queues(self) -> list[Queue]:
        """A queue for each shop, by name."""
        rows = self._store.rows(
            "with waiting as (select shop, count(*) as turns, min(seen_at) as oldest_turn from turns"
            " join conversations on conversations.id = turns.conversation_id"
            " where turns.state = 'open' group by shop),"
            " handed as (select shop, count(*) as handoffs, min(opened_at) as oldest_handoff from handoffs"
            " join turns on turns.id = handoffs.turn_id"
            " join conversations on conversations.id = turns.conversation_id"
            " where handoffs.state in ('open', 'claimed') group by shop),"
            " doubted as (select shop, count(*) as unverified from replies"
            " join conversations on conversations.id = replies.conversation_id"
            " where replies.state = 'unverified' group by shop)"
            " select shops.shop, coalesce(turns, 0) as turns, oldest_turn, coalesce(handoffs, 0) as handoffs,"
            " oldest_handoff, coalesce(unverified, 0) as unverified from shops left join waiting using (shop)"
            " left join handed using (shop) left join doubted using (shop) order by shops.shop"
        )
        return [record(Queue, row) for row in rows]

    def newest_turn_id(self) -> int:
        """The id of the turn that came last; 0 where none did."""
        row = self._store.row("select coalesce(max(id), 0) as id from turns")
        return int(row["id"]) if row else 0

    def turns_after(self, turn_id: int, also: Sequence[int] = ()) -> list[Turn]:
        """The turns that came after the one with this id, and those with the ids of `also`, oldest first."""
        rows = self._store.rows(
            TURNS + "where turns.id > :id or turns.id in (select value from json_each(:also)) order by turns.id",  # noqa: S608 - ours
            id=turn_id,
            also=list(also),
        )
        return [record(Turn, row) for row in rows]

    def unended_turns(self, since: datetime) -> list[Turn]:
        """The turns seen since a moment that may still change, oldest first."""
        rows = self._store.rows(
            TURNS + "where turns.seen_at >= :since and turns.state in ('open', 'handed') order by turns.id",
            since=since,
        )
        return [record(Turn, row) for row in rows]
