"""The coverage as a picture: a panel for shops that are covered alike, a row a day, an hour a column. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from html import escape

from bots.shifts.calendar import Calendar, DayKind
from bots.shifts.coverage import Cover, day_words, midnight, spell_words
from bots.shifts.plan import Do, offsets
from bots.shifts.written import DOING

_HOUR, _ROW, _LEFT, _HEAD, _FOOT = 30, 17, 150, 44, 18
_TOP = 64
_RIGHT = 28
_COLOURS = {Do.answer: "#2f9e6e", Do.hold: "#e0a526", Do.people_first: "#8fcfb2"}
_PEOPLE, _GAP, _INK, _FAINT = "#4c7fd1", "#d63a3a", "#2b2f36", "#e3e6ea"
_QUIET = "#8a919c"
_BOTS_HEIGHT, _PEOPLE_HEIGHT = 7, 5
_Bar = tuple[datetime, datetime, str, str]


def coverage_svg(found: Sequence[Cover], first: date, days: int) -> str:
    """The picture of `days` days from `first` on; red is where nobody is there."""
    height = _TOP
    panels = []
    for cover in found:
        panels.append(f'<g transform="translate(0 {height})">{"".join(_panel(cover, first, days))}</g>')
        height += _HEAD + days * _ROW + _FOOT
    width = _LEFT + 24 * _HOUR + _RIGHT
    last = first + timedelta(days=days - 1)
    fonts = "'Noto Sans CJK SC','PingFang SC','Microsoft YaHei','WenQuanYi Zen Hei',sans-serif"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" font-family="{fonts}" font-size="11" fill="{_INK}">',
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            _text(14, 24, f"值守排班 {first} 至 {last}", size=15),
            *_legend(),
            *panels,
            "</svg>\n",
        ]
    )


def _legend() -> Iterator[str]:
    x = 14
    words = [(colour, f"机器人：{DOING[do]}") for do, colour in _COLOURS.items()]
    for colour, word in [*words, (_PEOPLE, "人工"), (_GAP, "没有人")]:
        yield f'<rect x="{x}" y="38" width="14" height="9" fill="{colour}"/>'
        yield _text(x + 19, 47, word)
        x += 34 + 11 * len(word)


def _panel(cover: Cover, first: date, days: int) -> Iterator[str]:
    roster = cover.roster
    zone, calendar = roster.zone, roster.people.calendar
    start, end = midnight(first, zone), midnight(first + timedelta(days=days), zone)
    yield _text(14, 20, cover.title, size=13)
    for hour in range(0, 25, 3):
        x = _LEFT + hour * _HOUR
        yield _text(x, 38, f"{hour}:00", anchor="middle", colour=_QUIET)
        yield f'<path d="M{x} {_HEAD}v{days * _ROW}" stroke="{_FAINT}"/>'
    for number in range(days):
        yield from _label(first + timedelta(days=number), calendar, _HEAD + number * _ROW + 12)
    bots: Iterable[_Bar] = (
        (spell.start, spell.end, _COLOURS[spell.work.do], f"机器人：{DOING[spell.work.do]}")
        for spell in roster.bots.spells(start, end, zone)
        if spell.work.on
    )
    people = (
        (spell.start, spell.end, _PEOPLE, "人工")
        for spell in roster.people.spells(start, end, zone)
        if spell.work.on
    )
    gaps = (
        (gap.start, gap.end, _GAP, f"没有人：{spell_words(gap.start, gap.end, zone)}")
        for gap in roster.gaps(start, end)
    )
    yield from _bars(bots, first, zone, 2, _BOTS_HEIGHT)
    yield from _bars(people, first, zone, 2 + _BOTS_HEIGHT, _PEOPLE_HEIGHT)
    yield from _bars(gaps, first, zone, 2, _BOTS_HEIGHT + _PEOPLE_HEIGHT)


def _label(day: date, calendar: Calendar, y: int) -> Iterator[str]:
    rests = calendar.kind(day) in (DayKind.weekend, DayKind.holiday)
    yield _text(14, y, day_words(day), colour=_QUIET if rests else _INK)
    yield _text(84, y, calendar.name(day), colour=_GAP if rests else _QUIET)


def _bars(bars: Iterable[_Bar], first: date, zone: tzinfo, top: int, height: int) -> Iterator[str]:
    """Each bar cut at midnight, in the row of its day, from where to where the wall clock says."""
    for start, end, colour, title in bars:
        # The wall clock's time as if it were UTC's: an hour that comes twice is drawn twice in the same place.
        for piece_start, piece_end, offset in offsets(start, end, zone):
            begin, finish = piece_start + offset, piece_end + offset
            while begin < finish:
                next_day = midnight(begin.date() + timedelta(days=1), UTC)
                left = _across(begin)
                right = _across(finish) if finish < next_day else 24.0 * _HOUR
                y = _HEAD + (begin.date() - first).days * _ROW + top
                yield (
                    f'<rect x="{_LEFT + left:g}" y="{y}" width="{right - left:g}" height="{height}"'
                    f' fill="{colour}"><title>{escape(title)}</title></rect>'
                )
                begin = next_day


def _across(clock: datetime) -> float:
    return (clock.hour + clock.minute / 60) * _HOUR


def _text(x: int, y: int, words: str, *, size: int = 11, anchor: str = "start", colour: str = _INK) -> str:
    style = f'font-size="{size}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text x="{x}" y="{y}" {style}>{escape(words)}</text>'
