"""The same reading as a script of plain Playwright would do it: one locator call a field."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Any

from playwright.async_api import Locator, Page

Ask = Callable[[Locator], Awaitable[Any]]
Call = Callable[[], Awaitable[Any]]


def _text(css: str) -> Ask:
    return lambda root: root.locator(css).inner_text()


def _mark(css: str) -> Ask:
    """A text that may not be there: asked for so that nothing is waited for."""
    return lambda root: root.locator(css).all_inner_texts()


def _attribute(css: str, name: str) -> Ask:
    return lambda root: (root.locator(css) if css else root).get_attribute(name)


def _shown(css: str) -> Ask:
    return lambda root: root.locator(css).is_visible()


_ROW: Sequence[Ask] = (
    _attribute("", "data-uid"),
    _text(".row-name"),
    _text(".row-preview"),
    _attribute(".row-time", "datetime"),
    _mark(".row-unread"),
    _mark(".row-clock"),
    _attribute("", "data-group"),
)
# Sender, kind and whether it failed are one call: all three stand in the class.
_MESSAGE: Sequence[Ask] = (
    _attribute("", "data-id"),
    _attribute("", "class"),
    _text(".msg-text"),
    _attribute("", "data-time"),
)
_SIGNALS = {
    "logged_in": ".desk .inbox",
    "logged_out": "#login-form",
    "expired": ".expired-dialog",
    "offline": ".offline-bar",
    "blocked": ".toast.is-refused",
}
_ORDER = {
    "number": _mark(".order-number"),
    "status": _mark(".order-status"),
    "amount": _mark(".order-amount"),
    "ship_by": _attribute(".order-ship-by", "datetime"),
    "tracking": _mark(".order-tracking"),
}
_PRODUCT = {
    "id": _attribute(".product-panel .product-card", "data-product"),
    "title": _mark(".product-panel .product-title"),
    "price": _mark(".product-panel .product-price"),
    "stock": _mark(".product-panel .product-stock"),
}
_PAGE: Sequence[Ask] = (
    _attribute(".thread", "data-conversation"),
    lambda root: root.locator(".composer-input").input_value(),
    *_PRODUCT.values(),
    *map(_shown, _SIGNALS.values()),
    _shown('.presence[data-state="online"]'),
)


def calls(page: Page, rows: int, messages: int, orders: int) -> list[Call]:
    """Every call that reading the whole page takes, in order."""
    return [
        *_each(page.locator(".inbox-scroll .row"), rows, _ROW),
        *_each(page.locator(".message-list > .msg"), messages, _MESSAGE),
        *_each(page.locator(".order-panel .order-card"), orders, tuple(_ORDER.values())),
        *_each(page.locator("body"), 1, _PAGE),
    ]


def _each(found: Locator, count: int, asks: Sequence[Ask]) -> Iterator[Call]:
    for number in range(count):
        for ask in asks:
            yield partial(ask, found.nth(number))


def gather(answers: Sequence[Any], rows: int, messages: int, orders: int) -> dict[str, Any]:
    """The answers to `calls` in the shape that the page's reader gives."""
    rest = [answer if not isinstance(answer, list) else next(iter(answer), None) for answer in answers]
    listed = [[*_take(rest, len(_ROW)), False] for _ in range(rows)]
    said = [_message(*_take(rest, len(_MESSAGE))) for _ in range(messages)]
    bought = [dict(zip(_ORDER, _take(rest, len(_ORDER)), strict=True)) for _ in range(orders)]
    key, draft = _take(rest, 2)
    product = dict(zip(_PRODUCT, _take(rest, len(_PRODUCT)), strict=True))
    for facts, name in (*((order, "amount") for order in bought), (product, "price"), (product, "stock")):
        facts[name] = re.sub(r"[^0-9.]", "", facts[name])
    signals = [name for name, shown in zip(_SIGNALS, _take(rest, len(_SIGNALS)), strict=True) if shown]
    if not rest.pop(0):
        signals.append("away")
    thread = {"id": key, "messages": said, "draft": draft, "orders": bought, "product": product}
    return {"inbox": listed, "thread": thread, "signals": signals}


def _message(key: str, css: str, text: str, time: str) -> list[Any]:
    words = dict(word.split("-", 1) for word in css.split() if "-" in word)
    return [key, words["from"], words["kind"], text, time, words.get("is") == "failed"]


def _take(answers: list[Any], count: int) -> list[Any]:
    taken, answers[:] = answers[:count], answers[count:]
    return taken
