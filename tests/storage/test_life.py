"""Whatever happens in whatever order, what the ledger says holds together."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from storage.ledger import Ledger
from storage.records import HandoffState, Kind, Reply, ReplyKind, ReplyState, Said, Sender, Turn, TurnState
from tests.fresh import fresh
from tests.storage.hands import HandClock

buyers = st.sampled_from(["b1", "b2"])
number = st.integers(min_value=1, max_value=6)


class Life(RuleBasedStateMachine):
    """A ledger to which anything is done; what is not legal must change nothing."""

    @initialize()
    def open(self) -> None:
        self.folder = TemporaryDirectory()
        self.clock = HandClock()
        self.ledger = Ledger.open(fresh(Path(self.folder.name) / "ledger.db"), self.clock)
        self.ledger.put_shop("tea", title="茶叶店", console="plain", platform="practice")
        self.sent: set[int] = set()

    def teardown(self) -> None:
        self.ledger.close()
        self.folder.cleanup()

    @rule(buyer=buyers)
    def ask(self, buyer: str) -> None:
        turn = self.ledger.open_turn("tea", buyer, seen_at=self.clock.go(1))
        said = Said(key=f"m{turn.id}", sender=Sender.buyer, kind=Kind.text, text="在吗", at=None)
        self.ledger.fill_turn(turn.id, [said], asked_at=None)

    @rule(turn=number, kind=st.sampled_from(ReplyKind))
    def draft(self, turn: int, kind: ReplyKind) -> None:
        with suppress(ValueError):
            self.ledger.draft(turn, kind=kind, entry=None, text="今天发", newest_key="m1")

    @rule(reply=number, state=st.sampled_from(ReplyState), bubble=number)
    def move(self, reply: int, state: ReplyState, bubble: int) -> None:
        self.clock.go(1)
        with suppress(ValueError):
            key = f"o{bubble}" if state is ReplyState.confirmed else None
            self.ledger.move(reply, state, message_key=key)
            if state is ReplyState.sending:
                assert reply not in self.sent, "sent twice"
                self.sent.add(reply)

    @rule(turn=number, urgent=st.booleans())
    def hand_over(self, turn: int, urgent: bool) -> None:
        with suppress(ValueError):
            deadline = self.clock.now() + timedelta(minutes=1)
            self.ledger.hand_over(turn, reason="要人工", urgent=urgent, deadline_at=deadline)

    @rule(handoff=number)
    def claim(self, handoff: int) -> None:
        with suppress(ValueError):
            self.ledger.claim(handoff, "小王")

    @rule(handoff=number)
    def finish(self, handoff: int) -> None:
        with suppress(ValueError):
            self.ledger.finish(handoff, "小李")

    @rule(turn=number, state=st.sampled_from(TurnState))
    def close(self, turn: int, state: TurnState) -> None:
        with suppress(ValueError):
            self.ledger.close_turn(turn, state)

    @rule(buyer=buyers, keep=st.none() | number)
    def person(self, buyer: str, keep: int | None) -> None:
        conversation = self.ledger.conversation("tea", buyer)
        self.ledger.person_replied(conversation.id, self.clock.go(1), keep=keep)

    @rule(buyer=buyers)
    def robot(self, buyer: str) -> None:
        self.ledger.robot_replied(self.ledger.conversation("tea", buyer).id, self.clock.go(1))

    @invariant()
    def a_turn_was_answered_if_and_only_if_somebody_did(self) -> None:
        for turn in self.turns():
            answered = turn.state is TurnState.answered
            assert answered == (turn.reply_at is not None) == (turn.reply_by is not None) or turn.state in (
                TurnState.ignored,
                TurnState.observed,
            )
            assert (turn.holding_at is None) == (turn.holding_by is None)

    @invariant()
    def a_handed_turn_is_with_somebody(self) -> None:
        pending = {handoff.turn_id for handoff in self.ledger.handoffs()}
        handed = {turn.id for turn in self.turns() if turn.state is TurnState.handed}
        assert handed <= pending
        assert len(pending) == len(self.ledger.handoffs())
        for handoff in self.ledger.handoffs(states=list(HandoffState)):
            assert (handoff.done_at is None) == (handoff.turn_id in pending and handoff.state != "done")

    @invariant()
    def replies_tell_how_far_they_went(self) -> None:
        for reply in self.ledger.all_replies():
            assert (reply.message_key is not None) == (reply.state is ReplyState.confirmed)
            assert (reply.confirmed_at is not None) == (reply.state is ReplyState.confirmed)
            assert (reply.sending_at is not None) == (reply.id in self.sent)
            assert reply.sending_at is None or _in_order(reply)

    @invariant()
    def nobody_is_counted_twice(self) -> None:
        (line,) = self.ledger.figures()
        counted = [turn for turn in self.turns() if turn.state not in (TurnState.ignored, TurnState.observed)]
        assert line.met <= line.due <= len(counted)
        assert line.waiting + line.answered <= len(counted)
        assert len(self.ledger.open_turns("tea")) <= line.waiting

    def turns(self) -> list[Turn]:
        with closing(sqlite3.connect(self.ledger._store.path)) as db:
            ids = [row[0] for row in db.execute("select id from turns")]
        return [self.ledger.turn(turn) for turn in ids]


def _in_order(reply: Reply) -> bool:
    moments = [reply.drafted_at, reply.typing_at, reply.sending_at, reply.confirmed_at]
    told = [moment for moment in moments if moment is not None]
    return told == sorted(told) and reply.typing_at is not None


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)

hostile = st.text(st.characters(), max_size=60) | st.sampled_from(
    [
        "'; drop table turns; --",
        "\x00",
        "\ud83d",
        "\u202e倒过来",
        "<script>alert(1)</script>",
        "长" * 20_000,
        "%s{}",
    ]
)


@given(text=hostile, key=hostile)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_text_comes_back_as_it_was(ledger: Ledger, clock: HandClock, text: str, key: str) -> None:
    turn = ledger.open_turn("tea", key, seen_at=clock.now())
    said = Said(key="m1", sender=Sender.buyer, kind=Kind.text, text=text, at=None)
    ledger.fill_turn(turn.id, [said], asked_at=None)
    whole = text.encode("utf-8", "replace").decode()
    assert ledger.open_turn("tea", key, seen_at=clock.now()).text == whole
    ledger.close_turn(turn.id, TurnState.ignored)
