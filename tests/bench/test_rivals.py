"""The usual way to sit in a console is no worse off than it must be."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, cast

import pytest
from playwright.async_api import TimeoutError as PlaywrightTimeout

from bench import rivals


class Page:
    """One that is only looked at."""

    async def new_page(self) -> Page:
        return self

    async def goto(self, _url: str) -> None: ...


async def test_one_look_that_takes_too_long_does_not_end_the_usual_way(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []

    async def look(page: object) -> None:
        looks.append(page)
        if len(looks) == 1:
            raise PlaywrightTimeout("a busy machine")

    monkeypatch.setattr(rivals, "_POLL_SECONDS", 0.01)
    monkeypatch.setattr(rivals, "_look_through", look)
    with suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            await rivals.naive(cast(Any, Page()), "", asyncio.Semaphore(1))
    assert len(looks) > 1
