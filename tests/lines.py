"""The line to the browser that the tests share."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from playwright.async_api import Browser

from flows.line import Line

_LINES: WeakKeyDictionary[Browser, Line] = WeakKeyDictionary()


def note_line(browser: Browser, line: Line) -> None:
    """Keep the line that a browser is on."""
    _LINES[browser] = line


def line_of(browser: Browser | None) -> Line:
    """The line that a browser of the tests' is on."""
    assert browser is not None
    return _LINES[browser]
