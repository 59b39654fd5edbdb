"""Between the driver and a real browser: what both say passes, and our own line is as good as theirs."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from base.clock import SystemClock
from base.errors import BrowserGone, ConfigError, ConsoleNotReady
from base.places import shared
from bots.browser import Chromium, open_browser
from bots.processes import started_by
from bots.splice import STUB, _End
from flows.pack import load_pack
from flows.page import ConsolePage
from tests.attending import eventually
from tests.nursery import practising

PACK = load_pack(shared("selectors/practice-plain.yaml"))
# What a page sees of a press and of a key.
_WATCH = """() => {
  window.seen = [];
  document.body.innerHTML = '<textarea style="width: 300px; height: 100px"></textarea>';
  const kinds = ["pointermove", "mousemove", "pointerdown", "mousedown", "pointerup", "mouseup", "click",
    "keydown", "keypress", "beforeinput", "input", "keyup"];
  const told = ["type", "isTrusted", "button", "buttons", "detail", "clientX", "clientY", "pressure",
    "pointerType", "key", "code", "keyCode", "which", "location", "repeat", "data", "inputType"];
  for (const kind of kinds) {
    addEventListener(kind, (event) => seen.push(told.map((name) => event[name] ?? null)), true);
  }
}"""


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    """A browser of one's own."""
    with suppress(BrowserGone):
        async with open_browser(painted=False) as browser:
            yield browser


async def _page(chromium: Chromium) -> ConsolePage:
    return await chromium.console(PACK, None, SystemClock(), lambda _changed: None)


async def _seen(page: ConsolePage) -> Any:
    return await page.run("() => { const all = window.seen; window.seen = []; return all; }", None)


async def test_a_page_sees_of_us_what_it_sees_of_playwright(chromium: Chromium) -> None:
    page = await _page(chromium)
    playwright = page._tab._page
    await page.run(_WATCH, None)
    await page._tab.click({"x": 60, "y": 40})
    await page._tab.insert("有货吗\n😀")
    await page._tab.key("Enter")
    ours = await _seen(page)
    await playwright.mouse.move(5, 300)
    await page.run(_WATCH.replace("addEventListener", "0 && addEventListener"), None)
    await playwright.mouse.click(60, 40)
    await playwright.keyboard.insert_text("有货吗\n😀")
    await playwright.keyboard.press("Enter")
    assert ours and ours == await _seen(page)


async def test_what_cannot_be_written_goes_there_and_back(chromium: Chromium) -> None:
    page = await _page(chromium)
    for text in ("\ud83d", '\0\u2028"\\', "😀" * 50_000):
        assert await page.run("(x) => [x, x.length]", text) == [
            text,
            len(text.encode("utf-16-le", "surrogatepass")) // 2,
        ]


def test_a_long_message_that_comes_bit_by_bit_costs_its_length_and_no_more() -> None:
    heard: list[bytes] = []
    end = _End(heard.append, lambda: None)
    began = time.process_time()
    for _ in range(20_000):
        end.data_received(b"x" * 1_000)
    end.data_received(b"\0one\0two\0th")
    end.data_received(b"ree\0")
    assert time.process_time() - began < 5
    assert (len(heard[0]), heard[1:]) == (20_000_000, [b"one", b"two", b"three"])


async def test_nothing_listens_and_nothing_lies_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    async with open_browser() as chromium:
        for one in chromium.started:
            process = psutil.Process(one.pid)
            assert not [at for at in process.net_connections() if at.status == psutil.CONN_LISTEN]
            assert not any("remote-debugging-port" in word for word in process.cmdline())
        assert not _left(tmp_path)
    assert not _left(tmp_path)


def _left(folder: Path) -> list[Path]:
    return list(folder.glob("nightdesk-line-*"))


def test_the_stub_can_be_started() -> None:
    assert os.access(STUB, os.X_OK)


async def test_a_deep_folder_for_passing_files_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    monkeypatch.setattr(tempfile, "tempdir", None)
    async with open_browser() as chromium:
        await chromium.ping()
    assert not _left(deep)


@pytest.mark.parametrize("who", ["browser", "driver"])
async def test_whichever_is_killed_takes_the_other_along(who: str) -> None:
    gone: list[BaseException] = []
    with suppress(BrowserGone):
        async with open_browser() as chromium:
            page = await _page(chromium)
            waiting = asyncio.ensure_future(page.run("() => new Promise(() => 0)", None))
            await chromium.ping()
            (pid,) = [one.pid for one in chromium.started if _is(who, psutil.Process(one.pid).cmdline())]
            os.kill(pid, signal.SIGKILL)
            try:
                await waiting
            except BrowserGone as error:
                gone.append(error)
            with pytest.raises(BrowserGone):
                await page.read()
            with pytest.raises(BrowserGone):
                await chromium.ping()
            began = chromium.started
            raise BrowserGone("as a worker does")
    assert gone

    async def all_gone() -> bool:
        return not {one.pid for one in began} & {one.pid for one in started_by(os.getpid())}

    await eventually(all_gone)


async def test_a_frozen_driver_is_missed_though_pages_answer(
    chromium: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await _page(chromium)
    await chromium.ping()
    (pid,) = [one.pid for one in chromium.started if _is("driver", psutil.Process(one.pid).cmdline())]
    os.kill(pid, signal.SIGSTOP)
    try:
        assert await page.run("() => 1", None) == 1
        for heard in (True, False):
            await chromium.ping(heard=heard)
        monkeypatch.setattr("bots.browser._DRIVER_EVERY", 0.0)
        monkeypatch.setattr("bots.browser._PING_SECONDS", 0.5)
        with pytest.raises(BrowserGone, match="没有反应"):
            await chromium.ping(heard=True)
    finally:
        os.kill(pid, signal.SIGCONT)


def _is(who: str, line: list[str]) -> bool:
    if who == "driver":
        return "run-driver" in line
    # Debian starts it from a script.
    return "--remote-debugging-pipe" in line and not any("--type=" in word or word == "/bin/sh" for word in line)


async def test_a_program_that_is_no_browser_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_browser = tmp_path / "it's a browser"
    no_browser.write_text("nothing that runs")
    no_browser.chmod(0o755)
    monkeypatch.setenv("NIGHTDESK_CHROMIUM", str(no_browser))
    with pytest.raises(ConfigError, match="Exec format error"):
        async with open_browser():
            raise AssertionError


async def test_a_server_that_is_down_is_told_whoever_hears_of_requests(chromium: Chromium) -> None:
    practice = await practising("--shops", "1")
    page = await _page(chromium)
    try:
        await page.goto(practice.shops[0]["url"])
        await page.reload()
    finally:
        await practice.stop()
    for _twice in range(2):
        with pytest.raises(ConsoleNotReady, match="连不上"):
            await page.reload()
    with pytest.raises(ConsoleNotReady, match="连不上"):
        await page.goto(practice.shops[0]["url"])
