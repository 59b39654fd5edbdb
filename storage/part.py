"""What all parts of the ledger share: the store and the clock."""

from __future__ import annotations

from base.clock import Clock
from storage.store import Store


class Part:
    """Base of the ledger's parts, each of which owns a few tables."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
