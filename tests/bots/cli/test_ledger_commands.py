"""`status` and `handoffs`, on a ledger that bots write meanwhile."""

from __future__ import annotations

import getpass
import json
import os
import re
from datetime import timedelta

import pytest

from base.clock import SystemClock
from bots.charge import Charge
from bots.cli.show import local_time
from storage.ledger import Ledger
from storage.records import Handoff, Kind, Said, Sender, ShopState
from tests.bots.cli.conftest import Place, Run


def hand_over(ledger: Ledger, buyer: str = "b1", *, urgent: bool = False, seconds: float = 120) -> Handoff:
    """A turn of the buyer that a person gets."""
    now = SystemClock().now()
    turn = ledger.open_turn("tea", buyer, seen_at=now)
    return ledger.hand_over(
        turn.id, reason="不知道答案", urgent=urgent, deadline_at=now + timedelta(seconds=seconds)
    )


def test_a_shop_at_work(run: Run, ledger: Ledger) -> None:
    result = run("status", "--json")
    (line,) = json.loads(result.stdout)
    assert {name: line[name] for name in ("shop", "state", "working", "mode", "waiting", "rate_3min")} == {
        "shop": "tea",
        "state": "ready",
        "working": True,
        "mode": "observe",
        "waiting": 0,
        "rate_3min": None,
    }
    assert result.exit_code == 0
    ledger.go_live("tea")
    assert json.loads(run("status", "--json").stdout)[0]["mode"] == "answer"


def test_the_table(run: Run, ledger: Ledger) -> None:
    result = run("status")
    assert result.exit_code == 0
    assert "茶叶店" in result.stdout
    assert "值守中" in result.stdout
    assert "nightdesk golive" in result.stdout
    ledger.go_live("tea")
    assert "golive" not in run("status").stdout


