"""An environment is built once, built again when it must be, and never taken for built when it is not."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts import environment, running
from scripts.environment import build
from scripts.running import SetupFailed


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock that pins nothing, on a machine without a network."""
    monkeypatch.setattr(running, "LOG", tmp_path / "setup.log")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    path = tmp_path / "requirements.lock"
    path.write_text("")
    return path


def test_it_is_built_once_and_again_only_for_a_reason(
    lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    venv = tmp_path / "venv"
    build(venv, lock)
    assert (venv / "bin/python").exists()
    capsys.readouterr()

    build(venv, lock)
    assert capsys.readouterr().err == ""

    lock.write_text("# another lock\n")
    build(venv, lock)
    said = capsys.readouterr().err
    assert "依赖" in said and "创建" not in said

    lock.write_text("no-such-package==1 --hash=sha256:" + 64 * "0" + "\n")
    with pytest.raises(SetupFailed, match="PIP_INDEX_URL"):
        build(venv, lock)
    assert not (venv / "nightdesk-stamp").exists()


def test_one_that_was_moved_is_made_anew(lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str | Path]] = []

    def refuse(command: Sequence[str | Path], _seconds: float) -> bool:
        asked.append(command)
        return False

    monkeypatch.setattr(environment, "run", refuse)
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv/nightdesk-stamp").write_text("elsewhere\nsame\n")
    with pytest.raises(SetupFailed, match="创建"):
        build(tmp_path / "venv", lock)
    assert "--clear" in asked[0]


def test_a_program_over_its_time_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "LOG", tmp_path / "setup.log")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert not running.run(["sh", "-c", f"exec >{pipe}; echo up; sleep 50 & wait"], 0.5)
        os.set_blocking(end, True)
        assert os.read(end, 9) == b"up\n"
        assert os.read(end, 9) == b""  # nobody is left who could write
    finally:
        os.close(end)
    assert "gave up" in (tmp_path / "setup.log").read_text("utf-8")
