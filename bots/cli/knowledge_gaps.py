"""`nightdesk knowledge gaps`: what was not answered, grouped by likeness, and what the person then said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import click

from base.masking import mask
from bots.cli.library import Known, knowledge_path, recent
from bots.cli.opened import open_ledger
from bots.cli.show import json_option, local_time, one_line, print_json
from bots.cli.words import Command
from bots.home import Home
from knowledge.learning import question_in
from knowledge.likeness import groups
from storage.records import Exchange

_SHOWN = 3
_UNANSWERED = frozenset({"handoff", "hold", "choose"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    """Questions alike that the knowledge does not answer: how often, where, until when, and what people said."""

    count: int
    questions: tuple[str, ...]
    shops: dict[str, int]
    last: datetime
    nearest: str | None
    said: tuple[str, ...]


@click.command(
    cls=Command,
    help="还不会答的问题：最近没有答上来、现在的知识库也答不了的，相近的归在一起，写明问了几次、在哪些店、后来人工怎么说。"
    "本来就交给人工的条目不算。",
    example="nightdesk knowledge gaps\nnightdesk knowledge gaps --days 7 --json",
)
@click.option("--days", type=click.IntRange(min=1), default=28, metavar="天", help="看最近几天，默认 28")
@json_option
@click.pass_obj
def gaps(home: Home, days: int, as_json: bool) -> None:
    """Group and print."""
    with open_ledger(home):
        exchanges = recent(home, timedelta(days=days))
    found = _gaps(exchanges, Known.load(knowledge_path(home)))
    if as_json:
        print_json([asdict(gap) for gap in found])
    else:
        _print(found, days)


def _gaps(exchanges: Sequence[Exchange], known: Known) -> list[_Gap]:
    asked = [
        (text, exchange)
        for exchange in exchanges
        if exchange.outcome in _UNANSWERED and (text := question_in(exchange.text.splitlines())) is not None
    ]
    judged = {text: known.judge(text) for text, _exchange in asked}
    asked = [(text, exchange) for text, exchange in asked if not judged[text].answered]
    found = []
    for group in groups([text for text, _exchange in asked]):
        there = [asked[place] for place in group]
        said = Counter(mask("\n".join(exchange.said)) for _text, exchange in there if exchange.said)
        nearest = Counter(judged[text].entry for text, _exchange in there).most_common(1)[0][0]
        found.append(
            _Gap(
                count=len(there),
                questions=tuple(dict.fromkeys(text for text, _exchange in there)),
                shops=dict(Counter(exchange.shop for _text, exchange in there).most_common()),
                last=max(exchange.seen_at for _text, exchange in there),
                nearest=nearest,
                said=tuple(text for text, _count in said.most_common(_SHOWN)),
            )
        )
    return found


def _print(found: Sequence[_Gap], days: int) -> None:
    total = sum(gap.count for gap in found)
    if not found:
        click.echo(f"最近 {days} 天没有答不上来的问题")
        return
    click.echo(f"最近 {days} 天有 {total} 次没有答上来，归成 {len(found)} 类：")
    for gap in found:
        shops = "、".join(f"{shop} {count} 次" for shop, count in gap.shops.items())
        click.echo(f"\n{gap.count} 次（{shops}；最近 {local_time(gap.last)}）")
        for text in gap.questions[:_SHOWN]:
            click.echo(f"  买家：{one_line(text)}")
        for text in gap.said:
            click.echo(f"  人工：{one_line(text)}")
        if gap.nearest is not None:
            click.echo(f"  最像的条目：{gap.nearest}")
    click.echo("\n运行 nightdesk knowledge learn --ledger 可以把人工的回答整理成提议")
