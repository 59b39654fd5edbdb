"""Entries' own tests, and what an edit or a proposal changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from base.yamlfile import parse_yaml
from flows.effects import foresee
from flows.scoring import Scorer
from flows.trial import differences, questions, run_tests
from knowledge.model import Knowledge, knowledge_from
from knowledge.proposals import Draft, Evidence, Proposal

FILE = """\
facts: {空的: }
entries:
  - id: 发货
    questions: [什么时候发货, 多久能发货, 几天发出]
    answer: 今天
    tests: {hits: [多久能发货, 能开发票吗], misses: [几天发出, 怎么退货]}
    follow_up: [{id: 晚了, questions: [那晚了呢], answer: 赔您, tests: [那晚了呢]}]
  - {id: 投诉, questions: [牙龈出血了], risky: true, tests: [牙龈出血了]}
  - {id: 没填, questions: [哪里发货的], answer: "{facts.空的}", tests: [哪里发货的]}
"""
EVIDENCE = Evidence(source="聊天记录", count=2)


def read(more: str = "") -> Knowledge:
    return knowledge_from(parse_yaml(FILE + more, Path("k.yaml")))


@pytest.mark.parametrize(
    ("entry", "text", "passed"),
    [
        ("发货", "多久能发货", True),
        ("发货", "能开发票吗", False),
        ("发货", "几天发出", False),
        ("发货", "怎么退货", True),
        ("晚了", "那晚了呢", True),
        ("投诉", "牙龈出血了", True),
        ("没填", "哪里发货的", True),
    ],
)
def test_own_tests(entry: str, text: str, passed: bool) -> None:
    known = read()
    (tried,) = [each for each in run_tests(known, Scorer(known)) if (each.entry, each.text) == (entry, text)]
    assert tried.passed is passed
    assert bool(tried.why) is not passed


def test_what_an_edit_changes_question_by_question() -> None:
    before, after = read(), read("  - {id: 发票, questions: [能开发票吗, 可以开票吗], answer: 能开}\n")
    found = list(differences(Scorer(before), Scorer(after), questions(after)))
    assert {each.text: each.after for each in found} == dict.fromkeys(["能开发票吗", "可以开票吗"], "回答“发票”")
    assert list(differences(Scorer(before), Scorer(before), questions(before))) == []


def test_what_proposals_would_do() -> None:
    known = read()
    invoice = Draft(id="发票", questions=("能开发票吗", "可以开票吗"), answer=("能开，加微信发您",))
    proposals = [
        Proposal.of(entry=invoice, evidence=EVIDENCE),
        Proposal.of(into="发货", questions=("啥时候给寄走",), evidence=EVIDENCE),
    ]
    first, second = foresee(known, Scorer(known), ["可以开票吗", "啥时候给寄走", "今天星期几"], proposals)
    assert first.effect.tests == "5/7 → 5/7"
    assert first.effect.changed == ("能开发票吗：转人工 → 回答“发票”",)
    assert first.effect.answered == second.effect.answered == "最近的 3 句提问里多答 1 句"
    assert first.effect.blocked
    assert not second.effect.blocked
