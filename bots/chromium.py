"""Where the machine's Chromium is: named by the operator, noted by `make setup`, or in a usual place."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from base.errors import ConfigError, Problem

VARIABLE = "NIGHTDESK_CHROMIUM"
NOTE = Path(sys.prefix) / "nightdesk-chromium"

# The headless shell first: it starts faster and needs less memory than the whole browser.
_COMMANDS = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
_SYSTEM_FOLDERS = (Path("/usr/bin"), Path("/usr/local/bin"), Path("/opt/homebrew/bin"), Path("/snap/bin"))
_MAC_APPS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
)
_PLAYWRIGHT_FOLDERS = (".cache/ms-playwright", "Library/Caches/ms-playwright")
_PLAYWRIGHT_PROGRAMS = (
    "chromium_headless_shell-*/*/chrome-headless-shell",
    "chromium_headless_shell-*/*/headless_shell",
    "chromium-*/*/chrome",
    "chromium-*/*/*.app/Contents/MacOS/*",
)


def find_chromium() -> Path | None:
    """The Chromium to start, or None; raises `ConfigError` if the operator named one that is not there."""
    named = os.environ.get(VARIABLE)
    if named:
        if _runs(Path(named)):
            return Path(named)
        hint = f"改正或去掉环境变量 {VARIABLE}"
        raise ConfigError(Problem(message=f"{VARIABLE} 指定的浏览器不存在或不能执行：{named}", hint=hint))
    return noted() or next(candidates(os.environ, Path.home()), None)


def find_windowed() -> Path | None:
    """A Chromium that can show a window, or None where there is none or no screen to show it on."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return None
    named = os.environ.get(VARIABLE)
    places = (
        [Path(named)]
        if named
        else [place for place in [noted()] if place] + list(candidates(os.environ, Path.home()))
    )
    return next((place for place in places if "headless" not in place.name), None)


def candidates(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    """Every Chromium on the PATH, in the system's usual places and in Playwright's, best first."""
    folders = [Path(folder) for folder in environ.get("PATH", "").split(os.pathsep) if folder]
    places = [
        *(folder / command for command in _COMMANDS for folder in [*folders, *_SYSTEM_FOLDERS]),
        *(apps / app for app in _MAC_APPS for apps in (Path("/Applications"), home / "Applications")),
        *_downloaded(environ, home),
    ]
    return (place for place in dict.fromkeys(places) if _runs(place))


def noted() -> Path | None:
    """The Chromium that `make setup` found, if it is still there."""
    try:
        path = Path(NOTE.read_text(encoding="utf-8").strip())
    except OSError:
        return None
    return path if _runs(path) else None


def _downloaded(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    named = environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folders = [Path(named)] if named else [home / folder for folder in _PLAYWRIGHT_FOLDERS]
    for program in _PLAYWRIGHT_PROGRAMS:
        for folder in folders:
            yield from sorted(folder.glob(program), reverse=True)


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
