"""What the console shows beside a thread, as words that an answer may say to the buyer. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from base.spoken import say_time
from flows.views import read_deadline
from knowledge.answers import SEEN

_DEADLINES = frozenset({"order.ship_by"})
# More than so much is no value but a piece of the page.
_MOST = 80


def views_of(
    facts: Mapping[str, str], orders: Sequence[Mapping[str, str]] | None, now: datetime, zone: ZoneInfo
) -> tuple[Mapping[str, str], ...]:
    """All that is seen beside a thread as an answer may say it: once for each of the buyer's orders.

    `orders`: none where the page shows that there is none, None where it does not tell.
    """
    product = {name: value for name, value in facts.items() if not name.startswith("order.")}
    if not orders:
        return (words_of(product, now, zone) | ({} if orders is None else {"order": "none"}),)
    return tuple({**words_of(product | dict(order), now, zone), "order": "some"} for order in orders)


def words_of(facts: Mapping[str, str], now: datetime, zone: ZoneInfo) -> dict[str, str]:
    """The facts that can be said; a deadline that has passed, or that is no time, cannot."""
    said = {}
    for name in SEEN:
        text = " ".join(facts.get(name, "").split())
        if name in _DEADLINES:
            moment = read_deadline(text, now, zone)
            text = say_time(moment, now, zone) if moment is not None and moment >= now else ""
        if 0 < len(text) <= _MOST:
            said[name] = text
    return said
