"""What happens when the pack of a shop does not fit its page any more: it is put on record, with evidence."""

from __future__ import annotations

import asyncio

from loguru import logger

from base.errors import ConsoleError, PageChanged
from base.masking import mask
from bots.evidence import Evidence
from flows.desk import Desk
from flows.drift import told
from storage.ledger import Ledger
from storage.thread import LedgerThread

_MEND_SECONDS = 30.0


async def note_drift(desk: Desk, evidence: Evidence, ledger: LedgerThread, error: ConsoleError) -> None:
    """Begin to watch for the page to be right again, where that is what `error` says; any other ends the watch."""
    if not isinstance(error, PageChanged) or error.key.startswith("login."):
        if desk.drift.key:  # who was put before a person unread is looked at once there is a page again
            desk.look_again()
        desk.drift.key = ""
        return
    if desk.drift.key != error.key:
        desk.drift.key, desk.drift.why = error.key, str(error)
        await _keep(desk, evidence, ledger, error)


async def _keep(desk: Desk, evidence: Evidence, ledger: LedgerThread, error: PageChanged) -> None:
    """The drift at once, then what was tried, what is proposed and the masked page."""
    shop = desk.card.shop
    drift = await ledger(Ledger.begin_drift, shop, error.key, str(error))
    try:
        async with asyncio.timeout(_MEND_SECONDS):
            mending = await desk.drift.mend()
    except (ConsoleError, TimeoutError) as failure:
        logger.bind(shop=shop).warning("no evidence for drift {}: {}", drift.id, mask(str(failure)))
        return
    except Exception as failure:  # a fault of ours must not keep the shop from being watched
        logger.bind(shop=shop).opt(exception=failure).error("no evidence for drift {}", drift.id)
        return
    page = await evidence.keep(f"{shop}-drift-{drift.id}.html", mending.copy)
    await ledger(Ledger.note_mending, drift.id, told(mending, desk.page.pack.name), page)
