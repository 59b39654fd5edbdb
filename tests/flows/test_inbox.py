"""Who waits, when each falls due, and what a list that lies does: readings and moments in, waiters out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.inbox import Burst, Inbox, Waiter, mark_of
from flows.pack import Inbox as InboxPack
from flows.views import Row

PACK = InboxPack.model_validate(
    {"root": ".list", "row": ".row", "id": {"attr": "id"}, "waiting_groups": ["^待回复"]}
)
QUIET, MOST = 0.6, 1.5
LIMIT = 180.0
ROW = Row(key="k1", name="买家", preview="在吗", time="12:00", unread="1", waiting=None, group="")
IDLE = replace(ROW, unread=None)


def inbox() -> Inbox:
    return Inbox(PACK, LIMIT, Burst(quiet=QUIET, most=MOST))


def waiting(box: Inbox) -> dict[str, Waiter]:
    return {waiter.key: waiter for waiter in box.waiting()}


def due(box: Inbox, key: str = "k1") -> float:
    return waiting(box)[key].due_at


# --- what waits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "waits"),
    [
        (ROW, True),
        (IDLE, False),
        (replace(IDLE, unread=""), True),  # a dot without a number
        (replace(IDLE, waiting="2分30秒后超时"), True),
        (replace(IDLE, waiting="还有一会儿"), True),  # a clock that cannot be read is still a clock
        (replace(IDLE, group="待回复（3）"), True),
        (replace(IDLE, group="已回复"), False),
    ],
)
def test_what_visibly_waits(row: Row, waits: bool) -> None:
    box = inbox()
    box.update([row], 100.0)
    assert ("k1" in waiting(box)) is waits


def test_a_mark_that_goes_was_served_by_somebody_else() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.update([IDLE], 101.0)
    assert waiting(box) == {}


def test_a_row_pushed_out_of_a_short_list_still_waits() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.update([], 101.0)
    assert waiting(box)["k1"].mark == ""


def test_a_mark_that_goes_with_a_page_loaded_anew_proves_nothing() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.keep()
    box.update([IDLE], 101.0)
    assert due(box) <= 106.0
    box.done("k1", 107.0)
    box.keep()
    assert waiting(box) == {}


# --- bursts --------------------------------------------------------------------------------------------------


def test_a_buyer_is_let_finish_but_not_for_ever() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    assert due(box) == pytest.approx(100.6)
    box.update([replace(ROW, unread="2")], 100.5)
    assert due(box) == pytest.approx(101.1)
    box.update([replace(ROW, unread="3")], 101.0)
    assert due(box) == pytest.approx(101.5)
    box.update([replace(ROW, unread="4")], 101.4)
    assert due(box) == pytest.approx(101.5)


def test_reading_the_same_row_again_puts_nothing_off() -> None:
    box = inbox()
    for moment in (100.0, 100.3, 100.55):
        box.update([ROW], moment)
    assert due(box) == pytest.approx(100.6)


def test_a_ticking_clock_is_no_change() -> None:
    box = inbox()
    box.update([replace(ROW, waiting="3分0秒后超时")], 100.0)
    box.update([replace(ROW, waiting="2分59秒后超时")], 100.5)
    assert due(box) == pytest.approx(100.6)
    assert waiting(box)["k1"].late_at == pytest.approx(100.5 + 179)


def test_little_time_left_is_no_time_to_listen() -> None:
    box = inbox()
    box.update([replace(ROW, waiting="8秒后超时")], 100.0)
    assert due(box) == 100.0


# --- urgency -------------------------------------------------------------------------------------------------


def test_who_can_still_be_served_in_time_comes_first_the_overdue_last() -> None:
    clocks = {
        "calm": "2分30秒后超时",
        "late": "已等待5分0秒",
        "hurry": "9秒后超时",
        "later": "已等待4分0秒",
        "none": None,
    }
    box = inbox()
    box.update([replace(ROW, key="none"), *(replace(ROW, key=key, waiting=clocks[key]) for key in clocks)], 100.0)
    order = sorted(box.waiting(), key=lambda waiter: waiter.urgency(100.0))
    assert [waiter.key for waiter in order] == ["hurry", "calm", "none", "late", "later"]


@pytest.mark.parametrize(("older", "first"), [(20.0, "clock"), (40.0, "badge")])
def test_a_badge_gives_way_to_a_clock_but_not_for_ever(older: float, first: str) -> None:
    box = inbox()
    badge = replace(ROW, key="badge")
    box.update([badge], 100.0)
    box.update([badge, replace(ROW, key="clock", waiting="3分0秒后超时")], 100.0 + older)
    order = sorted(box.waiting(), key=lambda waiter: waiter.urgency(100.0 + older))
    assert order[0].key == first


def test_a_mark_that_stays_after_it_was_dealt_with_takes_no_time_from_the_others() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.done("k1", 101.0)
    rows = [ROW, replace(ROW, key="k2")]
    box.update(rows, 120.0)
    order = sorted(box.waiting(), key=lambda waiter: waiter.urgency(120.0))
    assert [waiter.key for waiter in order] == ["k2", "k1"]
    # Unless it says something new, or a clock runs.
    for row in (replace(ROW, preview="还在吗"), replace(ROW, waiting="2分30秒后超时")):
        box.update([row, rows[1]], 121.0)
        assert not waiting(box)["k1"].again


def test_a_row_that_shows_our_own_words_changed_on_our_account() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.done("k1", 101.0, said="亲，48小时内发货，请放心")
    box.update([replace(ROW, preview="亲，48小时内发…", time="12:01")], 101.2)
    assert waiting(box) == {}
    for row in (replace(ROW, preview="亲，48小时"), replace(ROW, preview="那快点", time="12:02")):
        one = inbox()
        one.update([ROW], 100.0)
        one.done("k1", 101.0, said="亲，48小时内发货，请放心")
        one.update([replace(row, waiting="2分30秒后超时")], 101.2)
        assert list(waiting(one)) == ["k1"]
    box.update([replace(ROW, preview="那快点", time="12:02")], 102.0)
    assert list(waiting(box)) == ["k1"]


def test_without_a_clock_time_runs_from_when_it_was_first_seen() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.update([replace(ROW, unread="2")], 150.0)
    one = waiting(box)["k1"]
    assert (one.late_at, one.clock, one.since) == (280.0, False, 100.0)


# --- lying badges --------------------------------------------------------------------------------------------


def test_a_mark_that_stays_is_looked_at_ever_more_rarely() -> None:
    box = inbox()
    moment, pauses = 100.0, []
    for _round in range(6):
        box.update([ROW], moment)
        assert "k1" in waiting(box)
        box.done("k1", moment)
        step = 0.0
        while "k1" not in waiting(box):
            step += 1.0
            box.update([ROW], moment + step)
        pauses.append(step)
        moment += step
    assert pauses == [10, 30, 60, 120, 120, 120]


def test_a_row_that_changes_is_news_at_once() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.done("k1", 100.0)
    box.update([replace(ROW, preview="人呢")], 101.0)
    assert due(box) == pytest.approx(101.6)


def test_a_mark_that_went_and_came_back_is_news() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.done("k1", 100.0)
    box.update([IDLE], 101.0)
    box.update([ROW], 102.0)
    assert "k1" in waiting(box)


def test_the_same_mark_is_news_where_the_row_was_seen_without_any() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.done("k1", 100.0)
    box.update([replace(ROW, preview="人呢")], 101.0)
    box.done("k1", 102.0, settled=True)
    assert waiting(box) == {}
    box.update([replace(ROW, preview="人呢")], 103.0)
    assert due(box) == pytest.approx(103.6)


def test_a_mark_says_nothing_of_what_the_buyer_said() -> None:
    assert "在吗" not in mark_of(ROW)
    assert mark_of(ROW) != mark_of(replace(ROW, preview="人呢"))
    assert mark_of(replace(ROW, waiting="9秒后超时")) == mark_of(ROW)


# --- the open conversation -----------------------------------------------------------------------------------


def test_a_message_in_the_open_thread_waits_without_a_mark() -> None:
    box = inbox()
    box.note_thread("k1", "b2", 100.0)
    box.update([IDLE], 100.1)
    assert waiting(box)["k1"].open_key == "b2"
    assert due(box) == pytest.approx(100.6)
    box.note_thread("k1", "b3", 100.4)
    assert due(box) == pytest.approx(101.0)
    box.note_thread("k1", "b3", 100.9)
    assert due(box) == pytest.approx(101.0)


def test_an_open_message_outlives_the_mark() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.note_thread("k1", "b1", 100.1)
    box.update([IDLE], 100.2)
    assert (waiting(box)["k1"].mark, waiting(box)["k1"].clock) == ("", False)


# --- what was put off ----------------------------------------------------------------------------------------


def test_what_the_ledger_holds_waits_without_a_mark_until_done() -> None:
    box = inbox()
    box.add("k1", 100.0, at=103.0)
    box.update([IDLE], 101.0)
    assert due(box) == 103.0
    box.done("k1", 103.0)
    assert waiting(box) == {}


def test_what_was_put_off_comes_back_in_its_time() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.add("k1", 101.0, at=250.0)
    box.update([ROW], 102.0)
    assert due(box) == 250.0


def test_news_ends_the_putting_off() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.add("k1", 101.0, at=250.0)
    box.update([replace(ROW, preview="还有一个问题")], 110.0)
    assert due(box) < 112.0
    box.add("k1", 112.0, at=250.0)
    box.note_thread("k1", "b9", 120.0)
    assert due(box) < 122.0


def test_a_mark_that_goes_while_something_is_unfinished_is_looked_into_soon() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.add("k1", 101.0, at=250.0)
    box.update([IDLE], 110.0)
    assert due(box) == 115.0
    box.update([IDLE], 112.0)
    assert due(box) == 115.0


def test_a_look_that_is_near_is_not_put_off_nor_brought_forward() -> None:
    box = inbox()
    box.update([ROW], 100.0)
    box.add("k1", 101.0, at=104.0)
    box.update([IDLE], 101.1)
    assert due(box) == 104.0


# --- people who were asked for -------------------------------------------------------------------------------


def test_a_watched_row_is_looked_into_when_it_tells_of_news() -> None:
    box = inbox()
    box.watch("k1", said="亲，稍等，马上帮您核实")
    box.update([replace(IDLE, preview="亲，稍等，马上…")], 100.0)
    assert waiting(box) == {}
    box.update([replace(IDLE, preview="已经帮您查到了")], 101.0)
    assert due(box) == 101.0
    box.done("k1", 102.0)
    box.update([replace(IDLE, preview="已经帮您查到了")], 103.0)
    assert waiting(box) == {}


def test_looking_for_news_takes_no_time_from_those_who_wait() -> None:
    box = inbox()
    box.watch("k1")
    box.update([IDLE], 100.0)
    box.update([IDLE, replace(ROW, key="k2")], 110.0)
    order = sorted(box.waiting(), key=lambda waiter: waiter.urgency(120.0))
    assert [waiter.key for waiter in order] == ["k2", "k1"]


def test_who_speaks_again_is_no_longer_only_news() -> None:
    box = inbox()
    box.watch("k1")
    box.update([IDLE], 100.0)
    assert waiting(box)["k1"].again
    box.note_thread("k1", "b1", 101.0)
    assert not waiting(box)["k1"].again


def test_something_unfinished_is_more_than_news() -> None:
    box = inbox()
    box.watch("k1")
    box.update([IDLE], 100.0)
    box.add("k1", 101.0)
    assert not waiting(box)["k1"].again


def test_a_watched_row_that_waits_is_looked_into_once_it_does_not() -> None:
    box = inbox()
    box.watch("k1")
    box.update([ROW], 100.0)
    box.done("k1", 100.0)
    box.update([ROW], 101.0)
    assert waiting(box) == {}
    box.update([replace(IDLE, preview="同事答了")], 102.0)
    assert "k1" in waiting(box)


def test_nobody_is_watched_any_more_once_the_person_answered() -> None:
    box = inbox()
    box.watch("k1")
    box.unwatch("k1")
    box.update([replace(IDLE, preview="同事答了")], 100.0)
    assert waiting(box) == {}


# --- a page that may have lost its marks, or is gone ------------------------------------------------------------


def test_of_a_list_that_may_have_lost_its_marks_only_who_waits_is_taken_in() -> None:
    box = inbox()
    box.update([ROW], 0.0)
    box.see([IDLE, replace(ROW, key="k2")], 1.0)
    assert waiting(box).keys() == {"k1", "k2"}
    box.update([IDLE, replace(ROW, key="k2")], 2.0)
    assert waiting(box).keys() == {"k2"}


def test_nothing_is_known_any_more_of_a_shop_that_was_left_alone() -> None:
    box = inbox()
    box.update([ROW], 0.0)
    box.doubted.add("k1")
    box.clear()
    assert (waiting(box), box.doubted) == ({}, set())
    box.update([ROW], 100.0)
    assert waiting(box)["k1"].since == 100.0


def test_who_was_dealt_with_is_doubted_no_more() -> None:
    box = inbox()
    box.update([ROW], 0.0)
    box.doubted.add("k1")
    box.done("k1", 1.0)
    assert box.doubted == set()
