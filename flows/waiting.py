"""Reading a console's waiting clock: the text beside a conversation as seconds left until the threshold."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_LONGEST = 80  # characters; what is longer is no clock but a sentence

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMBER = r"(?:\d{1,6}(?:\.\d{1,3})?|[零〇一二两三四五六七八九十百]{1,6}|半)"
_SECONDS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
_UNITS = (
    ("d", r"天|日|d(?:ays?)?(?![a-z])"),
    ("h", r"小时|钟头|时|h(?:(?:ou)?rs?)?(?![a-z])"),
    ("m", r"分钟|分|m(?:in(?:ute)?s?)?(?![a-z])"),
    ("s", r"秒钟|秒|s(?:ec(?:ond)?s?)?(?![a-z])"),
)
# 一个半小时, 两个钟头, 一分半, 半分钟: a half stands before or after its unit.
_PIECES = "".join(
    rf"(?:(?P<{unit}>{_NUMBER})\s*(?P<{unit}_mid>个半|个)?\s*(?:{names})(?P<{unit}_end>半)?钟?\s*)?"
    for unit, names in _UNITS
)
_SPELLED = re.compile(rf"(?=[\d零〇一二两三四五六七八九十百半]){_PIECES}")
_COLONS = re.compile(r"(?<!\d)(?<!\d[:.])(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)(?![\d:.])")

_LEFT = re.compile(r"后(?:将|会)?(?:自动)?超时|内(?:请)?回复|剩|倒计时|\b(?:left|remaining|to go)\b")
_OVERDUE = re.compile(r"超时|逾期|\b(?:overdue|timed out)\b")
_OVERDUE_SINCE = re.compile(r"前(?:已)?超时")
_ELAPSED = re.compile(r"等待|已等|等了|等候|未回复|\b(?:waiting|waited|elapsed)\b")
_AGO = re.compile(r"\s*(?:之前|以前|前|ago\b)")
_NOW = re.compile(r"刚刚|刚才|\bjust now\b")
_SOON = re.compile(r"(?:即将|快要|马上)超时")
_NOT_YET = re.compile(r"[未没不](?:会|有)?超时")
_BARE_REST = re.compile(r"[\s,.;:()\[\]|·⏱⏰⏳⌛\ufe0f]*")
_MINUS = re.compile(r"[-−]\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a clock says. `left`: seconds until the threshold, negative once it is past."""

    left: float

    @property
    def overdue(self) -> bool:
        """Whether the threshold is past."""
        return self.left < 0


def read_clock(text: str, threshold: float) -> Waiting | None:
    """The clock in `text`, or None when it holds none; `threshold` is the platform's, in seconds.

    A clock without words counts down, as `12:30` does too: a pack points at the clock, not at the time of day.
    One that says that time is up is overdue by a second at least.
    """
    if len(text) > _LONGEST:
        return None
    text = unicodedata.normalize("NFKC", text).strip().lower()
    found = _duration(text)
    if found is None:
        return _without_number(text, threshold)
    seconds, before, after = found
    left = _left(text, before, after, seconds, threshold)
    return None if left is None else Waiting(left=left)


def _left(text: str, before: str, after: str, seconds: float, threshold: float) -> float | None:
    if _OVERDUE_SINCE.search(text) or _MINUS.search(before):
        return -max(seconds, 1.0)
    if _LEFT.search(text):
        return seconds
    if _ELAPSED.search(text) or _AGO.match(after):
        return threshold - seconds
    if _OVERDUE.search(text):
        return -max(seconds, 1.0)
    bare = _BARE_REST.fullmatch(before) and _BARE_REST.fullmatch(after)
    return seconds if bare else None


def _without_number(text: str, threshold: float) -> Waiting | None:
    if _SOON.search(text):
        return Waiting(left=0.0)
    if _OVERDUE.search(text) and not _NOT_YET.search(text) and not _LEFT.search(text):
        return Waiting(left=-1.0)
    return Waiting(left=threshold) if _NOW.search(text) else None


def _duration(text: str) -> tuple[float, str, str] | None:
    """The first duration in `text` as seconds, with what stands before and after it."""
    colons = _COLONS.search(text)
    if colons is not None:
        hours, minutes, seconds = (int(part or 0) for part in colons.groups())
        if colons[1] is None or minutes < 60:
            return hours * 3_600.0 + minutes * 60.0 + seconds, text[: colons.start()], text[colons.end() :]
    for spelled in _SPELLED.finditer(text):
        if spelled[0]:
            return _spelled_seconds(spelled), text[: spelled.start()], text[spelled.end() :]
    return None


def _spelled_seconds(spelled: re.Match[str]) -> float:
    total = 0.0
    for unit, seconds in _SECONDS.items():
        number, middle, end = spelled[unit], spelled[f"{unit}_mid"], spelled[f"{unit}_end"]
        if number is not None:
            half = 0.5 if middle == "个半" or end else 0.0
            total += (_number(number) + half) * seconds
    return total


def _number(text: str) -> float:
    """Arabic or Chinese numerals below a thousand; 半 is a half."""
    if text == "半":
        return 0.5
    if text[0] in "0123456789":
        return float(text)
    total, digit = 0.0, 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
