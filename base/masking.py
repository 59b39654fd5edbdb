"""Masking of personal data and secrets in everything that is logged, shown or kept as evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PHONE = re.compile(r"(?<!\d)(?:[+＋]?86[- ]?)?([1１][3-9３-９]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?![\dXx])")
_EMAIL = re.compile(r"[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_LONG_NUMBER = re.compile(r"(?<!\d)(\d{4})\d{4,}(\d{4})(?!\d)")
# In each of the numbers above; most lines of a log have nothing of the kind and need no further look.
_DIGITS = re.compile(r"\d{4}")

# An address gives itself away by a door number behind a street or an estate, or by a village in a town. What
# stands before it (province, city, district) and behind it (building, flat) is then part of it. All patterns
# look at a few characters only, so that a buyer's 20,000 cost no time.
_COUNT = r"[0-9０-９一二三四五六七八九十百]{1,6}"
_DOOR = re.compile(rf"{_COUNT}(?:[-－]\d{{1,5}}){{0,3}}\s?(?:号楼?|弄|栋|幢|座|单元|室|#)")
_STREET = re.compile(
    r"(?:路|街|大道|道|巷|弄|胡同|村|庄|屯|组|社区|小区|花园|花苑|公寓|广场|大厦|中心|新村|家园|苑|府|园区?)"
    r"(?:[东南西北中]段)?\s?$"
)
_VILLAGE = re.compile(
    r"(?:(?<![超城门都上])市|(?<![地市小山景校园社灾])区|县|旗|镇|乡|街道)[\u4e00-\u9fff]{2,8}"
    r"(?:(?:镇|乡|街道)[\u4e00-\u9fff]{1,6}(?:村|社区|组|屯|队)|小区|花园|公寓|大厦|新村|家园)"
)
_PLACE_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]{0,30}$")
_LEAD = re.compile(r".*(?:地址|寄到|发到|送到|住在|改到|改成|换成|寄给|[是在到：:])")
_REST = re.compile(
    rf"(?:[\s，,]?{_COUNT}(?:号楼?|栋|幢|座|单元|室|楼|层)|\s?[A-Za-z0-9０-９\-－]{{1,8}}"
    rf"|{_COUNT}|号楼?|栋|幢|座|单元|室|楼|层|#|[东南西北]门){{0,12}}"
)

_secrets: set[str] = set()


def keep_secret(value: str) -> None:
    """From now on `value` is masked wherever text goes through `mask`; too short values are ignored."""
    if len(value) >= 4:
        _secrets.add(value)


def mask(text: str) -> str:
    """`text` without phone numbers, addresses, identity and order numbers, mail addresses and known secrets."""
    for secret in sorted(_secrets, key=len, reverse=True):  # one may be a part of another
        text = text.replace(secret, "***")
    if "@" in text:
        text = _EMAIL.sub("***@***", text)
    numbers = _DIGITS.search(text) is not None
    if numbers:
        text = _PHONE.sub(r"\1****\2", text)
        text = _LANDLINE.sub("****", text)
        text = _IDENTITY.sub(r"\1********\2", text)
    if not text.isascii():  # streets and villages have Chinese names
        text = _without_addresses(text)
    return _LONG_NUMBER.sub(r"\1****\2", text) if numbers else text


def _without_addresses(text: str) -> str:
    parts: list[str] = []
    position = 0
    for start, end in _addresses(text):
        if start >= position:
            parts += [text[position:start], "[地址]"]
        position = max(position, end)
    return "".join([*parts, text[position:]])


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where addresses stand, in the order of their ends."""
    doors = [hit.span() for hit in _DOOR.finditer(text) if _on_street(text, hit.start())]
    villages = [hit.span() for hit in _VILLAGE.finditer(text)]
    last = 0
    for start, end in sorted(doors + villages):
        if end <= last:
            continue
        name = _PLACE_NAME.search(text, max(last, start - 30), start)
        begin = name.start() if name else start
        lead = _LEAD.match(text, begin, start)
        rest = _REST.match(text, end)
        last = rest.end() if rest else end
        yield (lead.end() if lead else begin), last


def _on_street(text: str, door: int) -> bool:
    return _STREET.search(text, max(0, door - 12), door) is not None
