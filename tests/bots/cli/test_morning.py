"""`nightdesk morning`: the night is printed, and what people say of its answers feeds the entries' tests."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from base.clock import SystemClock
from knowledge.model import load_knowledge
from storage.ledger import Ledger
from storage.records import Kind, Reply, ReplyKind, ReplyState, Said, Sender
from tests.bots.cli.conftest import KNOWLEDGE, Place, Run

PHONE = "138" + "1234" + "5678"


def answered(ledger: Ledger, text: str = "亲多久能发呀", entry: str = "发货时间") -> Reply:
    turn = ledger.open_turn("tea", "b1", seen_at=SystemClock().now())
    said = Said(key=f"m{turn.id}", sender=Sender.buyer, kind=Kind.text, text=text, at=None)
    ledger.fill_turn(turn.id, [said], asked_at=None)
    reply = ledger.draft(turn.id, kind=ReplyKind.answer, entry=entry, text="亲，48小时内发出", newest_key=said.key)
    for state in (ReplyState.typing, ReplyState.sending):
        ledger.move(reply.id, state)
    return ledger.move(reply.id, ReplyState.confirmed, message_key=f"o{turn.id}")


@pytest.fixture
def since() -> str:
    """A moment before all that the test does, as an operator writes it."""
    return f"{(SystemClock().now() - timedelta(hours=1)).astimezone():%Y-%m-%d %H:%M}"


def test_the_night_for_people_and_for_programs(run: Run, ledger: Ledger, since: str) -> None:
    reply = answered(ledger, f"[red]打{PHONE}")
    result = run("morning", "--since", since)
    assert result.exit_code == 0
    assert "[red]打138****5678" in result.stdout and "48小时内发出" in result.stdout
    assert "三分钟没答上：没有" in result.stdout
    shown = json.loads(run("morning", "--since", since, "--json").stdout)
    assert [(each["reply"], each["asked"]) for each in shown["answers"]] == [(reply.id, "[red]打138****5678")]
    assert shown["shops"][0]["figures"]["answered"] == 1


def test_a_page(run: Run, ledger: Ledger, place: Place, since: str) -> None:
    answered(ledger)
    file = place.home.folder / "夜班.html"
    assert run("morning", "--since", since, "--html", file).exit_code == 0
    assert "亲多久能发呀" in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
    missing = run("morning", "--html", place.home.folder / "none" / "x.html")
    assert (missing.exit_code, "写不了这个文件" in missing.stderr) == (2, True)


def test_without_a_time_it_is_the_time_without_people(run: Run, ledger: Ledger) -> None:
    shown = json.loads(run("morning", "--json").stdout)
    assert shown["since"][11:16] == "14:00"  # 22:00 in China


def test_nobody_has_waited_for_what_is_still_to_come(run: Run, ledger: Ledger, since: str) -> None:
    answered(ledger)
    ledger.open_turn("tea", "b2", seen_at=SystemClock().now())
    until = f"{(SystemClock().now() + timedelta(hours=1)).astimezone():%Y-%m-%d %H:%M}"
    shown = json.loads(run("morning", "--since", since, "--until", until, "--json").stdout)
    assert (len(shown["answers"]), shown["misses"], shown["downs"]) == (1, [], [])
    assert shown["until"] < SystemClock().now().isoformat()


def test_with_a_slip_in_the_list_it_is_the_last_twelve_hours(run: Run, ledger: Ledger, place: Place) -> None:
    answered(ledger)
    place.write("shops.yaml", "people: ]\n")
    told = run("morning")
    assert told.exit_code == 2
    assert "亲多久能发呀" in told.stdout
    assert "最近 12 小时" in told.stderr and "shops.yaml:1: " in told.stderr
    shown = json.loads(run("morning", "--json").stdout)
    since, until = (datetime.fromisoformat(shown[name]) for name in ("since", "until"))
    assert until - since == timedelta(hours=12)


@pytest.mark.parametrize(
    "given",
    [("--since", "gestern"), ("--since", "25:00"), ("--since", "2026-11-23 22:00", "--until", "2026-11-23 21:00")],
)
def test_times_that_are_none(run: Run, ledger: Ledger, given: tuple[str, ...]) -> None:
    assert run("morning", *given).exit_code == 2


def test_what_is_right_or_wrong_becomes_a_test_of_the_entry(run: Run, ledger: Ledger, place: Place) -> None:
    reply = answered(ledger)
    path = place.home.knowledge
    assert run("morning", "wrong", reply.id).exit_code == 0
    assert load_knowledge(path).entry("发货时间").tests.misses == ("亲多久能发呀",)
    result = run("morning", "right", reply.id, "--json")
    assert json.loads(result.stdout)["file"] == str(path)
    tests = load_knowledge(path).entry("发货时间").tests
    assert (tests.hits, tests.misses) == (("亲多久能发呀",), ())
    once = path.read_text("utf-8")
    assert run("morning", "right", reply.id).exit_code == 0
    assert path.read_text("utf-8") == once
    assert once.startswith(KNOWLEDGE.partition("    answer: 亲，付款后")[0])


def test_in_a_shop_with_its_own_file_the_test_goes_where_the_entry_stands(
    run: Run, ledger: Ledger, place: Place
) -> None:
    place.write(
        "茶.yaml", "extends: knowledge.yaml\nentries:\n  - {id: 泡茶, questions: [怎么泡], answer: 沸水}\n"
    )
    place.write("shops.yaml", place.home.shops.read_text("utf-8") + "    knowledge: 茶.yaml\n")
    run("morning", "right", answered(ledger, "这茶怎么泡", "泡茶").id)
    run("morning", "right", answered(ledger).id)
    assert "这茶怎么泡" in (place.home.folder / "茶.yaml").read_text("utf-8")
    assert "亲多久能发呀" in place.home.knowledge.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "entry", "why"),
    [
        (f"打{PHONE}什么时候发货", "发货时间", "只和他自己有关"),
        ("多久能发", "发货时间+发货地", "不是出自一个条目"),
        ("多久能发", "没有了", "没有条目“没有了”"),
    ],
)
def test_what_cannot_be_a_test_is_only_noted(
    run: Run, ledger: Ledger, place: Place, text: str, entry: str, why: str
) -> None:
    reply = answered(ledger, text, entry)
    result = run("morning", "wrong", reply.id)
    assert result.exit_code == 0
    assert why in result.stdout
    assert place.home.knowledge.read_text("utf-8") == KNOWLEDGE
    now = SystemClock().now()
    assert ledger.night(now - timedelta(hours=1), now + timedelta(hours=1)).verdicts == {reply.id: False}


def test_a_number_that_is_no_answer(run: Run, ledger: Ledger) -> None:
    result = run("morning", "right", 7)
    assert (result.exit_code, "编号为 7" in result.stderr) == (1, True)
