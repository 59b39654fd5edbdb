"""`login`: where there is no screen, and sessions that move from one machine to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.cli import login
from bots.vault import Vault
from tests.bots.cli.conftest import PACK, Place, Run
from tests.bots.test_vault import STATE

WORD = "open sesame"


@pytest.fixture
def vault(place: Place) -> Vault:
    return Vault(folder=place.home.states, shop="tea")


def test_without_a_screen_it_says_how_to_do_it_elsewhere(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "find_windowed", lambda: None)
    result = run("login", "tea")
    assert result.exit_code == 2
    assert "--export" in result.stderr and "--import" in result.stderr


def test_a_session_moves_by_a_file(run: Run, place: Place, vault: Vault, tmp_path: Path) -> None:
    vault.save(STATE)
    file = tmp_path / "tea.session"
    result = run("login", "tea", "--export", file, input=f"{WORD}\n{WORD}\n")
    assert (result.exit_code, "let-me-in" in file.read_text("utf-8")) == (0, False)
    (place.home.states / "tea.sealed").unlink()
    wrong = run("login", "tea", "--import", file, input="something else\n")
    assert (wrong.exit_code, "口令不对" in wrong.stderr, vault.load()) == (2, True, None)
    assert run("login", "tea", "--import", file, input=f"{WORD}\n").exit_code == 0
    assert vault.load() == STATE
    assert WORD not in result.output


def test_a_passphrase_that_is_typed_otherwise_is_asked_for_again(run: Run, vault: Vault, tmp_path: Path) -> None:
    vault.save(STATE)
    typed = f"{WORD}\nopen\n{WORD}\n{WORD}\n"
    result = run("login", "tea", "--export", tmp_path / "tea.session", input=typed)
    assert result.exit_code == 0
    assert "两次输入的不一样" in result.output and "Error" not in result.output


def test_the_passphrase_may_come_from_the_environment(
    run: Run, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.save(STATE)
    monkeypatch.setenv("NIGHTDESK_PASSPHRASE", "short")
    assert "口令太短" in run("login", "tea", "--export", tmp_path / "file").stderr
    monkeypatch.setenv("NIGHTDESK_PASSPHRASE", WORD)
    assert run("login", "tea", "--export", tmp_path / "file").exit_code == 0
    assert "不会覆盖" in run("login", "tea", "--export", tmp_path / "file").stderr
    assert run("login", "tea", "--import", tmp_path / "file").exit_code == 0


def test_what_cannot_be_done_is_one_error(run: Run, tmp_path: Path) -> None:
    told = {
        "没有可用的登录状态": ("tea", "--export", tmp_path / "file"),
        "只能写一个": ("tea", "--export", "a", "--import", "b"),
        "没有 id 为“cap”的店铺": ("cap",),
        "读不了这个文件": ("tea", "--import", tmp_path / "nowhere"),
    }
    for words, arguments in told.items():
        result = run("login", *arguments, input=f"{WORD}\n")
        assert (result.exit_code, words in result.stderr) == (2, True), words


def test_a_console_that_is_entered_afresh_has_no_use_for_a_session(run: Run, place: Place) -> None:
    place.write("pack.yaml", PACK.replace("login: {", "login: {afresh: true, "))
    result = run("login", "tea")
    assert result.exit_code == 2
    assert "不用保存的登录状态" in result.stderr and "nightdesk secret set tea" in result.stderr
