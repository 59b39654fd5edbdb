"""What a thread means, as tables: who is to speak, which bubbles are ours, what became of a reply."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flows.transcript import Transcript, age, find_bubble, own_bubbles, plain, read_transcript, settle
from storage.records import Kind, Reply, ReplyKind, ReplyState, Said, Sender

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WHO = {"b": Sender.buyer, "s": Sender.shop, "r": Sender.robot, "y": Sender.system}


def said(key: str, text: str = "", *, kind: Kind = Kind.text, at: datetime | None = NOW) -> Said:
    """A message; the first letter of its id says whose it is."""
    return Said(key=key, sender=WHO[key[0]], kind=kind, text=text or f"话{key}", at=at)


def thread(keys: str) -> list[Said]:
    """Messages a minute apart, by their ids; `b2x` is one that was taken back."""
    names = keys.split()
    start = NOW - timedelta(minutes=len(names))
    return [
        said(
            name.rstrip("x"),
            kind=Kind.recall if name.endswith("x") else Kind.text,
            at=start + timedelta(minutes=place),
        )
        for place, name in enumerate(names)
    ]


def reply(
    text: str = "亲，两天内发出",
    state: ReplyState = ReplyState.sending,
    *,
    kind: ReplyKind = ReplyKind.answer,
    bubble: str | None = None,
    number: int = 1,
    newest: str = "b1",
) -> Reply:
    """A reply as the ledger has it."""
    reached = list(ReplyState)[: list(ReplyState).index(state) + 1]
    return Reply(
        id=number,
        turn_id=1,
        conversation_id=1,
        shop="shop",
        conversation_key="k",
        kind=kind,
        entry=None,
        text=text,
        state=state,
        why="",
        newest_key=newest,
        message_key=bubble,
        drafted_at=NOW,
        typing_at=NOW if ReplyState.typing in reached else None,
        sending_at=NOW if ReplyState.sending in reached else None,
        confirmed_at=NOW if state is ReplyState.confirmed else None,
    )


def read(keys: str, handled: str | None = None, **ours: ReplyKind) -> Transcript:
    """Our bubbles were said to whatever stands before them."""
    before = {key: keys[: keys.index(key)].split() for key in ours}
    mine = {key: reply(kind=kind, bubble=key, newest=before[key][-1]) for key, kind in ours.items()}
    return read_transcript(thread(keys), ours=mine, handled_key=handled)


HOLD, ANSWER = ReplyKind.hold, ReplyKind.answer


@pytest.mark.parametrize(
    ("keys", "handled", "ours", "asked", "fresh"),
    [
        ("b1", None, {}, "b1", "b1"),
        ("b1 b2", None, {}, "b1 b2", "b1 b2"),
        ("b1 b2", "b1", {}, "b1 b2", "b2"),
        ("b1 b2", "b2", {}, "b1 b2", ""),
        ("b1 s1 b2", None, {"s1": ANSWER}, "b2", "b2"),
        ("b1 s1", None, {"s1": ANSWER}, "", ""),
        ("b1 s1 b2", "b1", {"s1": HOLD}, "b1 b2", "b2"),
        ("b1 s1", "b1", {"s1": HOLD}, "b1", ""),
        ("b1 s1", None, {}, "", ""),
        ("b1 s1 b2", None, {}, "b2", "b2"),
        ("b1 y1", None, {}, "b1", "b1"),
        ("y1", None, {}, "", ""),
        ("", None, {}, "", ""),
        ("b1 b2x", None, {}, "b1", "b1"),
        ("b1x", None, {}, "", ""),
        # What was decided on up to a message that is no longer there stays decided on.
        ("b1 b2x", "b2", {}, "b1", ""),
        ("b1 b2x b3", "b2", {}, "b1 b3", "b3"),
        ("b1 s1 b2", "b1", {"s1": ANSWER}, "b2", "b2"),
        ("b2 b3", "b1", {}, "b2 b3", "b2 b3"),
    ],
)
def test_what_is_asked_and_what_is_fresh(
    keys: str, handled: str | None, ours: dict[str, ReplyKind], asked: str, fresh: str
) -> None:
    got = read(keys, handled, **ours)
    assert " ".join(one.key for one in got.asked) == asked
    assert " ".join(one.key for one in got.fresh) == fresh


@pytest.mark.parametrize(
    ("keys", "said_to", "asked", "fresh"),
    [
        ("b1 b2 s1", {"s1": "b1"}, "b2", "b2"),
        ("b1 b2 s1 b3", {"s1": "b1"}, "b2 b3", "b2 b3"),
        ("b1 b2 s1 s2", {"s1": "b1", "s2": "b2"}, "", ""),
        ("b1 b2 s1 b3 s2", {"s1": "b1", "s2": "b2"}, "b3", "b3"),
        ("b1 b2 s1 s2", {"s1": "b1"}, "", ""),  # a person has seen it all
        ("b1 b2 s2 s1", {"s1": "b1"}, "", ""),
        ("b2 s1", {"s1": "b1"}, "", ""),  # what it was said to is not shown any more
        ("s1 b1 b2", {"s1": "b2"}, "b1 b2", "b2"),
    ],
)
def test_what_was_said_while_our_reply_was_on_its_way_is_not_answered(
    keys: str, said_to: dict[str, str], asked: str, fresh: str
) -> None:
    mine = {key: reply(bubble=key, newest=newest) for key, newest in said_to.items()}
    got = read_transcript(thread(keys), ours=mine, handled_key="b1")
    assert (" ".join(one.key for one in got.asked), " ".join(one.key for one in got.fresh)) == (asked, fresh)


def test_what_a_page_puts_elsewhere_when_it_is_loaded_anew_was_answered_all_the_same() -> None:
    mine = {"s1": reply(bubble="s1", newest="b2")}
    for keys, answered, asked in (
        ("b2 b1 s1", {"b1", "b2"}, ""),
        ("b2 b3 b1 s1", {"b1", "b2"}, "b3"),
        ("b2 b1 s1 b3", {"b1", "b2", "b3"}, "b3"),
    ):
        got = read_transcript(thread(keys), ours=mine, handled_key="b2", answered=answered)
        assert " ".join(one.key for one in got.asked) == asked


@pytest.mark.parametrize(
    ("keys", "clock", "asked", "robot"),
    [
        ("b1 r1", False, "b1", "r1"),
        ("b1 r1 b2", False, "b2", None),  # where no clock runs the robot has answered what came before it
        ("b1 r1 b2", True, "b1 b2", None),
        ("b1 s1 b2 r1 b3", True, "b2 b3", None),
        ("b1 r1 r2", False, "b1", "r2"),
        ("r1", False, "", "r1"),
        ("b1 r1 y1", False, "b1", "r1"),
        ("b1 s1 r1", False, "", "r1"),
    ],
)
def test_the_platforms_robot(keys: str, clock: bool, asked: str, robot: str | None) -> None:
    got = read_transcript(thread(keys), ours={}, handled_key=None, clock=clock)
    assert " ".join(one.key for one in got.asked) == asked
    assert (got.robot.key if got.robot else None) == robot


@pytest.mark.parametrize(
    ("keys", "ours", "person"),
    [
        ("b1 s1", {}, "s1"),
        ("b1 s1", {"s1": ANSWER}, None),
        ("b1 s1 s2", {"s2": ANSWER}, "s1"),
        ("s1 b1 s2 b2", {}, "s2"),
        ("b1 r1 y1", {}, None),
    ],
)
def test_an_own_bubble_that_is_not_ours_is_a_persons(
    keys: str, ours: dict[str, ReplyKind], person: str | None
) -> None:
    got = read(keys, **ours).person
    assert (got.key if got else None) == person


def test_what_was_never_answered_long_ago_is_history() -> None:
    long_ago, just_now = said("b1", at=NOW - timedelta(hours=13)), said("b2", at=NOW)
    got = read_transcript([long_ago, just_now], ours={}, handled_key=None)
    assert got.asked == (just_now,)
    untold = replace(long_ago, at=None)
    assert read_transcript([untold, just_now], ours={}, handled_key=None).asked == (untold, just_now)


def test_the_newest_is_the_buyers_even_when_it_was_taken_back() -> None:
    assert read("b1 b2x s1").newest == "b2"
    assert read("s1").newest == ""


def test_how_often_the_same_was_said() -> None:
    day = timedelta(days=1)
    same = [said(f"b{number}", "在吗", at=NOW) for number in range(3)]
    assert read_transcript(same, ours={}, handled_key=None).repeats == 2
    other = said("b9", "人呢")
    assert read_transcript([*same, other], ours={}, handled_key=None).repeats == 0
    # A greeting of every morning is no repetition.
    daily = [said(f"b{number}", "在吗", at=NOW - day * (3 - number)) for number in range(3)]
    assert read_transcript(daily, ours={}, handled_key=None).repeats == 0


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("亲，两天内发出", "亲， 两天内\n发出"),
        ("<b>亲</b>，两天<br/>内发出", "亲，两天内发出"),
        ("ＡＢＣ１２３", "ABC123"),
        ("亲\u200b，\ufeff好", "亲，好"),
    ],
)
def test_texts_compare_over_what_consoles_do_to_them(text: str, same: str) -> None:
    assert plain(text) == plain(same)


def test_a_comparison_is_still_about_the_words() -> None:
    assert plain("两天内发出") != plain("三天内发出")
    assert plain("a<b，不是标签") == "a<b,不是标签"


# --- which bubbles are ours ----------------------------------------------------------------------------------


def test_own_bubbles_are_the_confirmed_and_what_shows_our_words() -> None:
    bubbles = [said("s1", "改过的字"), said("s2", "第一行"), said("s3", "第二行"), said("s4", "同事说的")]
    replies = [
        reply("原来的字", ReplyState.confirmed, bubble="s1"),
        reply("第一行\n第二行", kind=HOLD, number=2),
        reply("同事说的", ReplyState.typing, number=3),
    ]
    assert own_bubbles(bubbles, replies) == {"s1": replies[0], "s2": replies[1], "s3": replies[1]}


def test_the_same_words_said_twice_are_the_newest_reply() -> None:
    newer, older = reply(number=2, newest="b2"), reply(number=1)
    assert own_bubbles([said("s1", newer.text)], [newer, older]) == {"s1": newer}


def test_a_buyer_who_repeats_our_words_is_still_the_buyer() -> None:
    assert own_bubbles([said("b1", "亲，两天内发出")], [reply()]) == {}


@pytest.mark.parametrize(
    ("bubbles", "found"),
    [
        ("s1=亲，两天内发出", "s1"),
        ("s1=亲， 两天内发出", "s1"),
        ("s1=亲，|s2=两天内发出", "s2"),
        ("s0=好的|s1=亲，|s2=两天内发出", "s2"),
        ("s1=亲，两天内发出|s2=同事的话", "s1"),
        ("s1=亲，两天内发出|s2=亲，两天内发出", "s2"),
        ("s1=两天内发出", None),
        ("s1=别的", None),
        ("b2=亲，两天内发出", None),
        ("", None),
    ],
)
def test_finding_the_bubble_of_a_text(bubbles: str, found: str | None) -> None:
    messages = [said("b1"), *(said(*one.split("=", 1)) for one in bubbles.split("|") if one)]
    assert find_bubble("亲，两天内发出", messages, after="b1", taken=frozenset()) == found


def test_a_bubble_before_the_question_or_one_that_is_taken_does_not_count() -> None:
    early = [said("s1", "在的"), said("b1"), said("s2", "在的")]
    assert find_bubble("在的", early[:2], after="b1", taken=frozenset()) is None
    assert find_bubble("在的", early, after="b1", taken=frozenset({"s2"})) is None
    assert find_bubble("在的", early, after="gone", taken=frozenset({"s2"})) == "s1"


@pytest.mark.parametrize(
    ("state", "there", "becomes"),
    [
        (ReplyState.drafted, False, ReplyState.failed),
        (ReplyState.drafted, True, ReplyState.failed),
        (ReplyState.typing, False, ReplyState.failed),
        (ReplyState.sending, False, ReplyState.unverified),
        (ReplyState.sending, True, ReplyState.confirmed),
        (ReplyState.unverified, False, ReplyState.unverified),
        (ReplyState.unverified, True, ReplyState.confirmed),
    ],
)
def test_settling_what_is_unfinished(state: ReplyState, there: bool, becomes: ReplyState) -> None:
    messages = [said("b1"), *([said("s1", "亲，两天内发出")] if there else [])]
    got, bubble = settle(reply(state=state), messages, taken=frozenset())
    assert got is becomes
    assert (bubble == "s1") == (becomes is ReplyState.confirmed)


def test_what_the_console_has_it_never_left_may_be_said_again_unless_its_bubble_is_there() -> None:
    asked, bubble = [said("b1")], said("s1", "亲，两天内发出")
    assert settle(reply(), asked, taken=frozenset(), never_left=True) == (ReplyState.failed, None)
    assert settle(reply(), [*asked, bubble], taken=frozenset(), never_left=True) == (ReplyState.confirmed, "s1")
    doubtful = reply(state=ReplyState.unverified)
    assert settle(doubtful, asked, taken=frozenset(), never_left=True) == (ReplyState.unverified, None)


def test_one_bubble_settles_one_reply() -> None:
    messages = [said("b1"), said("s1", "亲，两天内发出")]
    assert settle(reply(), messages, taken=frozenset({"s1"})) == (ReplyState.unverified, None)


def test_age() -> None:
    assert age(said("s1", at=NOW - timedelta(minutes=3)), NOW) == timedelta(minutes=3)
    assert age(said("s1", at=None), NOW) is None
