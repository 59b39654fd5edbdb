"""`nightdesk rehearse` by hand, at a console that cannot be reached."""

from __future__ import annotations

import json

from storage.ledger import Ledger
from tests.bots.cli.conftest import PACK, Place, Run

UNREACHABLE = PACK.replace("tea.test", "127.0.0.1:9")


def test_what_is_not_ready_is_told_with_what_to_do(run: Run, place: Place, ledger: Ledger) -> None:
    place.write("pack.yaml", UNREACHABLE)
    result = run("rehearse", "--json")
    found = {finding["what"]: finding for finding in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert "连不上" in found["店铺 茶叶店"]["problem"]
    assert "建议" in found["店铺 茶叶店"]["problem"]
    assert "发货地" in found["知识库"]["problem"]
    assert found["磁盘"]["ok"]
    assert [event.severity for event in ledger.events() if event.kind == "rehearsal"] == ["alert"]


def test_a_look_at_one_shop_calls_nobody(run: Run, place: Place, ledger: Ledger) -> None:
    place.write("pack.yaml", UNREACHABLE)
    result = run("rehearse", "tea")
    assert (result.exit_code, "有问题  店铺 茶叶店" in result.output) == (1, True)
    assert [event for event in ledger.events() if event.kind == "rehearsal"] == []


def test_a_shop_that_is_not_there(run: Run) -> None:
    result = run("rehearse", "milk")
    assert (result.exit_code, "现有：tea" in result.output) == (2, True)
