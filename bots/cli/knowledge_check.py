"""`nightdesk knowledge check`: whether the operator's knowledge is right, and what of it is not as it is meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import click

from base.clock import SystemClock
from base.errors import Problem
from base.yamlfile import Document, Place, read_yaml
from bots.cli.library import knowledge_path
from bots.cli.show import json_option, print_json
from bots.cli.words import Command
from bots.home import Home
from bots.settings import Shop, load_settings, load_shop_pack
from flows.guard import Guard, load_lists
from knowledge.entry import Entry
from knowledge.lint import Remark, lint
from knowledge.model import Knowledge, Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A text that the guard would stop, and where it stands."""

    file: Path
    line: int
    key: str
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noted:
    """A remark with its place in the files."""

    file: Path
    line: int
    rule: str
    entry: str
    message: str
    hint: str
    fault: bool


@click.command(
    cls=Command,
    help="检查知识库文件：写法、没有启用的条目和原因、回答里有没有平台不让说的话、两个条目写了一样或几乎一样的问法、"
    "谁也问不到的条目、问法太少、快到期的条目。不写文件名就检查 shops.yaml 用的那些。"
    "有不能说的话或分不清的问法，退出码是 1；文件写错了，退出码是 2。",
    example="nightdesk knowledge check\nnightdesk knowledge check 新知识库.yaml --json",
)
@click.argument("file", required=False, metavar="[文件]", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def check(home: Home, file: Path | None, as_json: bool) -> None:
    """Load, count, look for what may not be said and for what is not as it is meant."""
    now = SystemClock().now()
    checked = [_check(path, shops, now) for path, shops in _books(home, file)]
    if as_json:
        first, *others = map(_as_json, checked)
        print_json(first | {"others": others})
    else:
        for each in checked:
            _print(each)
    if not all(each.fine for each in checked):
        raise click.exceptions.Exit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """A file, what it knows with all below it, and what was found."""

    path: Path
    known: Knowledge
    findings: Sequence[Finding]
    noted: Sequence[_Noted]

    @property
    def fine(self) -> bool:
        """Whether nothing must be mended."""
        return not self.findings and not any(note.fault for note in self.noted)


_Shops = Sequence[tuple[Shop, str]]


def _books(home: Home, file: Path | None) -> Iterator[tuple[Path, _Shops]]:
    """The file given, else the one for all shops and those of single ones, each with its shops and platforms."""
    settings = load_settings(home.shops) if home.shops.exists() else None
    listed = settings.shops if settings else []
    shops = [(shop, load_shop_pack(shop, home.folder).platform) for shop in listed]
    own = settings.own_knowledge(home.folder) if settings and file is None else {}
    main = knowledge_path(home, file)
    yield main, [(shop, platform) for shop, platform in shops if shop.id not in own]
    for path in dict.fromkeys(own.values()):
        yield path, [(shop, platform) for shop, platform in shops if own.get(shop.id) == path]


def _check(path: Path, shops: _Shops, now: datetime) -> _Checked:
    shelf = Shelf()
    known = shelf.book(path)
    findings = sorted(find_banned(known, shelf, path, _wheres(shops)), key=lambda each: each.line)
    remarks = lint(known, now, [(shop.id, platform) for shop, platform in shops] or None)
    noted = [_noted(shelf, path, known.entry(remark.entry), remark) for remark in remarks]
    return _Checked(path=path, known=known, findings=findings, noted=noted)


def find_banned(
    known: Knowledge, shelf: Shelf, path: Path, wheres: Sequence[tuple[str, str | None]]
) -> Iterator[Finding]:
    """Every text that the guard stops on one of these platforms with goods of these categories."""
    guard = Guard(load_lists(), known.never_say)
    for document, place, text in _texts(known, shelf, path):
        verdicts = (guard.check(text, platform=platform, category=category) for platform, category in wheres)
        stopped = next((verdict for verdict in verdicts if not verdict.allowed), None)
        if stopped is not None:
            told = document.problem(place, stopped.reason)
            yield Finding(
                file=document.file(place), line=told.line or 1, key=told.key, text=text, why=told.message
            )


def _texts(known: Knowledge, shelf: Shelf, path: Path) -> Iterator[tuple[Document, Place, str]]:
    """All that a bot may say, with its facts filled in, and the place of each."""
    spoken = [(read_yaml(path), place, texts) for place, texts, _words in known.sayings() if place[0] != "entries"]
    for entry in known.entries:
        document, above = shelf.written(path, entry)
        spoken += [(document, (*above, *place), texts) for place, texts in entry.sayings()]
        if not entry.for_person:  # a buyer who may choose is told its name
            where = "id" if entry.name == entry.id else "questions"
            spoken.append((document, (*above, where), (entry.name,)))
    for document, place, texts in spoken:
        for number, text in enumerate(texts):
            inner = (*place, number)
            filled = known.fill(text, resume="明天9点", choices="1 甲，2 乙")
            yield document, (inner if inner in document.lines else place), filled


def _noted(shelf: Shelf, path: Path, entry: Entry, remark: Remark) -> _Noted:
    document, place = shelf.written(path, entry)
    if remark.question is not None:
        place = (*place, "questions", remark.question)
    return _Noted(
        file=document.file(place),
        line=document.line(place),
        rule=remark.rule,
        entry=remark.entry,
        message=remark.message,
        hint=remark.hint,
        fault=remark.fault,
    )


def _wheres(shops: _Shops) -> list[tuple[str, str | None]]:
    """The platforms and categories that the shops are on; without shops, one that may name no platform."""
    return list(dict.fromkeys((platform, shop.category) for shop, platform in shops)) or [("", None)]


def _print(checked: _Checked) -> None:
    path, known, findings, noted = checked.path, checked.known, checked.findings, checked.noted
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
        hint = "改一个说法，或让这条转人工"
        click.echo(str(Problem(message=each.why, path=each.file, line=each.line, key=each.key, hint=hint)))
    for note in sorted(noted, key=lambda note: not note.fault):
        if note.rule not in ("draft", "unfilled"):
            click.echo(
                str(Problem(message=note.message, path=note.file, line=note.line, key=note.entry, hint=note.hint))
            )
    faults = sum(note.fault for note in noted)
    if findings:
        click.echo(f"有 {len(findings)} 处不能说的话")
    if faults:
        click.echo(f"有 {faults} 处要改")
    if not findings and not faults:
        click.echo("没有发现问题")


def _as_json(checked: _Checked) -> dict[str, object]:
    entries = checked.known.entries
    counts = Counter(entry.status for entry in entries)
    return {
        "file": str(checked.path),
        "entries": len(entries),
        "live": sum(entry.live for entry in entries),
        "draft": counts["draft"],
        "observe": counts["observe"],
        "not_live": [{"id": entry.id, "why": entry.why_not_live} for entry in entries if not entry.live],
        "findings": checked.findings,
        "remarks": [asdict(note) for note in checked.noted],
    }
