"""Moments as a buyer reads them."""

from __future__ import annotations

from datetime import datetime, tzinfo


def say_time(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """A moment in words: `今天9点`, `明天9点30分`, `11月25日18点`."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    day = {0: "今天", 1: "明天"}.get((local.date() - today).days, f"{local.month}月{local.day}日")
    return f"{day}{local.hour}点" + (f"{local.minute}分" if local.minute else "")
