"""Conversations in the ledger, what was said in them, and the turns that buyers wait in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Final, Literal

from storage.part import Part
from storage.records import By, Conversation, Kind, Said, Sender, Turn, TurnState, Wait
from storage.rows import record


class _Kept(Enum):
    KEPT = "kept"


KEPT: Final = _Kept.KEPT
Kept = Literal[_Kept.KEPT]

_OF_LATE = 40

TURNS = (
    "select turns.*, conversations.shop, conversations.key as conversation_key"
    " from turns join conversations on conversations.id = turns.conversation_id "
)
# A turn to which nobody has said anything yet.
_RUNNING = (
    "(turns.state = 'open' or (turns.state = 'handed' and turns.holding_at is null and turns.reply_at is null))"
)
_OPEN = (
    "insert into turns (conversation_id, state, seen_at) select id, 'open', :seen_at from conversations"  # noqa: S608 - ours
    " where shop = :shop and key = :key and not exists (select 1 from turns"
    f" where conversation_id = conversations.id and {_RUNNING})"
)


class Turns(Part):
    """The ledger's part for conversations, messages and turns."""

    def conversation(self, shop: str, key: str) -> Conversation:
        """The conversation with this key of the console, noted if it is new."""
        sql = "select * from conversations where shop = :shop and key = :key"
        row = self._store.row(sql, shop=shop, key=key)
        if row is None:
            with self._store.write(synced=False):
                self._note_buyer(shop, key)
                row = self._store.row(sql, shop=shop, key=key)
        return record(Conversation, row or {})

    def note_conversation(
        self,
        conversation_id: int,
        *,
        handled_key: str | Kept | None = KEPT,
        silent_until: datetime | Kept | None = KEPT,
        choices: Sequence[str] | Kept = KEPT,
    ) -> None:
        """Change what is given, keep the rest."""
        given = {
            "handled_key": handled_key,
            "silent_until": silent_until,
            "choices": choices,
        }
        changes = {name: value for name, value in given.items() if value is not KEPT}
        if changes:
            with self._store.write(synced=False):
                self._store.update("conversations", conversation_id, **changes)

    def open_turn(self, shop: str, key: str, *, seen_at: datetime) -> Turn:
        """The conversation's turn to which nobody has said anything yet, or a new one seen at this moment.

        What the buyer adds while a handed turn has had no reply at all belongs to that turn.
        """
        found = self._running_turn(shop, key)
        if found is None:
            with self._store.write():
                self._note_buyer(shop, key)
                # Looked at once more: another process may have been quicker.
                self._store.run(_OPEN, shop=shop, key=key, seen_at=seen_at)
                found = self._running_turn(shop, key)
        assert found is not None  # noqa: S101 - put in just now
        return found

    def fill_turn(self, turn_id: int, messages: Sequence[Said], *, asked_at: datetime | None) -> None:
        """Add what was said; the turn's keys and text are those of all buyer's messages that it was ever given.

        Of several `asked_at` the earliest stays: the buyer waits since then. Raises `ValueError` for a turn
        that has ended.
        """
        with self._store.write(synced=False):
            if changes := self._added(turn_id, messages, asked_at):
                self._store.update("turns", turn_id, **changes)

    def record_messages(self, conversation_id: int, messages: Sequence[Said]) -> None:
        """Store what was said outside of any turn; a message that was recalled keeps its text."""
        with self._store.write(synced=False):
            self._note(conversation_id, messages, None)

    def answered(self, conversation_id: int) -> frozenset[str]:
        """The keys of the buyer's newest messages that belong to a turn which was replied to."""
        rows = self._store.rows(
            "select messages.key from messages join turns on turns.id = turn_id"
            " where messages.conversation_id = :conversation and sender = :buyer and reply_at is not null"
            " order by messages.id desc limit :most",
            conversation=conversation_id,
            buyer=Sender.buyer,
            most=_OF_LATE,
        )
        return frozenset(row["key"] for row in rows)

    def decide_turn(
        self,
        turn_id: int,
        *,
        outcome: str,
        entry: str | None,
        confidence: float | None,
        reason: str,
        would_say: str = "",
        said: Sequence[Said] = (),
        asked_at: datetime | None = None,
    ) -> None:
        """What was decided on the turn, and why; a later decision replaces an earlier one. `said`: what it was
        decided on, added as by `fill_turn`.
        """
        with self._store.write(synced=False):
            added = self._added(turn_id, said, asked_at) if said else {}
            if not said:
                self.turn(turn_id)
            self._store.update(
                "turns",
                turn_id,
                **added,
                outcome=outcome,
                entry=entry,
                confidence=None if confidence is None else float(confidence),
                reason=reason,
                would_say=would_say,
                decided_at=self._clock.now(),
            )

    def close_turn(self, turn_id: int, state: TurnState) -> None:
        """End an open turn that gets no reply: `ignored` or `observed`; raises `ValueError` otherwise."""
        with self._store.write(synced=False):
            turn = self.turn(turn_id)
            if turn.state is state:
                return
            if turn.state is not TurnState.open or state not in (TurnState.ignored, TurnState.observed):
                raise ValueError(f"turn {turn_id} cannot be closed from {turn.state} to {state}")
            self._store.update("turns", turn_id, state=state)

    def open_turns(self, shop: str) -> list[Turn]:
        """The shop's open turns, oldest first."""
        rows = self._store.rows(
            TURNS + "where turns.state = 'open' and +shop = :shop order by turns.seen_at, turns.id", shop=shop
        )
        return [record(Turn, row) for row in rows]

    def untold_turns(self, shop: str, since: datetime) -> list[Turn]:
        """The shop's turns left to people whose buyers, who came after a moment, were told nothing so far."""
        rows = self._store.rows(
            TURNS + "where turns.state = 'handed' and turns.holding_at is null and turns.reply_at is null"
            " and turns.seen_at > :since and +shop = :shop order by turns.seen_at, turns.id",
            shop=shop,
            since=since,
        )
        return [record(Turn, row) for row in rows]

    def turn(self, turn_id: int) -> Turn:
        """One turn; raises `ValueError` for an id that never was."""
        row = self._store.row(TURNS + "where turns.id = :id", id=turn_id)
        if row is None:
            raise ValueError(f"没有编号为 {turn_id} 的提问")
        return record(Turn, row)

    def newest_turn(self, shop: str, key: str) -> Turn:
        """The newest turn of a buyer; raises `ValueError` where there is none."""
        row = self._store.row(
            TURNS + "where shop = :shop and key = :key order by turns.id desc limit 1", shop=shop, key=key
        )
        if row is None:
            raise ValueError(f"店铺“{shop}”里没有会话“{key}”的提问")
        return record(Turn, row)

    def last_turn(self, conversation_id: int) -> Turn | None:
        """The conversation's newest turn."""
        row = self._store.row(
            TURNS + "where turns.conversation_id = :id order by turns.id desc limit 1", id=conversation_id
        )
        return None if row is None else record(Turn, row)

    def waits(self, since: datetime | None) -> list[Wait]:
        """How long buyers waited in turns seen since a moment (None: all), and in those still open."""
        rows = self._store.rows(
            "select shop, state, seen_at, asked_at, holding_at, reply_at, reply_by, handed_at"
            " from turns join conversations on conversations.id = turns.conversation_id"
            " where turns.seen_at >= :since or turns.state = 'open'",
            since="" if since is None else since,
        )
        return [record(Wait, row) for row in rows]

    def person_replied(self, conversation_id: int, at: datetime, *, keep: int | None = None) -> None:
        """A person answered: ends what waits in the conversation and closes its handoffs.

        The turn `keep` was asked after the person spoke, and goes on.
        """
        with self._store.write():
            self._replied(conversation_id, at, by="person", states=(TurnState.open, TurnState.handed), keep=keep)
            self._store.run(
                "update handoffs set state = 'done', done_at = :at where state in ('open', 'claimed')"
                " and turn_id in (select id from turns where conversation_id = :conversation and id is not :keep)",
                at=at,
                conversation=conversation_id,
                keep=keep,
            )

    def robot_replied(self, conversation_id: int, at: datetime) -> None:
        """The platform's own robot answered: ends the open turn; a handed one still waits for its person."""
        with self._store.write():
            self._replied(conversation_id, at, by="robot", states=(TurnState.open,), keep=None)

    def _note_buyer(self, shop: str, key: str) -> None:
        self._store.run(
            "insert into conversations (shop, key) values (:shop, :key) on conflict do nothing", shop=shop, key=key
        )

    def _replied(
        self, conversation_id: int, at: datetime, *, by: By, states: Sequence[TurnState], keep: int | None
    ) -> None:
        self._store.run(
            "update turns set state = 'answered', reply_at = :at, reply_by = :by"
            " where conversation_id = :conversation and state in (select value from json_each(:states))"
            " and id is not :keep",
            at=at,
            by=by,
            conversation=conversation_id,
            states=list(states),
            keep=keep,
        )

    def _lasting(self, turn_id: int) -> Turn:
        turn = self.turn(turn_id)
        if turn.state not in (TurnState.open, TurnState.handed):
            raise ValueError(f"turn {turn_id} has ended: {turn.state}")
        return turn

    def _running_turn(self, shop: str, key: str) -> Turn | None:
        row = self._store.row(
            TURNS + f"where {_RUNNING} and shop = :shop and key = :key order by turns.id desc limit 1",
            shop=shop,
            key=key,
        )
        return None if row is None else record(Turn, row)

    def _added(self, turn_id: int, messages: Sequence[Said], asked_at: datetime | None) -> dict[str, object]:
        """Note what was said in a turn that still waits; what this changes in its row."""
        turn = self._lasting(turn_id)
        self._note(turn.conversation_id, messages, turn_id)
        changes = self._said_in(turn_id)
        if asked_at is not None and (turn.asked_at is None or asked_at < turn.asked_at):
            changes["asked_at"] = asked_at
        return changes

    def _said_in(self, turn_id: int) -> dict[str, object]:
        said = self._store.rows(
            "select key, kind, text from messages where turn_id = :turn and sender = :buyer order by id",
            turn=turn_id,
            buyer=Sender.buyer,
        )
        if not said:
            return {}
        text = "\n".join(row["text"] for row in said if row["text"] and row["kind"] != Kind.recall)
        return {"first_key": said[0]["key"], "last_key": said[-1]["key"], "text": text}

    def _note(self, conversation_id: int, messages: Sequence[Said], turn_id: int | None) -> None:
        now = self._clock.now()
        # Most of a thread is known as it stands: what does not change is not written, nor are its pages.
        self._store.run_each(
            "insert into messages (conversation_id, turn_id, key, sender, kind, text, at, noted_at)"
            " values (:conversation, :turn, :key, :sender, :kind, :text, :at, :now)"
            " on conflict (conversation_id, key) do update set turn_id = coalesce(excluded.turn_id, turn_id),"
            " kind = excluded.kind, at = coalesce(excluded.at, at),"
            " text = case excluded.kind when 'recall' then text else excluded.text end"
            " where turn_id is not coalesce(excluded.turn_id, turn_id) or kind <> excluded.kind"
            " or at is not coalesce(excluded.at, at) or (excluded.kind <> 'recall' and text <> excluded.text)",
            [
                {
                    "conversation": conversation_id,
                    "turn": turn_id,
                    "key": message.key,
                    "sender": message.sender,
                    "kind": message.kind,
                    "text": message.text,
                    "at": message.at,
                    "now": now,
                }
                for message in messages
            ],
        )
