"""From what was asked to an entry in the file: gaps, proposals, taking in, tests, history."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from base.clock import SystemClock
from knowledge.versions import read_version
from storage.ledger import Ledger
from storage.records import Kind, Said, Sender
from tests.bots.cli.conftest import KNOWLEDGE, Place, Run

CHATS = "会话,发送方,内容\n" + "".join(
    f"{number},买家,{asked}\n{number},客服,您好\n{number},客服,可以放洗碗机上层的\n"
    for number, asked in enumerate(["杯子能放洗碗机吗", "能不能放洗碗机洗", "杯子可以放洗碗机洗吗"])
)
ASKED = ["杯子能放洗碗机吗", "杯子可以放洗碗机吗", "这杯子放洗碗机行吗"]


def hear(ledger: Ledger, asked: str, *said: str, outcome: str = "handoff") -> None:
    """A buyer asked, and people answered."""
    key = f"b{len(ledger.exchanges(SystemClock().now() - timedelta(days=1)))}"
    turn = ledger.open_turn("tea", key, seen_at=SystemClock().now())
    message = Said(key=f"{key}m", sender=Sender.buyer, kind=Kind.text, text=asked, at=None)
    ledger.fill_turn(turn.id, [message], asked_at=None)
    ledger.decide_turn(turn.id, outcome=outcome, entry="", confidence=0.1, reason="不知道答案")
    bubbles = [
        Said(key=f"{key}a{number}", sender=Sender.shop, kind=Kind.text, text=text, at=None)
        for number, text in enumerate(said)
    ]
    ledger.record_messages(turn.conversation_id, bubbles)


@pytest.fixture
def heard(ledger: Ledger) -> Ledger:
    for text in ASKED:
        hear(ledger, text, "您好", "可以放洗碗机上层的")
    hear(ledger, "什么时候发货", "48小时内", outcome="answer")
    hear(ledger, "打我13812345678", "好")
    return ledger


def test_gaps_are_grouped_with_what_people_said(run: Run, heard: Ledger) -> None:
    (gap,) = json.loads(run("knowledge", "gaps", "--json").stdout)
    assert (gap["count"], gap["shops"], set(gap["questions"])) == (3, {"tea": 3}, set(ASKED))
    assert gap["said"] == ["您好\n可以放洗碗机上层的"]
    told = run("knowledge", "gaps").stdout
    assert "有 3 次没有答上来，归成 1 类" in told
    assert "人工：您好 可以放洗碗机上层的" in told


def test_what_the_knowledge_answers_meanwhile_is_no_gap(run: Run, heard: Ledger, place: Place) -> None:
    place.write(
        "knowledge.yaml", KNOWLEDGE + f"  - {{id: 洗碗机, questions: [{', '.join(ASKED)}], answer: 可以}}\n"
    )
    assert "没有答不上来的问题" in run("knowledge", "gaps").stdout


def test_from_chats_to_an_entry(run: Run, place: Place) -> None:
    place.write("knowledge.yaml", "# 我们的知识\n" + KNOWLEDGE)
    chats = place.write("chats.csv", CHATS.encode("gb18030"))
    (proposal,) = json.loads(run("knowledge", "learn", "--chats", chats, "--json").stdout)
    assert proposal["evidence"]["count"] == 3
    assert proposal["entry"]["answer"] == ["可以放洗碗机上层的"]
    assert "1 个提议，其中 0 个是新的" in run("knowledge", "learn", "--chats", chats).stdout
    assert json.loads(run("ask", "能不能放洗碗机洗", "--json").stdout)["outcome"] != "answer"
    assert proposal["id"] in run("knowledge", "accept").stdout
    assert "已采用" in run("knowledge", "accept", proposal["id"]).stdout
    assert (place.home.knowledge).read_text("utf-8").startswith("# 我们的知识\n")
    assert json.loads(run("ask", "能不能放洗碗机洗", "--json").stdout)["text"] == "可以放洗碗机上层的"
    assert json.loads(run("knowledge", "accept", "--json").stdout) == []
    assert run("knowledge", "accept", proposal["id"]).exit_code == 2


def test_from_what_people_said(run: Run, heard: Ledger) -> None:
    (proposal,) = json.loads(run("knowledge", "learn", "--ledger", "--json").stdout)
    assert proposal["evidence"]["shops"] == ["tea"]
    assert proposal["effect"]["answered"] == "最近的 4 句提问里多答 3 句"
    assert "13812345678" not in json.dumps(proposal)


def test_a_table_of_replies(run: Run, place: Place) -> None:
    table = place.write("replies.csv", "问题,回复\n能刻字吗,可以的，加微信说\n有礼盒吗,有的\n空的,\n")
    result = run("knowledge", "import", table)
    assert result.exit_code == 1
    assert f"{table}:4: 这一行没有回复" in result.stderr
    assert "2 个提议，其中 2 个是新的" in result.stdout
    assert "话术检查不让说" in result.stdout
    assert run("knowledge", "accept", "--all").exit_code == 0
    assert "共 4 条" in run("knowledge", "check").stdout


@pytest.mark.parametrize(
    "call", [("learn",), ("learn", "--chats", "没有.csv"), ("accept", "p1"), ("learn", "--page", "x")]
)
def test_bad_input(run: Run, call: tuple[str, ...]) -> None:
    result = run("knowledge", *call)
    assert result.exit_code == 2
    assert result.stderr


def test_own_tests_and_what_an_edit_changes(run: Run, place: Place, heard: Ledger) -> None:
    before = read_version(place.home.knowledge)
    heard.knowledge_live(before.digest, before.files)
    tests = "tests: [杯子能放洗碗机吗, 能开发票吗]"
    entry = f"  - {{id: 洗碗机, questions: [{', '.join(ASKED)}], answer: 可以, {tests}}}\n"
    place.write("knowledge.yaml", KNOWLEDGE + entry)
    result = run("knowledge", "test")
    assert result.exit_code == 1
    assert "2 个 tests，通过 1 个" in result.stdout
    assert "没通过：“能开发票吗” 应该是“洗碗机”" in result.stdout
    told = json.loads(run("knowledge", "test", "--json").stdout)
    assert told["changes"]["added"] == ["洗碗机"]
    assert {each["text"] for each in told["own"]} == set(ASKED)
    assert (told["real"], told["real_questions"]) == ([], 4)


def test_history(run: Run, place: Place, ledger: Ledger) -> None:
    for text in (KNOWLEDGE, KNOWLEDGE + "  - {id: 新的, questions: [问], answer: 答}\n"):
        place.write("knowledge.yaml", text)
        version = read_version(place.home.knowledge)
        ledger.knowledge_live(version.digest, version.files)
    ledger.knowledge_broken("x", "改错了", "第 3 行写错了")
    told = run("knowledge", "history").stdout
    assert "新增 新的" in told
    assert "改错了，没有启用：第 3 行写错了" in told
    moments = json.loads(run("knowledge", "history", "--json").stdout)
    assert [moment["state"] for moment in moments] == ["broken", "live", "live"]
