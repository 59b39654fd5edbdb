"""`nightdesk knowledge`: whether the operator's knowledge is right, and what of it may not be said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from base.errors import Problem
from base.yamlfile import Document, Place, read_yaml
from bots.cli.show import json_option, print_json
from bots.cli.words import Command, Group
from bots.home import Home
from bots.settings import Settings, load_settings, load_shop_pack
from flows.guard import Guard, load_lists
from knowledge.model import Knowledge, knowledge_from

knowledge = Group(
    name="knowledge",
    lazy={
        "check": ("bots.cli.knowledge:check", "检查知识库有没有写错、有没有不能说的话"),
        "score": ("bots.cli.knowledge_score:score", "给一批消息打分，用来评测"),
    },
    help="检查和评测知识库。",
    example="nightdesk knowledge check",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A text that the guard would stop, and where it stands."""

    line: int
    key: str
    text: str
    why: str


@click.command(
    cls=Command,
    help="检查知识库文件：写法、没有启用的条目和原因、回答里有没有平台不让说的话。"
    "不写文件名就检查 shops.yaml 用的那一个。有不能说的话，退出码是 1；文件写错了，退出码是 2。",
    example="nightdesk knowledge check\nnightdesk knowledge check 新知识库.yaml --json",
)
@click.argument("file", required=False, metavar="[文件]", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def check(home: Home, file: Path | None, as_json: bool) -> None:
    """Load, count, and look for what may not be said."""
    settings = load_settings(home.shops) if home.shops.exists() else None
    path = file or (home.folder / settings.knowledge if settings else home.knowledge)
    document = read_yaml(path)
    known = knowledge_from(document)
    findings = list(find_banned(known, document, _wheres(home, settings)))
    if as_json:
        print_json(_as_json(path, known, findings))
    else:
        _print(path, known, findings)
    if findings:
        raise click.exceptions.Exit(1)


def find_banned(
    known: Knowledge, document: Document, wheres: Sequence[tuple[str, str | None]]
) -> Iterator[Finding]:
    """Every text that the guard stops on one of these platforms with goods of these categories."""
    guard = Guard(load_lists(), known.never_say)
    for place, text in _texts(known, document):
        verdicts = (guard.check(text, platform=platform, category=category) for platform, category in wheres)
        stopped = next((verdict for verdict in verdicts if not verdict.allowed), None)
        if stopped is not None:
            told = document.problem(place, stopped.reason)
            yield Finding(line=document.line(place), key=told.key, text=text, why=stopped.reason)


def _texts(known: Knowledge, document: Document) -> Iterator[tuple[Place, str]]:
    """All that a bot may say, with its facts filled in, and the place of each."""
    for place, texts, _words in known.sayings():
        for number, text in enumerate(texts):
            inner = (*place, number)
            filled = known.fill(text, resume="明天9点", choices="1 甲，2 乙")
            yield (inner if inner in document.lines else place), filled


def _wheres(home: Home, settings: Settings | None) -> list[tuple[str, str | None]]:
    """The platforms and categories that the shops are on; without shops, one that may name no platform."""
    if settings is None:
        return [("", None)]
    shops = [(load_shop_pack(shop, home.folder).platform, shop.category) for shop in settings.shops]
    return list(dict.fromkeys(shops))


def _print(path: Path, known: Knowledge, findings: Sequence[Finding]) -> None:
    counts = Counter(entry.status for entry in known.entries)
    live = sum(entry.live for entry in known.entries)
    total = len(known.entries)
    click.echo(f"{path}：共 {total} 条，启用 {live} 条，草稿 {counts['draft']} 条，只观察 {counts['observe']} 条")
    idle = [entry for entry in known.entries if not entry.live]
    if idle:
        click.echo("没有启用的条目：")
        for entry in idle:
            click.echo(f"  {entry.id}：{entry.why_not_live}")
    for each in findings:
        told = Problem(
            message=each.why, path=path, line=each.line, key=each.key, hint="改一个说法，或让这条转人工"
        )
        click.echo(str(told))
    click.echo(f"有 {len(findings)} 处不能说的话" if findings else "没有发现问题")


def _as_json(path: Path, known: Knowledge, findings: Sequence[Finding]) -> dict[str, object]:
    counts = Counter(entry.status for entry in known.entries)
    return {
        "file": str(path),
        "entries": len(known.entries),
        "live": sum(entry.live for entry in known.entries),
        "draft": counts["draft"],
        "observe": counts["observe"],
        "not_live": [{"id": entry.id, "why": entry.why_not_live} for entry in known.entries if not entry.live],
        "findings": findings,
    }
