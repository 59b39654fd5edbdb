"""The operators' page is right: its commands exist, its words are those of the table, its query runs."""

from __future__ import annotations

import re
import shlex
import sqlite3
from pathlib import Path

import click
import pytest

from base.clock import SystemClock
from bots.cli import main
from bots.cli.words import Group
from bots.table import STATES
from storage.ledger import Ledger
from storage.records import Kind, Said, Sender, TurnState
from tests.bots.cli.conftest import Place

DOCS = Path(__file__).resolve().parents[3] / "docs"
MANUAL = (DOCS / "上线.md").read_text("utf-8")
LINES = sorted(set(re.findall(r"(?:^|`)nightdesk ([^`\n]+)", MANUAL, re.MULTILINE)))


@pytest.mark.parametrize("line", LINES)
def test_every_command_of_the_page_exists(line: str) -> None:
    command: click.Command = main
    context = click.Context(main)
    words = shlex.split(line)
    while isinstance(command, Group):
        if command.invoke_without_command and words[:1] in ([], ["--html"]):
            break
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    known = {option for param in command.params for option in param.opts} | {"--help"}
    assert {word for word in words if word.startswith("--")} <= known


def test_the_page_names_every_command_of_the_first_hour() -> None:
    named = {line.split()[0] for line in LINES}
    assert {"init", "shop", "secret", "doctor", "up", "golive", "handoffs", "status", "ask", "knowledge"} <= named


@pytest.mark.parametrize("state", re.findall(r"^\| 状态“(.+?)”", MANUAL, re.MULTILINE))
def test_the_states_are_called_as_in_the_table(state: str) -> None:
    assert state in STATES.values()


def test_the_query_shows_what_was_observed(place: Place) -> None:
    place.home.prepare()
    clock = SystemClock()
    ledger = Ledger.open(place.home.ledger, clock)
    ledger.put_shop("tea", title="茶叶店", console="tea-desk", platform="tea")
    turn = ledger.open_turn("tea", "b1", seen_at=clock.now())
    ledger.decide_turn(
        turn.id, outcome="answer", entry="发货时间", confidence=0.95, reason="很像", would_say="48小时内发出"
    )
    said = [("m1", Sender.buyer, "多久发货"), ("m2", Sender.shop, "两天内")]
    messages = [Said(key=key, sender=sender, kind=Kind.text, text=text, at=None) for key, sender, text in said]
    ledger.record_messages(turn.conversation_id, messages)
    ledger.close_turn(turn.id, TurnState.observed)
    ledger.close()
    found = re.search(r"```sql\n(.+?)```", MANUAL, re.DOTALL)
    assert found is not None
    database = sqlite3.connect(place.home.ledger)
    rows = database.execute(found[1]).fetchall()
    database.close()
    assert [row[1:] for row in rows] == [("tea", "多久发货", "48小时内发出", "两天内", "很像")]
