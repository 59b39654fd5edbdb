"""`nightdesk ask`: what a bot would make of a buyer's words, without any shop or console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from base.clock import SystemClock
from base.places import shared
from bots.cli.show import json_option, one_line, print_json, print_table, table_of
from bots.cli.words import Command
from bots.home import Home
from bots.settings import Settings, Shop, load_settings, load_shop_pack
from bots.shifts.roster import presence
from bots.shopfile import find_shop
from bots.table import OUTCOMES
from flows.decide import Situation
from flows.guard import Verdict
from flows.mind import Mind, Thought
from knowledge.entry import Scope
from knowledge.matcher import Ranked
from knowledge.model import load_knowledge
from knowledge.talk import Talk

_TALKS = {
    Talk.greeting: "打招呼",
    Talk.thanks: "道谢",
    Talk.nudge: "催促",
    Talk.person: "要人工",
    Talk.dispute: "投诉或纠纷",
    Talk.question: "提问",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the question is asked: the scope, the goods, and whether people are there."""

    scope: Scope
    category: str | None
    staffed: bool
    resume: str | None


@click.command(
    cls=Command,
    help="试一句买家的话：像哪些条目、有多大把握、怎么决定、会说什么。"
    "用这个文件夹的知识库，没有就用自带的样例；不连任何店铺，也不留记录。",
    example="nightdesk ask 什么时侯发或\nnightdesk ask 能开发票吗 --shop main --json",
)
@click.argument("question", metavar="问题")
@click.option("--shop", metavar="代号", help="当作在这家店问的")
@click.option("--platform", metavar="平台", help="当作在这个平台问的")
@json_option
@click.pass_obj
def ask(home: Home, question: str, shop: str | None, platform: str | None, as_json: bool) -> None:
    """Think about one message and print what came of it."""
    settings, found = find_shop(home.shops, shop) if shop else (_settings(home), None)
    path = home.folder / settings.knowledge if settings else home.knowledge
    if settings is None and not path.is_file():
        path = shared("knowledge.yaml")
    mind = Mind.of(load_knowledge(home.folder / found.knowledge if found and found.knowledge else path))
    place = _place(home, settings, found, platform, SystemClock().now())
    situation = Situation(staffed=place.staffed)
    thought = mind.think([question], place.scope, situation, category=place.category, resume=place.resume)
    verdict = mind.check(thought.text, platform=place.scope.platform, category=place.category)
    if as_json:
        print_json(_as_json(question, thought, verdict))
    else:
        _print(thought, verdict)
        click.echo(f"\n知识库：{path}")


def _settings(home: Home) -> Settings | None:
    return load_settings(home.shops) if home.shops.exists() else None


def _place(
    home: Home, settings: Settings | None, shop: Shop | None, platform: str | None, now: datetime
) -> _Place:
    pack = load_shop_pack(shop, home.folder) if shop else None
    known = pack.platform if pack else ""
    scope = Scope(
        shop=shop.id if shop else "",
        platform=platform or known,
        now=now,
        product=shop.product if shop else None,
    )
    category = shop.category if shop else None
    if settings is None:
        return _Place(scope=scope, category=category, staffed=True, resume=None)
    zone = ZoneInfo(pack.meter.time_zone if pack else "Asia/Shanghai")
    staffed, resume = presence(settings.people_plan(shop), now, zone)
    return _Place(scope=scope, category=category, staffed=staffed, resume=resume)


def _print(thought: Thought, verdict: Verdict) -> None:
    for part in thought.parts:
        click.echo(f"{_TALKS[part.talk]}：{one_line(part.text)}")
        _print_ranked(part.ranked)
    if len([part for part in thought.parts if part.talk is Talk.question]) > 1:
        click.echo("整句一起看：")
        _print_ranked(thought.whole)
    decision = thought.decision
    click.echo(f"\n决定：{OUTCOMES[decision.outcome]}{'（急）' if decision.urgent else ''}")
    click.echo(f"原因：{one_line(decision.reason)}")
    if thought.text:
        click.echo(f"会说：{thought.text}")
        if not verdict.allowed:
            click.echo(f"但会被拦下，改为转人工：{verdict.reason}")


def _print_ranked(ranked: Sequence[Ranked]) -> None:
    if not ranked:
        return
    rows = [(each.entry, f"{each.confidence:.2f}", each.question, each.reason) for each in ranked]
    print_table(table_of(("条目", "把握", "最像的问法", "依据"), rows))


def _as_json(question: str, thought: Thought, verdict: Verdict) -> dict[str, object]:
    decision = thought.decision
    return {
        "question": question,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "urgent": decision.urgent,
        "confidence": decision.confidence,
        "entries": decision.entries,
        "text": thought.text,
        "allowed": verdict.allowed,
        "blocked": verdict.reason,
        "ranked": thought.whole,
        "parts": [{"text": part.text, "talk": part.talk, "ranked": part.ranked} for part in thought.parts],
    }