def test_a_narrow_terminal_shows_which_shop_and_how_it_is(
    run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.cli.show._PIPE_WIDTH", 40)
    ledger.set_shop_state("tea", ShopState.captcha, "滑块")
    headings, line = run("status").stdout.splitlines()[:2]
    assert headings.split() == ["店铺", "状态", "等待", "转人工", "说明"]
    assert line.split() == ["茶叶店", "要验证码", "0", "0", "滑块"]


@pytest.mark.parametrize(
    ("state", "said"), [(ShopState.captcha, "要验证码"), (ShopState.stopped, "没有机器人在值守：tea")]
)
def test_a_shop_that_somebody_must_see_to(run: Run, ledger: Ledger, state: ShopState, said: str) -> None:
    ledger.set_shop_state("tea", state, "滑块 [red]")
    result = run("status")
    assert result.exit_code == 1
    assert said in result.stdout
    assert "滑块 [red]" in result.stdout


def test_a_wrong_edit_of_the_knowledge_is_told(run: Run, ledger: Ledger) -> None:
    ledger.knowledge_broken("x", "改错了", "knowledge.yaml:3: 写错了")
    assert "knowledge.yaml:3: 写错了" in run("status").stdout
    ledger.knowledge_live("y", {"knowledge.yaml": ""})
    assert "改错了" not in run("status").stdout


def test_what_to_do_and_where_it_can_be_seen(run: Run, ledger: Ledger) -> None:
    ledger.set_shop_state("tea", ShopState.needs_login, "要扫码", picture="/srv/tea-wall.png")
    shown = run("status").stdout
    assert "茶叶店 要登录，" in shown and "nightdesk login tea" in shown and "看图：/srv/tea-wall.png" in shown
    assert json.loads(run("status", "--json").stdout)[0]["picture"] == "/srv/tea-wall.png"
    ledger.set_shop_state("tea", ShopState.ready)
    assert "看图" not in run("status").stdout


async def test_who_runs_it_already_is_not_told_to_run_it(
    run: Run, place: Place, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk, where no sign of life can be put on record."""
    monkeypatch.setattr("bots.table.BEAT_SECONDS", -1.0)
    assert "运行 nightdesk up 开始值守" in run("status").stdout
    charge = Charge(place.home.seats, SystemClock())
    await charge.renew()
    shown = run("status").stdout
    assert f"nightdesk up（pid {os.getpid()}）开着" in shown and "nightdesk doctor" in shown
    assert "开始值守" not in shown
    charge.release()


def test_no_sign_of_life(run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.table.BEAT_SECONDS", -1.0)
    result = run("status")
    assert result.exit_code == 1
    assert "没有运行" in result.stdout
    assert "nightdesk up" in result.stdout
    assert json.loads(run("status", "--json").stdout)[0]["working"] is False


def test_before_the_first_run(run: Run, place: Place) -> None:
    result = run("status")
    assert result.exit_code == 1
    assert "还没有运行过：tea" in result.stdout
    assert json.loads(run("status", "--json").stdout) == []
    assert not place.home.ledger.exists()


def test_a_slip_in_the_list_leaves_the_shops_that_ran_in_sight(run: Run, ledger: Ledger, place: Place) -> None:
    ledger.go_live("tea")
    ledger.pause(shop="tea", by="小王")
    place.write("shops.yaml", "people: ]\n")
    ledger.roll_broken("写错了", "shops.yaml:1: 多了", "shops.yaml", 1)
    shown = run("status")
    assert shown.exit_code == 2
    assert "茶叶店" in shown.stdout and "值守中" in shown.stdout and "小王 停了这家店" in shown.stdout
    assert "还没有运行过" not in shown.stdout and "出了事不会叫人" not in shown.stdout
    assert shown.output.count("shops.yaml:1: ") == 1 and "多了或少了一个 ]" in shown.stderr
    data = run("status", "--json")
    (line,) = json.loads(data.stdout)
    assert (data.exit_code, line["shop"], line["working"], line["mode"]) == (2, "tea", True, None)


def test_handoffs_before_the_first_run(run: Run) -> None:
    result = run("handoffs", "list")
    assert result.exit_code == 2
    assert "还没有运行过机器人" in result.stderr


def test_the_list_shows_the_urgent_first_and_masks_what_buyers_said(run: Run, ledger: Ledger) -> None:
    assert "没有等人工处理的" in run("handoffs", "list").stdout
    first, second = hand_over(ledger), hand_over(ledger, "b2", urgent=True, seconds=-65)
    result = run("handoffs", "list")
    assert result.exit_code == 0
    assert result.stdout.index("b2") < result.stdout.index("b1")
    # It is listed a moment after it was handed over.
    assert re.search(r"已过 1分(\d|[1-4]\d)秒", result.stdout)
    assert re.search(r"还剩 1分[1-5]\d秒", result.stdout)
    listed = json.loads(run("handoffs", "list", "--json").stdout)
    assert [each["id"] for each in listed] == [second.id, first.id]
    assert listed[0]["urgent"] is True
    assert 0 <= listed[0]["age_seconds"] < 60


def test_buyers_words_are_masked_and_stay_words(run: Run, ledger: Ledger) -> None:
    turn = ledger.open_turn("tea", "b1", seen_at=SystemClock().now())
    text = "[bold]打 13812345678\x1b[2J\n快"
    said = Said(key="m1", sender=Sender.buyer, kind=Kind.text, text=text, at=None)
    ledger.fill_turn(turn.id, [said], asked_at=None)
    ledger.hand_over(turn.id, reason="[/red]", urgent=False, deadline_at=SystemClock().now())
    shown = run("handoffs", "list").stdout
    assert "[bold]打 138****5678" in shown
    assert "[/red]" in shown
    assert "\x1b" not in shown
    assert "13812345678" not in run("handoffs", "list", "--json").stdout


def test_claimed_then_done(run: Run, ledger: Ledger) -> None:
    handoff = hand_over(ledger)
    assert run("handoffs", "claim", handoff.id, "--by", "小王").exit_code == 0
    assert "小王 处理中" in run("handoffs", "list").stdout
    other = run("handoffs", "claim", handoff.id, "--by", "小李")
    assert other.exit_code == 1
    assert "小王" in other.stderr
    done = run("handoffs", "done", handoff.id, "--json")
    assert json.loads(done.stdout)["state"] == "done"
    assert ledger.handoffs() == []
    assert run("handoffs", "done", handoff.id).exit_code == 1


def test_one_that_is_done_says_by_whom_and_when_and_waits_for_nobody(run: Run, ledger: Ledger) -> None:
    first, second, third = (hand_over(ledger, buyer, seconds=-65) for buyer in ("b1", "b2", "b3"))
    assert "期限：已过" in run("handoffs", "show", first.id).stdout
    done = ledger.finish(first.id, "小王")
    assert done.done_at is not None
    later = done.done_at + timedelta(hours=3)
    ledger.finish(second.id, "小李")
    ledger.transferred(third.id)
    shown = run("handoffs", "show", first.id).stdout
    assert f"状态：小王 处理完了，{local_time(done.done_at)}" in shown
    assert "等人认领" not in shown and "期限" not in shown
    assert "状态：已在后台转接给同事，" in run("handoffs", "show", third.id).stdout
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(SystemClock, "now", lambda _self: later)
        assert "等了：3小时" not in run("handoffs", "show", first.id).stdout
        assert json.loads(run("handoffs", "show", second.id, "--json").stdout)["age_seconds"] < 60


@pytest.mark.parametrize("act", ["claim", "done"])
def test_an_id_that_never_was(run: Run, ledger: Ledger, act: str) -> None:
    result = run("handoffs", act, 99)
    assert result.exit_code == 1
    assert "99" in result.stderr


def test_the_name_is_the_login_name(run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    handoff = hand_over(ledger)
    monkeypatch.setattr(getpass, "getuser", lambda: "wang")
    assert json.loads(run("handoffs", "claim", handoff.id, "--json").stdout)["claimed_by"] == "wang"


def test_a_user_without_a_name_must_say_one(run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    handoff = hand_over(ledger)
    monkeypatch.setattr(getpass, "getuser", nobody)
    result = run("handoffs", "claim", handoff.id)
    assert result.exit_code == 2
    assert "--by" in result.stderr


def test_one_handoff_with_what_stood_on_the_page(run: Run, ledger: Ledger) -> None:
    handoff = hand_over(ledger)
    assert "截图：没有" in run("handoffs", "show", str(handoff.id)).stdout
    bubble = {"sender": "buyer", "kind": "image", "text": "", "at": None, "failed": True}
    seen = {"reply": 1, "meant": "亲，两天内发出", "sending_at": "2026-11-23T04:00:05+00:00", "bubbles": [bubble]}
    ledger.note_seen(handoff.id, seen)
    ledger.note_picture(handoff.id, "/somewhere/picture.png")
    told = run("handoffs", "show", str(handoff.id)).stdout
    for word in ("亲，两天内发出", "（图片）", "没发出去", "/somewhere/picture.png", "不知道答案"):
        assert word in told
    shown = json.loads(run("handoffs", "show", str(handoff.id), "--json").stdout)
    assert (shown["seen"], shown["picture"]) == (seen, "/somewhere/picture.png")
    assert json.loads(run("handoffs", "list", "--json").stdout)[0]["seen"] == seen
    result = run("handoffs", "show", "99")
    assert (result.exit_code, "没有编号为 99" in result.stderr) == (1, True)
