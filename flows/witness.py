"""What a person gets to see of a reply that may or may not have arrived: a picture and the thread as read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from base.errors import ConsoleError
from base.masking import mask
from flows.page import ConsolePage
from flows.trail import trail
from flows.views import OpenThread
from storage.ledger import Ledger
from storage.records import Handoff, Reply
from storage.thread import LedgerThread

_MOST_BUBBLES = 12
# A page that is dead may never answer: the visit goes on without a picture.
_PICTURE_SECONDS = 4.0


class Shelf(Protocol):
    """Where evidence is kept, for its owner alone."""

    async def keep(self, name: str, content: str | bytes) -> str | None:
        """The path of the new file; None when it could not be written, which is logged."""
        ...

    async def drop(self, path: str) -> None:
        """Remove a file that is of no more use."""
        ...


async def testify(
    page: ConsolePage, ledger: LedgerThread, shelf: Shelf, handoff: Handoff, reply: Reply, thread: OpenThread
) -> None:
    """Add to a handoff, which is on record already, what the page shows; never fails for the page's sake."""
    await ledger(Ledger.note_seen, handoff.id, account(reply, thread))
    try:
        async with asyncio.timeout(_PICTURE_SECONDS):
            picture = await page.picture()
    except (ConsoleError, TimeoutError) as error:
        log = trail(handoff.shop, handoff.turn_id)
        log.warning("no picture for handoff {}: {}", handoff.id, mask(str(error)))
        return
    path = await shelf.keep(f"{handoff.shop}-handoff-{handoff.id}.png", picture)
    if path is not None:
        await ledger(Ledger.note_picture, handoff.id, path)


def account(reply: Reply, thread: OpenThread) -> Mapping[str, Any]:
    """What was to be said and when, and the newest bubbles that stood there, oldest first; masked, plain data."""
    return {
        "reply": reply.id,
        "meant": mask(reply.text),
        "sending_at": _text(reply.sending_at),
        "bubbles": [
            {
                "sender": said.sender.value,
                "kind": said.kind.value,
                "text": mask(said.text),
                "at": _text(said.at),
                "failed": said.key in thread.failed,
            }
            for said in thread.messages[-_MOST_BUBBLES:]
        ],
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
