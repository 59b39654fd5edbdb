"""The demo's judge: what a good run looks like to it, and that it sees each thing that can go wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bots.demo.judge import Phrasebook, Said, Verdict, blemished, heard, judge, plain
from knowledge.model import Knowledge
from storage.meter import percentile

KNOWLEDGE = Knowledge.model_validate(
    {
        "facts": {"时限": "48小时", "没填": ""},
        "entries": [
            {
                "id": "发货",
                "questions": "几时发",
                "answer": ["亲，{facts.时限}内发出", "您好，{facts.时限}内安排"],
            },
            {"id": "发票", "questions": "开票", "answer": "亲，订单页申请"},
            {"id": "没上线", "questions": "什么", "answer": "亲，{facts.没填}"},
        ],
        "holding": {"working": "亲，稍等", "after_hours": "亲，{resume}回复您"},
        "choose": "您问的是：{choices}？",
        "small_talk": {"greeting": "亲，在的", "thanks": "不客气"},
    }
)
ANSWER, INVOICE, HOLD = "亲，48小时内发出", "亲，订单页申请", "亲，明天9点回复您"
CHOOSE, TALK = "您问的是：1 发货？", "亲，在的"
BOT, PERSON = "bot-1", "xiaoli-1"


class Run:
    """A run as the console's truth tells it, and the bots' ledger beside it."""

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.intended: list[tuple[str, str, str]] = []
        self.queue: set[tuple[str, str]] = set()

    def turn(
        self,
        *got: str,
        topic: str | None = "发货",
        key: str = "u1",
        account: str = BOT,
        handed: bool = False,
        after: Sequence[int] = (1000, 2000, 3000),
        asked_last: int = 0,
        seen: Sequence[str] = ("b1", "b1", "b1"),
        **more: object,
    ) -> Run:
        """A buyer asked at 0 and got these texts; the ledger meant each of them for that buyer."""
        said = [
            {"shop": "shop-1", "conversation": key, "text": text, "at": at, "account": account, "seen": newest}
            for text, at, newest in zip(got, after, seen, strict=False)
        ]
        turn = {"shop": "shop-1", "conversation": key, "topic": topic, "needs_answer": True, "got": said,
                "asked_first": 0, "asked_last": asked_last}  # fmt: skip
        self.turns.append(turn | more)
        self.messages += said
        if account == BOT:
            self.intended += [("shop-1", key, plain(text)) for text in got]
        if handed:
            self.queue.add(("shop-1", key))
        return self

    def verdict(self) -> Verdict:
        truth = {"turns": self.turns, "messages": self.messages}
        return judge(truth, KNOWLEDGE, bots=frozenset({BOT}), intended=self.intended, queue=frozenset(self.queue))

    def blemished(self) -> list[str]:
        truth = {"turns": self.turns, "messages": self.messages}
        found = blemished(truth, KNOWLEDGE, bots=frozenset({BOT}), queue=frozenset(self.queue))
        return [turn["conversation"] for turn in found]


def test_the_turns_that_went_wrong_can_be_looked_up() -> None:
    run = Run().turn(ANSWER, key="good").turn(ANSWER, ANSWER, key="twice").turn(key="nobody")
    run.turn(HOLD, key="person", topic=None, handed=True).turn("不在知识库里的话", key="wrong")
    assert run.blemished() == ["twice", "nobody", "wrong"]


def test_a_run_that_went_well() -> None:
    run = Run().turn(ANSWER, key="u1").turn(HOLD, topic=None, key="u2", handed=True)
    run.turn(CHOOSE, key="u3").turn(CHOOSE, ANSWER, key="u4", seen=["b1", "b2"])
    got = run.verdict()
    assert (got.turns, got.answered, got.chosen, got.handed_off, got.waiting) == (4, 3, 2, 1, 0)
    assert (got.duplicates, got.misdelivered, got.wrong) == (0, 0, 0)
    assert got.shortcomings == []
    assert got.in_scope_answered == pytest.approx(2 / 3, abs=1e-4)
    assert got.rate_3min == 1.0
    assert got.first_reply_ms == {"p50": 1000, "p95": 1000, "p99": 1000}
    assert got.held_ms == {"p50": 1000, "p95": 1000, "p99": 1000}


def test_every_variant_and_several_answers_in_one_text_are_known() -> None:
    run = Run().turn("您好，48小时内安排").turn("亲，48小时内发出\n订单页申请", key="u2")
    assert run.verdict().answered == 2


@pytest.mark.parametrize(
    ("got", "topic", "wrong"),
    [
        ([ANSWER], "发货", 0),
        ([INVOICE], "发货", 1),  # another entry's answer
        ([ANSWER], None, 1),  # an answer where there is none
        (["亲，48小时内发出\n订单页申请"], "发货", 1),  # more than was asked
        (["亲，随便说说"], "发货", 1),  # words of nobody's
        (["亲，没填的"], "没上线", 1),
        ([HOLD], "发货", 0),
        ([CHOOSE], None, 0),
    ],
)
def test_wrong_answers(got: list[str], topic: str | None, wrong: int) -> None:
    assert Run().turn(*got, topic=topic, handed=True).verdict().wrong == wrong


@pytest.mark.parametrize(
    ("got", "seen", "duplicates"),
    [
        ([ANSWER], "1", 0),
        ([HOLD, ANSWER], "11", 0),
        ([ANSWER, ANSWER], "11", 1),
        ([ANSWER, "您好，48小时内安排"], "11", 1),  # said twice in other words
        ([HOLD, HOLD], "11", 1),
        ([HOLD, "亲，稍等"], "12", 1),
        ([ANSWER, ANSWER, ANSWER], "111", 2),
        ([CHOOSE, ANSWER], "12", 0),  # the buyer chose in between
        ([CHOOSE, ANSWER], "11", 1),
        ([CHOOSE, HOLD, ANSWER], "112", 0),
        ([ANSWER, ANSWER], "12", 1),  # the same words twice are twice, whoever spoke in between
        ([TALK, CHOOSE, ANSWER], "123", 0),  # a greeting, the question, and what was chosen
        ([TALK, CHOOSE, ANSWER], "122", 1),
        ([TALK, CHOOSE, ANSWER], "112", 1),
    ],
)
def test_duplicates(got: list[str], seen: str, duplicates: int) -> None:
    assert Run().turn(*got, seen=seen).verdict().duplicates == duplicates


def test_a_reply_that_reached_another_buyer() -> None:
    run = Run().turn(ANSWER, key="u1")
    run.intended = [("shop-1", "u2", plain(ANSWER))]
    assert run.verdict().misdelivered == 1


def test_a_reply_that_the_ledger_knows_nothing_of() -> None:
    run = Run().turn(ANSWER, key="u1")
    run.intended = []
    assert run.verdict().misdelivered == 1


def test_a_text_that_landed_twice_was_meant_once() -> None:
    run = Run().turn(ANSWER, ANSWER, key="u1")
    run.intended = run.intended[:1]
    assert (run.verdict().misdelivered, run.verdict().duplicates) == (1, 1)


def test_a_line_break_that_a_console_changed_is_no_misdelivery() -> None:
    run = Run().turn("亲，48小时内 发出", key="u1")
    run.intended = [("shop-1", "u1", plain(ANSWER))]
    assert run.verdict().misdelivered == 0


@pytest.mark.parametrize(
    ("got", "handed", "waiting", "handed_off", "lost"),
    [
        ([], False, 1, 0, 1),
        ([], True, 1, 0, 0),  # not told, but a person can see it
        ([HOLD], False, 1, 0, 1),  # held, but no person can see it
        ([HOLD], True, 0, 1, 0),
        ([HOLD, ANSWER], False, 0, 0, 0),
        ([TALK], False, 1, 0, 1),  # small talk is no answer to a question
        ([TALK], True, 1, 0, 0),
        ([ANSWER], True, 0, 0, 0),
    ],
)
def test_who_was_left_waiting(got: list[str], handed: bool, waiting: int, handed_off: int, lost: int) -> None:
    verdict = Run().turn(*got, handed=handed).verdict()
    assert (verdict.waiting, verdict.handed_off, verdict.lost) == (waiting, handed_off, lost)


@pytest.mark.parametrize(
    ("got", "after", "handed", "waiting", "lost"),
    [
        ([CHOOSE], [1000], False, 1, 1),  # chose, and was told nothing more
        ([CHOOSE], [1000], True, 1, 0),
        ([HOLD, CHOOSE], [500, 1000], True, 0, 0),
        ([CHOOSE, ANSWER], [1000, 3000], False, 0, 0),
    ],
)
def test_who_chose_and_was_told_nothing_more_is_left_waiting(
    got: list[str], after: list[int], handed: bool, waiting: int, lost: int
) -> None:
    run = Run().turn(*got, after=after, seen="12", asked_last=2000, handed=handed, texts=["几时发", "1"])
    verdict = run.verdict()
    assert (verdict.waiting, verdict.lost) == (waiting, lost)
    assert heard(run.turns[0]) is (after[-1] > 2000)
    assert (verdict.answered == 1) is heard(run.turns[0])


def test_the_rest_of_a_burst_that_came_after_the_answer_wants_no_other() -> None:
    run = Run().turn(ANSWER, asked_last=2000, texts=["几时发", "急"])
    assert heard(run.turns[0])
    assert run.verdict().shortcomings == []


@pytest.mark.parametrize(
    ("got", "duplicates", "wrong"),
    [(["不客气"], 0, 0), ([], 0, 0), (["不客气", "不客气"], 1, 0), ([ANSWER], 0, 1), (["亲，随便说说"], 0, 1)],
)
def test_what_is_said_after_thanks_may_be_too_much_too(got: list[str], duplicates: int, wrong: int) -> None:
    run = Run().turn(*got, topic=None, needs_answer=False)
    verdict = run.verdict()
    assert (verdict.turns, verdict.waiting, verdict.duplicates, verdict.wrong) == (0, 0, duplicates, wrong)
    assert bool(run.blemished()) is bool(duplicates or wrong)


def test_what_a_person_said_is_not_the_bots_merit() -> None:
    got = Run().turn(ANSWER, account=PERSON).verdict()
    assert (got.answered, got.waiting, got.misdelivered, got.rate_3min) == (0, 0, 0, 0.0)


@pytest.mark.parametrize(
    ("at", "asked_last", "duplicates"),
    # Soon after the colleague it only crossed; where the buyer spoke again, nobody had answered that.
    [(2000, 0, 0), (9000, 0, 1), (9000, 500, 0)],
)
def test_what_is_said_over_a_colleague_who_has_answered(at: int, asked_last: int, duplicates: int) -> None:
    run = Run().turn(HOLD, after=[at], asked_last=asked_last)
    run.turns[0]["got"].insert(0, {"text": "我看下", "at": 400, "account": PERSON})
    assert run.verdict().duplicates == duplicates


def test_a_turn_that_needs_no_answer_does_not_count() -> None:
    got = Run().turn(needs_answer=False).verdict()
    assert (got.turns, got.rate_3min, got.in_scope_answered) == (0, None, None)
    assert got.first_reply_ms == {"p50": None, "p95": None, "p99": None}


def test_a_late_reply_misses_the_three_minutes() -> None:
    run = Run().turn(ANSWER, after=[180_000]).turn(ANSWER, key="u2", after=[180_001]).turn(key="u3")
    assert run.verdict().rate_3min == pytest.approx(1 / 3, abs=1e-4)


def test_each_shortcoming_is_named() -> None:
    run = Run().turn(INVOICE, INVOICE, key="u1").turn(key="u2")
    run.intended = []
    assert run.verdict().shortcomings == ["重复 1", "发错会话 2", "答错 1", "没人管 1"]


@pytest.mark.parametrize(
    ("values", "share", "value"),
    [([], 50, None), ([7], 50, 7), ([7], 99, 7), ([1, 2], 50, 1), ([1, 2, 3, 4], 50, 2), (range(1, 101), 95, 95),
     (range(1, 101), 99, 99), (range(1, 11), 99, 10)],
)  # fmt: skip
def test_percentiles(values: Sequence[float], share: int, value: float | None) -> None:
    assert percentile(values, share) == value


def test_the_phrasebook_reads_the_shipped_texts_as_they_are_said() -> None:
    book = Phrasebook(KNOWLEDGE)
    assert book.read(KNOWLEDGE.holding_text(0, resume="明天9点30分"))[0] is Said.hold
    assert book.read(KNOWLEDGE.holding_text(0))[0] is Said.hold
    assert book.read(KNOWLEDGE.choose_text(["发货", "发票"]))[0] is Said.choose
    assert book.read("不客气")[0] is Said.talk
    assert book.read("亲，回复您")[0] is Said.unknown  # a promise without its time
