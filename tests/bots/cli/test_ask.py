"""`ask`: what is understood, what is decided and why, and what would be said."""

from __future__ import annotations

import json

import pytest

from tests.bots.cli.conftest import KNOWLEDGE, Place, Run


def test_a_sure_answer(run: Run) -> None:
    result = run("ask", "什么时候发货", "--json")
    assert result.exit_code == 0
    asked = json.loads(result.stdout)
    assert asked["outcome"] == "answer"
    assert asked["entries"] == ["发货时间"]
    assert asked["text"] == "亲，付款后48小时内发出"
    assert asked["allowed"] is True
    assert asked["ranked"][0]["entry"] == "发货时间"
    assert asked["confidence"] == asked["ranked"][0]["confidence"] >= 0.9


def test_for_people(run: Run, place: Place) -> None:
    result = run("ask", "什么时候发货", "--shop", "tea")
    assert result.exit_code == 0
    for said in ("发货时间", "决定：回答", "原因：", "会说：亲，付款后48小时内发出", str(place.home.knowledge)):
        assert said in result.stdout


def test_several_questions_are_shown_apart(run: Run) -> None:
    result = run("ask", "什么时候发货？你好！我要投诉")
    assert result.exit_code == 0
    assert "投诉或纠纷：我要投诉" in result.stdout
    assert "决定：转人工（急）" in result.stdout or "决定：先安抚，再转人工（急）" in result.stdout


def test_what_the_guard_stops(run: Run, place: Place) -> None:
    place.write("knowledge.yaml", KNOWLEDGE.replace("内发出", "内发出，加微信查"))
    result = run("ask", "什么时候发货")
    assert "但会被拦下" in result.stdout
    assert json.loads(run("ask", "什么时候发货", "--json").stdout)["allowed"] is False


@pytest.mark.parametrize("text", ["[/red]", "<b>hi</b>", "\x1b[2J", "\u202e反", "😀" * 50, "x" * 20_000, " ", "1"])
def test_any_text_is_only_text(run: Run, text: str) -> None:
    result = run("ask", text)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert json.loads(run("ask", text, "--json").stdout)["question"] == text


def test_without_files_the_shipped_knowledge_answers(run: Run, place: Place) -> None:
    for name in ("shops.yaml", "knowledge.yaml"):
        (place.home.folder / name).unlink()
    result = run("ask", "能开发票吗")
    assert result.exit_code == 0
    assert "发票" in result.stdout
    assert list(place.home.folder.iterdir()) == [place.home.folder / "pack.yaml"]


def test_a_wrong_shop(run: Run) -> None:
    result = run("ask", "在吗", "--shop", "coffee")
    assert result.exit_code == 2
    assert "现有：tea" in result.stderr
