"""`nightdesk trace`: the whole story of one turn, with the time of each step."""

from __future__ import annotations

import click

from base.masking import mask
from bots.cli.opened import open_ledger
from bots.cli.show import json_option, one_line, print_json, print_table, table_of
from bots.cli.words import Command
from bots.home import Home
from bots.story import Step, steps_of
from storage.ledger import Ledger
from storage.records import TurnState
from storage.stories import Story

_HEADINGS = ("时间", "隔了", "", "发生了什么")
_STATES = {
    TurnState.open: "还在等",
    TurnState.answered: "已答",
    TurnState.handed: "等人工",
    TurnState.ignored: "不用答",
    TurnState.observed: "只观察",
}


@click.command(
    cls=Command,
    help="看一轮提问从头到尾发生了什么：买家开口、看到、决定、每条回复的每一步、转人工、告警、暂停、店铺状态，"
    "每一步的时间和隔了多少毫秒。ID 是这一轮的编号，日志里 turn= 后面的就是；也可以用转人工的编号，"
    "或店铺和会话（最近一轮）。全部来自账本，文字已打码；账本里没有的时间会写明没有。",
    example="nightdesk trace 123\nnightdesk trace --handoff 12 --json\n"
    "nightdesk trace --shop main --conversation b1",
)
@click.argument("turn_id", metavar="[ID]", type=int, required=False)
@click.option("--handoff", metavar="编号", type=int, help="转人工的编号")
@click.option("--shop", metavar="店铺", help="店铺代号，和 --conversation 一起用")
@click.option("--conversation", metavar="会话", help="后台自己的会话编号")
@json_option
@click.pass_obj
def trace(
    home: Home,
    turn_id: int | None,
    handoff: int | None,
    shop: str | None,
    conversation: str | None,
    as_json: bool,
) -> None:
    """Print the story of one turn."""
    if (shop is None) != (conversation is None):
        raise click.UsageError("--shop 和 --conversation 要一起写")
    if sum(given is not None for given in (turn_id, handoff, shop)) != 1:
        raise click.UsageError("写一轮的编号、--handoff 编号，或 --shop 店铺 --conversation 会话，三样里写一样")
    with open_ledger(home) as ledger:
        try:
            story = ledger.story(_turn_of(ledger, turn_id, handoff, shop or "", conversation or ""))
        except ValueError as error:
            click.echo(str(error), err=True)
            raise click.exceptions.Exit(1) from None
    steps = steps_of(story)
    if as_json:
        print_json(_as_json(story, steps))
        return
    turn = story.turn
    click.echo(f"第 {turn.id} 轮  店铺 {turn.shop}  会话 {one_line(turn.conversation_key)}  {_STATES[turn.state]}")
    print_table(table_of(_HEADINGS, [_cells(step) for step in steps]))


def _turn_of(ledger: Ledger, turn_id: int | None, handoff: int | None, shop: str, conversation: str) -> int:
    if turn_id is not None:
        return turn_id
    return ledger.newest_turn(shop, conversation).id if handoff is None else ledger.handoff(handoff).turn_id


def _cells(step: Step) -> list[object]:
    moment = "账本里没有" if step.at is None else f"{step.at.astimezone():%m-%d %H:%M:%S.%f}"[:-3]
    after = "" if step.after_ms is None else f"+{step.after_ms} 毫秒"
    return [moment, after, "后台" if step.clock == "console" and step.at is not None else "", step.text]


def _as_json(story: Story, steps: list[Step]) -> dict[str, object]:
    turn = story.turn
    return {
        "turn": turn.id,
        "shop": turn.shop,
        "conversation": turn.conversation_key,
        "state": turn.state,
        "outcome": turn.outcome,
        "entry": turn.entry,
        "confidence": turn.confidence,
        "reason": mask(turn.reason),
        "ended_at": story.until,
        "steps": steps,
    }
