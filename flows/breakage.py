"""What an error of the browser means for the machinery. Pure: its words in, our error out."""

from __future__ import annotations

import re

from base.errors import BrowserGone, ConsoleError, ConsoleNotReady

# The script goes into every frame, and a frame may not have it yet: that is a page still loading.
_PENDING = (
    "__nightdesk",
    "Execution context was destroyed",
    "Frame was detached",
    "Cannot find context",
    "uniqueContextId not found",
    # A frame, an element, or the tie to a frame of another site.
    "with given id",
    "with the given id",
    "Inspected target navigated",
    "Promise was collected",
)
_DEAD = ("Target closed", "has been closed", "Target crashed", "Connection closed", "browser has disconnected")
_MOST = 200
_NET = re.compile(r"net::(\w+)(?: at (\S+))?")
# What the browser cannot reach a page for, as an operator is told it; the first that its word begins with.
_REASONS = {
    "ERR_CONNECTION_REFUSED": "对方拒绝连接，后台没有开着",
    "ERR_NAME_NOT_RESOLVED": "找不到这个网址，网断了或者网址写错了",
    "ERR_INTERNET_DISCONNECTED": "网断了",
    "ERR_NETWORK_CHANGED": "网断了一下",
    "ERR_ADDRESS_UNREACHABLE": "网断了",
    "ERR_CONNECTION": "连接断了或没有回音",
    "ERR_TIMED_OUT": "等了很久没有回音",
    "ERR_PROXY": "这台机器设的代理连不上",
    "ERR_CERT": "网站的证书不对，或者这台机器的时间不对",
}


class Loading(ConsoleNotReady):
    """The page went away under a call: another one is loading."""


def first_line(message: str) -> str:
    """What an error says, without the log that comes with it."""
    return message.splitlines()[0][:_MOST]


def meaning(message: str, *, closed: bool) -> ConsoleError:
    """Our error for the browser's; `closed`: the page is gone."""
    told = first_line(message)
    if closed or any(sign in told for sign in _DEAD):
        return BrowserGone(f"浏览器或页面已经关闭：{told}")
    if "net::" in told:
        return ConsoleNotReady(unreachable(told))
    if any(sign in told for sign in _PENDING):
        return Loading("页面还在加载")
    return ConsoleNotReady(f"页面出错：{told}")


def unreachable(told: str) -> str:
    """That a page cannot be reached, and why, from the browser's own words."""
    found = _NET.search(told)
    if found is None:
        return f"连不上后台网页：{told}"
    why = next((words for code, words in _REASONS.items() if found[1].startswith(code)), "打不开")
    return f"连不上后台网页：{why}（{'，'.join(part for part in found.groups() if part)}）"
