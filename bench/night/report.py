"""The week as a report: Markdown with plots, for those who decide whether to trust bots with a night. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from base.spoken import span
from bench.charts import Axis, bars
from bench.night.figures import SHOPS_EACH, Found, Rate
from bench.night.people import ANSWERS, PICKS_UP
from bench.night.week import CAMPAIGN, CLERKS, LOOK_EVERY, READ_EVERY, REPLACED_AFTER, START, Lived
from bots.shifts.calendar import Calendar
from bots.shifts.coverage import covers, day_words
from bots.shifts.drawing import coverage_svg

_DAY = timedelta(days=1)
_LOWEST = 5
_TEMPLATE = Path(__file__).with_name("report.md")


def pictures(lived: Lived, found: Found) -> dict[str, str]:
    """The plots by file name."""
    hours = len(found.asked_hourly)
    days = [day_words((START + number * _DAY).date()) for number in range(lived.given.days)]
    labels = [days[hour // 24] if hour % 24 == 12 else "" for hour in range(hours)]
    shops = {shop: 100 * rate.share for shop, rate in found.shops.items()}
    titles = {shop.id: (shop.title, lived.rosters[shop.id]) for shop in lived.settings.shops}
    clock = [f"{hour}" for hour in range(24)]
    return {
        "asked.svg": bars(
            "每小时的提问，和其中三分钟没得到第一句话的",
            labels,
            {"提问": found.asked_hourly, "超过三分钟": found.late_hourly},
            Axis.over(found.asked_hourly, "个"),
        ),
        "shops.svg": bars(
            "每家店的三分钟回复率（竖轴不从零开始）",
            [shop.removeprefix("shop-") for shop in shops],
            {"回复率": list(shops.values())},
            Axis.over([*shops.values(), 95, 100], "%", low=None),
        ),
        "people.svg": bars(
            "一天里几点转给人、几点响电话（整周合计）",
            clock,
            {"转人工": found.handoffs_at, "告警": found.letters_at},
            Axis.over([*found.handoffs_at, *found.letters_at], "次"),
        ),
        "roster.svg": coverage_svg(covers(titles), START.date(), lived.given.days),
    }


def report(lived: Lived, found: Found) -> str:
    """The whole of it; the pictures lie beside the file."""
    given = lived.given
    there, away = found.waits["people_there"], found.waits["people_away"]
    lowest = sorted(found.shops.items(), key=lambda pair: pair[1].share)[:_LOWEST]
    return _TEMPLATE.read_text("utf-8").format(
        shops=given.shops,
        first=f"{START:%Y-%m-%d}",
        last=f"{START + (given.days - 1) * _DAY:%Y-%m-%d}",
        turns=f"{found.all.turns:,}",
        seed=given.seed,
        page_p50=given.slowness.p50_ms,
        page_p99=given.slowness.p99_ms,
        replaced=REPLACED_AFTER,
        read_every=READ_EVERY,
        look_every=LOOK_EVERY,
        daily=given.daily,
        times=CAMPAIGN.times,
        campaign_hours=(CAMPAIGN.end - CAMPAIGN.start).total_seconds() / 3600,
        campaign=f"{CAMPAIGN.start:%Y-%m-%d %H:%M}",
        clerks=CLERKS,
        answer=ANSWERS[0],
        awake=PICKS_UP[False][0],
        asleep=PICKS_UP[True][0],
        mishaps="，".join(f"{name} {count}" for name, count in found.mishaps.items()),
        rates=_table(("", "questions", "within 3 min", "rate"), _rate_rows(found)),
        ledger=found.ledger,
        **found.first_reply_s,
        lowest=", ".join(f"{shop} {rate.share:.2%}" for shop, rate in lowest),
        lost=found.lost,
        twice=found.twice,
        wrong=found.wrong,
        errors=sum(found.errors.values()),
        planned=1 - found.unplanned / found.hours,
        attended=1 - found.unattended / found.hours,
        hours=found.hours,
        unattended=found.unattended,
        handoffs=f"{found.handoffs:,}",
        handoffs_open=found.handoffs_open,
        there_p50=_span(there[0]),
        there_p95=_span(there[1]),
        away_p50=_span(away[0]),
        away_p95=_span(away[1]),
        letters=_table(*_letters(found)),
        by_bot=f"{found.by_bot:,}",
        by_choice=f"{found.by_choice:,}",
        answering=found.answering_saved_h,
        choosing=found.by_choice * ANSWERS[0] / 3600,
        presence=found.presence_saved_h,
        each=SHOPS_EACH,
    )


def _rate_rows(found: Found) -> Iterator[Sequence[str]]:
    yield _row("all", found.all)
    yield _row("while no people were on shift", found.alone)
    calendar = Calendar()
    for number, rate in enumerate(found.days.values()):
        day = (START + number * _DAY).date()
        yield _row(f"{day_words(day)} {calendar.name(day)}".rstrip(), rate)


def _row(name: str, rate: Rate) -> Sequence[str]:
    return name, f"{rate.turns:,}", f"{rate.met:,}", f"{rate.share:.2%}"


def _letters(found: Found) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    people = sorted({person for letters in found.letters.values() for person in letters})
    rows = [(night, *(str(letters.get(each, 0)) for each in people)) for night, letters in found.letters.items()]
    return ("night of", *people), rows


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _span(seconds: float | None) -> str:
    return "–" if seconds is None else span(seconds)
