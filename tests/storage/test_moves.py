"""Every move of a reply, legal or not."""

from __future__ import annotations

from itertools import product

import pytest

from storage.ledger import Ledger
from storage.records import ReplyState as S
from tests.storage.hands import WAY, HandClock, ask, draft, take

LEGAL = {
    S.drafted: {S.typing, S.stale, S.blocked, S.failed},
    S.typing: {S.sending, S.stale, S.blocked, S.failed},
    S.sending: {S.confirmed, S.unverified, S.blocked, S.failed, S.stale},
    S.unverified: {S.confirmed},
}
MOMENTS = {S.typing: "typing_at", S.sending: "sending_at", S.confirmed: "confirmed_at"}


def bubble(state: S) -> str | None:
    return "o1" if state is S.confirmed else None


@pytest.mark.parametrize(("old", "new"), list(product(S, S)))
def test_move(ledger: Ledger, clock: HandClock, old: S, new: S) -> None:
    reply = take(ledger, draft(ledger, ask(ledger, clock)), old)
    assert reply.state is old
    later = clock.go(1)
    if new in LEGAL.get(old, set()):
        moved = ledger.move(reply.id, new, message_key=bubble(new))
        assert moved.state is new
        assert moved.message_key == bubble(new)
        assert {name for name in MOMENTS.values() if getattr(moved, name) == later} == (
            {MOMENTS[new]} if new in MOMENTS else set()
        )
        assert ledger.reply(reply.id) == moved
    else:
        with pytest.raises(ValueError, match=f"from {old} to {new}"):
            ledger.move(reply.id, new, message_key=bubble(new))
        assert ledger.reply(reply.id) == reply


@pytest.mark.parametrize(("new", "key"), [(S.confirmed, None), (S.unverified, "o1"), (S.failed, "o1")])
def test_only_a_confirmed_reply_has_a_bubble(ledger: Ledger, clock: HandClock, new: S, key: str | None) -> None:
    reply = take(ledger, draft(ledger, ask(ledger, clock)), S.sending)
    with pytest.raises(ValueError, match="key of a message"):
        ledger.move(reply.id, new, message_key=key)
    assert ledger.reply(reply.id) == reply


def test_every_state_is_on_a_way() -> None:
    assert set(WAY) == set(S)
