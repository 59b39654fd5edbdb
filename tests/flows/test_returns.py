"""How often a shop comes back into a session that it lost, before it yields to whoever has it."""

from __future__ import annotations

import pytest

from flows.returns import COOL_DOWN, Loss, Returns

KICKED, EXPIRED, UNEXPLAINED = Loss.kicked, Loss.expired, Loss.unexplained


@pytest.mark.parametrize(("loss", "free"), [(KICKED, 1), (UNEXPLAINED, 1), (EXPIRED, 3)])
def test_after_its_free_returns_it_yields_for_the_rest_of_the_cool_down(loss: Loss, free: int) -> None:
    returns = Returns()
    for number in range(free):
        assert returns.wait(loss, 10.0 * number) == 0
        returns.note(loss, 10.0 * number)
    assert returns.wait(loss, 100.0) == COOL_DOWN - 100
    assert returns.wait(loss, COOL_DOWN) == 0


def test_a_war_is_one_return_in_each_cool_down() -> None:
    returns, now, came = Returns(), 0.0, []
    while now < 3 * COOL_DOWN:
        away = returns.wait(KICKED, now)
        now += away
        returns.note(KICKED, now)
        came.append(now)
        now += 5  # the person comes straight back too
    assert came == [0.0, COOL_DOWN, 2 * COOL_DOWN, 3 * COOL_DOWN]


def test_one_kind_of_loss_does_not_count_for_another_and_a_person_can_end_the_wait() -> None:
    returns = Returns()
    returns.note(KICKED, 0.0)
    assert returns.wait(UNEXPLAINED, 1.0) == 0
    returns.forget()
    assert returns.wait(KICKED, 2.0) == 0
