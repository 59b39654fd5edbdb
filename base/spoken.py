"""Moments and spans of time as people read them."""

from __future__ import annotations

from datetime import datetime, tzinfo


def say_time(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """A moment in words: `今天9点`, `明天9点30分`, `11月25日18点`."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    day = {0: "今天", 1: "明天"}.get((local.date() - today).days, f"{local.month}月{local.day}日")
    return f"{day}{local.hour}点" + (f"{local.minute}分" if local.minute else "")


def span(seconds: float) -> str:
    """A span of time as a person says it: `45秒`, `3分20秒`, `2小时5分`, `3天`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}秒"
    if whole < 3600:
        return f"{whole // 60}分{whole % 60}秒" if whole % 60 else f"{whole // 60}分"
    if whole < 86_400:
        return f"{whole // 3600}小时{whole % 3600 // 60}分" if whole % 3600 >= 60 else f"{whole // 3600}小时"
    return f"{whole // 86_400}天"
