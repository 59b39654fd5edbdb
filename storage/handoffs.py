"""Handoffs in the ledger: turns that people get, and who has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from storage.records import Handoff, HandoffState, TurnState
from storage.rows import record
from storage.turns import Turns

_HANDOFFS = (
    "select handoffs.*, conversations.shop, conversations.key as conversation_key, turns.text"
    " from handoffs join turns on turns.id = handoffs.turn_id"
    " join conversations on conversations.id = turns.conversation_id "
)
_ORDER = " order by urgent desc, deadline_at, handoffs.id"
# Between the reasons of one handoff.
_BESIDE = "；"
_PENDING = (HandoffState.open, HandoffState.claimed)


class Handoffs(Turns):
    """The ledger's part for handoffs."""

    def hand_over(self, turn_id: int, *, reason: str, urgent: bool, deadline_at: datetime) -> Handoff:
        """Give a turn that still waits to people; one that they have already becomes urgent at most, with the
        reason beside the first and the earlier deadline.
        """
        with self._store.write():
            turn, pending = self._lasting(turn_id), self.pending(turn_id)
            if pending is not None:
                return self._urged(pending, reason, deadline_at) if urgent else pending
            now = self._clock.now()
            self._store.update("turns", turn_id, state=TurnState.handed, handed_at=turn.handed_at or now)
            return self.handoff(
                self._store.insert(
                    "handoffs",
                    turn_id=turn_id,
                    state=HandoffState.open,
                    reason=reason,
                    urgent=urgent,
                    opened_at=now,
                    deadline_at=deadline_at,
                )
            )

    def pending(self, turn_id: int) -> Handoff | None:
        """The handoff of a turn that people still have to do."""
        row = self._store.row(
            _HANDOFFS + "where turn_id = :turn and handoffs.state in ('open', 'claimed')", turn=turn_id
        )
        return None if row is None else record(Handoff, row)

    def _urged(self, old: Handoff, reason: str, deadline_at: datetime) -> Handoff:
        known = reason in old.reason.split(_BESIDE)
        why = old.reason if known else f"{old.reason}{_BESIDE}{reason}"
        due = min(old.deadline_at, deadline_at)
        if (old.urgent, old.reason, old.deadline_at) != (True, why, due):
            self._store.update("handoffs", old.id, urgent=True, reason=why, deadline_at=due)
        return self.handoff(old.id)

    def handoffs(
        self,
        *,
        states: Sequence[HandoffState] = _PENDING,
        shop: str | None = None,
        conversation: int | None = None,
    ) -> list[Handoff]:
        """Handoffs in these states, of one shop or conversation if given; urgent ones first, then by deadline."""
        # The states as words, as the index of those that are pending has them: as values they are looked for in
        # all handoffs that ever were. The shop must not lead the way: it would be through all its conversations.
        listed = ", ".join(f"'{state}'" for state in states)
        where = f"where handoffs.state in ({listed}) and (:shop is null or shop = :shop)"
        if conversation is not None:
            where += " and turns.conversation_id = :conversation"
        rows = self._store.rows(_HANDOFFS + where + _ORDER, shop=shop, conversation=conversation)
        return [record(Handoff, row) for row in rows]

    def handoffs_of(self, turn_id: int) -> list[Handoff]:
        """The turn's handoffs, oldest first."""
        rows = self._store.rows(_HANDOFFS + "where turn_id = :id order by handoffs.id", id=turn_id)
        return [record(Handoff, row) for row in rows]

    def handoff(self, handoff_id: int) -> Handoff:
        """One handoff; raises `ValueError` for an id that never was."""
        row = self._store.row(_HANDOFFS + "where handoffs.id = :id", id=handoff_id)
        if row is None:
            raise ValueError(f"没有编号为 {handoff_id} 的转人工")
        return record(Handoff, row)

    def note_seen(self, handoff_id: int, seen: Mapping[str, Any]) -> None:
        """What stood on the page when this was handed over; masked by whoever gives it."""
        self._store.update("handoffs", handoff_id, seen=seen)

    def note_picture(self, handoff_id: int, path: str) -> None:
        """Where a picture of the page lies."""
        self._store.update("handoffs", handoff_id, picture=path)

    def forget_seen(self, before: datetime) -> None:
        """Forget what was kept for handoffs that were opened before a moment; the handoffs stay."""
        self._store.run(
            "update handoffs set picture = null, seen = '{}'"
            " where opened_at < :before and (picture is not null or seen <> '{}')",
            before=before,
        )

    def claim(self, handoff_id: int, by: str) -> Handoff:
        """A person takes it on; raises `ValueError` when another one has, or when it is done."""
        with self._store.write():
            old = self.handoff(handoff_id)
            if old.state is HandoffState.done:
                raise ValueError(f"转人工 {handoff_id} 已经处理完了")
            if old.state is HandoffState.claimed:
                if old.claimed_by != by:
                    raise ValueError(f"转人工 {handoff_id} 已经由 {old.claimed_by} 认领")
                return old
            self._store.update(
                "handoffs", handoff_id, state=HandoffState.claimed, claimed_by=by, claimed_at=self._clock.now()
            )
            return self.handoff(handoff_id)

    def transferred(self, handoff_id: int) -> Handoff:
        """The console has given the conversation to a colleague: nobody has to come for it any more.

        The turn goes on: its buyer has had no answer yet. What a person has finished before stays as it is.
        """
        with self._store.write():
            old = self.handoff(handoff_id)
            if old.state is HandoffState.done:
                return old
            now = self._clock.now()
            self._store.update(
                "handoffs",
                handoff_id,
                state=HandoffState.done,
                claimed_by=old.claimed_by or "transfer",
                claimed_at=old.claimed_at or now,
                done_at=now,
            )
            return self.handoff(handoff_id)

    def finish(self, handoff_id: int, by: str) -> Handoff:
        """A person is done with it, claimed or not; raises `ValueError` when it was done before.

        A turn that was still without a reply counts as answered by a person now: nothing better is known.
        """
        with self._store.write():
            old = self.handoff(handoff_id)
            if old.state is HandoffState.done:
                raise ValueError(f"转人工 {handoff_id} 已经处理完了")
            now = self._clock.now()
            self._store.update(
                "handoffs",
                handoff_id,
                state=HandoffState.done,
                claimed_by=old.claimed_by or by,
                claimed_at=old.claimed_at or now,
                done_at=now,
            )
            self._store.run(
                "update turns set state = 'answered', reply_at = :now, reply_by = 'person'"
                " where id = :turn and state = 'handed'",
                turn=old.turn_id,
                now=now,
            )
            return self.handoff(handoff_id)
