"""Taking up what the ledger holds open of a shop: nobody's time begins anew with the worker that serves them."""

from __future__ import annotations

from datetime import timedelta

from base.clock import Clock
from flows.inbox import Inbox
from flows.look import HOLD_BEFORE
from flows.situation import Outcome
from storage.ledger import Ledger
from storage.records import Turn
from storage.thread import LedgerThread


async def take_up(shop: str, inbox: Inbox, ledger: LedgerThread, clock: Clock) -> list[Turn]:
    """Have those served whose turns or replies are unfinished; gives the turns that are open."""
    now, moment = clock.steady(), clock.now()

    def since(turn: Turn) -> float:
        return now - (moment - turn.seen_at).total_seconds()

    open_turns = await ledger(Ledger.open_turns, shop)
    for turn in open_turns:
        inbox.add(turn.conversation_key, now, since=since(turn))
    # Who is left to people and was told nothing yet is told so before the time is up; where people were not to
    # answer first, at once: what was to be said there was cut off. Who waits has said more.
    untold = await ledger(Ledger.untold_turns, shop, moment - timedelta(seconds=inbox.threshold))
    known = {waiter.key for waiter in inbox.waiting()}
    for turn in (turn for turn in untold if turn.conversation_key not in known):
        first = turn.outcome == Outcome.handoff
        at = since(turn) + inbox.threshold - HOLD_BEFORE if first else now
        inbox.add(turn.conversation_key, now, since=since(turn), at=at)
    for reply in await ledger(Ledger.unfinished, shop):
        inbox.add(reply.conversation_key, now)
    for handoff in await ledger(Ledger.handoffs, shop=shop):
        inbox.watch(handoff.conversation_key)
    return open_turns
