"""`pause` and `resume`: what they order, what they say, and what `status` shows of it."""

from __future__ import annotations

import json

import pytest

from storage.ledger import Ledger
from tests.bots.cli.conftest import Place, Run


def test_a_shop_is_told_to_keep_quiet_and_to_go_on(run: Run, ledger: Ledger) -> None:
    result = run("pause", "tea", "--by", "小王")
    assert result.exit_code == 0
    assert "小王 停了这家店" in result.stdout and "nightdesk resume tea" in result.stdout
    shown = run("status")
    assert "小王 停了这家店" in shown.stdout
    (line,) = json.loads(run("status", "--json").stdout)
    assert [(one["shop"], one["conversation_key"], one["by"]) for one in line["pauses"]] == [("tea", None, "小王")]
    assert run("resume", "tea").stdout.startswith("已恢复")
    assert "小王" not in run("status").stdout
    # A shop that yields to whoever has its account comes back too.
    assert [order.kind for order in ledger.commands_for(["tea"])] == ["return"]
    again = run("resume", "tea").stdout
    assert again.startswith("没有这样的暂停") and "机器人马上再试" in again


def test_each_pause_is_taken_back_by_itself_and_what_still_holds_is_told(run: Run, ledger: Ledger) -> None:
    run("pause", "--all", "--by", "店长")
    run("pause", "tea", "--conversation", "b1", "--by", "小王")
    told = run("resume", "--all")
    assert "已恢复" in told.stdout
    assert "nightdesk resume tea --conversation b1" in told.stdout
    answer = json.loads(run("resume", "tea", "--json").stdout)
    assert (answer["resumed"], len(answer["pauses"])) == (False, 1)
    run("resume", "tea", "--conversation", "b1")
    assert ledger.pauses() == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "二选一"),
        (("tea", "--all"), "二选一"),
        (("--all", "--conversation", "b1"), "和店铺代号一起写"),
        (("tea", "--conversation", ""), "会话的编号"),
        (("tea", "--conversation", " "), "会话的编号"),
        (("cap",), "没有 id 为“cap”的店铺"),
    ],
)
@pytest.mark.parametrize("command", ["pause", "resume"])
def test_an_order_that_is_not_clear_changes_nothing(
    run: Run, ledger: Ledger, command: str, arguments: tuple[str, ...], said: str
) -> None:
    result = run(command, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert ledger.pauses() == []


@pytest.mark.parametrize("slip", ["shops: [tea,,]\n", "people: 9点\n", ""])
def test_a_slip_in_the_list_does_not_stand_before_the_emergency_stop(
    run: Run, ledger: Ledger, place: Place, slip: str
) -> None:
    place.write("shops.yaml", slip)
    stopped = run("pause", "tea")
    assert (stopped.exit_code, "已暂停" in stopped.stdout) == (0, True)
    assert "读不了店铺清单" in stopped.stderr and "shops.yaml" in stopped.stderr
    assert [pause.shop for pause in ledger.pauses()] == ["tea"]
    assert run("pause", "tea", "--conversation", "b1", "--json").exit_code == 0
    assert run("resume", "tea").stdout.startswith("已恢复")
    unknown = run("pause", "cap")
    assert unknown.exit_code == 2
    assert "没有 id 为“cap”的店铺\n  建议：现有：tea\n" in unknown.stderr
    assert len(ledger.pauses()) == 1


def test_a_shop_that_left_the_list_is_not_stopped_by_mistake(run: Run, ledger: Ledger, place: Place) -> None:
    ledger.put_shop("cap", title="瓶盖店", console="tea-desk", platform="tea")
    assert run("pause", "cap").exit_code == 2
    assert ledger.pauses() == []
