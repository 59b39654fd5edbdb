"""The story of a turn, told from a real ledger."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bots.story import Step, steps_of
from storage.calls import Call, Letter
from storage.ledger import Ledger
from storage.records import Reply, ReplyState, Sender, ShopState, Turn
from tests.standing import clock as clock
from tests.standing import ledger as ledger
from tests.storage.hands import HandClock, ask, draft, say

ROOT = Path(__file__).resolve().parents[2]
EVENT = re.compile(r'(?:\bevent\(|\.event,|self\._tell\()\s*"(\w+)"')
PHONE = "138" + "1234" + "5678"


def read(ledger: Ledger, clock: HandClock, *, asked_before: float | None = 0.5) -> Turn:
    """A turn seen now, whose thread was read 120 ms later."""
    turn = ask(ledger, clock)
    asked_at = None if asked_before is None else clock.now() - timedelta(seconds=asked_before)
    clock.go(0.12)
    message = replace(say("m1", f"什么时候发货，打{PHONE}"), at=asked_at)
    ledger.fill_turn(turn.id, [message], asked_at=asked_at)
    return turn


def decide(ledger: Ledger, clock: HandClock, turn: Turn, outcome: str = "answer") -> None:
    clock.go(0.03)
    ledger.decide_turn(turn.id, outcome=outcome, entry="ship", confidence=0.97, reason="有把握")


def say_it(ledger: Ledger, clock: HandClock, turn: Turn, end: ReplyState, why: str = "") -> Reply:
    """A reply taken to its end, 10 ms a step."""
    clock.go(0.01)
    reply = draft(ledger, turn)
    for step in (ReplyState.typing, ReplyState.sending):
        clock.go(0.01)
        ledger.move(reply.id, step)
    clock.go(0.01)
    return ledger.move(reply.id, end, why=why, message_key="o1" if end is ReplyState.confirmed else None)


def told(ledger: Ledger, turn: Turn) -> list[Step]:
    return steps_of(ledger.story(turn.id))


def test_an_answered_turn_with_the_time_of_each_step(ledger: Ledger, clock: HandClock) -> None:
    clock.go(10)
    turn = read(ledger, clock)
    decide(ledger, clock, turn)
    say_it(ledger, clock, turn, ReplyState.confirmed)
    steps = told(ledger, turn)
    assert [(step.what, step.after_ms) for step in steps] == [
        ("shop_state", None),  # it was so before
        ("asked", None),
        ("seen", 500),
        ("read", 120),
        ("decided", 30),
        ("drafted", 10),
        ("typing", 10),
        ("sending", 10),
        ("confirmed", 10),
    ]
    assert all(step.at is not None for step in steps)
    assert [step.what for step in steps if step.clock == "console"] == ["asked"]
    assert "条目 ship，把握 0.97" in steps[4].text
    assert not any(PHONE in step.text for step in steps)
    assert ledger.story(turn.id).until == clock.now()


def test_what_the_ledger_has_no_moment_for_is_said_to_be_missing(ledger: Ledger, clock: HandClock) -> None:
    turn = read(ledger, clock, asked_before=None)
    steps = told(ledger, turn)
    missing = {step.what: step.text for step in steps if step.at is None}
    assert set(missing) == {"asked", "decided"}
    assert "没有显示时间" in missing["asked"]
    ledger.decide_turn(turn.id, outcome="answer", entry=None, confidence=None, reason="")
    ledger._store.run("update turns set decided_at = null")  # as turns were before that was kept
    assert [step.what for step in told(ledger, turn)] == ["asked", "seen", "shop_state", "read", "decided"]
    assert told(ledger, turn)[-1].at is None


def test_a_console_that_shows_minutes_only_gives_no_moment(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    minute = clock.now().replace(second=0)
    clock.go(70)
    ledger.fill_turn(turn.id, [replace(say("m1"), at=minute)], asked_at=None)
    ledger.record_messages(turn.conversation_id, [replace(say("p1", "在", sender=Sender.shop), at=minute)])
    steps = {step.what: step for step in told(ledger, turn)}
    shown = f"（后台只显示 {minute.astimezone():%H:%M}）"
    assert (steps["asked"].at, shown in steps["asked"].text) == (None, True)
    assert (steps["person"].at, shown in steps["person"].text) == (clock.now(), True)


def test_whatever_happened_meanwhile_is_told_in_the_operators_language(ledger: Ledger, clock: HandClock) -> None:
    turn = read(ledger, clock)
    kinds = set()
    for folder in ("bots", "flows", "storage", "board"):
        for path in (ROOT / folder).rglob("*.py"):
            kinds |= set(EVENT.findall(path.read_text("utf-8")))
    assert {"go_live", "rehearsal", "key_gone", "transfer"} <= kinds
    for kind in [*sorted(kinds - {"shop_state", "pause", "resume", "pace"}), "from_a_newer_version"]:
        ledger.event(kind, shop=turn.shop)
    ledger.event("rehearsal", why="都正常")
    words = {step.what: step.text for step in told(ledger, turn) if step.what in kinds | {"from_a_newer_version"}}
    assert not [text for text in words.values() if re.search("[A-Za-z]", text)]
    assert [kind for kind, text in words.items() if text == "另有一条记录"] == ["from_a_newer_version"]
    assert (words["go_live"], words["rehearsal"]) == ("店铺上线，可以回答了", "班前检查：都正常")


@pytest.mark.parametrize("end", [ReplyState.stale, ReplyState.blocked, ReplyState.failed, ReplyState.unverified])
def test_how_a_reply_ended_when_and_why(ledger: Ledger, clock: HandClock, end: ReplyState) -> None:
    turn = read(ledger, clock)
    decide(ledger, clock, turn)
    reply = say_it(ledger, clock, turn, end, why="买家又说话了")
    last = told(ledger, turn)[-1]
    assert (last.what, last.at, last.after_ms) == (end.value, clock.now(), 10)
    assert "买家又说话了" in last.text
    assert reply.ended_at == clock.now()


def test_an_unverified_reply_that_was_seen_later_shows_both(ledger: Ledger, clock: HandClock) -> None:
    turn = read(ledger, clock)
    reply = say_it(ledger, clock, turn, ReplyState.unverified)
    clock.go(3)
    ledger.move(reply.id, ReplyState.confirmed, message_key="o1")
    steps = [step for step in told(ledger, turn) if step.what in ("unverified", "confirmed")]
    assert [(step.what, step.after_ms) for step in steps] == [("unverified", 10), ("confirmed", 3000)]


def test_people_their_alerts_and_their_word(ledger: Ledger, clock: HandClock) -> None:
    turn = read(ledger, clock)
    decide(ledger, clock, turn, "handoff")
    deadline = clock.now() + timedelta(minutes=2)
    handoff = ledger.hand_over(turn.id, reason="要人工", urgent=True, deadline_at=deadline)
    clock.go(1)
    letter = Letter(person="小王", kind="call", title="要处理", text="", calls=(f"handoff/{handoff.id}",))
    other = Letter(person="小李", kind="call", title="别的店", text="", calls=("shop/cup",))
    key, began = letter.calls[0], clock.now()
    call = Call(key=key, kind="handoff", shop="tea", subject="", severity="alert", began_at=began)
    alert, _other = ledger.record_alerts([call], [letter, other])
    ledger.alert_leaves(alert.id, "值班群")
    clock.go(1)
    ledger.alert_sent(alert.id)
    clock.go(1)
    ledger.acknowledge(alert.code, "小王")
    clock.go(5)
    ledger.claim(handoff.id, "小王")
    clock.go(20)
    word = replace(say("p1", "马上给您查", sender=Sender.shop), at=clock.now())
    clock.go(1)
    ledger.record_messages(turn.conversation_id, [word])
    ledger.person_replied(turn.conversation_id, word.at or clock.now())
    whats = [step.what for step in told(ledger, turn)]
    assert whats[5:] == [
        "handoff",
        "alert",
        "alert sent",
        "acknowledged",
        "claimed",
        "person",
        "answered",
        "done",  # by what the person said, at the same moment
    ]
    texts = "\n".join(step.text for step in told(ledger, turn))
    assert "小王 认领" in texts and "马上给您查" in texts and "发到了 值班群" in texts and "别的店" not in texts


def test_a_person_on_a_console_of_minutes_ends_nothing_before_it_began(ledger: Ledger, clock: HandClock) -> None:
    turn = read(ledger, clock)
    ledger.hand_over(turn.id, reason="要人工", urgent=True, deadline_at=clock.now())
    minute = clock.now().replace(second=0, microsecond=0)
    clock.go(5)
    word = replace(say("p1", "马上给您查", sender=Sender.shop), at=minute)
    ledger.record_messages(turn.conversation_id, [word])
    ledger.person_replied(turn.conversation_id, minute)
    steps = told(ledger, turn)
    assert [step.what for step in steps][-4:] == ["handoff", "person", "answered", "done"]
    assert [step.at for step in steps[-3:]] == [clock.now()] * 3
    assert not [step for step in steps if step.after_ms is not None and step.after_ms < 0]


def test_a_doubt_stands_before_the_handoff_that_it_brings(ledger: Ledger, clock: HandClock) -> None:
    turn = read(ledger, clock)
    decide(ledger, clock, turn)
    say_it(ledger, clock, turn, ReplyState.unverified)
    ledger.hand_over(turn.id, reason="没有看到气泡", urgent=True, deadline_at=clock.now())
    assert [step.what for step in told(ledger, turn)][-2:] == ["unverified", "handoff"]


def test_a_decision_that_a_later_one_took_the_place_of_is_told_of(ledger: Ledger, clock: HandClock) -> None:
    turn = read(ledger, clock)
    decide(ledger, clock, turn)
    say_it(ledger, clock, turn, ReplyState.stale)
    decide(ledger, clock, turn, "hold")
    say_it(ledger, clock, turn, ReplyState.confirmed)
    steps = told(ledger, turn)
    first, second = (step.text for step in steps if step.what == "drafted")
    assert "条目 ship" in first and "在日志里" in first
    assert "在日志里" not in second
    (decided,) = (step for step in steps if step.what == "decided")
    assert steps.index(decided) == len(steps) - 5


def test_what_was_said_later_to_another_question_is_no_part_of_it(ledger: Ledger, clock: HandClock) -> None:
    turn = read(ledger, clock)
    say_it(ledger, clock, turn, ReplyState.confirmed)
    ledger.record_messages(turn.conversation_id, [say("o1", "今天发", sender=Sender.shop)])
    clock.go(60)
    later = ask(ledger, clock)
    ledger.fill_turn(later.id, [say("m2", "能便宜吗")], asked_at=None)
    ledger.record_messages(turn.conversation_id, [say("p1", "不能", sender=Sender.shop)])
    assert [step.what for step in told(ledger, turn)].count("person") == 0
    assert [step.what for step in told(ledger, later)].count("person") == 1


def test_pauses_and_the_shops_state_before_and_meanwhile(ledger: Ledger, clock: HandClock) -> None:
    ledger.pause(shop="tea", conversation="b9", by="小李")
    ledger.pause(shop="tea", by="小王")
    ledger.pause(shop=None, by="小张")
    ledger.resume(shop=None, by="小张")
    clock.go(3600)
    turn = read(ledger, clock)
    clock.go(5)
    ledger.resume(shop="tea", by="小王")
    ledger.set_shop_state("tea", ShopState.degraded, "断线了")
    clock.go(5)
    steps = told(ledger, turn)
    texts = [step.text for step in steps]
    assert sum("小王 让这家店暂停" in text for text in texts) == 1
    assert sum("小王 让这家店恢复" in text for text in texts) == 1
    assert sum("连不上：断线了" in text for text in texts) == 1
    assert not any("小张" in text for text in texts)
    assert [step.after_ms for step in steps if "值守中" in step.text] == [None]


def test_a_turn_nobody_has_opened_yet(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    assert {step.what: step.at for step in told(ledger, turn)} == {
        "asked": None,
        "seen": clock.now(),
        "shop_state": clock.now(),
        "read": None,
        "decided": None,
    }
    assert ledger.story(turn.id).until is None
