"""What was found under bad manners: the records of a run, a line each in a file, and the tables made from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table

from bench.ground import Manners, Tried
from practice.manners import MANNERS
from storage.meter import percentile

COUNTS = ("turns", "answered", "duplicates", "misdelivered", "lost", "wrong")
_FAULTS = {"duplicates": "重复", "misdelivered": "发错会话", "lost": "丢失", "wrong": "答错"}

Key = tuple[str, Manners, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What became of one shop's turns in a dialect under some manners; `took_ms`: its first replies, sorted."""

    dialect: str
    manners: Manners
    shop: str | None
    counts: Mapping[str, int]
    took_ms: tuple[float, ...]

    @classmethod
    def of(cls, dialect: str, tried: Tried) -> Record:
        """As it is kept."""
        counts = {name: getattr(tried.verdict, name) for name in COUNTS}
        return cls(dialect=dialect, manners=tried.manners, shop=tried.shop, counts=counts, took_ms=tried.took)

    @property
    def key(self) -> Key:
        """What tells it from others of a run."""
        return self.dialect, self.manners, self.shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One dialect under some manners; none is the measure of the others. Times are milliseconds.

    `lost`: neither answered nor with a person. `extra_p95_ms`: first replies, beside those without bad manners.
    """

    dialect: str
    manners: Manners
    turns: int
    answered: int
    duplicates: int
    misdelivered: int
    lost: int
    wrong: int
    p95_ms: float | None
    extra_p95_ms: float | None

    @property
    def faults(self) -> dict[str, int]:
        """What must not be, where it was."""
        return {name: count for name in _FAULTS if (count := getattr(self, name))}

    @property
    def met(self) -> bool:
        """Whether somebody asked and nothing went wrong."""
        return self.turns > 0 and not self.faults

    @property
    def name(self) -> str:
        """Its manners."""
        return "+".join(self.manners) or "（没有毛病）"


def read_records(file: Path) -> dict[Key, Record]:
    """What a file holds, the last line about the same turns; nothing if there is no file yet."""
    if not file.exists():
        return {}
    found = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    records = [
        Record(**{**line, "manners": tuple(line["manners"]), "took_ms": tuple(line["took_ms"])}) for line in found
    ]
    return {record.key: record for record in records}


def keep(file: Path, record: Record) -> None:
    """One more line of the file; in the file when this returns."""
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")


def cells(records: Iterable[Record]) -> list[Cell]:
    """The figures, by dialect: without bad manners first, then as the manners are listed."""
    found: dict[tuple[str, Manners], list[Record]] = {}
    for record in records:
        found.setdefault((record.dialect, record.manners), []).append(record)
    base = {dialect: _p95(those) for (dialect, manners), those in found.items() if not manners}
    made = [_cell(those, base.get(dialect)) for (dialect, _manners), those in found.items()]
    dialects = list(dict.fromkeys(cell.dialect for cell in made))
    return sorted(made, key=lambda cell: (dialects.index(cell.dialect), [*map(MANNERS.index, cell.manners)]))


def _cell(records: Sequence[Record], base: float | None) -> Cell:
    took = _p95(records)
    return Cell(
        dialect=records[0].dialect,
        manners=records[0].manners,
        p95_ms=took,
        extra_p95_ms=None if took is None or base is None else took - base,
        **{name: sum(record.counts[name] for record in records) for name in COUNTS},
    )


def _p95(records: Sequence[Record]) -> float | None:
    return percentile(sorted(ms for record in records for ms in record.took_ms), 95)


# --- as a person reads it ---------------------------------------------------------------------------------------


def words(cell: Cell) -> str:
    """One cell in one line."""
    found = "".join(f"，{_FAULTS[name]} {count}" for name, count in cell.faults.items())
    told = f"{cell.turns} 轮，答了 {cell.answered}，p95 {_seconds(cell.p95_ms)} 秒{found}"
    return f"{cell.dialect} {cell.name}：{told}"


def _seconds(ms: float | None, *, signed: bool = False) -> str:
    return "–" if ms is None else f"{ms / 1000:{'+' if signed else ''}.1f}"


def table(cells: Iterable[Cell]) -> Table:
    """The figures, a line a cell."""
    shown = Table(title="后台的坏毛病：机器人照样答，答得慢多少", title_justify="left")
    shown.add_column("页面")
    shown.add_column("毛病")
    for heading in ("轮", "答了", "重复", "发错会话", "丢失", "答错", "p95 秒", "多用 秒"):
        shown.add_column(heading, justify="right")
    for cell in cells:
        extra = _seconds(cell.extra_p95_ms, signed=True)
        style = None if cell.met else "bold red"
        shown.add_row(cell.dialect, cell.name, *_counts(cell), _seconds(cell.p95_ms), extra, style=style)
    return shown


def _counts(cell: Cell) -> list[str]:
    return [str(getattr(cell, name)) for name in COUNTS]


def markdown(cells: Sequence[Cell]) -> str:
    """For `docs/manners.md`: a list a dialect, and where there are pairs, a matrix of their extra seconds."""
    parts = []
    for dialect in dict.fromkeys(cell.dialect for cell in cells):
        own = [cell for cell in cells if cell.dialect == dialect]
        parts.append("\n".join(_matrix(own) if any(len(cell.manners) == 2 for cell in own) else _list(own)))
    return "\n\n".join(parts) + "\n"


def _list(cells: Sequence[Cell]) -> list[str]:
    heads = [*COUNTS, "p95 s", "extra s"]
    lines = [f"| {cells[0].dialect} | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for cell in cells:
        times = (_seconds(cell.p95_ms), _seconds(cell.extra_p95_ms, signed=True) if cell.manners else "")
        lines.append(f"| {' + '.join(cell.manners) or 'none'} | {' | '.join((*_counts(cell), *times))} |")
    return lines


def _matrix(cells: Sequence[Cell]) -> list[str]:
    by_pair = {frozenset(cell.manners): cell for cell in cells}
    lines = [f"| {cells[0].dialect} | {' | '.join(MANNERS[1:])} |", "|---|" + "---:|" * len(MANNERS[1:])]
    for number, row in enumerate(MANNERS[:-1]):
        found = [by_pair.get(frozenset((row, column))) for column in MANNERS[number + 1 :]]
        shown = [*("" for _ in range(number)), *(_short(cell) if cell else "–" for cell in found)]
        lines.append(f"| {row} | {' | '.join(shown)} |")
    sums = ", ".join(f"{name} {sum(getattr(cell, name) for cell in cells)}" for name in COUNTS)
    return [*lines, "", f"{cells[0].dialect}, {len(cells)} cells together: {sums}."]


def _short(cell: Cell) -> str:
    extra = _seconds(cell.extra_p95_ms, signed=True)
    faults = ", ".join(f"{name} {count}" for name, count in cell.faults.items())
    return f"{extra} **{faults}**" if faults else extra
