"""`nightdesk knowledge learn | import | accept`: proposals made, looked at, and taken in by a person."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click

from base.errors import ConfigError, Problem
from bots.cli.library import Known, knowledge_path, proposals_path, questions_of, recent
from bots.cli.show import json_option, one_line, print_json
from bots.cli.words import Command
from bots.home import Home
from bots.knowledgefile import drop, propose, take_in
from flows.effects import foresee
from knowledge import learning
from knowledge.chats import Exchange, read_chats
from knowledge.proposals import Proposal, load_proposals
from knowledge.sheets import read_sheet


@click.command(
    cls=Command,
    help="学习：从聊天记录、转给人工的会话、商品页面整理出提议，写进 knowledge.proposed.yaml，"
    "每条带出处（已打码）和采用以后的影响。不会直接启用，要有人运行 accept。"
    "--chats 是导出的聊天记录（jsonl、csv、xlsx，每条消息有会话、发送方、内容）；--ledger 是机器人自己的记录："
    "转给人工以后人工怎么答的、只观察的店里客服怎么答的；--page 是商品页面的网址。",
    example="nightdesk knowledge learn --chats 金牌客服.csv\nnightdesk knowledge learn --ledger\n"
    "nightdesk knowledge learn --page https://店铺/商品/123",
)
@click.option("--chats", metavar="文件", type=click.Path(path_type=Path), help="导出的聊天记录")
@click.option("--ledger", "from_ledger", is_flag=True, help="机器人最近四周的记录")
@click.option("--page", metavar="网址", help="商品页面")
@json_option
@click.pass_obj
def learn(home: Home, chats: Path | None, from_ledger: bool, page: str | None, as_json: bool) -> None:
    """Make proposals from what is named."""
    if not (chats or from_ledger or page):
        raise ConfigError(Problem(message="没有说从哪里学", hint="加上 --chats 文件、--ledger 或 --page 网址"))
    known = Known.load(knowledge_path(home))
    found: list[Proposal] = []
    if chats:
        found += learning.propose(read_chats(chats), f"聊天记录 {chats.name}", known.judge, known.ids)
    if from_ledger:
        found += learning.propose(_heard(home), "人工的回答", known.judge, known.ids)
    if page:
        from bots.goodspage import read_page

        found += asyncio.run(read_page(page, known.ids))
    _put(home, known, found, as_json=as_json)


@click.command(
    name="import",
    cls=Command,
    help="导入店铺现有的快捷回复或自动回复规则（xlsx、csv）：认得出“问题”“关键词”“回复”这些列就行。"
    "结果写进 knowledge.proposed.yaml，看过以后运行 accept 采用。有没导入的行，退出码是 1。",
    example="nightdesk knowledge import 快捷回复.xlsx",
)
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def import_(home: Home, file: Path, as_json: bool) -> None:
    """Make proposals from a table."""
    known = Known.load(knowledge_path(home))
    found, problems = read_sheet(file, known.ids)
    _put(home, known, found, as_json=as_json)
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise click.exceptions.Exit(1)


@click.command(
    cls=Command,
    help="采用提议：检查过以后写进知识库，原来的注释和顺序不变，正在值守的机器人马上就用。"
    "可以一次写几个编号；不写就列出全部提议。",
    example="nightdesk knowledge accept\nnightdesk knowledge accept p1a2b3\nnightdesk knowledge accept --all",
)
@click.argument("ids", nargs=-1, metavar="[编号]...")
@click.option("--all", "everything", is_flag=True, help="全部采用")
@json_option
@click.pass_obj
def accept(home: Home, ids: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Take proposals in, or list them."""
    path = proposals_path(home)
    waiting = {proposal.id: proposal for proposal in load_proposals(path)}
    missing = [name for name in ids if name not in waiting]
    if missing:
        hint = "运行 nightdesk knowledge accept 看有哪些"
        raise ConfigError(Problem(message=f"没有编号为 {'、'.join(missing)} 的提议", path=path, hint=hint))
    chosen = [waiting[name] for name in (waiting if everything else dict.fromkeys(ids))]
    if not chosen:
        _print(list(waiting.values()), as_json=as_json)
        return
    book = knowledge_path(home)
    take_in(book, chosen)
    drop(path, [proposal.id for proposal in chosen])
    if as_json:
        print_json({"file": book, "accepted": [proposal.id for proposal in chosen]})
        return
    for proposal in chosen:
        click.echo(f"已采用 {proposal.id}：{proposal.title}")
    click.echo(f"写进了 {book}；运行 nightdesk knowledge test 看影响")


def _heard(home: Home) -> list[Exchange]:
    return [
        Exchange(asked=tuple(exchange.text.splitlines()), said=exchange.said, shop=exchange.shop)
        for exchange in recent(home)
        if exchange.said
    ]


def _put(home: Home, known: Known, found: Sequence[Proposal], *, as_json: bool) -> None:
    """Foresee what each would do, and put it where a person finds it."""
    told = foresee(known.knowledge, known.scorer, questions_of(recent(home)), found)
    path = proposals_path(home)
    fresh = propose(path, told)
    _print(told, as_json=as_json)
    if not as_json:
        click.echo(f"{len(told)} 个提议，其中 {fresh} 个是新的，写在 {path}" if told else "没有可以学的")


def _print(proposals: Sequence[Proposal], *, as_json: bool) -> None:
    if as_json:
        print_json([proposal.model_dump() for proposal in proposals])
        return
    for proposal in proposals:
        evidence, effect = proposal.evidence, proposal.effect
        click.echo(f"{proposal.id}  {proposal.title}")
        if proposal.entry is not None:
            click.echo(f"  问法：{one_line('、'.join(proposal.entry.questions[:5]))}")
            click.echo(f"  回答：{one_line(proposal.entry.answer[0])}")
        else:
            click.echo(f"  问法：{one_line('、'.join(proposal.questions[:5]))}")
        agree = f"，{evidence.agree}" if evidence.agree else ""
        shops = f"，店铺 {'、'.join(evidence.shops)}" if evidence.shops else ""
        click.echo(f"  出处：{evidence.source}，{evidence.count} 次{shops}{agree}")
        click.echo(f"  影响：tests {effect.tests}，{effect.answered}，改变 {len(effect.changed)} 句现有问法的结果")
        if effect.blocked:
            click.echo(f"  话术检查不让说：{effect.blocked}")
