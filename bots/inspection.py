"""A pack tried on a page: a live one, perhaps behind a shop's login, or one saved to a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from base.clock import SystemClock
from base.errors import ConfigError, Problem
from bots.browser import open_browser
from flows.check import SCRIPT, Report, Seen, joined, report
from flows.inbox import Burst, Inbox
from flows.login import Credentials, enter
from flows.pack import Pack
from flows.page import ConsolePage
from flows.probes import probes

_MOST_BYTES = 32 * 1024 * 1024
_LOAD_SECONDS = 10.0
_SAVED_SECONDS = 1.0
# First of all, so that nothing of a saved page runs or leaves this machine; its own styles still tell what shows.
_HARMLESS = (
    '<!DOCTYPE html><meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline' file: data:\"><base href=\"{base}\">"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What came of it; `copy` is the page without its words, where one was asked for."""

    report: Report
    copy: str


async def inspect_saved(pack: Pack, path: Path) -> Inspection:
    """Try the pack on a page saved as HTML; raises `ConfigError` where there is none."""
    with saved_page(path) as safe:
        async with open_browser() as browser:
            page = await browser.console(pack.model_copy(update={"frames": []}), None, SystemClock(), _ignore)
            await page.goto(safe)
            await page.wait_signal(["logged_in", "logged_out"], timeout=_SAVED_SECONDS)
            return await _look(page)


@contextmanager
def saved_page(path: Path) -> Iterator[str]:
    """The address of a harmless copy of a saved page; raises `ConfigError` where there is none."""
    text = _harmless(path)
    with tempfile.TemporaryDirectory(prefix="nightdesk-page-") as folder:
        safe = Path(folder) / "page.html"
        safe.write_bytes(text)
        yield safe.as_uri()


async def inspect_live(
    pack: Pack, url: str, *, state: Mapping[str, Any] | None, credentials: Credentials | None
) -> Inspection:
    """Try the pack at `url`, and behind its login where credentials are given.

    One conversation that does not wait is opened, so that its parts can be tried: nobody's mark is cleared.
    """
    async with open_browser() as browser:
        page = await browser.console(pack, state, SystemClock(), _ignore)
        await page.goto(url)
        signals = await page.wait_signal(["logged_in", "logged_out"], timeout=_LOAD_SECONDS)
        door = None
        if "logged_in" not in signals and credentials is not None:
            door = await _look(page)
            await enter(page, url, credentials)
        await _open_calm(page)
        desk = await _look(page)
        return desk if door is None else Inspection(report=joined(door.report, desk.report), copy=desk.copy)


async def _open_calm(page: ConsolePage) -> None:
    snapshot = await page.read()
    if "logged_in" not in snapshot.signals or snapshot.thread is not None:
        return
    inbox = Inbox(page.pack.inbox, page.pack.meter.threshold, Burst())
    calm = next((row for row in snapshot.rows or () if not inbox.visibly_waits(row)), None)
    if calm is not None:
        await page.press_row(calm.key, timeout=_LOAD_SECONDS)


async def _look(page: ConsolePage) -> Inspection:
    asked = [asdict(probe) for probe in probes(page.pack)]
    raw = await page.run(SCRIPT, {"probes": asked})
    return Inspection(report=report(page.pack, Seen.of(raw)), copy=str(raw["copy"]))


def _harmless(path: Path) -> bytes:
    """The saved page with what keeps it from running put in front."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            hint = "另存网页时选“仅 HTML”，或换一个页面"
            raise ConfigError(Problem(message="文件太大，不像是网页", path=path, hint=hint))
        base = path.resolve().parent.as_uri() + "/"
        return _HARMLESS.format(base=base).encode() + path.read_bytes()
    except OSError as error:
        hint = "在浏览器里打开后台，右键“另存为”，类型选 HTML"
        raise ConfigError(Problem(message=f"读不了这个文件：{error.strerror}", path=path, hint=hint)) from None


def _ignore(_changed: frozenset[str]) -> None:
    """What changes meanwhile is no concern here."""
