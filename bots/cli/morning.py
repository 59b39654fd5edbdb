"""`nightdesk morning`: what the night left behind, for a person to look at, and what they say of the answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from base.clock import SystemClock
from base.errors import ConfigError, Problem
from base.masking import mask
from base.privatefile import write_private
from base.spoken import span
from board.night import Night, last_night, night_of
from board.night_page import BY, SHOPS, VERDICTS, page_of, shop_cells
from bots.cli.library import knowledge_path
from bots.cli.opened import open_ledger
from bots.cli.show import by_option, json_option, local_time, person, print_json, print_table, table_of
from bots.cli.words import Command, Group
from bots.home import Home
from bots.knowledgefile import put_test
from bots.settings import ALWAYS, load_settings
from bots.shifts.plan import Plan, daily
from bots.table import IDLE, STATES
from knowledge.learning import question_in
from storage.records import Reply, Turn

_ZONE = ZoneInfo("Asia/Shanghai")
_DAY = timedelta(days=1)


class Moment(click.ParamType[datetime]):
    """A moment by this machine's clock: `22:00` (the last one) or `2026-11-22 22:00`."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, aware."""
        text = str(value)
        now = SystemClock().now().astimezone()
        try:
            if len(text) > len("22:00"):
                return datetime.fromisoformat(text).astimezone()
            hour, minute = map(int, text.split(":"))
            at = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        except ValueError:
            self.fail('要写成 22:00 或 "2026-11-22 22:00"', param, ctx)
        return at if at <= now else at - _DAY


@click.group(
    cls=Group,
    lazy={
        "right": ("bots.cli.morning:right", "这条回答是对的，记进条目的 tests"),
        "wrong": ("bots.cli.morning:wrong", "这条回答是错的，记进条目的 tests"),
    },
    invoke_without_command=True,
    help="早上看一遍夜里的事：每条回答和买家的原话放在一起抽查，还有等人工处理的、三分钟没答上的、没有人值守的时间。"
    "不写时间，就是最近 24 小时里人工不在的最长一段；shops.yaml 读不了时是最近 12 小时，"
    "退出码是 2。看到答得对的或错的，用 right、wrong 记下来。",
    example="nightdesk morning\nnightdesk morning --since 22:00 --html 夜班.html\n"
    'nightdesk morning --since "2026-11-22 22:00" --until "2026-11-23 09:00" --json\n'
    "nightdesk morning wrong 12",
)
@click.option("--since", type=Moment(), metavar="时间", help='从什么时候起，例如 22:00 或 "2026-11-22 22:00"')
@click.option("--until", type=Moment(), metavar="时间", help="到什么时候为止；不写就是现在")
@click.option("--html", metavar="文件", type=click.Path(path_type=Path), help="写成一个网页，手机上也能看")
@json_option
@click.pass_context
def morning(
    ctx: click.Context, since: datetime | None, until: datetime | None, html: Path | None, as_json: bool
) -> None:
    """Print the night."""
    if ctx.invoked_subcommand is not None:
        return
    home: Home = ctx.obj
    now = SystemClock().now()
    start, end = since or now, min(until or now, now)  # what is still to come is neither waited nor gone
    unread = None
    if since is None and until is None:
        people, unread = _people(home)
        start, end = last_night(people, now, _ZONE)
    elif since is None:
        start = end - _DAY / 2
    if start >= end:
        raise click.UsageError("--since 要早于 --until")
    with open_ledger(home) as ledger:
        night = night_of(ledger.night(start, end))
    if html is not None:
        _write(html, page_of(night))
    if as_json:
        print_json(_as_json(night))
    elif html is None:
        _print(night)
    else:
        click.echo(f"写好了 {html}：{len(night.answers)} 条回答，{len(night.misses)} 条三分钟没答上")
    if unread is not None:
        click.echo("\n读不了店铺清单，不知道人工什么时候不在，上面是最近 12 小时的", err=True)
        raise unread


def _people(home: Home) -> tuple[Plan, ConfigError | None]:
    """When people are there; always, and what is wrong with the list of shops, where that cannot be read."""
    try:
        return load_settings(home.shops).people_plan(), None
    except ConfigError as error:
        return daily(ALWAYS), error


def _write(path: Path, page: str) -> None:
    try:
        write_private(path, page)
    except OSError as error:
        raise ConfigError(Problem(message=f"写不了这个文件：{error.strerror}", path=path)) from None


