"""What people told to keep quiet; no reply goes on to the page once that is committed."""

from __future__ import annotations

from collections.abc import Sequence

from storage.journal import Journal
from storage.records import Command, Pause, Reply, ReplyKind, ReplyState
from storage.replies import Replies
from storage.rows import record


class Pauses(Replies, Journal):
    """The ledger's part for pauses."""

    def pause(self, *, shop: str | None, conversation: str | None = None, by: str) -> Pause:
        """Nothing is said any more in a conversation, a shop or (`shop` None) anywhere; the first order stays."""
        with self._store.write():
            fresh = self._store.run(
                "insert into pauses (shop, conversation_key, since, by) values (:shop, :conversation, :now, :by)"
                " on conflict do nothing",
                shop=shop,
                conversation=conversation,
                now=self._clock.now(),
                by=by,
            )
            if fresh:
                self.event("pause", shop=shop, conversation=conversation, by=by)
            return next(one for one in self.pauses() if (one.shop, one.conversation_key) == (shop, conversation))

    def resume(self, *, shop: str | None, conversation: str | None = None, by: str) -> bool:
        """End just that pause; False where there was none."""
        with self._store.write():
            ended = self._store.run(
                "delete from pauses where shop is :shop and conversation_key is :conversation",
                shop=shop,
                conversation=conversation,
            )
            if ended:
                self.event("resume", shop=shop, conversation=conversation, by=by)
            return bool(ended)

    def pauses(self) -> list[Pause]:
        """All that hold now, the widest first."""
        rows = self._store.rows(
            "select * from pauses order by shop is not null, shop, conversation_key is not null, id"
        )
        return [record(Pause, row) for row in rows]

    def is_paused(self, shop: str, conversation: str) -> bool:
        """Whether nothing may be said in a conversation."""
        return any(pause.covers(shop, conversation) for pause in self.pauses())

    def orders_for(self, shops: Sequence[str]) -> tuple[list[Pause], list[Command]]:
        """What people want of these shops: all pauses, and the commands that wait or are being carried out."""
        return self.pauses(), self.commands_for(shops, ("new", "doing"))

    def take_up(self, turn_id: int, *, kind: ReplyKind, entry: str | None, text: str, newest_key: str) -> Reply:
        """A new reply to a turn that still waits, as `draft` makes it, begun as by `begin`."""
        with self._store.write(synced=False):
            turn = self._lasting(turn_id)
            state = ReplyState.drafted if self.is_paused(turn.shop, turn.conversation_key) else ReplyState.typing
            return self._put(turn, state, kind=kind, entry=entry, text=text, newest_key=newest_key)

    def begin(self, reply_id: int, state: ReplyState) -> Reply:
        """Take a reply on to `typing` or `sending`; it stays as it is where a person wants silence.

        Looked at in the same transaction: once `pause` has returned, no reply begins. Only `sending` is synced:
        with a power cut the page goes too, and what was typed there and not sent has reached nobody.
        """
        with self._store.write(synced=state is ReplyState.sending):
            reply = self.reply(reply_id)
            if self.is_paused(reply.shop, reply.conversation_key):
                return reply
            return self._go(reply, state)
