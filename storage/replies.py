"""Replies in the ledger: each act on a page is committed here before it is done."""

from __future__ import annotations

from datetime import datetime

from storage.moves import check_move
from storage.records import Reply, ReplyKind, ReplyState, Turn
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
# What a confirmed reply makes of its turn; the first moment stays, with whose it was.
_HELD = (
    "update turns set holding_at = :at, holding_by = 'bot'"
    " where id = :id and (holding_at is null or holding_at > :at)"
)
_ANSWERED = (
    "update turns set reply_by = case when reply_at <= :at then reply_by else 'bot' end,"
    " reply_at = min(coalesce(reply_at, :at), :at),"
    " state = case when state in ('open', 'handed') then 'answered' else state end where id = :id"
)


class Replies(Turns):
    """The ledger's part for replies."""

    def draft(self, turn_id: int, *, kind: ReplyKind, entry: str | None, text: str, newest_key: str) -> Reply:
        """A new reply to a turn that still waits; raises `ValueError` for one that has ended."""
        with self._store.write(synced=False):
            turn = self._lasting(turn_id)
            return self._put(turn, ReplyState.drafted, kind=kind, entry=entry, text=text, newest_key=newest_key)

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
            return self._go(self.reply(reply_id), state, why=why, message_key=message_key, at=at)

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

    def _put(self, turn: Turn, state: ReplyState, **values: object) -> Reply:
        """A new reply, taken on to `state` at once."""
        now = self._clock.now()
        changes = {"drafted_at": now} | _reached(state, now)
        row = self._store.insert(
            "replies", turn_id=turn.id, conversation_id=turn.conversation_id, **values, **changes
        )
        return self.reply(row)

    def _go(
        self,
        reply: Reply,
        state: ReplyState,
        *,
        why: str = "",
        message_key: str | None = None,
        at: datetime | None = None,
    ) -> Reply:
        """What `move` does, to a reply as it is in this transaction."""
        check_move(reply.state, state, message_key)
        moment = self._clock.now() if at is None else at
        changes = _reached(state, moment)
        if why:
            changes["why"] = why
        if message_key is not None:
            self._check_bubble(reply, message_key)
            changes["message_key"] = message_key
        self._store.update("replies", reply.id, **changes)
        if state is ReplyState.confirmed:
            self._store.run(_HELD if reply.kind is ReplyKind.hold else _ANSWERED, id=reply.turn_id, at=moment)
            # A bubble seen late proves nothing of what was said since.
            if reply.state is ReplyState.sending:
                self.note_conversation(reply.conversation_id, handled_key=reply.newest_key)
        return self.reply(reply.id)

    def _check_bubble(self, reply: Reply, message_key: str) -> None:
        other = self._store.row(
            "select id from replies where conversation_id = :conversation and message_key = :key"
            " and state = 'confirmed'",
            conversation=reply.conversation_id,
            key=message_key,
        )
        if other is not None:
            raise ValueError(f"message {message_key} already confirmed reply {other['id']}")


def _reached(state: ReplyState, moment: datetime) -> dict[str, object]:
    """What its row holds of a reply that comes to a state at a moment."""
    return {"state": state} | ({_MOMENTS[state]: moment} if state in _MOMENTS else {})
