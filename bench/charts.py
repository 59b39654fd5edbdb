"""Plots of a benchmark as SVG: bars side by side, and lines through points. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

_FONTS = "'Noto Sans CJK SC','PingFang SC','Microsoft YaHei','WenQuanYi Zen Hei',sans-serif"
_COLOURS = ("#2f9e6e", "#e0a526", "#4c7fd1", "#d63a3a")
_INK, _FAINT, _QUIET = "#2b2f36", "#e3e6ea", "#8a919c"
_WIDTH, _HEIGHT = 900, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 20, 58, 40
_STEPS = (1, 2, 2.5, 5, 10)
_TICKS = 5

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `low` to `high`, and what it counts."""

    low: float
    high: float
    unit: str = ""

    @classmethod
    def over(cls, values: Sequence[float], unit: str = "", low: float | None = 0.0) -> Axis:
        """One that holds all values, with round ends; `low`: where it begins, None: near the least."""
        least, most = min(values) if low is None else low, max(values)
        step = _step((most - least) or 1.0)
        return cls(floor(least / step) * step, max(ceil(most / step), floor(least / step) + 1) * step, unit)

    def ticks(self) -> Iterator[float]:
        """Where its lines stand."""
        step = _step(self.high - self.low)
        for number in range(round((self.high - self.low) / step) + 1):
            yield self.low + number * step

    def place(self, value: float, length: float) -> float:
        """How far along the axis a value stands; what lies outside stands at its end."""
        return length * min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def bars(title: str, labels: Sequence[str], series: Mapping[str, Sequence[float]], axis: Axis) -> str:
    """A group of bars for each label, one for each of the series; an empty label is not written."""
    across = (_WIDTH - _LEFT - _RIGHT) / len(labels)
    thick = across * 0.8 / len(series)
    drawn = [
        _rect(_LEFT + index * across + across * 0.1 + number * thick, axis.place(value, _tall()), thick, colour)
        for number, (values, colour) in enumerate(zip(series.values(), _COLOURS, strict=False))
        for index, value in enumerate(values)
    ]
    named = [_text(_LEFT + (index + 0.5) * across, _HEIGHT - 22, label) for index, label in enumerate(labels)]
    return _picture(title, list(series), axis, [*drawn, *named])


def lines(title: str, series: Mapping[str, Sequence[Point]], across: Axis, up: Axis) -> str:
    """A line through the points of each of the series."""
    wide = _WIDTH - _LEFT - _RIGHT
    drawn = []
    for points, colour in zip(series.values(), _COLOURS, strict=False):
        spots = [(_LEFT + across.place(x, wide), _floor() - up.place(y, _tall())) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in spots]
    named = [_text(_LEFT + across.place(x, wide), _HEIGHT - 22, f"{x:g}") for x in across.ticks()]
    return _picture(title, list(series), up, [*drawn, *named, _text(_WIDTH / 2, _HEIGHT - 6, across.unit)])


def slope(points: Sequence[Point]) -> tuple[float, float]:
    """The straight line of least squares through the points: how steep it is, and where it begins."""
    count = len(points)
    middle_x, middle_y = sum(x for x, _y in points) / count, sum(y for _x, y in points) / count
    spread = sum((x - middle_x) ** 2 for x, _y in points)
    steep = sum((x - middle_x) * (y - middle_y) for x, y in points) / spread
    return steep, middle_y - steep * middle_x


def _picture(title: str, series: Sequence[str], up: Axis, drawn: Sequence[str]) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}"'
            f' viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="{_FONTS}" font-size="11" fill="{_INK}">',
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
            _text(14, 22, title, anchor="start", size=15),
            *_legend(series),
            *_grid(up),
            *drawn,
            "</svg>\n",
        ]
    )


def _legend(series: Sequence[str]) -> Iterator[str]:
    x = _LEFT
    for name, colour in zip(series, _COLOURS, strict=False):
        yield f'<rect x="{x}" y="34" width="12" height="9" fill="{colour}"/>'
        yield _text(x + 17, 43, name, anchor="start")
        x += 40 + sum(12 if char > "\u2e80" else 7 for char in name)


def _grid(up: Axis) -> Iterator[str]:
    for value in up.ticks():
        y = _floor() - up.place(value, _tall())
        yield f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="{_FAINT}"/>'
        yield _text(_LEFT - 6, y + 4, f"{value:g}", anchor="end", colour=_QUIET)
    yield _text(_LEFT - 6, _TOP - 8, up.unit, anchor="end", colour=_QUIET)


def _rect(x: float, tall: float, thick: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{_floor() - tall:.1f}" width="{thick:.1f}" height="{tall:.1f}" fill="{colour}"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "middle", size: int = 11, colour: str = _INK) -> str:
    style = f'font-size="{size}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>' if words else ""


def _step(span: float) -> float:
    """The least round step of which a few make up the span."""
    power = 10.0 ** floor(log10(span / _TICKS))
    return next(power * step for step in _STEPS if power * step * _TICKS >= span * 0.999)


def _tall() -> float:
    return _HEIGHT - _TOP - _BOTTOM


def _floor() -> float:
    return _HEIGHT - _BOTTOM
