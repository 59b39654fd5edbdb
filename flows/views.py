"""What was read from a page, as values: rows of the list, the open thread, the signals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from storage.records import Kind, Said, Sender

_HALVES = "凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|[AaPp][Mm]"
_CLOCK = re.compile(
    rf"(?:(\d{{4}})[-/.年])?(?:(\d{{1,2}})[-/.月](\d{{1,2}})日?(?:\s+|(?=[（(]?(?:星期|周)|{_HALVES}))"
    rf"(?:[（(]?(?:星期|周)[一二三四五六日天][)）]?\s*)?)?(?:(?:{_HALVES})\s*)?(\d{{1,2}}):(\d{{2}})(?::(\d{{2}}))?"
)
_EARLY = re.compile("凌晨|清晨|早上|上午|[Aa][Mm]")
_LATE = re.compile("下午|傍晚|晚上|[Pp][Mm]")
_WEEKDAY = re.compile("(上上|下下|[上下本这])?(?:个?星期|周)([一二三四五六日天])")
_WEEKS = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1, "下下": 2}
_WEEK = "一二三四五六日"
# What a program writes where it has no time.
_NEVER = re.compile(r"0+|(?:0000|0001|1[89]\d\d|9999)[-/.年].*")
# The longer word first, which holds the shorter one.
_DAYS_AGO = {"大前天": 3, "昨天": 1, "前天": 2}
_DAYS_AHEAD = {"大后天": 3, "明天": 1, "后天": 2}
_SOON = timedelta(days=180)
# Half of a surrogate pair is no text either: no database takes it.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One conversation in the list; `unread` is None where no mark is shown, `waiting` the clock's text."""

    key: str
    name: str
    preview: str
    time: str
    unread: str | None
    waiting: str | None
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The ids of the newest message of the buyer and of the shop: whoever speaks next changes one of them."""

    buyer: str | None
    own: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenThread:
    """The open conversation: messages in order, what the input holds, the facts beside it.

    `orders`: the facts of each of the buyer's orders as the page lists them; none where it shows that there is
    none, None where it does not tell. `unparsed` counts messages without an id or with a sender that the pack does
    not know.
    """

    key: str
    messages: tuple[Said, ...]
    draft: str | None
    facts: Mapping[str, str]
    failed: frozenset[str]
    unparsed: int
    orders: tuple[Mapping[str, str], ...] | None = None

    @property
    def delivered(self) -> tuple[Said, ...]:
        """The messages without those that the console shows as not sent."""
        return tuple(said for said in self.messages if said.key not in self.failed)

    @property
    def latest(self) -> Latest:
        """Who said what last."""
        return Latest(buyer=self._newest(Sender.buyer), own=self._newest(Sender.shop))

    @property
    def last_asked(self) -> str | None:
        """The id of the newest message if the buyer said it, whatever the console itself said after it."""
        last = next((said for said in reversed(self.messages) if said.sender is not Sender.system), None)
        return last.key if last is not None and last.sender is Sender.buyer else None

    def _newest(self, sender: Sender) -> str | None:
        return next((said.key for said in reversed(self.messages) if said.sender is sender), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One reading of a page; `rows` is None where the list itself is not there."""

    rows: tuple[Row, ...] | None
    unparsed: int
    thread: OpenThread | None
    signals: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns what the page's script returns into values; checks it, since a page is nobody's friend."""

    zone: ZoneInfo
    skip_ids: Sequence[str] = field(default=())

    def snapshot(self, raw: Mapping[str, Any], now: datetime) -> Snapshot:
        """The whole page; raises ValueError when the script's answer has another shape."""
        rows, unparsed = self._rows(raw["inbox"])
        thread = None if raw["thread"] is None else self.thread(raw["thread"], now)
        return Snapshot(rows=rows, unparsed=unparsed, thread=thread, signals=frozenset(map(str, raw["signals"])))

    def thread(self, raw: Mapping[str, Any], now: datetime) -> OpenThread:
        """The open conversation."""
        said: dict[str, Said] = {}
        failed: set[str] = set()
        unparsed = 0
        for key, sender, kind, text, time, is_failed in raw["messages"]:
            if not key or sender not in Sender.__members__:
                unparsed += 1
                continue
            moment = read_time(time, now, self.zone)
            said[key] = Said(key=key, sender=Sender(sender), kind=Kind(kind), text=_clean(text), at=moment)
            if is_failed:
                failed.add(key)
        # The panel shows what the buyer looks at; without one, the newest card in the thread tells.
        orders = None if raw["orders"] is None else tuple(_named("order", [order]) for order in raw["orders"])
        facts = _named("product", [raw["product"], raw.get("card")]) | (orders[0] if orders else {})
        draft = None if raw["draft"] is None else str(raw["draft"])
        return OpenThread(
            key=str(raw["id"]),
            messages=tuple(said.values()),
            draft=draft,
            facts=facts,
            failed=frozenset(failed),
            unparsed=unparsed,
            orders=orders,
        )

    def _rows(self, raw: Sequence[Sequence[Any]] | None) -> tuple[tuple[Row, ...] | None, int]:
        if raw is None:
            return None, 0
        rows: dict[str, Row] = {}
        unparsed = 0
        for key, name, preview, time, unread, waiting, group, skip in raw:
            if skip:
                continue
            if not key:
                unparsed += 1
                continue
            if any(re.search(pattern, key) for pattern in self.skip_ids):
                continue
            row = Row(
                key=str(key),
                name=_clean(name or ""),
                preview=_clean(preview or ""),
                time=time or "",
                unread=None if unread in (None, "0") else str(unread),
                waiting=waiting or None,
                group=group or "",
            )
            rows[row.key] = _merge(rows[row.key], row) if row.key in rows else row
        return tuple(rows.values()), unparsed


