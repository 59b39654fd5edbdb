"""`nightdesk knowledge test`: do the entries' own tests pass, and what does an edit change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import click

from bots.cli.library import Known, knowledge_path, questions_of, recent, version_before
from bots.cli.show import json_option, local_time, one_line, print_json, print_table, table_of
from bots.cli.words import Command
from bots.home import Home
from flows.scoring import Scorer
from flows.trial import Difference, Tried, differences, questions, run_tests
from knowledge.changes import Changes, changes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """This version beside the last one: `live_at` is since when that was live, None where there is none."""

    live_at: datetime | None = None
    changes: Changes = field(default_factory=Changes)
    own: Sequence[Difference] = ()
    asked: Sequence[Difference] = ()
    real: int = 0


@click.command(
    cls=Command,
    help="试知识库：跑每个条目自己写的 tests，再和上一个启用过的版本比，逐句列出哪些问法的结果变了，"
    "包括最近四周买家真实的提问。有 tests 没通过，退出码是 1。",
    example="nightdesk knowledge test\nnightdesk knowledge test 改好的知识库.yaml --json",
)
@click.argument("file", required=False, metavar="[文件]", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def test(home: Home, file: Path | None, as_json: bool) -> None:
    """Run the tests, compare with the last version, print."""
    known = Known.load(knowledge_path(home, file))
    tried = run_tests(known.knowledge, known.scorer)
    compared = _compare(home, known)
    if as_json:
        print_json(_as_json(tried, compared))
    else:
        _print(known, tried, compared)
    if not all(each.passed for each in tried):
        raise click.exceptions.Exit(1)


def _compare(home: Home, known: Known) -> _Compared:
    found = version_before(home, known.knowledge)
    asked = questions_of(recent(home))
    if found is None:
        return _Compared(real=len(asked))
    live_at, before = found
    old = Scorer(before)
    own = [*questions(before), *questions(known.knowledge)]
    return _Compared(
        live_at=live_at,
        changes=changes(before, known.knowledge),
        own=list(differences(old, known.scorer, own)),
        asked=list(differences(old, known.scorer, [text for text in asked if text not in set(own)])),
        real=len(asked),
    )


def _print(known: Known, tried: Sequence[Tried], compared: _Compared) -> None:
    passed = sum(each.passed for each in tried)
    if tried:
        click.echo(f"{known.path}：{len(tried)} 个 tests，通过 {passed} 个")
    else:
        click.echo(f"{known.path}：没有写 tests。在条目里写 tests: [买家的问法]，改动以后就能知道有没有改坏")
    for each in tried:
        if not each.passed:
            click.echo(f"  没通过：“{one_line(each.text)}” {each.why}（把握 {each.score.confidence:.2f}）")
    if compared.live_at is None:
        click.echo("没有可比的上一个版本：机器人运行过、又改动以后才有")
        return
    said = compared.changes.words() or "内容没有变化"
    click.echo(f"\n和 {local_time(compared.live_at)} 启用的版本相比：{said}")
    _print_differences("知识库里的问法", compared.own)
    _print_differences(f"最近四周买家问的 {compared.real} 句", compared.asked)


def _print_differences(title: str, found: Sequence[Difference]) -> None:
    click.echo(f"{title}：{f'{len(found)} 句结果变了' if found else '结果都没变'}")
    if found:
        print_table(table_of(("买家说", "原来", "现在"), [(each.text, each.before, each.after) for each in found]))


def _as_json(tried: Sequence[Tried], compared: _Compared) -> dict[str, object]:
    return {
        "tests": [
            {"entry": each.entry, "text": each.text, "hit": each.hit, "passed": each.passed, "why": each.why}
            for each in tried
        ],
        "passed": sum(each.passed for each in tried),
        "compared_with": compared.live_at,
        "changes": compared.changes,
        "own": _plain(compared.own),
        "real_questions": compared.real,
        "real": _plain(compared.asked),
    }


def _plain(found: Sequence[Difference]) -> list[dict[str, str]]:
    return [{"text": each.text, "before": each.before, "after": each.after} for each in found]
