"""The ways to a Chromium, in their order, and the error when none leads anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bots import chromium
from scripts import apt, browser
from scripts.running import SetupFailed


class Machine:
    """A machine with the browsers, the packages and the downloads that the test gives it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.note = home / "note"
        self.packages: set[str] = set()
        self.downloads = False
        self.asked: list[str] = []

    def browser(self, name: str, *, starts: bool = True) -> Path:
        path = self.home / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\nexit {int(not starts)}\n")
        path.chmod(0o755)
        return path

    def run(self, command: Sequence[str | Path], _seconds: float) -> bool:
        words = [str(word) for word in command]
        self.asked.append(words[-1])
        if "playwright" in words:
            if self.downloads:
                self.browser("google-chrome")
            return self.downloads
        if words[-1] == "chromium-headless-shell" and words[-1] in self.packages:
            self.browser(words[-1])
        return words[-1] in self.packages

    def noted(self) -> str:
        return self.note.read_text("utf-8").strip()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    get = machine.browser("apt-get")
    monkeypatch.setattr(chromium, "_SYSTEM_FOLDERS", ())
    monkeypatch.setattr(chromium, "_MAC_APPS", ())
    for module in (chromium, browser):
        monkeypatch.setattr(module, "NOTE", machine.note)
    for module in (apt, browser):
        monkeypatch.setattr(module, "run", machine.run)
    monkeypatch.setattr(apt, "root", lambda: [])
    monkeypatch.setattr(browser, "_has_chinese_font", lambda: True)
    monkeypatch.delenv(chromium.VARIABLE, raising=False)
    monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{get.parent}:/usr/bin-that-is-not")
    return machine


def test_one_that_is_there_is_taken_and_nothing_installed(machine: Machine) -> None:
    machine.browser("chromium-headless-shell", starts=False)
    there = machine.browser("chromium")
    browser.ensure_browser()
    assert machine.noted() == str(there)
    assert machine.asked == []


def test_the_distributions_comes_next(machine: Machine) -> None:
    machine.packages.add("chromium-headless-shell")
    browser.ensure_browser()
    assert machine.noted() == str(machine.home / "bin/chromium-headless-shell")
    assert machine.asked == ["update", "chromium-headless-shell"]


def test_then_the_download_of_playwright(machine: Machine) -> None:
    machine.downloads = True
    browser.ensure_browser()
    assert machine.noted() == str(machine.home / "bin/google-chrome")


def test_where_nothing_may_be_installed_the_download_is_tried(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apt, "root", lambda: None)
    machine.packages.add("chromium-headless-shell")
    machine.downloads = True
    browser.ensure_browser()
    assert machine.asked == ["chromium-headless-shell"]
    assert machine.noted() == str(machine.home / "bin/google-chrome")


def test_no_way_is_one_error_that_says_what_to_do(machine: Machine) -> None:
    with pytest.raises(SetupFailed, match="NIGHTDESK_CHROMIUM"):
        browser.ensure_browser()
    assert not machine.note.exists()


def test_a_second_run_asks_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.browser("chromium")
    browser.ensure_browser()
    monkeypatch.setattr(browser, "_working", lambda: pytest.fail("searched again"))
    browser.ensure_browser()


def test_the_operators_choice_is_never_replaced(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.browser("chromium")
    monkeypatch.setenv(chromium.VARIABLE, str(machine.browser("mine", starts=False)))
    with pytest.raises(SetupFailed, match="mine"):
        browser.ensure_browser()


def test_a_missing_font_is_installed_or_told(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(browser, "_has_chinese_font", lambda: False)
    machine.browser("chromium")
    browser.ensure_browser()
    assert "没有中文字体" in capsys.readouterr().err
    machine.note.unlink()
    machine.packages.add("fonts-wqy-zenhei")
    browser.ensure_browser()
    assert "没有中文字体" not in capsys.readouterr().err
