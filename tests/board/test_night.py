"""A night, from a real ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from board.night import Down, Night, last_night, night_of
from board.night_page import page_of
from bots.settings import Settings, Shop
from bots.shifts.written import ShiftRow
from storage.ledger import Ledger
from storage.records import Reply, ReplyKind, ReplyState, ShopState
from tests.storage.hands import HandClock, ask, draft, say, take

ZONE = ZoneInfo("Asia/Shanghai")
PHONE = "138" + "1234" + "5678"


def answered(
    ledger: Ledger, clock: HandClock, buyer: str, text: str = "什么时候发货", *, kind: ReplyKind = ReplyKind.answer
) -> Reply:
    turn = ask(ledger, clock, buyer)
    ledger.fill_turn(turn.id, [say(f"{buyer}-1", text)], asked_at=None)
    ledger.decide_turn(turn.id, outcome=kind.value, entry="ship", confidence=0.9, reason="")
    clock.go(2)
    return take(ledger, draft(ledger, turn, kind), ReplyState.confirmed)


def night(ledger: Ledger, clock: HandClock, seconds: float = 10 * 3600) -> Night:
    return night_of(ledger.night(clock.now() - timedelta(seconds=seconds), clock.now()))


@pytest.mark.parametrize(
    ("people", "hour", "span"),
    [
        ("09:00-22:00", 9.5, (-2, 9)),
        ("09:00-22:00", 3, (-2, 3)),
        ("09:00-22:00", 21, (-2, 9)),
        ("09:00-22:00", 23.5, (-2, 9)),  # the night that has just begun is shorter than the last one
        ("00:00-24:00", 9, (-3, 9)),
    ],
)
def test_which_night_it_was(people: str, hour: float, span: tuple[float, float]) -> None:
    midnight = datetime(2026, 11, 4, tzinfo=ZONE)
    plan = Settings(shops=[Shop(id="tea", console="plain")], people=people).people_plan()
    start, end = last_night(plan, (midnight + timedelta(hours=hour)).astimezone(UTC), ZONE)
    assert tuple((moment - midnight).total_seconds() / 3600 for moment in (start, end)) == span


@pytest.mark.parametrize("hour", [10.5, 14.5, 16, 19, 21, 23.5])
def test_a_long_pause_at_noon_is_no_night(hour: float) -> None:
    midnight = datetime(2026, 11, 4, tzinfo=ZONE)
    people = (ShiftRow(hours=("08:00-10:00", "15:00-20:00")),)
    plan = Settings(shops=[Shop(id="tea", console="plain")], people=people).people_plan()
    start, end = last_night(plan, (midnight + timedelta(hours=hour)).astimezone(UTC), ZONE)
    assert tuple((moment - midnight).total_seconds() / 3600 for moment in (start, end)) == (-4, 8)


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        ("2026-10-08 09:30", "2026-09-30 18:00", "2026-10-08 09:00"),  # all of the public holidays
        ("2026-10-03 10:00", "2026-09-30 18:00", "2026-10-03 10:00"),
        ("2026-10-13 08:30", "2026-10-12 18:00", "2026-10-13 08:30"),  # of the weekend only half an hour counts
    ],
)
def test_after_days_on_which_nobody_works(now: str, since: str, until: str) -> None:
    rows = (ShiftRow(days=("工作日",), hours=("09:00-18:00",)),)
    plan = Settings(shops=[Shop(id="tea", console="plain")], people=rows).people_plan()
    moment, *expected = (datetime.fromisoformat(text).replace(tzinfo=ZONE) for text in (now, since, until))
    assert last_night(plan, moment.astimezone(UTC), ZONE) == tuple(expected)


def test_where_people_never_come() -> None:
    plan = Settings(shops=[Shop(id="tea", console="plain")], people=(ShiftRow(do="休息"),)).people_plan()
    now = datetime(2026, 11, 4, tzinfo=UTC)
    assert last_night(plan, now, ZONE) == (now - timedelta(hours=12), now)


def test_each_answer_beside_its_question(ledger: Ledger, clock: HandClock) -> None:
    before = answered(ledger, clock, "b0")
    clock.go(11 * 3600)
    first = answered(ledger, clock, "b1", f"什么时候发货，打{PHONE}")
    answered(ledger, clock, "b2", kind=ReplyKind.hold)
    take(ledger, draft(ledger, ask(ledger, clock, "b3")), ReplyState.unverified)
    ledger.judge(first.id, "小王", correct=False)
    found = night(ledger, clock)
    assert before.id != first.id
    (answer,) = found.answers
    assert (answer.reply, answer.entry, answer.said, answer.seconds, answer.correct) == (
        first.id,
        "ship",
        "今天发",
        2,
        False,
    )
    assert answer.asked == "什么时候发货，打138****5678"
    assert (found.shops[0].figures.answered, found.shops[0].figures.rate_3min) == (1, 1)


def test_the_last_word_on_an_answer_counts(ledger: Ledger, clock: HandClock) -> None:
    reply = answered(ledger, clock, "b1")
    ledger.judge(reply.id, "小王", correct=False)
    ledger.judge(reply.id, "小李", correct=True)
    clock.go(1)
    assert [answer.correct for answer in night(ledger, clock).answers] == [True]
    hold = answered(ledger, clock, "b2", kind=ReplyKind.hold)
    for number in (hold.id, 99):
        with pytest.raises(ValueError, match=str(number)):
            ledger.judge(number, "小王", correct=True)


def test_who_waited_too_long_and_for_whom(ledger: Ledger, clock: HandClock) -> None:
    late, person, never, fresh = (ask(ledger, clock, buyer) for buyer in ("b1", "b2", "b3", "b4"))
    clock.go(181)
    take(ledger, draft(ledger, late), ReplyState.confirmed)
    ledger.person_replied(person.conversation_id, clock.go(19))
    clock.go(100)
    ledger._store.update("turns", fresh.id, seen_at=clock.now())
    clock.go(60)
    found = [(miss.turn, miss.seconds, miss.by) for miss in night(ledger, clock).misses]
    assert found == [(late.id, 181, "bot"), (person.id, 200, "person"), (never.id, 360, None)]


def test_when_nobody_looked_after_a_shop(ledger: Ledger, clock: HandClock) -> None:
    start = clock.now()
    ledger.set_shop_state("tea", ShopState.captcha, "滑块")
    clock.go(3600)
    since = clock.now()
    ledger.set_shop_state("tea", ShopState.ready)
    clock.go(60)
    ledger.set_shop_state("tea", ShopState.paused)
    clock.go(60)
    ledger.set_shop_state("tea", ShopState.degraded, "断线")
    broken = clock.now()
    clock.go(30)
    end = clock.now()
    for begin, told in ((start, 3600.0), (since - timedelta(seconds=100), 100.0)):
        found = night_of(ledger.night(begin, end))
        assert found.downs == [
            Down(shop="tea", start=begin, end=since, state=ShopState.captcha, why="滑块"),
            Down(shop="tea", start=broken, end=end, state=ShopState.degraded, why="断线"),
        ]
        assert found.shops[0].down_seconds == told + 30


def test_a_worker_that_was_gone_is_told_when_the_next_begins(ledger: Ledger, clock: HandClock) -> None:
    def begin() -> None:
        ledger.put_shop("tea", title="茶叶店", console="plain", platform="practice")

    ledger.shop_beat({"tea": None})
    last = clock.now()
    clock.go(8)
    begin()
    clock.go(1)
    assert night(ledger, clock).downs == []
    clock.go(300)
    begin()
    back = clock.now()
    ledger.shop_beat({"tea": None})
    clock.go(1)
    assert night(ledger, clock).downs == [
        Down(shop="tea", start=last, end=back, state=None, why="值守进程断了一阵")
    ]
    ledger.set_shop_state("tea", ShopState.off_shift)
    clock.go(300)
    begin()
    clock.go(1)
    assert len(night(ledger, clock).downs) == 1


def test_a_worker_that_is_gone_still_is_told_too(ledger: Ledger, clock: HandClock) -> None:
    ledger.set_shop_state("tea", ShopState.ready)
    ledger.shop_beat({"tea": None})
    last = clock.now()
    assert night_of(ledger.night(last, clock.go(8))).downs == []
    clock.go(7 * 3600)
    begin, end = last + timedelta(hours=1), clock.now()
    gone = Down(shop="tea", start=last, end=end, state=None, why="值守进程没有动静")
    assert night(ledger, clock).downs == [gone]
    (late,) = night_of(ledger.night(begin, end)).downs
    assert (late.start, late.seconds) == (begin, 6 * 3600 + 8)


def test_a_worker_that_came_back_only_after_the_night_was_gone_in_it(ledger: Ledger, clock: HandClock) -> None:
    ledger.set_shop_state("tea", ShopState.ready)
    ledger.shop_beat({"tea": None})
    last = clock.now()
    morning = clock.go(7 * 3600)
    clock.go(900)  # who comes in the morning starts it anew
    ledger.put_shop("tea", title="茶叶店", console="plain", platform="practice")
    ledger.shop_beat({"tea": None})
    clock.go(60)
    found = night_of(ledger.night(last - timedelta(hours=3), morning))
    assert found.downs == [Down(shop="tea", start=last, end=morning, state=None, why="值守进程断了一阵")]
    assert found.shops[0].down_seconds == 7 * 3600
    assert night_of(ledger.night(last - timedelta(hours=3), last)).downs == []


class Reading(HTMLParser):
    """Notes the tags of a page, and where it would fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [
            name for name, _value in attrs if name in ("src", "href", "action") or name.startswith("on")
        ]


def test_the_page_is_of_its_own_and_escapes_what_was_said(ledger: Ledger, clock: HandClock) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)> $title"
    reply = answered(ledger, clock, "b1", evil)
    handed = ask(ledger, clock, "b2")
    ledger.fill_turn(handed.id, [say("x", evil)], asked_at=None)
    ledger.hand_over(handed.id, reason=evil, urgent=True, deadline_at=clock.now())
    ledger.set_shop_state("tea", ShopState.degraded, evil)
    clock.go(200)
    page = page_of(night(ledger, clock))
    reading = Reading()
    reading.feed(page)
    assert set(reading.tags) >= {"article", "table", "meta"}
    assert not {"script", "img", "link"} & set(reading.tags)
    assert reading.fetched == []
    assert page.count("&lt;script&gt;") == 5  # the answer, the miss, the handoff with its reason, the downtime
    assert f"nightdesk morning right {reply.id}" in page
    assert 'name="viewport"' in page
