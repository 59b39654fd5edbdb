"""What an error of the browser means for the machinery. Pure: its words in, our error out."""

from __future__ import annotations

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
        return ConsoleNotReady(f"连不上后台网页：{told}")
    if any(sign in told for sign in _PENDING):
        return Loading("页面还在加载")
    return ConsoleNotReady(f"页面出错：{told}")
