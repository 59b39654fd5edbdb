"""The coverage of all shops: which are covered alike, and every time at which nobody is there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeVar

from base.spoken import span
from bots.shifts.roster import Gap, Roster

WEEKDAYS = "周一", "周二", "周三", "周四", "周五", "周六", "周日"
_MOST_NAMES = 3
Value = TypeVar("Value")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Shops (by id, with their titles) that the same roster covers."""

    shops: Mapping[str, str]
    roster: Roster

    @property
    def title(self) -> str:
        """The shops in words."""
        return shops_words(list(self.shops.values()))

    @property
    def asks_calendar(self) -> bool:
        """Whether public holidays make a difference."""
        return self.roster.bots.asks_calendar or self.roster.people.asks_calendar


def covers(rosters: Mapping[str, tuple[str, Roster]]) -> list[Cover]:
    """The shops (by id: title and roster), those that are covered alike together, in their order."""
    found = alike({shop: roster for shop, (_title, roster) in rosters.items()})
    return [Cover(shops={shop: rosters[shop][0] for shop in shops}, roster=roster) for roster, shops in found]


def alike(by_shop: Mapping[str, Value]) -> list[tuple[Value, list[str]]]:
    """Each value with the shops that have it, in their order."""
    found: list[tuple[Value, list[str]]] = []
    for shop, value in by_shop.items():
        shops = next((shops for other, shops in found if other == value), None)
        if shops is None:
            found.append((value, [shop]))
        else:
            shops.append(shop)
    return found


def shops_words(titles: Sequence[str]) -> str:
    """The titles of shops, not all of many."""
    named = "、".join(titles[:_MOST_NAMES])
    return named if len(titles) <= _MOST_NAMES else f"{named} 等 {len(titles)} 家店"


def midnight(day: date, zone: tzinfo) -> datetime:
    """The moment at which a day begins there, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def day_words(day: date) -> str:
    """`11-23 周一`."""
    return f"{day:%m-%d} {WEEKDAYS[day.weekday()]}"


def spell_words(begin: datetime, finish: datetime, zone: tzinfo) -> str:
    """`11-23 周一 22:00 到 11-24 周二 09:00（11小时）`, with the day only once where it is the same."""
    start, end = begin.astimezone(zone), finish.astimezone(zone)
    until = f"{end:%H:%M}"
    if end.date() != start.date():
        ends_day = end.time() == time() and end.date() - start.date() == _DAY
        until = "24:00" if ends_day else f"{day_words(end.date())} {end:%H:%M}"
    seconds = (finish - begin).total_seconds()
    long = span(seconds) if seconds < _DAY.total_seconds() else f"{seconds / 3600:.0f}小时"
    return f"{day_words(start.date())} {start:%H:%M} 到 {until}（{long}）"


def audit_words(bare: Sequence[tuple[Cover, Sequence[Gap]]]) -> str:
    """What people are told of gaps, the first one first; nothing where there is none."""
    found = [(gap, cover) for cover, gaps in bare for gap in gaps]
    if not found:
        return ""
    first, cover = min(found, key=lambda pair: pair[0].start)
    when = spell_words(first.start, first.end, cover.roster.zone)
    more = f"，等 {len(found)} 段" if len(found) > 1 else ""
    return f"{when}没有人值守{more}：{cover.title}；运行 nightdesk shifts coverage 看全部"
