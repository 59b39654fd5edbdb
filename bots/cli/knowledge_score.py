"""`nightdesk knowledge score`: what a knowledge file makes of a list of messages, for evaluations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from base.errors import ConfigError, Problem
from base.jsonlines import read_json_lines
from bots.cli.words import Command
from flows.scoring import Scorer
from knowledge.model import load_knowledge


@click.command(
    cls=Command,
    help="给一批消息打分，用来评测：每行消息的 text 输出一行 JSON，顺序不变。entry 是最像的条目（都不像是 null），"
    "confidence 是把握，decision 是决定（answer 回答、choose 请买家选、hold 安抚、handoff 转人工、ignore 不理会；"
    "只是寒暄的算 ignore），choices 是最可能的至多三个条目，先写会回答的或请买家选的。只看这个知识库文件，"
    "不看店铺、时间和商品，缺少的事实当作已经填写。文件最外层是 entries，或者直接是条目的列表。",
    example="nightdesk knowledge score knowledge.yaml 消息.jsonl > 结果.jsonl",
)
@click.argument("file", metavar="知识库文件", type=click.Path(path_type=Path))
@click.argument("messages", metavar="消息文件.jsonl", type=click.Path(path_type=Path))
def score(file: Path, messages: Path) -> None:
    """Score one message after another as they are read."""
    scorer = Scorer(load_knowledge(file))
    for text in _texts(messages):
        scored = scorer.score(text)
        line = {
            "text": scored.text,
            "entry": scored.entry,
            "confidence": scored.confidence,
            "decision": scored.decision,
            "choices": scored.choices,
        }
        click.echo(json.dumps(line, ensure_ascii=False))


def _texts(path: Path) -> Iterator[str]:
    for number, line in read_json_lines(path):
        text = line.get("text")
        if not isinstance(text, str):
            hint = '每行写成 {"text": "什么时候发货"}'
            raise ConfigError(Problem(message="缺少 text，或它不是文字", path=path, line=number, hint=hint))
        yield text
