"""The figures, from a real ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from board.metrics import FOLLOWED, Metrics, Scene
from bots.supervisor import WorkerFigures
from storage.ledger import Ledger
from storage.records import ReplyKind, ReplyState, ShopState, Turn, TurnState
from tests.storage.hands import HandClock, ask, draft, take

Figures = dict[tuple[str, ...], float]
Read = Callable[..., Figures]
LABELS = ("worker", "shop", "state", "outcome", "by", "le")


@pytest.fixture
def read(ledger: Ledger, clock: HandClock) -> Read:
    """Bring the figures up to date and read them: `figures["nightdesk_turns_total", "tea", "answer", "bot"]`."""
    return reader(ledger, clock, Metrics(ledger.newest_turn_id()))


def reader(ledger: Ledger, clock: HandClock, metrics: Metrics) -> Read:
    """A look at figures of one's own."""

    def look(
        workers: Sequence[WorkerFigures] = (), *, in_charge: bool = True, staffed: Mapping[str, bool] | None = None
    ) -> Figures:
        metrics.note(
            Scene(
                now=clock.now(),
                in_charge=in_charge,
                shops=ledger.shop_rows(),
                well={"tea": True},
                staffed=staffed or {},
                queues=ledger.queues(),
                turns=ledger.turns_after(metrics.newest, metrics.followed),
                workers=workers,
                knowledge_trouble=bool(ledger.knowledge_trouble()),
                roll_trouble=bool(ledger.roll_trouble()),
            )
        )
        families = text_string_to_metric_families(metrics.text().decode())
        return {
            (sample.name, *(sample.labels[name] for name in LABELS if name in sample.labels)): sample.value
            for family in families
            for sample in family.samples
        }

    return look


def answered(
    ledger: Ledger, clock: HandClock, buyer: str, seconds: float, kind: ReplyKind = ReplyKind.answer
) -> Turn:
    turn = ask(ledger, clock, buyer)
    ledger.decide_turn(turn.id, outcome=kind.value, entry=None, confidence=None, reason="")
    clock.go(seconds)
    take(ledger, draft(ledger, turn, kind), ReplyState.confirmed)
    return turn


def test_turns_are_counted_once_when_they_have_ended(ledger: Ledger, clock: HandClock, read: Read) -> None:
    key = ("nightdesk_turns_total", "tea", "answer", "bot")
    open_turn = ask(ledger, clock)
    assert read()[key] == 0
    answered(ledger, clock, "b2", 2)
    assert [read()[key], read()[key]] == [1, 1]
    ledger.decide_turn(open_turn.id, outcome="answer", entry=None, confidence=None, reason="")
    take(ledger, draft(ledger, open_turn), ReplyState.confirmed)
    assert read()[key] == 2
    ledger.close_turn(ask(ledger, clock, "b3").id, TurnState.ignored)
    assert read()["nightdesk_turns_total", "tea", "none", "nobody"] == 1


def test_what_was_before_this_process_is_not_counted_again(ledger: Ledger, clock: HandClock) -> None:
    answered(ledger, clock, "b1", 2)
    assert ledger.turns_after(Metrics(ledger.newest_turn_id()).newest) == []


def test_who_waits_as_this_process_begins_is_counted_when_they_are_answered(
    ledger: Ledger, clock: HandClock
) -> None:
    waiting, held = ask(ledger, clock, "b1"), answered(ledger, clock, "b2", 2, ReplyKind.hold)
    answered(ledger, clock, "b3", 2)
    clock.go(200)
    read = reader(ledger, clock, Metrics(ledger.newest_turn_id(), ledger.unended_turns(clock.now() - FOLLOWED)))
    count = ("nightdesk_first_reply_seconds_count", "tea", "answer")
    assert read()[count] == 0
    take(ledger, draft(ledger, waiting), ReplyState.confirmed)
    ledger.person_replied(held.conversation_id, clock.now())
    figures = read()
    assert figures[count] == 1
    assert figures["nightdesk_first_reply_seconds_bucket", "tea", "answer", "180.0"] == 0
    assert figures["nightdesk_first_reply_seconds_count", "tea", "hold"] == 0  # told by who was there before
    assert figures["nightdesk_turns_total", "tea", "hold", "person"] == 1


def test_what_may_come_is_there_before_it_comes(read: Read) -> None:
    """`increase()` sees nothing of what begins at one."""
    figures = read()
    for outcome in ("answer", "hold", "person", "robot"):
        assert figures["nightdesk_first_reply_seconds_count", "tea", outcome] == 0
        assert figures["nightdesk_first_reply_seconds_bucket", "tea", outcome, "180.0"] == 0
    assert figures["nightdesk_turns_total", "tea", "ignore", "nobody"] == 0
    assert not [key for key in figures if key[0].endswith("_created")]


