"""`nightdesk status`: how each shop is and how fast its buyers are answered, read while the bots run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import click

from base.clock import SystemClock
from base.errors import ConfigError
from bots.charge import in_charge
from bots.cli.opened import open_ledger
from bots.cli.show import columns, json_option, local_time, one_line, print_json, print_table, span, table_of
from bots.cli.words import Command
from bots.home import Home
from bots.settings import Settings, load_settings
from bots.table import ADVICE, IDLE, STATES, edits_words, pause_words, show_seconds, show_share, working
from flows.duty import Mode
from storage.calls import Sign
from storage.records import Pause, ShopFigures, ShopRow, ShopState

MODES: Mapping[Mode, str] = {"observe": "只观察", "hold": "只安抚", "answer": "回答"}
_HEADINGS = (
    "店铺",
    "状态",
    "从何时",
    "方式",
    "等待",
    "已答",
    "转人工",
    "首响p50",
    "首响p95",
    "3分钟",
    "最近心跳",
    "说明",
)
# A narrower terminal leaves no column wide enough to be read: it is shown only these.
_WIDE = 80
_SHORT = ("店铺", "状态", "等待", "转人工", "说明")
_FINE = {ShopState.ready, ShopState.off_shift, ShopState.starting}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One shop as `status` shows it; `working`: its worker gave a sign within the last ten seconds.

    `mode` is None where only the list of shops tells it, and that cannot be read.
    """

    shop: str
    title: str
    state: ShopState
    why: str
    since: datetime
    working: bool
    beat_at: datetime | None
    mode: Mode | None
    live_since: datetime | None
    figures: ShopFigures
    picture: str | None
    pauses: tuple[Pause, ...]

    @property
    def fine(self) -> bool:
        """Whether nobody has to see to it."""
        return self.working and self.state in _FINE


@click.command(
    cls=Command,
    help="看每家店的状态和回复速度；机器人在运行时也可以看。有店铺没在值守，或要人处理，退出码是 1。"
    "shops.yaml 读不了时，列出运行过的店铺，再说哪里写错了，退出码是 2。",
    example="nightdesk status\nnightdesk status --json",
)
@json_option
@click.pass_obj
def status(home: Home, as_json: bool) -> None:
    """Print a line for each shop."""
    settings, unread = _settings(home)
    lines = _lines(home, settings) if home.ledger.is_file() else []
    broken = _broken(home, settings) if home.ledger.is_file() and settings else []
    known = {line.shop for line in lines}
    missing = [shop.id for shop in settings.shops if shop.id not in known] if settings else []
    first, standby = in_charge(home.seats)
    if as_json:
        print_json([_as_json(line) | {"standby": standby} for line in lines])
    else:
        if lines:
            _print(lines)
        _tell(lines, missing, first)
        if first is not None and standby is not None:
            click.echo(f"nightdesk up（pid {first}）在值守；另一个（pid {standby}）备用，前一个一停就接手")
        _tell_of_alerts(settings, broken)
        _tell_of_edits(home, listed=unread is None)
    if unread is not None:
        click.echo("\n读不了店铺清单，上面是运行过的店铺；正在值守的机器人先用改动以前的清单", err=True)
        raise unread
    if missing or broken or not all(line.fine for line in lines):
        raise click.exceptions.Exit(1)


def _settings(home: Home) -> tuple[Settings | None, ConfigError | None]:
    """The list of shops, or what is wrong with it where the ledger can tell of them instead."""
    try:
        return load_settings(home.shops), None
    except ConfigError as error:
        if not home.ledger.is_file():
            raise
        return None, error


def _lines(home: Home, settings: Settings | None) -> list[Line]:
    with open_ledger(home) as ledger:
        rows = {row.shop: row for row in ledger.shop_rows()}
        figures = {line.shop: line for line in ledger.figures()}
        pauses = ledger.pauses()
    now = SystemClock().now()
    modes: dict[str, Mode | None] = (
        {shop.id: shop.mode for shop in settings.shops} if settings else dict.fromkeys(rows)
    )
    return [
        _line(mode, rows[shop], figures[shop], [one for one in pauses if one.shop in (None, shop)], now)
        for shop, mode in modes.items()
        if shop in rows
    ]


