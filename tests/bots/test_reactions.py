"""What each error asks of a shop, over a night of them."""

from __future__ import annotations

import pytest

from base.errors import BrowserGone, ConsoleError, ConsoleNotReady, LoginLost, NeedsPerson, PageChanged
from bots.reactions import Reactions
from storage.records import ShopState

KICKED = NeedsPerson("kicked", "别处登录")


@pytest.mark.parametrize(
    ("error", "state", "pauses"),
    [
        (ConsoleNotReady("慢"), ShopState.degraded, [2, 5, 8, 8]),
        (BrowserGone("没了"), ShopState.degraded, [0, 5, 8, 8]),
        (NeedsPerson("captcha", "验证码"), ShopState.captcha, [30, 60, 300, 900, 900]),
        (PageChanged("inbox.id", "改版"), ShopState.drift, [30, 60, 300, 900, 900]),
    ],
)
def test_what_lasts_is_tried_ever_more_rarely(error: ConsoleError, state: ShopState, pauses: list[float]) -> None:
    reactions = Reactions("tea")
    told = [reactions.to(error, 0.0) for _pause in pauses]
    assert ({one.state for one in told}, [one.pause for one in told]) == ({state}, pauses)
    reactions.entered(1.0, fresh=False)
    assert reactions.to(error, 2.0).pause == pauses[0]


@pytest.mark.parametrize(
    ("error", "fresh", "again"),
    [
        (LoginLost("没了"), True, ShopState.kicked),
        # A page that only flickered was let in without a password: nobody was put out.
        (LoginLost("没了"), False, ShopState.needs_login),
        (LoginLost("过期", expired=True), True, ShopState.needs_login),
        (KICKED, False, ShopState.kicked),
    ],
)
def test_a_session_that_is_lost_twice_may_be_somebody_elses(
    error: ConsoleError, fresh: bool, again: ShopState
) -> None:
    reactions = Reactions("tea")
    reactions.entered(0.0, fresh=True)
    assert not reactions.may_log_in
    first = reactions.to(error, 10.0)
    assert (first.pause, reactions.may_log_in) == (30 if error is KICKED else 0, True)
    reactions.entered(40.0, fresh=fresh)
    second = reactions.to(error, 50.0)
    assert second.state is again
    assert second.pause == (890 if again is ShopState.kicked else 0)
    assert ("nightdesk resume tea" in second.why) is (again is ShopState.kicked)


def test_a_page_that_lets_in_and_forgets_again_is_left_alone_ever_longer() -> None:
    reactions, now, pauses = Reactions("tea"), 0.0, list[float]()
    for _time in range(9):
        reactions.entered(now, fresh=False)
        told = reactions.to(LoginLost("过期", expired=True), now + 3)
        assert told.state is ShopState.needs_login
        pauses.append(told.pause)
        now += 3 + told.pause
    assert pauses == [0, 0, 2, 5, 30, 60, 300, 900, 900]
    # One that stayed in for a while is let in at once, and so is a shop that a person wants back.
    reactions.entered(now, fresh=False)
    assert reactions.to(LoginLost("没了"), now + 60).pause == 0
    for _time in range(3):
        reactions.entered(now, fresh=False)
        reactions.to(LoginLost("没了"), now + 1)
    assert reactions.forget()
    reactions.entered(now, fresh=False)
    assert reactions.to(LoginLost("没了"), now + 1).pause == 0


@pytest.mark.parametrize("fresh", [True, False])
def test_a_page_that_dies_as_soon_as_it_is_in_is_left_alone_ever_longer(fresh: bool) -> None:
    reactions, now, pauses = Reactions("tea"), 0.0, list[float]()
    for _time in range(9):
        reactions.entered(now, fresh=fresh)
        told = reactions.to(BrowserGone("页面没了"), now + 3)
        assert told.state is ShopState.degraded
        pauses.append(told.pause)
        now += 3 + told.pause
    assert pauses == [0, 0, 2, 5, 30, 60, 300, 900, 900]
    # A person need not wait for that, and one that stayed for a while is opened at once.
    assert reactions.forget()
    reactions.entered(now, fresh=fresh)
    assert [reactions.to(BrowserGone("页面没了"), now + 1).pause for _time in range(2)] == [0, 5]
    reactions.entered(now, fresh=fresh)
    assert reactions.to(BrowserGone("页面没了"), now + 60).pause == 0
    assert not reactions.forget()


def test_a_person_ends_the_wait_for_a_person_only() -> None:
    reactions = Reactions("tea")
    reactions.to(ConsoleNotReady("慢"), 0.0)
    assert not reactions.forget()
    reactions.to(KICKED, 1.0)
    reactions.entered(31.0, fresh=False)
    assert reactions.to(KICKED, 40.0).pause == 891
    assert reactions.forget()
    assert reactions.to(KICKED, 41.0).pause == 30
