"""What a span of time left behind, for who looks at it in the morning, and what they said of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.records import Event, Handoff, Reply, ReplyState, ShopRow, Turn
from storage.replies import REPLIES
from storage.rows import record
from storage.stories import Stories
from storage.turns import TURNS


@dataclass(frozen=True, slots=True, kw_only=True)
class NightRecord:
    """Turns seen from one moment until another, and the answers that were confirmed in them.

    `verdicts`: whether people found an answer correct, by its reply's id. `events`: changes of the shops' states,
    with the last one before for each, and silences of their workers, those that went on past the end too;
    `handoffs`: those still open now.
    """

    since: datetime
    until: datetime
    shops: Sequence[ShopRow]
    turns: Sequence[Turn]
    answers: Sequence[Reply]
    verdicts: Mapping[int, bool]
    handoffs: Sequence[Handoff]
    events: Sequence[Event]


class Nights(Stories):
    """The ledger's part for the morning after."""

    def night(self, since: datetime, until: datetime) -> NightRecord:
        """All of a span; `until` is exclusive."""
        turns = self._store.rows(
            TURNS + "where turns.seen_at >= :since and turns.seen_at < :until order by turns.id",
            since=since,
            until=until,
        )
        answers = self._store.rows(
            REPLIES + "where replies.state = 'confirmed' and replies.kind in ('answer', 'choose')"  # noqa: S608 - ours
            " and turn_id in (select value from json_each(:turns)) order by replies.id",
            turns=[row["id"] for row in turns],
        )
        verdicts = self._store.rows(
            "select reply_id, correct from verdicts where reply_id in (select value from json_each(:ids))",
            ids=[row["id"] for row in answers],
        )
        events = self._store.rows(
            "select * from events where kind in ('shop_state', 'silent') and (at >= :since and at < :until or"
            " id in (select max(id) from events where kind = 'shop_state' and at < :since group by shop) or"
            " kind = 'silent' and at >= :until and json_extract(detail, '$.since') < :until) order by id",
            since=since,
            until=until,
        )
        shops = self._store.rows("select * from shops order by shop")
        return NightRecord(
            since=since,
            until=until,
            shops=[record(ShopRow, row) for row in shops],
            turns=[record(Turn, row) for row in turns],
            answers=[record(Reply, row) for row in answers],
            verdicts={row["reply_id"]: bool(row["correct"]) for row in verdicts},
            handoffs=self.handoffs(),
            events=[record(Event, row) for row in events],
        )

    def judge(self, reply_id: int, by: str, *, correct: bool) -> Reply:
        """A person found an answer correct, or not; the last word counts. Raises `ValueError` for what is none."""
        with self._store.write():
            row = self._store.row(
                REPLIES + "where replies.id = :id and replies.kind in ('answer', 'choose')", id=reply_id
            )
            if row is None or row["state"] != ReplyState.confirmed:
                raise ValueError(f"没有编号为 {reply_id} 的、已经发给买家的回答")
            self._store.run(
                "insert into verdicts (reply_id, at, correct, by) values (:reply, :now, :correct, :by)"
                " on conflict (reply_id) do update set at = :now, correct = :correct, by = :by",
                reply=reply_id,
                now=self._clock.now(),
                correct=correct,
                by=by,
            )
            return record(Reply, row)
