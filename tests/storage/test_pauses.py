"""Pauses: taken, kept, taken back, and what they keep from beginning."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.ledger import Ledger
from storage.records import ReplyKind, ReplyState, TurnState
from tests.storage.hands import HandClock

DRAFTED, TYPING, SENDING = ReplyState.drafted, ReplyState.typing, ReplyState.sending


def drafted(ledger: Ledger, clock: HandClock, buyer: str) -> int:
    """A reply that is about to be typed."""
    turn = ledger.open_turn("tea", buyer, seen_at=clock.now())
    return ledger.draft(turn.id, kind=ReplyKind.answer, entry="发货", text="两天内", newest_key="m1").id


def test_the_first_order_stays_until_just_that_one_is_taken_back(ledger: Ledger, clock: HandClock) -> None:
    first = ledger.pause(shop="tea", by="小王")
    clock.go(60)
    assert ledger.pause(shop="tea", by="小李") == first
    assert (first.since, first.by) == (clock.go(-60), "小王")
    everything = ledger.pause(shop=None, by="店长")
    one = ledger.pause(shop="tea", conversation="b1", by="小王")
    assert ledger.pauses() == [everything, first, one]
    assert ledger.resume(shop=None, by="店长")
    assert not ledger.resume(shop=None, by="店长")
    assert ledger.pauses() == [first, one]
    kinds = [(event.kind, event.shop, event.detail["by"]) for event in ledger.events()]
    assert kinds == [
        ("pause", "tea", "小王"),
        ("pause", None, "店长"),
        ("pause", "tea", "小王"),
        ("resume", None, "店长"),
    ]


def test_a_pause_outlives_its_process_and_reaches_shops_that_come_later(
    ledger: Ledger, path: Path, clock: HandClock
) -> None:
    ledger.pause(shop=None, by="店长")
    other = Ledger.open(path, clock)
    other.put_shop("cup", title="杯子店", console="plain", platform="practice")
    assert other.is_paused("cup", "b1")
    assert [line.pause for line in other.figures()] == other.pauses() * 2
    other.close()


@pytest.mark.parametrize(
    ("shop", "conversation", "begins"),
    [
        (None, None, DRAFTED),
        ("tea", None, DRAFTED),
        ("tea", "b1", DRAFTED),
        ("tea", "b2", TYPING),
        ("cup", None, TYPING),
    ],
)
def test_what_a_pause_covers_does_not_begin(
    ledger: Ledger, clock: HandClock, shop: str | None, conversation: str | None, begins: ReplyState
) -> None:
    reply = drafted(ledger, clock, "b1")
    ledger.pause(shop=shop, conversation=conversation, by="小王")
    assert ledger.begin(reply, TYPING).state is begins


@pytest.mark.parametrize(("paused", "state"), [(False, TYPING), (True, DRAFTED)])
def test_a_reply_is_taken_up_unless_a_pause_covers_it(
    ledger: Ledger, clock: HandClock, paused: bool, state: ReplyState
) -> None:
    turn = ledger.open_turn("tea", "b1", seen_at=clock.now())
    if paused:
        ledger.pause(shop="tea", by="小王")
    reply = ledger.take_up(turn.id, kind=ReplyKind.answer, entry="发货", text="两天内", newest_key="m1")
    assert (reply.state, reply.text, reply.drafted_at) == (state, "两天内", clock.now())
    assert reply.typing_at == (None if paused else clock.now())
    assert ledger.all_replies() == [reply]
    ledger.close_turn(turn.id, TurnState.ignored)
    with pytest.raises(ValueError, match="ended"):
        ledger.take_up(turn.id, kind=ReplyKind.answer, entry="发货", text="两天内", newest_key="m1")
    assert ledger.all_replies() == [reply]


def test_what_people_want_is_told_in_one(ledger: Ledger) -> None:
    pause = ledger.pause(shop="cup", by="小王")
    asked = ledger.command("tea", "return")
    ledger.set_command(ledger.command("tea", "return").id, "done")
    ledger.command("cup", "return")
    assert ledger.orders_for(["tea"]) == ([pause], [asked])


def test_what_is_typed_is_not_sent_once_a_pause_holds(ledger: Ledger, clock: HandClock) -> None:
    reply = drafted(ledger, clock, "b1")
    ledger.begin(reply, TYPING)
    ledger.pause(shop="tea", by="小王")
    kept = ledger.begin(reply, SENDING)
    assert (kept.state, kept.sending_at) == (TYPING, None)
    ledger.resume(shop="tea", by="小王")
    assert ledger.begin(reply, SENDING).state is SENDING