def _named(name: str, panels: Sequence[Mapping[str, Any] | None]) -> dict[str, str]:
    """The facts of the first panel that shows any, by their full names."""
    read = ({key: _clean(value) for key, value in (panel or {}).items() if value} for panel in panels)
    return {f"{name}.{key}": value for key, value in next((facts for facts in read if facts), {}).items()}


def _merge(one: Row, other: Row) -> Row:
    """The same conversation listed twice: any mark counts."""
    return Row(
        key=one.key,
        name=one.name,
        preview=one.preview or other.preview,
        time=one.time or other.time,
        unread=one.unread or other.unread,
        waiting=one.waiting or other.waiting,
        group=f"{one.group} {other.group}".strip(),
    )


def _clean(text: str) -> str:
    """A buyer's text without what only steers a terminal or turns the reading direction."""
    return _CONTROL.sub("", str(text))


def read_time(text: str | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """A console's time as a moment: ISO, milliseconds since 1970, `09:31:05`, `下午3:31`, `11-20 09:31`.

    A time without a date is today's (昨天, 前天, 周五: as they say), or yesterday's when it would lie ahead; a
    date without a year is the last such day.
    """
    text = (text or "").strip()
    if not text or _NEVER.fullmatch(text):
        return None
    return _read_exact(text, zone) or _read_clock(text, now.astimezone(zone))


def _read_exact(text: str, zone: ZoneInfo) -> datetime | None:
    if re.fullmatch(r"\d{12,13}", text):
        return datetime.fromtimestamp(int(text) / 1000, tz=zone)
    try:
        moment = datetime.fromisoformat(re.sub(r"^(\d{8})(\d{6})$", r"\1T\2", text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def read_deadline(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """A console's time that may lie ahead, in the same forms; without a day it is today's, or 明天's, 后天's."""
    if _NEVER.fullmatch(text.strip()):
        return None
    now = now.astimezone(zone)
    moment, found = _read_clock(text, now), _CLOCK.search(text)
    exact = _read_exact(text.strip(), zone)
    if exact or moment is None or found is None or found[1] or any(word in text for word in _DAYS_AGO):
        return exact or moment
    if not found[2]:
        today = datetime.combine(now.date(), moment.timetz())
        days = next((days for word, days in _DAYS_AHEAD.items() if word in text), 0)
        return _on_weekday(text, today, ahead=True) or today + timedelta(days)
    try:
        coming = moment.replace(year=moment.year + 1)
    except ValueError:  # a 29th of February
        return moment
    return coming if moment < now and coming - now < _SOON else moment


def _read_clock(text: str, now: datetime) -> datetime | None:
    found = _CLOCK.search(text)
    if not found:
        return None
    year, month, day, _hour, minute, second = (int(part) if part else None for part in found.groups())
    try:
        moment = now.replace(hour=_hour_of(text, found), minute=minute or 0, second=second or 0, microsecond=0)
        if month and day:
            dated = moment.replace(year=year or now.year, month=month, day=day)
            return dated if year or dated <= now + timedelta(days=1) else dated.replace(year=now.year - 1)
    except ValueError:
        return None
    for word, days in _DAYS_AGO.items():
        if word in text:
            return moment - timedelta(days=days)
    # A minute of grace: the console's clock may run ahead of ours.
    latest = now + timedelta(minutes=1)
    if (then := _on_weekday(text, moment, ahead=False)) is not None:
        return then - timedelta(days=7) if then > latest else then
    return moment - timedelta(days=1) if moment > latest else moment


def _hour_of(text: str, found: re.Match[str]) -> int:
    """The hour that is told, of 24, by what half of the day stands beside it."""
    hour, words = int(found[4]), found[0] + text[found.end() :].lstrip()[:2]
    if hour > 12:
        return hour
    if _LATE.search(words) or ("中午" in words and hour < 3):
        return hour % 12 + 12
    return hour % 12 if _EARLY.search(words) else hour


def _on_weekday(text: str, today: datetime, *, ahead: bool) -> datetime | None:
    """The same time on the weekday that is named: the last or (`ahead`) the next one, or the named week's."""
    found = _WEEKDAY.search(text)
    if found is None:
        return None
    days = _WEEK.index(found[2].replace("天", "日")) - today.weekday()
    if found[1]:
        return today + timedelta(days=days + 7 * _WEEKS[found[1]])
    return today + timedelta(days=days % 7 if ahead else -(-days % 7))
