"""Remarks on knowledge that loads and yet is not as it is meant."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from base.yamlfile import parse_yaml
from knowledge.lint import lint
from knowledge.model import knowledge_from

NOW = datetime(2026, 11, 10, tzinfo=UTC)
MANY = "questions: [几天能收到, 到货要多久, 快递多长时间, 什么时候送到, 送货快不快]"


def remarks(*entries: str) -> list[tuple[str, str, int | None]]:
    text = "facts: {空的: }\nentries:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)
    found = lint(knowledge_from(parse_yaml(text, Path("k.yaml"))), NOW, [("甲", "taobao")])
    return [(remark.rule, remark.entry, remark.question) for remark in found if remark.rule != "few"]


def test_good_knowledge_has_none() -> None:
    assert remarks(f"id: 一, {MANY}, answer: 答", "id: 二, questions: [有几种颜色], answer: 答") == []


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        ("什么时候可以发货呢？", "shared"),
        ("亲，什么时候可以发货", "shared"),
        ("什么时侯可以发货", "near"),
        ("什么时候可发货", "near"),
        ("可以什么时候发货", "near"),
        ("什么时候可以退货", "near"),
        ("能开发票吗", None),
    ],
)
def test_two_entries_with_the_same_question_or_nearly(other: str, rule: str | None) -> None:
    found = remarks(
        "id: 一, questions: [什么时候可以发货], answer: 答", f"id: 二, questions: [包邮吗, {other}], answer: 答"
    )
    assert found == ([] if rule is None else [(rule, "二", 1)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("scope: {shops: [甲]}", "scope: {shops: [乙, 甲]}"),
        ("active: {to: 2026-11-12}", "active: {from: 2026-11-11 08:00, to: 2026-11-20}"),
    ],
)
def test_where_both_hold_they_are_rivals(one: str, other: str) -> None:
    entries = (
        f"id: 一, questions: [有优惠吗], answer: 答, {one}",
        f"id: 二, questions: [有优惠吗], answer: 答, {other}",
    )
    rivals = [found for found in remarks(*entries) if found[0] == "shared"]
    assert bool(rivals) == ("shops" in one)


@pytest.mark.parametrize(
    "apart",
    [
        "scope: {shops: [乙]}",
        "scope: {products: ['1']}",
        "active: {from: 2026-11-12, to: 2026-11-20}",
        "status: draft",
    ],
)
def test_what_never_holds_at_once_or_is_narrower_on_purpose_is_no_rival(apart: str) -> None:
    found = remarks(
        "id: 一, questions: [有优惠吗], answer: 答, scope: {shops: [甲]}",
        f"id: 二, questions: [有优惠吗], answer: 答, {apart}",
    )
    assert "shared" not in {rule for rule, _entry, _number in found}


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("id: 一, questions: [包邮吗, 包邮吗], answer: 答", ("twice", "一", 1)),
        ("id: 一, questions: [在吗, 包邮吗], answer: 答", ("unheard", "一", 0)),
        ("id: 一, questions: [在吗], answer: 答", ("unreachable", "一", 0)),
        ("id: 一, questions: [转人工], handoff: true", None),
        ("id: 一, questions: [冬天包邮吗, 包邮吗], keywords: {none: [冬天]}, answer: 答", ("unheard", "一", 0)),
        ("id: 一, questions: [包邮吗], answer: 答, scope: {platforms: [jd]}", ("unreachable", "一", None)),
        ("id: 一, questions: [包邮吗], answer: 答, active: {to: 2026-11-08}", ("expired", "一", None)),
        ("id: 一, questions: [包邮吗], answer: 答, active: {to: 2026-11-11}", ("expiring", "一", None)),
        ("id: 一, questions: [包邮吗], answer: '{facts.空的}'", ("unfilled", "一", None)),
        ("id: 一, questions: [包邮吗], answer: 答, status: draft", ("draft", "一", None)),
    ],
)
def test_what_is_wrong_with_one_entry(entry: str, found: tuple[str, str, int | None] | None) -> None:
    assert remarks(entry) == ([] if found is None else [found])
