"""Tables as shops have them: Excel and CSV in whatever encoding, with headers in many spellings."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from base.errors import ConfigError, Problem
from knowledge.text import normalise

MAX_BYTES = 32 * 1024 * 1024
# Above the header there may stand a title, a date, a remark.
_HEADER_WITHIN = 10
_DELIMITERS = ",\t;|"
_REMARK = re.compile(r"[\s_\-*（(].*$|[:：]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row as texts; `number` counts from 1 as the table's own program shows it."""

    number: int
    cells: tuple[str, ...]

    def cell(self, column: int | None) -> str:
        """The text of a column, empty where there is none."""
        return self.cells[column] if column is not None and column < len(self.cells) else ""


def read_table(path: Path) -> list[Line]:
    """All rows that are not empty; raises `ConfigError` for what is no table."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _bad(path, f"文件太大，最多 {MAX_BYTES // 1048576} MB", "拆成几个文件")
        raw = path.read_bytes()
    except OSError as error:
        raise _bad(path, f"读不了这个文件：{error.strerror}") from None
    if path.suffix.lower() == ".xls":
        raise _bad(path, "这是旧版的 Excel 格式（.xls）", "用 Excel 或 WPS 另存为 .xlsx 或 .csv")
    rows = _excel(raw, path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv(raw, path)
    lines = [Line(number=number, cells=tuple(map(str.strip, cells))) for number, cells in enumerate(rows, 1)]
    return [line for line in lines if any(line.cells)]


def find_columns(
    lines: Sequence[Line], names: Mapping[str, Sequence[str]]
) -> tuple[Mapping[str, tuple[int, ...]], Sequence[Line]]:
    """The columns of each kind by their headings, and the rows below these; no columns where no row is a heading.

    `names`: the spellings of each kind; a heading is one of them, perhaps with a remark behind.
    """
    best: Mapping[str, tuple[int, ...]] = {}
    below: Sequence[Line] = lines
    for place, line in enumerate(lines[:_HEADER_WITHIN]):
        found = _headings(line, names)
        if len(found) > len(best):
            best, below = found, lines[place + 1 :]
    return best, below


def _headings(line: Line, names: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[int, ...]]:
    heads = [_REMARK.sub("", normalise(cell)) for cell in line.cells]
    heads = [re.sub(r"\d+$", "", head) for head in heads]
    found = {
        kind: tuple(column for column, head in enumerate(heads) if head in words) for kind, words in names.items()
    }
    return {kind: columns for kind, columns in found.items() if columns}


def _excel(raw: bytes, path: Path) -> list[tuple[str, ...]]:
    """The rows of the sheet that holds most."""
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheets = [
            [
                tuple("" if value is None else str(value) for value in row)
                for row in sheet.iter_rows(values_only=True)
            ]
            for sheet in book.worksheets
        ]
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise _bad(path, "这不是能读的 Excel 文件", "用 Excel 或 WPS 另存为 .xlsx 或 .csv") from None
    return max(sheets, key=len, default=[])


def _csv(raw: bytes, path: Path) -> list[tuple[str, ...]]:
    text = _decoded(raw)
    if text is None:
        raise _bad(path, "认不出文字的编码", "另存为 UTF-8 编码的 CSV")
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:8192], _DELIMITERS)
        delimiter = dialect.delimiter
    except csv.Error:
        delimiter = ","
    try:
        return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise _bad(path, f"这不是能读的 CSV 文件（{error}）", "用 Excel 或 WPS 另存为 .xlsx") from None


def _decoded(raw: bytes) -> str | None:
    """Windows programs write GBK, or UTF-8 with a mark in front; some write UTF-16."""
    encodings = ["utf-16"] if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _bad(path: Path, message: str, hint: str = "") -> ConfigError:
    return ConfigError(Problem(message=message, path=path, hint=hint))
