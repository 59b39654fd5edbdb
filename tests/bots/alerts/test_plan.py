"""Who is told what, when and how often: whole nights, by rules alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.alerts.needs import Kind, Need
from storage.records import Severity
from tests.bots.alerts.night import Night, at, handoff, need

MINUTE = 60
HOUR = 3600


# --- once, then at growing intervals, to the next on call ---------------------------------------------------


def test_told_once_then_at_growing_intervals() -> None:
    night = Night().go(3 * HOUR, [need()])
    assert [second / MINUTE for second, _who in night.told()] == [0, 10, 30, 70, 150]


def test_nobody_acts_so_the_next_on_call_is_told() -> None:
    night = Night("小王", "小李", "老板").go(80 * MINUTE, [need()])
    assert night.told() == [(0, "小王"), (600, "小李"), (1800, "老板"), (4200, "小王")]


def test_who_comes_on_duty_is_told_before_somebody_hears_it_again() -> None:
    night = Night("老板").go(5 * MINUTE, [need()])
    night.people = ("小王", "老板")
    night.go(35 * MINUTE, [need()])
    assert night.told() == [(0, "老板"), (600, "小王"), (1800, "老板")]


def test_when_all_who_were_told_go_off_duty_the_next_are_told_at_once() -> None:
    night = Night("夜班").go(7 * HOUR, [need()])
    night.people = ("日班", "组长")
    night.go(7 * HOUR + 15 * MINUTE, [need()])
    began = 7 * HOUR + 5
    assert night.told()[-3:] == [(310 * MINUTE, "夜班"), (began, "日班"), (began + 10 * MINUTE, "组长")]
    acked = Night("夜班").go(60, [need()])
    acked.acknowledge()
    acked.people = ("日班",)
    assert [who for _second, who in acked.go(30 * MINUTE, [need()]).told()] == ["夜班"]


def test_who_comes_on_duty_late_in_it_does_not_wait_for_hours() -> None:
    night = Night("夜班", "老板").go(6 * HOUR, [need()])
    assert night.told()[-1] == (310 * MINUTE, "老板")
    night.people = ("日班", "老板")
    night.go(10 * HOUR, [need()])
    assert night.told()[6] == (6 * HOUR + 5, "日班")


def test_a_shops_own_people_are_told_of_it_and_nobody_else() -> None:
    night = Night("小王", "小李", "老板")
    night.own = {"tea": ["小李", "老板"]}
    night.go(20 * MINUTE, [need(), need("cup")])
    assert [who for _second, who in night.told()] == ["小王", "小李", "小李", "老板"]
    assert ["tea店" in letter.title + letter.text for _second, letter in night.letters] == [
        False,
        True,
        False,
        True,
    ]
    quiet = Night("小王", "小李", quiet=60)
    quiet.own = {"tea": ["小李"]}
    quiet.go(30, [need(severity="warning")]).go(300)  # over before it may ring
    assert [who for _second, who in quiet.told("over")] == ["小李"]


def test_an_acknowledgement_stops_it_and_wears_out() -> None:
    night = Night("小王", "小李").go(60, [need()])
    night.acknowledge()
    night.go(60 + HOUR - 10, [need()])
    assert len(night.told()) == 1
    night.go(60 + HOUR + 10, [need()])
    assert [who for _second, who in night.told()] == ["小王", "小李"]


def test_an_acknowledgement_wears_out_however_often_it_was_told() -> None:
    night = Night("小王", "小李").go(151 * MINUTE, [need()])
    night.acknowledge()
    night.go(151 * MINUTE + HOUR + 60, [need()])
    assert night.told()[5:] == [(151 * MINUTE + HOUR + 5, "小李")]
    assert "我 说过在处理，还没好" in night.letters[-1][1].text


def test_what_mends_itself_in_time_is_not_told() -> None:
    night = Night().go(10, [need(after=15)]).go(300)
    assert night.letters == []


def test_a_new_kind_of_trouble_in_the_same_shop_is_told_at_once() -> None:
    night = Night().go(120, [need(kind=Kind.degraded)]).go(240, [need(kind=Kind.captcha)])
    assert night.told() == [(0, "小王"), (125, "小王")]
    night.go(400, lambda second: [need(kind=Kind.degraded if int(second) % 50 < 25 else Kind.captcha)])
    assert len(night.told()) == 2


# --- over ---------------------------------------------------------------------------------------------------


def test_whoever_was_told_is_told_that_it_is_over() -> None:
    night = Night("小王", "小李").go(700, [need()]).go(900)
    assert night.told("over") == [(765, "小王"), (765, "小李")]
    assert "已恢复" in night.letters[-1][1].title


def test_the_end_is_told_of_what_was_told_last() -> None:
    def rehearsal(subject: str, since: float) -> list[Need]:
        return [need(kind=Kind.event, key="event/alert/rehearsal/", subject=subject, since=since)]

    night = Night().go(60, rehearsal("茶叶店要登录", 0)).go(700, rehearsal("咖啡店要登录", 120)).go(900)
    titles = [letter.title for _second, letter in night.letters]
    assert titles == ["【夜班客服】茶叶店要登录", "【夜班客服】咖啡店要登录", "【夜班客服】已恢复：咖啡店要登录"]


def test_a_shop_that_is_listed_no_more_has_not_recovered() -> None:
    night = Night().go(60, [need(), need("cup")])
    night.removed = frozenset({"tea"})
    night.go(300)
    ends = [letter for _second, letter in night.letters if letter.kind == "over"]
    assert [(letter.title, letter.calls) for letter in ends] == [
        ("【夜班客服】已恢复：cup店", ("shop/cup",)),
        ("【夜班客服】不再值守：tea店", ("shop/tea",)),
    ]
    assert "从店铺清单里去掉了" in ends[1].text and "已经好了" not in ends[1].text
    night.go(3 * HOUR)
    assert len(night.letters) == 3


def test_no_end_without_a_beginning() -> None:
    night = Night().go(10, [need(after=3600)]).go(600)
    assert night.letters == []


def test_between_two_states_is_no_recovery() -> None:
    night = Night().go(60, [need()])
    night.unwell = frozenset({"tea"})
    night.go(600)
    assert night.told("over") == []
    night.unwell = frozenset()
    night.go(800)
    assert len(night.told("over")) == 1


@pytest.mark.parametrize("period", [10, 60, 130, 300])
def test_a_state_that_flaps_does_not_ring_each_time(period: int) -> None:
    night = Night().go(HOUR, lambda second: [need()] if int(second) % (2 * period) < period else [])
    assert len(night.told()) <= 4
    assert len(night.told("over")) <= len(night.told())


def test_flapping_is_told_as_such() -> None:
    night = Night().go(700, lambda second: [need()] if int(second) % 300 < 100 else [])
    assert "反复出现，第 3 次" in night.letters[-1][1].text


def test_half_an_hour_later_it_is_a_new_one() -> None:
    night = Night().go(60, [need()]).go(60 + 35 * MINUTE).go(60 + 36 * MINUTE, [need()])
    assert [kind for _second, kind in ((s, letter.kind) for s, letter in night.letters)] == [
        "call",
        "over",
        "call",
    ]


def test_a_clock_set_back_silences_nobody() -> None:
    night = Night().go(60, [need()])
    night.acknowledge()
    night.second = -3 * HOUR
    night.go(60 - 3 * HOUR, [need(shop, since=-3 * HOUR) for shop in ("tea", "coffee")])
    assert {key for _second, letter in night.letters[1:] for key in letter.calls} == {"shop/tea", "shop/coffee"}
    night.go(200 - 3 * HOUR)
    assert len(night.told("over")) == 1


# --- handoffs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [60, 90, 170, 600, 7200])
@pytest.mark.parametrize("urgent", [True, False])
def test_each_handoff_is_told_before_its_deadline(left: float, urgent: bool) -> None:
    night = Night("小王", "老板").go(left, [handoff(1, left=left, urgent=urgent)])
    second, _who = night.told()[0]
    assert second <= max(0, left - 60)
    assert second == 0 or not urgent


def test_the_next_on_call_is_told_before_the_deadline_too() -> None:
    night = Night("小王", "老板").go(170, [handoff(1, left=170, urgent=True)])
    assert night.told() == [(0, "小王"), (85, "老板")]
    night.go(1300, [handoff(1, left=170, urgent=True)])
    assert night.told()[2:] == [(1285, "小王")]


def test_what_becomes_urgent_rings_at_once_for_whoever_was_told_before() -> None:
    """An answer that may not have arrived, say, four minutes after its buyer was handed over."""
    urgent = handoff(1, left=180, urgent=True)
    night = Night(per_hour=1).go(4 * MINUTE, [handoff(1, left=180)]).go(30 * MINUTE, [urgent])
    assert night.told() == [(60, "小王"), (4 * MINUTE + 5, "小王")]
    calm = Night().go(4 * MINUTE, [handoff(1, left=180)])
    calm.acknowledge()
    assert len(calm.go(30 * MINUTE, [urgent]).told()) == 1


def test_what_is_urgent_now_and_then_does_not_ring_each_time() -> None:
    def needs(second: float) -> list[Need]:
        return [need(severity="alert" if int(second) % 100 < 50 else "warning")]

    assert [second for second, _who in Night().go(9 * MINUTE, needs).told()] == [0]


def test_who_took_it_is_left_alone() -> None:
    night = Night().go(600, [handoff(1, urgent=True, taken=True)])
    assert night.letters == []
    night = Night().go(60, [handoff(1, urgent=True)]).go(HOUR, [handoff(1, urgent=True, taken=True)])
    assert len(night.told()) == 1


def test_a_buyer_whom_somebody_took_and_forgot_is_told_of_however_often_they_were_before() -> None:
    night = Night("小王", "小李").go(70 * MINUTE, [handoff(1)])
    night.go(80 * MINUTE, [handoff(1, taken=True)])
    assert night.told()[4:] == []
    night.go(90 * MINUTE, [handoff(1, forgotten_at=at(80 * MINUTE))])
    assert night.told()[4:] == [(80 * MINUTE + 5, "小王")]


def test_many_handoffs_are_one_message() -> None:
    night = Night().go(100, [handoff(number) for number in range(30)])
    ((_second, letter),) = night.letters
    assert "30 个买家等人工" in letter.title
    assert "…还有 22 个" in letter.text


def test_that_a_buyer_was_seen_to_is_news_only_to_whoever_was_called_in_addition() -> None:
    assert Night("小王", "小李").go(70, [handoff(1)]).go(400).told("over") == []
    night = Night("小王", "小李").go(700, [handoff(1)]).go(900)
    assert {who for _second, who in night.told("over")} == {"小王", "小李"}


# --- grouped, quiet, capped ---------------------------------------------------------------------------------


def test_shops_are_grouped() -> None:
    night = Night().go(60, [need(f"s{number}") for number in range(12)])
    ((_second, letter),) = night.letters
    assert letter.title == "【夜班客服】12 家店要登录"
    assert "s0店、s1店" in letter.text
    assert letter.text.count("nightdesk login") == 1


def test_shops_that_drop_out_one_by_one_are_still_few_messages() -> None:
    shops = [need(f"s{number}", since=number * 10, after=15) for number in range(30)]
    night = Night().go(600, lambda second: [each for each in shops if (each.since.timestamp() % HOUR) <= second])
    assert len(night.letters) <= 21
    assert {key for _second, letter in night.letters for key in letter.calls} == {each.key for each in shops}


def test_quiet_hours_hold_warnings_until_morning_and_let_alerts_ring() -> None:
    warning, alert = need("tea", severity="warning"), need("coffee")
    night = Night(quiet=8 * HOUR).go(60, [warning]).go(120, [warning, alert])
    assert [letter.calls for _second, letter in night.letters] == [("shop/coffee",)]
    night.acknowledge()
    night.go(8 * HOUR + 10, [warning])
    assert night.letters[-1][1].calls == ("shop/tea",)
    assert "攒到现在" in night.letters[-1][1].text


def test_a_warning_that_came_and_went_in_the_night_is_told_in_the_morning() -> None:
    night = Night(quiet=8 * HOUR).go(60, [need(severity="warning")]).go(8 * HOUR - 60)
    assert night.letters == []
    night.go(8 * HOUR + 60)
    ((second, letter),) = night.letters
    assert (second, letter.kind, letter.calls) == (8 * HOUR, "over", ("shop/tea",))


def shops_of_a_bad_hour(second: float) -> list[Need]:
    """Every two minutes another shop warns of something."""
    return [
        need(f"s{number}", since=number * 120, severity="warning") for number in range(1, int(second // 120) + 1)
    ]


def test_the_cap_holds_back_and_says_so_once() -> None:
    night = Night(per_hour=5).go(HOUR - 10, shops_of_a_bad_hour)
    assert (len(night.told()), len(night.told("held"))) == (5, 1)
    night.go(HOUR + 600, shops_of_a_bad_hour)
    late = next(letter for second, letter in night.letters if second >= HOUR)
    assert {"shop/s20", "shop/s25"} <= set(late.calls)
    assert "攒到现在" in late.text


@pytest.mark.parametrize("moment", [1200, 2400, 3500])
def test_what_is_urgent_goes_past_the_cap(moment: float) -> None:
    def needs(second: float) -> list[Need]:
        urgent = [handoff(1, since=moment, left=90, urgent=True)] if second >= moment else []
        return [*shops_of_a_bad_hour(second), *urgent]

    night = Night(per_hour=3).go(moment + 60, needs)
    told = [second for second, letter in night.letters if "handoff/1" in letter.calls]
    assert told
    assert told[0] <= moment + 60


def test_even_what_is_urgent_does_not_ring_without_end() -> None:
    def needs(second: float) -> list[Need]:
        newest = int(second // 5)
        return [
            handoff(number, since=number * 5, left=90, urgent=True)
            for number in range(max(0, newest - 20), newest)
        ]

    night = Night(per_hour=10).go(HOUR, needs)
    assert len(night.letters) <= 75


def event(since: float, severity: Severity = "warning") -> Need:
    """Something that happened."""
    return need(
        kind=Kind.event,
        key=f"event/{severity}/presence/tea",
        since=since,
        severity=severity,
        repeated=severity == "alert",
    )


def test_a_warning_event_is_told_once_and_a_later_one_again() -> None:
    night = Night().go(HOUR, [event(0)]).go(2 * HOUR, [event(HOUR)])
    assert [second for second, _who in night.told()] == [0, HOUR + 5]


def test_an_event_ends_when_its_kind_says_so_and_not_by_growing_old() -> None:
    assert len(Night().go(60, [event(0, "alert")]).go(300).told("over")) == 1
    night = Night()
    night.go(5, [event(-13 * HOUR, "alert")]).go(300)
    assert night.told("over") == []


def test_who_took_an_event_on_is_not_asked_again() -> None:
    night = Night().go(60, [event(0, "alert")])
    night.acknowledge()
    night.go(3 * HOUR, [event(0, "alert")])
    assert len(night.told()) == 1
    night.go(3 * HOUR + 60, [event(3 * HOUR, "alert")])
    assert len(night.told()) == 2


spans = st.lists(
    st.tuples(st.integers(0, 1500), st.integers(5, 900), st.sampled_from(["alert", "warning"])), max_size=25
)


@settings(max_examples=25, deadline=None)
@given(spans=spans, per_hour=st.integers(1, 20))
def test_whatever_a_night_brings(spans: list[tuple[int, int, Severity]], per_hour: int) -> None:
    """Who needs somebody for long enough gets somebody soon; nobody hears only the end; nobody is flooded."""

    def needs(second: float) -> list[Need]:
        return [
            need(f"s{number}", since=begin, severity=severity)
            for number, (begin, lasts, severity) in enumerate(spans)
            if begin <= second < begin + lasts
        ]

    night = Night(per_hour=per_hour).go(1800, needs)
    told: dict[str, float] = {}
    for second, letter in night.letters:
        for key in letter.calls:
            assert letter.kind == "call" or key in told, "the end without the beginning"
            told.setdefault(key, second)
    for number, (begin, lasts, severity) in enumerate(spans):
        if severity == "alert" and lasts > 2 * MINUTE:
            assert told[f"shop/s{number}"] <= begin + 65
    assert len(night.letters) <= 2 * per_hour + 30 + 2
