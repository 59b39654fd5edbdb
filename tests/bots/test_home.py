"""Where an operator's files are, and what a folder that cannot be used is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from base.errors import ConfigError
from bots.home import Home


@pytest.mark.parametrize(
    ("named", "environ", "expected"),
    [
        ("named", {"NIGHTDESK_HOME": "/elsewhere"}, "named"),
        (None, {"NIGHTDESK_HOME": "set"}, "set"),
        (None, {"NIGHTDESK_HOME": ""}, "."),
        (None, {}, "."),
    ],
)
def test_named_before_environment_before_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str | None, environ: dict[str, str], expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    home = Home.choose(Path(named) if named else None, environ)
    assert home.folder == (tmp_path / expected).resolve()


def test_prepare_makes_folders_that_only_their_owner_may_read(tmp_path: Path) -> None:
    home = Home(tmp_path / "new" / "home")
    home.prepare()
    home.prepare()
    for folder in (home.data, home.logs, home.seats, home.backups, home.evidence, home.states):
        assert folder.is_dir()
        assert folder.stat().st_mode & 0o077 == 0


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    file = tmp_path / "home"
    file.touch()
    with pytest.raises(ConfigError, match="不是文件夹"):
        Home(file).prepare()


def test_a_file_in_the_place_of_the_data(tmp_path: Path) -> None:
    (tmp_path / ".nightdesk").touch()
    with pytest.raises(ConfigError, match="却是一个文件"):
        Home(tmp_path).prepare()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="不能在这里写文件") as caught:
        Home(tmp_path / "file" / "home").prepare()
    assert "--home" in str(caught.value)


def test_a_folder_that_may_not_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Root may write everywhere, so the answer is the system's in the owner's place.
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(ConfigError, match="没有写权限"):
        Home(tmp_path).prepare()
