"""`knowledge score`: a line for a line, whatever is decided, and bad lines told with their number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bots.cli.conftest import Place, Run

FAQ = """\
facts: {发货时限: }
entries:
  - id: 发货时间
    questions: [什么时候发货, 多久能发货, 几天发出]
    scope: {shops: [别家店]}
    answer: 亲，付款后{facts.发货时限}内发出
  - id: 开发票
    questions: [能开发票吗, 发票怎么开, 可以开专票吗]
    active: {to: 2020-01-01}
    answer: 亲，可以开的
  - id: 找人
    questions: [转人工, 我要找人工客服]
    handoff: true
"""


def scored(run: Run, faq: Path, messages: Path) -> list[dict[str, Any]]:
    result = run("knowledge", "score", faq, messages)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def lines(*texts: str) -> str:
    return "".join(json.dumps({"text": text, "intent": "x"}, ensure_ascii=False) + "\n" for text in texts)


def test_each_message_gets_its_line_in_order(run: Run, place: Place) -> None:
    texts = ["多久能发货", "在吗", "转人工", "今天天气真好啊", "能开发票吗？多久能发货", ""]
    found = scored(run, place.write("faq.yaml", FAQ), place.write("said.jsonl", lines(*texts)))
    assert [line["text"] for line in found] == texts
    assert [line["decision"] for line in found] == ["answer", "ignore", "handoff", "handoff", "answer", "ignore"]
    assert [found[number]["entry"] for number in (0, 2, 4, 5)] == ["发货时间", "找人", "开发票", None]
    assert set(found[0]) == {"text", "entry", "confidence", "decision", "choices"}
    assert found[0]["confidence"] > 0.9
    assert found[3]["confidence"] < 0.3
    assert found[4]["choices"][:2] == ["开发票", "发货时间"]


def test_the_bare_list_of_entries_is_read_too(run: Run, place: Place) -> None:
    faq = place.write(
        "faq.yaml", "- {id: ship, keywords: [发货], questions: [多久能发货], answer: 答, handoff: false}\n"
    )
    (line,) = scored(run, faq, place.write("said.jsonl", lines("多久能发货")))
    assert (line["entry"], line["decision"], line["choices"]) == ("ship", "answer", ["ship"])


def test_a_mistake_in_a_bare_list_is_told_with_its_line(run: Run, place: Place) -> None:
    faq = place.write("faq.yaml", "- {id: a, questions: [问], answer: 答}\n- {id: b, answer: 答}\n")
    result = run("knowledge", "score", faq, place.write("said.jsonl", lines("问")))
    assert result.exit_code == 2
    assert f"{faq}:2: " in result.stderr


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (b'{"text": ', "不是 JSON"),
        (b"[]", "不是 JSON 对象"),
        (b'{"text": 5}', "缺少 text"),
        (b'{"words": "x"}', "缺少 text"),
        (b'{"text": "\xc4\xe3\xba\xc3"}', "UTF-8"),
    ],
)
def test_a_bad_line_is_told_with_its_number(run: Run, place: Place, bad: bytes, told: str) -> None:
    said = place.write("said.jsonl", lines("多久能发货").encode() + b"\n" + bad + b"\n")
    result = run("knowledge", "score", place.write("faq.yaml", FAQ), said)
    assert result.exit_code == 2
    assert f"{said}:3: " in result.stderr
    assert told in result.stderr
    assert len(result.stdout.splitlines()) == 1


def test_a_file_that_is_not_there(run: Run, place: Place) -> None:
    result = run("knowledge", "score", place.write("faq.yaml", FAQ), "没有.jsonl")
    assert result.exit_code == 2
    assert "没有.jsonl" in result.stderr
