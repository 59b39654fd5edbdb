"""What the console shows beside a thread, as words that an answer may say to the buyer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from base.spoken import say_time
from flows.views import read_deadline
from knowledge.answers import SEEN

_DEADLINES = frozenset({"order.ship_by"})
# More than so much is no value but a piece of the page.
_MOST = 80


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
