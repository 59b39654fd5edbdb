"""Where the browser is looked for, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from base.errors import ConfigError
from bots import chromium


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with no browser but those the test puts there."""
    monkeypatch.setattr(chromium, "_SYSTEM_FOLDERS", ())
    monkeypatch.setattr(chromium, "_MAC_APPS", ())
    monkeypatch.setattr(chromium, "NOTE", tmp_path / "note")
    monkeypatch.delenv(chromium.VARIABLE, raising=False)
    monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))


def test_none_where_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only(monkeypatch, tmp_path)
    assert chromium.find_chromium() is None


def test_headless_shell_before_the_whole_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only(monkeypatch, tmp_path)
    program(tmp_path / "bin/google-chrome")
    shell = program(tmp_path / "bin/chromium-headless-shell")
    assert chromium.find_chromium() == shell


@pytest.mark.parametrize(
    "place",
    [
        ".cache/ms-playwright/chromium_headless_shell-1255/chrome-headless-shell-linux64/chrome-headless-shell",
        ".cache/ms-playwright/chromium-1255/chrome-linux64/chrome",
        "Library/Caches/ms-playwright/chromium_headless_shell-1255/chrome-headless-shell-mac-arm64/chrome-headless-shell",
    ],
)
def test_playwright_downloads_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str) -> None:
    only(monkeypatch, tmp_path)
    downloaded = program(tmp_path / place)
    assert chromium.find_chromium() == downloaded


def test_the_note_of_setup_comes_before_the_search(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only(monkeypatch, tmp_path)
    program(tmp_path / "bin/chromium")
    noted = program(tmp_path / "elsewhere/chrome")
    (tmp_path / "note").write_text(f"{noted}\n")
    assert chromium.find_chromium() == noted
    noted.unlink()
    assert chromium.find_chromium() == tmp_path / "bin/chromium"


def test_the_operators_word_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only(monkeypatch, tmp_path)
    program(tmp_path / "bin/chromium")
    named = program(tmp_path / "named")
    monkeypatch.setenv(chromium.VARIABLE, str(named))
    assert chromium.find_chromium() == named


def test_a_named_browser_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only(monkeypatch, tmp_path)
    program(tmp_path / "bin/chromium")
    monkeypatch.setenv(chromium.VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match="NIGHTDESK_CHROMIUM"):
        chromium.find_chromium()


async def test_the_browser_that_is_found_opens_a_page(page: Page) -> None:
    await page.set_content("<p>你好</p>")
    assert await page.inner_text("p") == "你好"
