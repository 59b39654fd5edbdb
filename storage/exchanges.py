"""What buyers asked and what people said to it: what a shop can learn from."""

from __future__ import annotations

from datetime import datetime

from storage.records import Exchange, Kind, Sender
from storage.rows import record
from storage.turns import Turns

# A person answers in a few bubbles; what comes much later belongs to something else.
_MOST_BUBBLES = 20


class Exchanges(Turns):
    """The ledger's part for what was asked, with what people said."""

    def exchanges(self, since: datetime) -> list[Exchange]:
        """Turns with words that were seen since a moment, oldest first; what bots said is left out of `said`."""
        rows = self._store.rows(
            "select turns.id as turn_id, shop, seen_at, turns.text, coalesce(outcome, '') as outcome,"
            " coalesce(entry, '') as entry, reason, conversation_id"
            " from turns join conversations on conversations.id = turns.conversation_id"
            " where seen_at >= :since and turns.text <> '' order by turns.id",
            since=since,
        )
        return [record(Exchange, {**row, "said": self._said_by_people(row)}) for row in rows]

    def _said_by_people(self, row: dict[str, object]) -> str:
        """As JSON: what people said after the turn's last message and before the buyer spoke again."""
        found = self._store.row(
            "with after as (select id, sender, kind, key, text from messages where conversation_id = :conversation"
            " and id > (select max(id) from messages where turn_id = :turn) order by id limit :most),"
            " ours as (select message_key from replies where conversation_id = :conversation"
            " and message_key is not null),"
            " spoken as (select * from after where sender = :shop and kind = :text and text <> ''"
            " and key not in (select message_key from ours)),"
            " again as (select min(id) as id from after"
            " where sender = :buyer and id > (select min(id) from spoken))"
            " select json_group_array(text) as said from spoken"
            " where id < coalesce((select id from again), 9e15)",
            conversation=row["conversation_id"],
            turn=row["turn_id"],
            most=_MOST_BUBBLES,
            shop=Sender.shop,
            buyer=Sender.buyer,
            text=Kind.text,
        )
        return str(found["said"]) if found else "[]"
