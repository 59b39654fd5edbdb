"""What was asked with what people said next: bots' own words and later matters left out."""

from __future__ import annotations

from datetime import timedelta

from storage.ledger import Ledger
from storage.records import ReplyState, Sender
from tests.storage.hands import HandClock, ask, draft, say, take


def test_what_people_said_next_goes_with_the_question(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    ledger.fill_turn(turn.id, [say("m1", "能开票吗"), say("m2", "专票")], asked_at=None)
    ledger.decide_turn(turn.id, outcome="handoff", entry="", confidence=0.2, reason="不知道答案")
    spoken = [
        say("m3", "请稍等", sender=Sender.shop),
        say("m4", "机器人说的", sender=Sender.robot),
        say("m5", "可以的，亲", sender=Sender.shop),
        say("m6", "谢谢"),
        say("m7", "不客气", sender=Sender.shop),
    ]
    ledger.record_messages(turn.conversation_id, spoken)
    (found,) = ledger.exchanges(clock.now() - timedelta(days=1))
    assert (found.turn_id, found.shop, found.text, found.outcome) == (turn.id, "tea", "能开票吗\n专票", "handoff")
    assert found.said == ("请稍等", "可以的，亲")
    assert ledger.exchanges(clock.now() + timedelta(seconds=1)) == []


def test_what_a_bot_said_is_no_persons_word(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    ledger.fill_turn(turn.id, [say("m1", "几天到")], asked_at=None)
    take(ledger, draft(ledger, turn), ReplyState.confirmed, bubble="m2")
    ledger.record_messages(turn.conversation_id, [say("m2", "两天", sender=Sender.shop)])
    assert [found.said for found in ledger.exchanges(clock.now())] == [()]


def test_a_turn_without_words_is_left_out(ledger: Ledger, clock: HandClock) -> None:
    ask(ledger, clock)
    assert ledger.exchanges(clock.now()) == []
