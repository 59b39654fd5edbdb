"""What every test may use: the browser of pytest-playwright-asyncio, started as the bots start theirs."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.async_api import Browser, BrowserType

from bots.chromium import find_chromium
from bots.splice import splice
from tests.lines import note_line

# A busy machine may keep any example waiting.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
# Ten times as much as by default, for a night: `pytest --hypothesis-profile=ten_thousand`.
settings.register_profile("ten_thousand", max_examples=1_000)


def pytest_runtest_teardown() -> None:
    """Undo what a worker set aside from the collector: Hypothesis on Python 3.14 may then warn."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def base_url() -> None:
    """No address is the default one; the plugin's own fixture raises a warning of pytest's."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The plugin's own arguments, with the Chromium that `make setup` found."""
    chromium = find_chromium()
    if chromium is None:
        pytest.fail("no Chromium: run `make setup`")
    args = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    return {**browser_type_launch_args, "executable_path": str(chromium), "args": args}


@pytest.fixture(scope="session")
async def browser(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> AsyncIterator[Browser]:
    """The plugin's browser, on a line of ours as the bots' are."""
    async with splice(Path(browser_type_launch_args["executable_path"])) as spliced:
        launched = await browser_type.launch(**{**browser_type_launch_args, **spliced.launch})
        note_line(launched, await spliced.line)
        yield launched
        await launched.close()
