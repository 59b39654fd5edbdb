"""The waiting clock, over the ways in which consoles write it."""

from __future__ import annotations

import pytest

from flows.waiting import read_clock

THRESHOLD = 180.0

LEFT = [
    ("9秒后超时", 9),
    ("2分30秒", 150),
    ("2分30秒后超时", 150),
    ("2分30秒后将自动超时", 150),
    ("剩余1分", 60),
    ("还剩 1 分 5 秒", 65),
    ("剩余：00:45", 45),
    ("倒计时 02:10", 130),
    ("请在3分钟内回复", 180),
    ("01:30", 90),
    ("1:02:03", 3723),
    ("00:00", 0),
    ("0秒后超时", 0),
    ("⏱ 01:05", 65),
    ("（45秒）", 45),
    ("120:00", 7200),
    ("3 min left", 180),
    ("2m 5s left", 125),
    ("1h", 3600),
    ("45s", 45),
    ("30 seconds remaining", 30),
    ("1 分 30 秒 后超时", 90),
    ("１分３０秒后超时", 90),
    ("０１：３０", 90),
    ("两分钟后超时", 120),
    ("三十秒", 30),
    ("二十三秒后超时", 23),
    ("十五秒", 15),
    ("一百二十秒后超时", 120),
    ("一分半", 90),
    ("半分钟", 30),
    ("剩半小时", 1800),
    ("即将超时", 0),
    ("等待回复，剩余1分", 60),
]

ELAPSED = [
    ("已等待1小时", 3600),
    ("已等待3分20秒", 200),
    ("已等待 45 秒", 45),
    ("已等待45秒", 45),
    ("已等待 02:30", 150),
    ("等待2天", 172_800),
    ("已等待1天2小时", 93_600),
    ("已等一个半小时", 5400),
    ("等了两个小时", 7200),
    ("已等待一百零五秒", 105),
    ("已等待1.5小时", 5400),
    ("5分钟未回复", 300),
    ("3分钟前", 180),
    ("waiting 2m", 120),
    ("waiting for 1 hour", 3600),
    ("2 minutes ago", 120),
    ("刚刚", 0),
    ("just now", 0),
    ("已等待4分钟，已超时", 240),
]

OVERDUE = [
    ("超时5分钟", 300),
    ("已超时 00:30", 30),
    ("已超时1小时5分", 3900),
    ("5分钟前超时", 300),
    ("逾期2天", 172_800),
    ("overdue 10 min", 600),
    ("-00:30", 30),
    ("−01:00", 60),
    ("已超时", 1),
    ("超时0分钟", 1),
    ("超时未回复", 1),
    ("timed out", 1),
]

NO_CLOCK = [
    "",
    "   ",
    "你好",
    "3",
    "¥128.00",
    "第3条",
    "01:75",
    "2026-11-03",
    "2026-11-03 12:30",
    "12:30:99",
    "48小时内发货",
    "7天无理由退货",
    "3天后发货",
    "未超时",
    "没有超时",
    "不会超时",
    "1.5.2",
    "前天 12:30",
    "昨天 01:30",
    "今日接待 12 人",
    "八百标兵奔北坡",
    "\u200b",
    "已等待",
    "等待中",
    "9秒后超时" * 20,
    "1" * 100_000,
]


@pytest.mark.parametrize(("text", "seconds"), LEFT)
def test_what_is_left(text: str, seconds: float) -> None:
    waiting = read_clock(text, THRESHOLD)
    assert waiting is not None
    assert waiting.left == seconds
    assert not waiting.overdue


@pytest.mark.parametrize(("text", "seconds"), ELAPSED)
@pytest.mark.parametrize("threshold", [30.0, 180.0])
def test_what_has_passed_is_taken_from_the_threshold(text: str, seconds: float, threshold: float) -> None:
    waiting = read_clock(text, threshold)
    assert waiting is not None
    assert waiting.left == threshold - seconds
    assert waiting.overdue == (seconds > threshold)


@pytest.mark.parametrize(("text", "seconds"), OVERDUE)
def test_what_is_overdue_is_negative(text: str, seconds: float) -> None:
    waiting = read_clock(text, THRESHOLD)
    assert waiting is not None
    assert waiting.left == -seconds
    assert waiting.overdue


@pytest.mark.parametrize("text", NO_CLOCK, ids=lambda text: text[:20])
def test_what_is_no_clock(text: str) -> None:
    assert read_clock(text, THRESHOLD) is None