@pytest.mark.parametrize(
    ("kind", "seconds", "outcome", "bound"),
    [(ReplyKind.answer, 0.2, "answer", "0.25"), (ReplyKind.hold, 180, "hold", "180.0")],
)
def test_the_first_reply_is_measured_once(
    ledger: Ledger, clock: HandClock, read: Read, kind: ReplyKind, seconds: float, outcome: str, bound: str
) -> None:
    turn = answered(ledger, clock, "b1", seconds, kind)
    figures = read()
    name = "nightdesk_first_reply_seconds"
    assert figures[f"{name}_bucket", "tea", outcome, bound] == 1
    assert figures[f"{name}_sum", "tea", outcome] == pytest.approx(seconds)
    clock.go(100)
    ledger.person_replied(turn.conversation_id, clock.now())
    assert read()[f"{name}_count", "tea", outcome] == 1


def test_a_persons_first_word_is_no_bots(ledger: Ledger, clock: HandClock, read: Read) -> None:
    turn = ask(ledger, clock)
    ledger.person_replied(turn.conversation_id, clock.go(5))
    figures = read()
    assert figures["nightdesk_first_reply_seconds_count", "tea", "person"] == 1
    assert figures["nightdesk_turns_total", "tea", "none", "person"] == 1


def test_a_handed_turn_that_nobody_finishes_is_let_go_after_a_day(
    ledger: Ledger, clock: HandClock, read: Read
) -> None:
    turn = ask(ledger, clock)
    ledger.hand_over(turn.id, reason="", urgent=False, deadline_at=clock.now())
    read()
    clock.go(timedelta(hours=25).total_seconds())
    read()
    ledger.person_replied(turn.conversation_id, clock.now())
    assert read()["nightdesk_turns_total", "tea", "none", "person"] == 0


def test_what_waits_and_how_long(ledger: Ledger, clock: HandClock, read: Read) -> None:
    figures = read()
    assert figures["nightdesk_oldest_open_turn_seconds", "tea"] == 0
    ask(ledger, clock, "b1")
    clock.go(10)
    ask(ledger, clock, "b2")
    handed = ask(ledger, clock, "b3")
    ledger.hand_over(handed.id, reason="", urgent=False, deadline_at=clock.now())
    doubted = ask(ledger, clock, "b4")
    take(ledger, draft(ledger, doubted), ReplyState.unverified)
    clock.go(30)
    figures = read()
    assert figures["nightdesk_open_turns", "tea"] == 3
    assert figures["nightdesk_oldest_open_turn_seconds", "tea"] == 40
    assert figures["nightdesk_open_handoffs", "tea"] == 1
    assert figures["nightdesk_oldest_open_handoff_seconds", "tea"] == 30
    assert figures["nightdesk_unverified_replies", "tea"] == 1


def test_the_shop_the_knowledge_and_who_is_in_charge(ledger: Ledger, clock: HandClock, read: Read) -> None:
    ledger.shop_beat({"tea": clock.now()})
    clock.go(4)
    ledger.set_shop_state("tea", ShopState.captcha)
    ledger.knowledge_broken("x", "改错了", "knowledge.yaml:3")
    ledger.roll_broken("改错了", "shops.yaml:3", "shops.yaml", 3)
    figures = read(in_charge=False)
    states = {key[2]: value for key, value in figures.items() if key[0] == "nightdesk_shop_state"}
    assert {state for state, value in states.items() if value} == {"captcha"}
    assert set(states) == set(ShopState)
    assert figures["nightdesk_shop_read_age_seconds", "tea"] == 4
    assert figures["nightdesk_knowledge_trouble",] == figures["nightdesk_shops_trouble",] == 1
    assert figures["nightdesk_in_charge",] == 0


def test_where_people_are_on_shift(read: Read) -> None:
    name = "nightdesk_people_on_shift"
    figures = read(staffed={"tea": True, "cup": False})
    assert (figures[name, "tea"], figures[name, "cup"]) == (1, 0)
    assert (name, "cup") not in read(staffed={"tea": True})


def test_workers(read: Read) -> None:
    key = ("nightdesk_worker_restarts_total", "1")
    first = WorkerFigures(number=1, restarts=2, memory=512)
    assert read([WorkerFigures(number=1, restarts=0, memory=512)])[key] == 0
    figures = read([first, WorkerFigures(number=2, restarts=1, memory=0)])
    assert figures[key] == 2
    assert figures["nightdesk_worker_restarts_total", "2"] == 1
    assert figures["nightdesk_worker_memory_bytes", "1"] == 512 * 2**20
    figures = read([WorkerFigures(number=2, restarts=2, memory=1)])  # the first one's shops are gone
    assert figures["nightdesk_worker_restarts_total", "2"] == 2
    assert ("nightdesk_worker_memory_bytes", "1") not in figures
