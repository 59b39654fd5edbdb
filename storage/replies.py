"""Replies in the ledger: each act on a page is committed here before it is done."""

from __future__ import annotations

from datetime import datetime

from storage.moves import check_move
from storage.records import Reply, ReplyKind, ReplyState, Turn, TurnState
from storage.rows import record
from storage.turns import Turns

REPLIES = (
    "select replies.*, conversations.shop, conversations.key as conversation_key"
    " from replies join conversations on conversations.id = replies.conversation_id "
)
_MOMENTS = {
    ReplyState.typing: "typing_at",
    ReplyState.sending: "sending_at",
    ReplyState.confirmed: "confirmed_at",
    **dict.fromkeys((ReplyState.stale, ReplyState.blocked, ReplyState.failed, ReplyState.unverified), "ended_at"),
}


class Replies(Turns):
    """The ledger's part for replies."""

    def draft(self, turn_id: int, *, kind: ReplyKind, entry: str | None, text: str, newest_key: str) -> Reply:
        """A new reply to a turn that still waits; raises `ValueError` for one that has ended."""
        with self._store.write(synced=False):
            turn = self._lasting(turn_id)
            return self.reply(
                self._store.insert(
                    "replies",
                    turn_id=turn_id,
                    conversation_id=turn.conversation_id,
                    kind=kind,
                    entry=entry,
                    text=text,
                    state=ReplyState.drafted,
                    newest_key=newest_key,
                    drafted_at=self._clock.now(),
                )
            )

    def move(
        self,
        reply_id: int,
        state: ReplyState,
        *,
        why: str = "",
        message_key: str | None = None,
        at: datetime | None = None,
    ) -> Reply:
        """Take a reply on to `state`, at the present moment unless `at` says when.

        A confirmed answer or choice answers the turn, a confirmed hold is its holding; what it was said to is
        handled. Raises `ValueError` for a move that is not legal, and for a bubble that already confirmed another.
        """
        with self._store.write(synced=False):
            reply = self.reply(reply_id)
            check_move(reply.state, state, message_key)
            moment = self._clock.now() if at is None else at
            changes: dict[str, object] = {"state": state}
            if why:
                changes["why"] = why
            if state in _MOMENTS:
                changes[_MOMENTS[state]] = moment
            if message_key is not None:
                self._check_bubble(reply, message_key)
                changes["message_key"] = message_key
            self._store.update("replies", reply_id, **changes)
            if state is ReplyState.confirmed:
                self._settle(self.turn(reply.turn_id), reply.kind, moment)
                # A bubble seen late proves nothing of what was said since.
                if reply.state is ReplyState.sending:
                    self.note_conversation(reply.conversation_id, handled_key=reply.newest_key)
            return self.reply(reply_id)

    def reply(self, reply_id: int) -> Reply:
        """One reply; raises `ValueError` for an id that never was."""
        row = self._store.row(REPLIES + "where replies.id = :id", id=reply_id)
        if row is None:
            raise ValueError(f"there is no reply {reply_id}")
        return record(Reply, row)

    def unfinished(self, shop: str) -> list[Reply]:
        """The shop's replies that are drafted, typing or sending, oldest first."""
        # The plus keeps SQLite from walking all of the shop's conversations to find the few replies.
        rows = self._store.rows(
            REPLIES + "where state in ('drafted', 'typing', 'sending') and +shop = :shop order by replies.id",
            shop=shop,
        )
        return [record(Reply, row) for row in rows]

    def replies(self, conversation_id: int, *, limit: int = 50) -> list[Reply]:
        """The conversation's replies, newest first."""
        rows = self._store.rows(
            REPLIES + "where conversation_id = :id order by replies.id desc limit :limit",
            id=conversation_id,
            limit=limit,
        )
        return [record(Reply, row) for row in rows]

    def replies_of(self, turn_id: int) -> list[Reply]:
        """The turn's replies, oldest first."""
        rows = self._store.rows(REPLIES + "where turn_id = :id order by replies.id", id=turn_id)
        return [record(Reply, row) for row in rows]

    def all_replies(self) -> list[Reply]:
        """Every reply of every shop, oldest first."""
        return [record(Reply, row) for row in self._store.rows(REPLIES + "order by replies.id")]

    def _check_bubble(self, reply: Reply, message_key: str) -> None:
        other = self._store.row(
            "select id from replies where conversation_id = :conversation and message_key = :key"
            " and state = 'confirmed'",
            conversation=reply.conversation_id,
            key=message_key,
        )
        if other is not None:
            raise ValueError(f"message {message_key} already confirmed reply {other['id']}")

    def _settle(self, turn: Turn, kind: ReplyKind, moment: datetime) -> None:
        changes: dict[str, object] = {}
        if kind is ReplyKind.hold:
            if turn.holding_at is None or moment < turn.holding_at:
                changes = {"holding_at": moment, "holding_by": "bot"}
        else:
            if turn.reply_at is None or moment < turn.reply_at:
                changes = {"reply_at": moment, "reply_by": "bot"}
            if turn.state in (TurnState.open, TurnState.handed):
                changes["state"] = TurnState.answered
        if changes:
            self._store.update("turns", turn.id, **changes)
