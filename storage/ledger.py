"""The ledger: everything that was asked, decided, sent and handed over, in one SQLite file.

Each change is one transaction, committed before the call returns. A ledger belongs to the thread that
opened it; asyncio code goes through `storage/thread.py`. Any SQLite tool can read the file meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from base.clock import Clock
from storage.alerts import Alerts
from storage.drifts import Drifts
from storage.exchanges import Exchanges
from storage.meter import THREE_MINUTES, figures
from storage.nights import Nights
from storage.pauses import Pauses
from storage.queues import Queues
from storage.records import Handoff, Known, Reply, ReplyState, Said, ShopFigures, TurnState, Wait
from storage.rolls import Rolls
from storage.shops import Shops
from storage.store import Store
from storage.versions import Versions


class Ledger(Shops, Pauses, Nights, Exchanges, Queues, Drifts, Versions, Rolls, Alerts):
    """All parts of the ledger over one file."""

    @classmethod
    def open(cls, path: Path, clock: Clock) -> Ledger:
        """The ledger at `path`, made if it is new.

        Raises `LedgerUnavailable`, as every other call may, saying what to do: disk full, read-only folder,
        locked for too long, damaged, or written by a newer version.
        """
        return cls(Store.open(path), clock)

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def attend(self, shop: str, key: str, messages: Sequence[Said]) -> Known:
        """Store what stands in a conversation that is looked at now, and tell what is known of it."""
        with self._store.write(synced=False):
            conversation = self.conversation(shop, key)
            self.record_messages(conversation.id, messages)
            return Known(
                conversation=conversation,
                replies=tuple(self.replies(conversation.id)),
                turn=self.last_turn(conversation.id),
                handoffs=tuple(self.handoffs(conversation=conversation.id)),
                answered=self.answered(conversation.id),
            )

    def settle(
        self, reply: Reply, state: ReplyState, *, bubble: str | None, doubt: str, deadline_at: datetime
    ) -> Handoff | None:
        """Note what an unfinished reply has become, by the page; all of it at once: what is noted by halves would
        be said again after a crash.

        What an unverified one answers is not decided on again, and its turn, if that still waits, is put before a
        person: `doubt` is the reason, and the handoff is given back.
        """
        with self._store.write():
            self.move(reply.id, state, why="按页面上看到的结清", message_key=bubble)
            if state is not ReplyState.unverified:
                return None
            self.note_conversation(reply.conversation_id, handled_key=reply.newest_key)
            if self.turn(reply.turn_id).state not in (TurnState.open, TurnState.handed):
                return None
            return self.hand_over(reply.turn_id, reason=doubt, urgent=True, deadline_at=deadline_at)

    def figures(self, *, since: datetime | None = None) -> list[ShopFigures]:
        """A line for each shop, over turns seen since a moment (None: all) and those still open.

        Takes about a second for 100,000 turns: what draws often gives a moment.
        """
        waits: dict[str, list[Wait]] = {}
        for wait in self.waits(since):
            waits.setdefault(wait.shop, []).append(wait)
        now = self._clock.now()
        pauses = self.pauses()
        lines = []
        for row in self.shop_rows():
            counted = figures(waits.get(row.shop, []), threshold=THREE_MINUTES, now=now)
            pause = next((pause for pause in pauses if pause.covers(row.shop)), None)
            line = ShopFigures(shop=row.shop, title=row.title, state=row.state, pause=pause, **asdict(counted))
            lines.append(line)
        return lines

    def backup(self, path: Path) -> None:
        """Copy the ledger to `path`, whole or not at all; raises `LedgerUnavailable`."""
        self._store.backup(path)