def _print(night: Night) -> None:
    click.echo(f"{local_time(night.since)} 到 {local_time(night.until)}")
    print_table(table_of(SHOPS, [shop_cells(shop) for shop in night.shops]))
    _print_part(
        "三分钟没答上",
        ("轮", "店铺", "会话", "什么时候", "等了", "谁先回", "买家问"),
        [
            (
                each.turn,
                each.shop,
                each.conversation,
                local_time(each.seen_at),
                span(each.seconds),
                BY[each.by],
                each.asked,
            )
            for each in night.misses
        ],
    )
    _print_part(
        "等人工处理",
        ("编号", "店铺", "会话", "从何时", "急", "谁在处理", "原因", "买家问"),
        [
            (
                each.id,
                each.shop,
                each.conversation_key,
                local_time(each.opened_at),
                "急" if each.urgent else "",
                each.claimed_by,
                each.reason,
                mask(each.text),
            )
            for each in night.handoffs
        ],
    )
    _print_part(
        "没有人值守的时间",
        ("店铺", "从", "到", "多久", "状态", "说明"),
        [
            (
                each.shop,
                local_time(each.start),
                local_time(each.end),
                span(each.seconds),
                IDLE if each.state is None else STATES[each.state],
                each.why,
            )
            for each in night.downs
        ],
    )
    _print_part(
        "机器人的回答",
        ("编号", "店铺", "时间", "条目", "把握", "看过", "买家问", "机器人答"),
        [
            (
                each.reply,
                each.shop,
                local_time(each.at),
                each.entry,
                "" if each.confidence is None else f"{each.confidence:.2f}",
                VERDICTS[each.correct],
                each.asked,
                each.said,
            )
            for each in night.answers
        ],
    )
    if night.answers:
        click.echo("\n看过以后：nightdesk morning right 编号，或 nightdesk morning wrong 编号")


def _print_part(title: str, headings: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    click.echo(f"\n{title}：{len(rows)} 条" if rows else f"\n{title}：没有")
    if rows:
        print_table(table_of(headings, rows))


def _as_json(night: Night) -> dict[str, object]:
    shown: dict[str, object] = {name: getattr(night, name) for name in Night.__slots__}
    names = (
        "id",
        "turn_id",
        "shop",
        "conversation_key",
        "state",
        "urgent",
        "opened_at",
        "deadline_at",
        "claimed_by",
    )
    handoffs = [
        {name: getattr(each, name) for name in names} | {"reason": each.reason, "asked": mask(each.text)}
        for each in night.handoffs
    ]
    return shown | {"handoffs": handoffs}


@click.command(
    cls=Command,
    help="编号为 ID 的回答是对的：记下来，并把买家的问法写进条目的 tests（hits），以后改知识库就知道有没有改坏。",
    example="nightdesk morning right 12",
)
@click.argument("number", metavar="ID", type=int)
@by_option
@json_option
@click.pass_obj
def right(home: Home, number: int, by: str | None, as_json: bool) -> None:
    """Say that an answer was correct."""
    _judge(home, number, by or person(), as_json, correct=True)


@click.command(
    cls=Command,
    help="编号为 ID 的回答是错的：记下来，并把买家的问法写进条目的 tests（misses）。在知识库改好以前，"
    "nightdesk knowledge test 都会说它没通过。",
    example="nightdesk morning wrong 12",
)
@click.argument("number", metavar="ID", type=int)
@by_option
@json_option
@click.pass_obj
def wrong(home: Home, number: int, by: str | None, as_json: bool) -> None:
    """Say that an answer was not correct."""
    _judge(home, number, by or person(), as_json, correct=False)


def _judge(home: Home, number: int, by: str, as_json: bool, *, correct: bool) -> None:
    with open_ledger(home) as ledger:
        try:
            reply = ledger.judge(number, by, correct=correct)
        except ValueError as error:
            click.echo(str(error), err=True)
            raise click.exceptions.Exit(1) from None
        turn = ledger.turn(reply.turn_id)
    file, why = _put_test(home, reply, turn, correct=correct)
    if as_json:
        print_json({"reply": number, "correct": correct, "entry": reply.entry, "file": file, "why": why})
        return
    click.echo(f"{number} 号回答记为{VERDICTS[correct]}")
    if file is None:
        click.echo(f"没有写进 tests：{why}")
    else:
        click.echo(f"“{reply.entry}”的 tests 写进了 {file}；运行 nightdesk knowledge test 看通不通过")


def _put_test(home: Home, reply: Reply, turn: Turn, *, correct: bool) -> tuple[Path | None, str]:
    """Put what the buyer asked into the entry's tests: the file it stands in now, or why it does not."""
    text = question_in(turn.text.splitlines())
    if text is None:
        return None, "买家问的不止一件事，或者有只和他自己有关的内容"
    if not reply.entry or "+" in reply.entry:
        return None, "这条回答不是出自一个条目"
    settings = load_settings(home.shops)
    own = settings.own_knowledge(home.folder).get(reply.shop)
    why = ""
    for path in [*([own] if own else []), knowledge_path(home)]:
        try:
            put_test(path, reply.entry, text, hit=correct)
        except ConfigError as error:
            why = why or str(error)
        else:
            return path, ""
    return None, why
