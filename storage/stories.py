"""The story of one turn, as far as the ledger has it: what happened to it, and around it meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.calls import Alert
from storage.handoffs import Handoffs
from storage.records import Event, Handoff, HandoffState, Kind, Reply, Sender, Turn, TurnState
from storage.replies import Replies
from storage.rows import record


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message as the ledger has it: `at` by the console's clock, `noted_at` by ours, when it was first read."""

    key: str
    sender: Sender
    kind: Kind
    text: str
    at: datetime | None
    noted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A turn with all that belongs to it, each oldest first.

    `asked`: the buyer's messages; `others`: what a person or the platform's robot said to them. `events`: those of
    the conversation, its shop, or all, from `since` until `until` (None: it goes on); `before`: how the shop was
    and which pauses held when it began.
    """

    turn: Turn
    since: datetime
    until: datetime | None
    asked: Sequence[Heard]
    others: Sequence[Heard]
    replies: Sequence[Reply]
    handoffs: Sequence[Handoff]
    alerts: Sequence[Alert]
    events: Sequence[Event]
    before: Sequence[Event]


class Stories(Replies, Handoffs):
    """The ledger's part that gathers all of one turn; it only reads."""

    def story(self, turn_id: int) -> Story:
        """All of a turn; raises `ValueError` for an id that never was."""
        turn = self.turn(turn_id)
        replies = self.replies_of(turn_id)
        handoffs = self.handoffs_of(turn_id)
        since = min(moment for moment in (turn.asked_at, turn.seen_at) if moment is not None)
        until = _end(turn, replies, handoffs)
        asked, others = self._heard(turn)
        return Story(
            turn=turn,
            since=since,
            until=until,
            asked=asked,
            others=others,
            replies=replies,
            handoffs=handoffs,
            alerts=self._letters(turn.shop, handoffs, since, until or self._clock.now()),
            events=self._happened(turn, since, until or self._clock.now()),
            before=self._before(turn.shop, since),
        )

    def _heard(self, turn: Turn) -> tuple[list[Heard], list[Heard]]:
        """What the buyer said in the turn, and what others than our bot said before the buyer's next one."""
        rows = self._store.rows(
            "with mine as (select min(id) as first from messages where turn_id = :turn),"
            " next as (select min(id) as first from messages where conversation_id = :conversation"
            " and turn_id > :turn),"
            " ours as (select message_key from replies where conversation_id = :conversation"
            " and message_key is not null)"
            " select * from messages where turn_id = :turn or (conversation_id = :conversation"
            " and sender in ('shop', 'robot') and id > (select first from mine)"
            " and id < coalesce((select first from next), 9e15)"
            " and key not in (select message_key from ours)) order by id",
            turn=turn.id,
            conversation=turn.conversation_id,
        )
        asked = [record(Heard, row) for row in rows if row["turn_id"] == turn.id and row["sender"] == Sender.buyer]
        others = [record(Heard, row) for row in rows if row["sender"] in (Sender.shop, Sender.robot)]
        return asked, others

    def _letters(self, shop: str, handoffs: Sequence[Handoff], since: datetime, until: datetime) -> list[Alert]:
        keys = [*(f"handoff/{each.id}" for each in handoffs), *(f"{kind}/{shop}" for kind in ("shop", "waiting"))]
        rows = self._store.rows(
            "select * from alerts where at between :since and :until and exists (select 1"
            " from json_each(alerts.calls) where value in (select value from json_each(:keys))) order by id",
            since=since,
            until=until,
            keys=keys,
        )
        return [record(Alert, row) for row in rows]

    def _happened(self, turn: Turn, since: datetime, until: datetime) -> list[Event]:
        rows = self._store.rows(
            "select * from events where (shop = :shop or shop is null) and at between :since and :until"
            " and coalesce(json_extract(detail, '$.conversation'), :key) = :key order by id",
            shop=turn.shop,
            key=turn.conversation_key,
            since=since,
            until=until,
        )
        return [record(Event, row) for row in rows]

    def _before(self, shop: str, since: datetime) -> list[Event]:
        """The last change of the shop's state before a moment, and the last word on each of its pauses."""
        rows = self._store.rows(
            "select * from events where id in (select max(id) from events where (shop = :shop or shop is null)"
            " and at < :since and kind in ('shop_state', 'pause', 'resume') group by kind = 'shop_state', shop,"
            " json_extract(detail, '$.conversation')) order by id",
            shop=shop,
            since=since,
        )
        return [record(Event, row) for row in rows]


def _end(turn: Turn, replies: Sequence[Reply], handoffs: Sequence[Handoff]) -> datetime | None:
    """The last moment of a turn; None while something is still to come."""
    if turn.state in (TurnState.open, TurnState.handed) or any(
        each.state is not HandoffState.done for each in handoffs
    ):
        return None
    moments = [turn.seen_at, turn.decided_at, turn.holding_at, turn.reply_at]
    moments += [moment for each in replies for moment in (each.confirmed_at, each.ended_at, each.sending_at)]
    moments += [each.done_at for each in handoffs]
    return max(moment for moment in moments if moment is not None)
