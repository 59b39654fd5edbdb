"""`nightdesk shifts`: who is there when, as a picture of a week, and every time that nobody covers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.table import Table
from rich.text import Text

from base.clock import SystemClock
from base.errors import ConfigError, Problem
from bots.cli.opened import open_ledger
from bots.cli.show import columns, json_option, one_line, print_json, print_table
from bots.cli.words import Command, Group
from bots.coverage import covers_of, missing_years
from bots.home import Home
from bots.settings import Settings, load_settings
from bots.shifts.calendar import missing_words
from bots.shifts.coverage import Cover, alike, day_words, midnight, shops_words, spell_words
from bots.shifts.drawing import coverage_svg
from bots.shifts.plan import Do, Plan
from bots.shifts.roster import Gap, OnCall
from bots.shifts.written import DOING
from bots.shopfile import find_shop

_ZONE = ZoneInfo("Asia/Shanghai")
_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
# Columns that a week takes in cells of half an hour.
_WIDE = 62
_YEARS = 2000, 2100
_Call = tuple[list[str], datetime, datetime, list[str]]
_BOTS: Mapping[Do, tuple[str, str]] = {
    Do.answer: ("█", "green"),
    Do.people_first: ("▓", "cyan"),
    Do.hold: ("▒", "yellow"),
    Do.off: ("·", "dim"),
}
_PEOPLE: Mapping[bool, tuple[str, str]] = {True: ("━", "blue"), False: ("·", "dim")}
_BARE = ("!", "bold red")

shifts = Group(
    name="shifts",
    lazy={
        "show": ("bots.cli.shifts:show", "看一个星期的班次"),
        "coverage": ("bots.cli.shifts:coverage", "找出没有人值守的时间"),
    },
    help="机器人和人工的班次：谁在什么时候值守，有没有空档。怎么写见 docs/上线.md 的“班次”。",
    example="nightdesk shifts show\nnightdesk shifts coverage --weeks 4",
)


def _monday(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date:
    """The Monday of the week that a day lies in; of this week where none is given."""
    try:
        day = date.fromisoformat(value) if value else SystemClock().now().astimezone(_ZONE).date()
        if not _YEARS[0] <= day.year <= _YEARS[1]:
            raise ValueError
        return day - day.weekday() * _DAY
    except ValueError:
        raise click.BadParameter("要写一个日期，例如 2026-11-23") from None


@click.command(
    cls=Command,
    help="画出一个星期的班次：每天两行，上面是机器人，下面是人工，半小时一格，终端窄时一小时一格。排班一样的店画在一起。",
    example="nightdesk shifts show\nnightdesk shifts show --shop main --week 2026-10-01",
)
@click.option("--shop", metavar="店铺", help="只看这家店")
@click.option("--week", "monday", metavar="日期", callback=_monday, help="看这一天所在的星期；不写就是这个星期")
@json_option
@click.pass_obj
def show(home: Home, shop: str | None, monday: date, as_json: bool) -> None:
    """Draw a week."""
    settings = load_settings(home.shops)
    found = covers_of(settings, home.folder)
    if shop is not None:
        find_shop(home.shops, shop)
        found = [Cover(shops={shop: each.shops[shop]}, roster=each.roster) for each in found if shop in each.shops]
    titles = {each: cover.shops[each] for cover in found for each in cover.shops}
    calls = _calls(settings.on_call(settings.alerts), list(titles), monday) if settings.alerts else []
    start = midnight(monday, _ZONE)
    missing = missing_years(settings, found, max(start, SystemClock().now()))
    if as_json:
        print_json(
            {
                "from": start,
                "to": midnight(monday + 7 * _DAY, _ZONE),
                "shops": [_week_of(cover, monday) for cover in found],
                "on_call": [
                    {"shops": called, "from": begin, "to": end, "people": people}
                    for called, begin, end, people in calls
                ],
                "missing_years": missing,
            }
        )
        return
    cell = _HOUR / 2 if columns() >= _WIDE else _HOUR
    for cover in found:
        print_table(_picture(cover, monday, cell))
    words = [f"{mark} {DOING[do] if do is not Do.off else '没有排班'}" for do, (mark, _style) in _BOTS.items()]
    click.echo(f"\n上行机器人：{'  '.join(words)}；下行人工：━ 在班；! 没有机器人也没有人工")
    for called, begin, end, people in calls:
        names = "、".join(people) or "没有人当班，出了事按顺序都叫"
        whom = "" if len(called) == len(titles) else f"（{shops_words([titles[shop] for shop in called])}）"
        click.echo(f"值班{one_line(whom)} {spell_words(begin, end, _ZONE)}：{names}")
    _warn(missing)


@click.command(
    cls=Command,
    help="列出以后几个星期里，每一段没有机器人也没有人工的时间。有空档，退出码是 1。"
    "写着 mode: observe 的店不算有机器人；还没上线的先按上线以后算，并且列出来。",
    example="nightdesk shifts coverage --weeks 4\nnightdesk shifts coverage --weeks 4 --svg 排班.svg",
)
@click.option("--weeks", type=click.IntRange(1, 53), default=4, metavar="几个", help="看几个星期，不写就是 4")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), metavar="文件", help="画成一张图")
@json_option
@click.pass_obj
def coverage(home: Home, weeks: int, svg: Path | None, as_json: bool) -> None:
    """Find the gaps from now on."""
    settings = load_settings(home.shops)
    found = covers_of(settings, home.folder)
    now = SystemClock().now().replace(second=0, microsecond=0)
    ahead = weeks * 7 * _DAY
    bare = [(cover, list(cover.roster.gaps(now, now + ahead))) for cover in found]
    missing = missing_years(settings, found, now, ahead)
    waiting = _not_live(home, settings)
    if svg is not None:
        _save(svg, coverage_svg(found, now.astimezone(_ZONE).date(), weeks * 7))
    if as_json:
        gaps = [_gap(gap) | {"shop": shop} for cover, each in bare for shop in cover.shops for gap in each]
        told = {"from": now, "to": now + ahead, "covered": not gaps, "gaps": gaps}
        print_json(told | {"missing_years": missing, "not_live": waiting})
    else:
        _tell(bare, weeks)
        _warn(missing)
        if waiting:
            named = "、".join(waiting)
            click.echo(f"注意：{named} 还没有上线，机器人现在只观察；上面按 nightdesk golive 以后算", err=True)
        if svg is not None:
            click.echo(f"画好了：{svg}")
    if any(each for _cover, each in bare):
        raise click.exceptions.Exit(1)


def _not_live(home: Home, settings: Settings) -> list[str]:
    """The shops whose bots are meant to speak and may not yet."""
    live: set[str] = set()
    if home.ledger.is_file():
        with open_ledger(home) as ledger:
            live = {row.shop for row in ledger.shop_rows() if row.live_since is not None}
    return [shop.id for shop in settings.shops if shop.mode != "observe" and shop.id not in live]


def _tell(bare: Sequence[tuple[Cover, Sequence[Gap]]], weeks: int) -> None:
    for cover, gaps in bare:
        if gaps:
            hours = sum(gap.hours for gap in gaps)
            click.echo(f"{one_line(cover.title)}（{'、'.join(cover.shops)}）：{len(gaps)} 段，共 {hours:.1f} 小时")
        for gap in gaps:
            click.echo(f"  {spell_words(gap.start, gap.end, cover.roster.zone)}")
    if not any(gaps for _cover, gaps in bare):
        click.echo(f"以后 {weeks} 个星期，每家店每个小时都有机器人或人工")
    else:
        click.echo("\n在 shops.yaml 里改 shift、people 或 shifts；写法见 docs/上线.md 的“班次”")


def _warn(missing: Sequence[int]) -> None:
    if missing:
        click.echo(f"注意：{missing_words(missing)}", err=True)


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(Problem(message=f"写不了这个文件：{error.strerror}", path=path)) from None


# --- a week -----------------------------------------------------------------------------------------------------


def _picture(cover: Cover, monday: date, cell: timedelta) -> Table:
    """A week in cells that are so long; an hour of which a part is nobody's is marked as a whole."""
    roster, calendar = cover.roster, cover.roster.people.calendar
    gaps = list(roster.gaps(midnight(monday, roster.zone), midnight(monday + 7 * _DAY, roster.zone)))
    table = Table(box=None, pad_edge=False, title=Text(f"\n{one_line(cover.title)}"), title_justify="left")
    table.add_column("")
    table.add_column(Text(_scale(3 * _HOUR // cell), style="dim"), no_wrap=True)
    for number in range(7):
        day = monday + number * _DAY
        cells = [_begin(day, each * cell, roster.zone) for each in range(_DAY // cell)]
        alone = [any(gap.start < at + cell and at < gap.end for gap in gaps) for at in cells]
        bots = [_BOTS[roster.bots.at(at, roster.zone).do] for at in cells]
        people = [_PEOPLE[roster.people.at(at, roster.zone).on] for at in cells]
        lines = [_line(marks, alone) for marks in (bots, people)]
        table.add_row(Text(f"{day_words(day)}\n{calendar.name(day)}"), Text("\n").join(lines))
    return table


def _line(marks: Sequence[tuple[str, str]], alone: Sequence[bool]) -> Text:
    shown = [_BARE if bare else mark for mark, bare in zip(marks, alone, strict=True)]
    return Text.assemble(*shown)


def _scale(cells: int) -> str:
    """Every third hour above so many cells."""
    return "".join(f"{hour:<{cells}}" for hour in range(0, 24, 3)) + "24"


def _begin(day: date, spent: timedelta, zone: tzinfo) -> datetime:
    """The moment at which so much of a day is spent by the wall clock."""
    return (datetime.combine(day, time(), tzinfo=zone) + spent).astimezone(UTC)


def _week_of(cover: Cover, monday: date) -> dict[str, object]:
    roster, calendar = cover.roster, cover.roster.people.calendar
    start, end = midnight(monday, roster.zone), midnight(monday + 7 * _DAY, roster.zone)
    days = [monday + number * _DAY for number in range(7)]
    return {
        "shops": list(cover.shops),
        "zone": str(roster.zone),
        "days": [{"day": day, "kind": calendar.kind(day), "name": calendar.name(day)} for day in days],
        "bots": _spells(roster.bots, start, end, roster.zone),
        "people": _spells(roster.people, start, end, roster.zone),
        "gaps": [_gap(gap) for gap in roster.gaps(start, end)],
    }


def _spells(plan: Plan, start: datetime, end: datetime, zone: tzinfo) -> list[dict[str, object]]:
    spells = [spell for spell in plan.spells(start, end, zone) if spell.work.on]
    return [
        {"from": spell.start, "to": spell.end, "do": spell.work.do, "after": spell.work.after} for spell in spells
    ]


def _gap(gap: Gap) -> dict[str, object]:
    return {"from": gap.start, "to": gap.end, "hours": round(gap.hours, 2)}


def _calls(on_call: OnCall, shops: Sequence[str], monday: date) -> list[_Call]:
    """Who is on call in a week: for which shops, from when to when, in order."""
    start, end = midnight(monday, _ZONE).astimezone(UTC), midnight(monday + 7 * _DAY, _ZONE).astimezone(UTC)
    minutes = [start + minute * _MINUTE for minute in range(round((end - start) / _MINUTE))]
    rows: list[_Call] = []
    for own, called in alike({shop: on_call.of(shop) for shop in shops}):
        # A swap changes who has a place without any change of shift: each minute is looked at.
        for people, group in groupby(minutes, key=lambda moment: own.at(moment, _ZONE)):
            same = list(group)
            rows.append((called, same[0], same[-1] + _MINUTE, people))
    return rows
