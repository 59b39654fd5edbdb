"""Drift in the ledger: what pages looked like while their packs fitted, and when they did not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from base.masking import mask
from storage.journal import Journal
from storage.records import Drift
from storage.rows import record


class Drifts(Journal):
    """The ledger's part for drift."""

    def put_portraits(self, shop: str, portraits: Mapping[str, Any]) -> None:
        """Keep what the elements of a shop's page look like, in place of what was kept before."""
        self._store.run(
            "insert into portraits (shop, taken_at, portraits) values (:shop, :now, :portraits)"
            " on conflict (shop) do update set taken_at = :now, portraits = :portraits",
            shop=shop,
            now=self._clock.now(),
            portraits=portraits,
        )

    def portraits(self, shop: str) -> Mapping[str, Any]:
        """What was kept of a shop's page; empty where nothing was."""
        row = self._store.row("select portraits from portraits where shop = :shop", shop=shop)
        return {} if row is None else dict(json.loads(row["portraits"]))

    def begin_drift(self, shop: str, key: str, why: str) -> Drift:
        """A shop's pack does not fit; one that goes on already stays as it is, unless another key broke."""
        with self._store.write():
            old = self.last_drift(shop)
            if old is not None and old.over_at is None:
                if old.key == key:
                    return old
                self._store.update("drifts", old.id, over_at=self._clock.now())
            self._store.insert("drifts", shop=shop, at=self._clock.now(), key=key, why=mask(why))
            self.event("drift", shop=shop, key=key, why=why)  # people are called for the shop's state
            fresh = self.last_drift(shop)
            assert fresh is not None  # noqa: S101 - put in just now
            return fresh

    def note_mending(self, drift_id: int, report: Mapping[str, Any], page: str | None) -> None:
        """What was tried and is proposed, and where a copy of the page lies."""
        self._store.update("drifts", drift_id, report=report, page=page)

    def end_drift(self, shop: str) -> None:
        """The page is right again."""
        with self._store.write():
            ended = self._store.run(
                "update drifts set over_at = :now where shop = :shop and over_at is null",
                shop=shop,
                now=self._clock.now(),
            )
            if ended:
                self.event("drift_over", shop=shop)

    def last_drift(self, shop: str) -> Drift | None:
        """The newest drift of a shop, whether or not it is over."""
        row = self._store.row("select * from drifts where shop = :shop order by id desc limit 1", shop=shop)
        return None if row is None else record(Drift, row)
