"""When a page is loaded anew before anything it shows is acted on."""

from __future__ import annotations

from dataclasses import replace

from flows.freshness import Freshness
from flows.pack import Refresh
from flows.views import Row, Snapshot

ROW = Row(key="k1", name="买家", preview="在吗", time="12:00", unread=None, waiting=None, group="")


def read(*signals: str, listed: bool = True, rows: tuple[Row, ...] = (ROW,)) -> Snapshot:
    """A reading of a page on which nobody waits."""
    return Snapshot(rows=rows if listed else None, unparsed=0, thread=None, signals=frozenset(signals))


def live(**refresh: object) -> Freshness:
    """A page that was loaded at the second 100 and has shown its list since."""
    page = Freshness(Refresh.model_validate(refresh), 100.0)
    page.entered(100.0)
    page.note(read("logged_in"), 100.0)
    return page


def test_nobody_is_served_before_the_list_is_there_or_while_the_page_has_lost_its_server() -> None:
    page = live()
    assert page.there
    page.note(read(listed=False), 101.0)
    assert not page.there
    page.note(read("logged_in", "offline"), 102.0)
    assert not page.there
    page.loaded(103.0)
    assert not page.there


def test_a_list_that_is_empty_right_after_loading_is_waited_for() -> None:
    page = live()
    page.loaded(200.0)
    page.note(read(rows=()), 200.5)
    assert not page.there
    page.note(read(rows=()), 203.0)
    assert page.there


def test_a_live_page_is_left_alone_until_nothing_has_moved_for_long() -> None:
    page = live()
    page.moved(500.0)
    assert not page.due(799.0)
    assert page.due(801.0)
    page.loaded(801.0)
    assert not page.due(1100.0)


def test_a_list_in_which_somebody_spoke_has_moved_and_one_whose_clocks_tick_has_not() -> None:
    page = live()
    page.note(read(rows=(replace(ROW, preview="还在吗"),)), 300.0)
    assert not page.due(599.0)
    for second in range(301, 601):
        page.note(
            read(rows=(replace(ROW, preview="还在吗", waiting=f"{second}秒", group="overdue"),)), float(second)
        )
    assert page.due(601.0)


def test_a_list_that_keeps_up_by_loading_is_loaded_however_busy_it_is() -> None:
    page = live(kind="reload", every=5)
    page.moved(104.9)
    assert not page.due(104.9)
    assert page.due(105.0)


def test_what_did_not_work_is_doubted_until_the_page_was_loaded() -> None:
    page = live()
    page.doubt()
    assert page.due(101.0)
    page.loaded(101.0)
    assert not page.due(101.0)


def test_a_page_that_comes_back_from_a_lost_connection_is_doubted() -> None:
    page = live()
    page.note(read("offline", listed=False), 101.0)
    page.note(read(listed=False), 102.0)
    assert not page.due(102.0)
    page.note(read("logged_in"), 103.0)
    assert page.due(103.0)


def test_a_list_that_was_only_away_for_a_moment_is_not() -> None:
    page = live()
    page.note(read(listed=False), 101.0)
    page.note(read("logged_in"), 102.0)
    assert not page.due(102.0)


def test_a_page_whose_requests_are_refused_is_doubted_ever_more_rarely() -> None:
    page = live()
    page.note(read("denied"), 101.0)
    assert page.due(101.0)
    page.loaded(102.0)
    page.note(read("denied"), 161.0)
    assert not page.due(161.0)
    page.note(read("denied"), 162.0)
    assert page.due(162.0)
    page.loaded(163.0)
    page.note(read("denied"), 400.0)
    assert not page.due(400.0)
    page.entered(401.0)
    page.note(read("denied"), 402.0)
    assert page.due(402.0)


def test_a_page_that_stays_offline_is_given_up_but_not_at_once() -> None:
    page = live()
    page.note(read("offline"), 101.0)
    page.note(read("offline"), 120.0)
    assert not page.cut_off(120.0)
    page.note(read("offline"), 121.0)
    assert page.cut_off(121.0)
    page.note(read("logged_in"), 122.0)
    assert not page.cut_off(200.0)


def test_a_page_that_something_may_have_passed_by_gives_way_once_nobody_waits_or_at_last() -> None:
    page = live()
    page.note(read("logged_in"), 101.0)
    assert not page.outlived(500.0, calm=True)
    page.note(read("offline"), 501.0)
    page.note(read("logged_in"), 504.0)
    assert not page.outlived(504.0, calm=True)  # it is loaded anew first
    page.loaded(505.0)
    page.note(read("logged_in"), 508.0)
    assert page.outlived(508.0, calm=True)
    assert not page.outlived(520.9, calm=False)
    assert page.outlived(521.0, calm=False)
    page.note(read("offline"), 522.0)  # nothing could be entered now
    assert not page.outlived(523.0, calm=False)


def test_what_was_said_while_a_page_was_entered_again_may_have_passed_it_by() -> None:
    page = live()
    page.entered(200.0)
    page.note(read("logged_in"), 201.0)
    assert page.outlived(201.0, calm=True)


def test_a_page_that_begins_as_one_without_a_line_has_missed_nothing() -> None:
    page = Freshness(Refresh(), 100.0)
    page.entered(100.0)
    for second in (101.0, 111.0):
        page.note(read("offline", listed=False), second)
        page.note(read("logged_in"), second + 1)
        assert page.doubted  # all the same: the list may have come without its marks
        page.loaded(second + 2)
    page.note(read("logged_in"), 120.0)
    assert not page.outlived(500.0, calm=True)