def _broken(home: Home, settings: Settings) -> list[tuple[str, Sign]]:
    """By what people or the watcher cannot be reached just now."""
    exits = settings.alerts.exits() if settings.alerts else {}
    with open_ledger(home) as ledger:
        return [(exits[sign.name], sign) for sign in ledger.signs() if sign.name in exits and not sign.fine]


def _line(mode: Mode | None, row: ShopRow, figures: ShopFigures, pauses: Sequence[Pause], now: datetime) -> Line:
    return Line(
        shop=row.shop,
        title=row.title,
        state=row.state,
        why=row.why,
        since=row.state_since,
        working=working(row, now),
        beat_at=row.beat_at,
        mode=mode if row.live_since else "observe",
        live_since=row.live_since,
        figures=figures,
        picture=row.picture,
        pauses=tuple(pauses),
    )


def _print(lines: list[Line]) -> None:
    now = SystemClock().now()
    shown = _HEADINGS if columns() >= _WIDE else _SHORT
    places = [_HEADINGS.index(heading) for heading in shown]
    rows = [_cells(line, now) for line in lines]
    print_table(table_of(shown, [[row[place] for place in places] for row in rows]))


def _cells(line: Line, now: datetime) -> list[object]:
    figures = line.figures
    beat = "没有" if line.beat_at is None else f"{span((now - line.beat_at).total_seconds())}前"
    return [
        line.title,
        STATES[line.state] if line.working else IDLE,
        local_time(line.since),
        "–" if line.mode is None else MODES[line.mode],
        figures.waiting,
        figures.answered,
        figures.handed,
        show_seconds(figures.p50_ms),
        show_seconds(figures.p95_ms),
        show_share(figures.rate_3min),
        beat,
        line.why,
    ]


def _tell(lines: list[Line], missing: list[str], first: int | None) -> None:
    idle = [line.shop for line in lines if not line.working]
    if idle or missing:
        never = f"（还没有运行过：{'、'.join(missing)}）" if missing else ""
        click.echo(f"没有机器人在值守：{'、'.join([*idle, *missing])}{never}")
        if first is None:
            click.echo("  运行 nightdesk up 开始值守，并让它的窗口一直开着")
        else:  # its signs do not reach the ledger, or it has only just begun
            told = "刚启动就等一会儿；不然运行 nightdesk doctor，看磁盘满没满、文件对不对，再看它的日志"
            click.echo(f"  nightdesk up（pid {first}）开着，但没有它们的动静。{told}")
    for line in lines:
        if line.working and line.state in ADVICE:
            todo = ADVICE[line.state].replace("店铺代号", line.shop)
            click.echo(f"{one_line(line.title)} {STATES[line.state]}，{local_time(line.since)} 起：{todo}")
            if line.picture is not None:
                click.echo(f"  看图：{line.picture}")
    for held in dict.fromkeys(held for line in lines for held in line.pauses):
        click.echo(f"暂停中：{pause_words(held)}")
    observing = [line.shop for line in lines if line.mode == "observe"]
    if observing:
        click.echo(
            f"\n只观察、不发消息：{'、'.join(observing)}。看过记录以后，用 nightdesk golive 店铺代号 让它开始回答"
        )


def _tell_of_alerts(settings: Settings | None, broken: list[tuple[str, Sign]]) -> None:
    for name, sign in broken:
        click.echo(f"告警发不出去：{name}，从 {local_time(sign.since)} 起。{one_line(sign.why)}")
        click.echo("  改好以后运行 nightdesk alerts test 试一次")
    if settings is not None and settings.alerts is None:
        click.echo("\n出了事不会叫人：shops.yaml 里没有 alerts，写法见 docs/alerts.md")


def _tell_of_edits(home: Home, *, listed: bool) -> None:
    """What is wrong with edits; `listed`: whether the list of shops can be read, else the reader tells of it."""
    if home.ledger.is_file():
        with open_ledger(home) as ledger:
            trouble = edits_words(ledger.knowledge_trouble(), ledger.roll_trouble() if listed else "")
        if trouble:
            click.echo(f"\n{trouble}")


def _as_json(line: Line) -> dict[str, object]:
    figures = asdict(line.figures)
    own = {name: figures[name] for name in figures if name not in ("shop", "title", "state", "pause")}
    shown = {name: getattr(line, name) for name in Line.__slots__ if name != "figures"}
    return shown | own
