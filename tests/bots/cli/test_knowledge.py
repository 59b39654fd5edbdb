"""`knowledge check`: what is live, what is not and why, and what may not be said, line by line."""

from __future__ import annotations

import json

from base.places import shared
from tests.bots.cli.conftest import KNOWLEDGE, SHOPS, Place, Run


def test_counts_and_why_an_entry_is_not_live(run: Run) -> None:
    result = run("knowledge", "check")
    assert result.exit_code == 0
    assert "共 2 条，启用 1 条，草稿 0 条，只观察 0 条" in result.stdout
    assert "发货地：事实还没填写：发货地" in result.stdout
    assert "没有发现问题" in result.stdout


def test_as_json(run: Run) -> None:
    checked = json.loads(run("knowledge", "check", "--json").stdout)
    assert (checked["entries"], checked["live"], checked["findings"]) == (2, 1, [])
    assert [each["id"] for each in checked["not_live"]] == ["发货地"]


def test_what_may_not_be_said_is_told_with_its_line(run: Run, place: Place) -> None:
    lines = [
        "facts: {电话: 13812345678}",
        "entries:",
        "  - id: 联系",
        "    questions: [怎么联系你们]",
        "    answer:",
        "      - 亲，有问题就在这里说",
        "      - 亲，打{facts.电话}",
        "holding: {working: [加微信说吧], after_hours: '{resume}回复您'}",
    ]
    path = place.write("knowledge.yaml", "\n".join(lines))
    result = run("knowledge", "check")
    assert result.exit_code == 1
    assert f"{path}:7: entries[1].answer[2]: " in result.stdout
    assert f"{path}:8: holding.working[1]: " in result.stdout
    assert "有 2 处不能说的话" in result.stdout
    findings = json.loads(run("knowledge", "check", "--json").stdout)["findings"]
    assert [finding["line"] for finding in findings] == [7, 8]


def test_a_name_that_buyers_would_read_may_be_said_too(run: Run, place: Place) -> None:
    entry = "  - {{id: {}, questions: [给好评有钱拿吗, 晒图送不送], {}}}\n"
    told, person = entry.format("好评返现", "answer: 没有"), entry.format("晒图返现", "handoff: true")
    place.write("knowledge.yaml", f"entries:\n{told}{person}never_say: [返现]\n")
    findings = json.loads(run("knowledge", "check", "--json").stdout)["findings"]
    assert [(finding["line"], finding["text"]) for finding in findings] == [(2, "好评返现")]


def test_the_shops_category_counts(run: Run, place: Place) -> None:
    place.write("knowledge.yaml", KNOWLEDGE.replace("内发出", "内发出，喝了助眠"))
    assert run("knowledge", "check").exit_code == 0
    place.write("shops.yaml", SHOPS + "    category: food\n")
    assert run("knowledge", "check").exit_code == 1


def test_a_shops_own_file_is_checked_with_it(run: Run, place: Place) -> None:
    place.write(
        "tea.yaml", "extends: knowledge.yaml\nentries:\n  - {id: 茶, questions: [什么茶, 在吗], answer: 红茶}\n"
    )
    place.write("shops.yaml", SHOPS + "    knowledge: tea.yaml\n")
    told = json.loads(run("knowledge", "check", "--json").stdout)
    (own,) = told["others"]
    assert (told["entries"], own["entries"]) == (2, 3)
    (unheard,) = [remark for remark in own["remarks"] if remark["rule"] == "unheard"]
    assert (unheard["line"], unheard["entry"]) == (3, "茶")


def test_another_file(run: Run, place: Place) -> None:
    path = place.write("other.yaml", "entries: [{id: 一, status: draft, questions: 问, answer: 答}]\n")
    result = run("knowledge", "check", path)
    assert result.exit_code == 0
    assert "草稿 1 条" in result.stdout


def test_the_shipped_knowledge_has_nothing_to_stop(run: Run) -> None:
    assert run("knowledge", "check", shared("knowledge.yaml")).exit_code == 0
