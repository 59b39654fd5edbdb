"""Drift on record: it begins once, ends once, and the portraits stay."""

from __future__ import annotations

from typing import Any

import pytest

from storage.ledger import Ledger


@pytest.fixture
def shop(ledger: Ledger) -> str:
    ledger.put_shop("tea", title="茶叶店", console="plain", platform="practice")
    return "tea"


def kinds(ledger: Ledger) -> list[str]:
    return [event.kind for event in ledger.events() if event.kind.startswith("drift")]


def test_a_drift_that_goes_on_is_one(ledger: Ledger, shop: str) -> None:
    assert ledger.last_drift(shop) is None
    first = ledger.begin_drift(shop, "inbox.row", "电话13812345678")
    assert ledger.begin_drift(shop, "inbox.row", "again") == first
    assert (first.over_at, first.report, first.why) == (None, {}, "电话138****5678")
    ledger.note_mending(first.id, {"changes": []}, "/page.html")
    ledger.end_drift(shop)
    ledger.end_drift(shop)
    last = ledger.last_drift(shop)
    assert last is not None
    assert (last.id, last.page, last.report, last.over_at is not None) == (
        first.id,
        "/page.html",
        {"changes": []},
        True,
    )
    assert kinds(ledger) == ["drift", "drift_over"]


def test_another_key_is_another_drift(ledger: Ledger, shop: str) -> None:
    first = ledger.begin_drift(shop, "inbox.row", "一")
    second = ledger.begin_drift(shop, "thread.root", "二")
    assert (second.id != first.id, ledger.last_drift(shop)) == (True, second)
    ledger.end_drift(shop)
    assert ledger.begin_drift(shop, "thread.root", "三").id != second.id


def test_portraits_are_kept_by_shop(ledger: Ledger, shop: str) -> None:
    assert ledger.portraits(shop) == {}
    every: list[dict[str, Any]] = [{"places": {"a": 1}}, {"places": {}}]
    for kept in every:
        ledger.put_portraits(shop, kept)
        assert ledger.portraits(shop) == kept
