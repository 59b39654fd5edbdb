"""Which state of a reply may follow which; pure."""

from __future__ import annotations

from collections.abc import Mapping

from storage.records import ReplyState

MOVES: Mapping[ReplyState, frozenset[ReplyState]] = {
    ReplyState.drafted: frozenset({ReplyState.typing, ReplyState.stale, ReplyState.blocked, ReplyState.failed}),
    ReplyState.typing: frozenset({ReplyState.sending, ReplyState.stale, ReplyState.blocked, ReplyState.failed}),
    ReplyState.sending: frozenset(
        {ReplyState.confirmed, ReplyState.unverified, ReplyState.blocked, ReplyState.failed, ReplyState.stale}
    ),
    # A bubble seen late; sending again is for a person to decide.
    ReplyState.unverified: frozenset({ReplyState.confirmed}),
    ReplyState.confirmed: frozenset(),
    ReplyState.failed: frozenset(),
    ReplyState.stale: frozenset(),
    ReplyState.blocked: frozenset(),
}

UNFINISHED = (ReplyState.drafted, ReplyState.typing, ReplyState.sending)


def check_move(old: ReplyState, new: ReplyState, message_key: str | None) -> None:
    """Raises `ValueError` unless a reply may go from `old` to `new`; only a confirmed one has a bubble's key."""
    if new not in MOVES[old]:
        raise ValueError(f"a reply cannot go from {old} to {new}")
    if (new is ReplyState.confirmed) != (message_key is not None):
        raise ValueError(f"a {new} reply {'needs' if message_key is None else 'has no'} key of a message")
