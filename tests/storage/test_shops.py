"""Shops: put, their states, heartbeats, and going live."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.ledger import Ledger
from storage.records import ShopState
from tests.storage.hands import HandClock


def test_new_shop(ledger: Ledger, clock: HandClock) -> None:
    row = ledger.shop_row("tea")
    assert (row.title, row.console, row.platform) == ("茶叶店", "plain", "practice")
    assert (row.state, row.why, row.state_since) == (ShopState.stopped, "", clock.now())
    assert (row.beat_at, row.live_since) == (None, None)


def test_put_again_keeps_state_and_live_since(ledger: Ledger, clock: HandClock) -> None:
    ledger.set_shop_state("tea", ShopState.ready)
    ledger.go_live("tea")
    live = clock.now()
    clock.go(60)
    ledger.put_shop("tea", title="新名字", console="plain", platform="other")
    row = ledger.shop_row("tea")
    assert (row.title, row.console, row.platform) == ("新名字", "plain", "other")
    assert (row.state, row.state_since, row.live_since) == (ShopState.ready, live, live)


AT = {"title": "茶叶店", "console": "plain", "platform": "practice", "url": "https://a.test/", "account": "bot"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"console": "fancy"}, "后台"),
        ({"url": "https://b.test/"}, "网址"),
        ({"account": ""}, "账号"),
        ({"console": "fancy", "url": "https://b.test/", "account": "bot-2"}, "后台、网址、账号"),
    ],
)
def test_whoever_let_it_answer_meant_the_console_that_it_was_at(
    ledger: Ledger, clock: HandClock, changed: dict[str, str], told: str
) -> None:
    ledger.put_shop("tea", **AT)
    ledger.go_live("tea")
    since = clock.go(60)
    for _time in range(2):  # told once
        ledger.put_shop("tea", **AT | changed)
    assert ledger.shop_row("tea").live_since is None
    (event,) = ledger.severe_events(since - timedelta(hours=1))
    assert (event.kind, event.shop, event.severity, event.at) == ("go_live", "tea", "alert", since)
    assert str(event.detail["why"]).startswith(f"换了{told}，先只观察")
    ledger.go_live("tea")
    assert ledger.shop_row("tea").live_since == since
    assert ledger.severe_events(since - timedelta(hours=1)) == []


def test_a_shop_that_only_observes_is_moved_without_a_word(ledger: Ledger) -> None:
    ledger.put_shop("tea", **AT)
    ledger.put_shop("tea", **AT | {"url": "https://b.test/"})
    assert ledger.events() == []


def test_where_a_shop_is_that_an_older_version_let_answer_is_learned(ledger: Ledger) -> None:
    ledger.go_live("tea")
    ledger.put_shop("tea", **AT)
    row = ledger.shop_row("tea")
    assert (row.live_since is None, row.at) == (False, ("plain", "https://a.test/", "bot"))


def test_what_was_tried_at_one_console_lets_no_other_answer(ledger: Ledger) -> None:
    ledger.put_shop("tea", **AT)
    tried = ledger.shop_row("tea")
    ledger.put_shop("tea", **AT | {"account": "bot-2"})
    assert not ledger.go_live("tea", tried=tried)
    assert ledger.shop_row("tea").live_since is None
    assert ledger.go_live("tea", tried=ledger.shop_row("tea"))


@pytest.mark.parametrize(
    ("state", "severity"),
    [
        (ShopState.starting, "info"),
        (ShopState.ready, "info"),
        (ShopState.degraded, "warning"),
        (ShopState.needs_login, "alert"),
        (ShopState.captcha, "alert"),
        (ShopState.kicked, "alert"),
        (ShopState.no_permission, "alert"),
        (ShopState.drift, "alert"),
        (ShopState.paused, "info"),
        (ShopState.off_shift, "info"),
    ],
)
def test_new_state_is_an_event(ledger: Ledger, clock: HandClock, state: ShopState, severity: str) -> None:
    since = clock.go(5)
    ledger.set_shop_state("tea", state, "因为")
    row = ledger.shop_row("tea")
    assert (row.state, row.why, row.state_since) == (state, "因为", since)
    (event,) = ledger.events()
    assert (event.kind, event.shop, event.severity, event.at) == ("shop_state", "tea", severity, since)
    assert event.detail == {"old": "stopped", "new": state, "why": "因为"}


def test_same_state_is_no_event(ledger: Ledger, clock: HandClock) -> None:
    ledger.set_shop_state("tea", ShopState.degraded, "网络慢")
    since = clock.now()
    clock.go(5)
    ledger.set_shop_state("tea", ShopState.degraded, "打不开 13812345678")
    row = ledger.shop_row("tea")
    assert (row.why, row.state_since) == ("打不开 138****5678", since)
    assert len(ledger.events()) == 1


def test_beat(ledger: Ledger, clock: HandClock) -> None:
    for shop in ("cup", "pot"):
        ledger.put_shop(shop, title=shop, console="plain", platform="practice")
    read_at = clock.now()
    ledger.shop_beat({"tea": read_at, "cup": None, "unknown": None})
    later = clock.go(1)
    ledger.shop_beat({"tea": None, "cup": None})
    assert {row.shop: (row.beat_at, row.read_at) for row in ledger.shop_rows()} == {
        "cup": (later, None),
        "pot": (None, None),
        "tea": (later, read_at),
    }


def test_first_going_live_stays(ledger: Ledger, clock: HandClock) -> None:
    live = clock.now()
    ledger.go_live("tea")
    clock.go(60)
    ledger.go_live("tea")
    assert ledger.shop_row("tea").live_since == live
    assert [event.kind for event in ledger.events()] == ["go_live"]


def test_unknown_shop(ledger: Ledger) -> None:
    for call in (ledger.shop_row, ledger.go_live, lambda shop: ledger.set_shop_state(shop, ShopState.ready)):
        with pytest.raises(ValueError, match="没有店铺“cap”"):
            call("cap")
