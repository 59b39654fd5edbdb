"""What a browser keeps while it runs goes with its worker, however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bots.scratch import scratch

# Keeps something and is killed.
_KILLED = """
import os, signal, sys, tempfile
from pathlib import Path
from bots.scratch import scratch

with scratch(Path(sys.argv[1])):
    tempfile.mkdtemp()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(folder: Path) -> list[Path]:
    """What is there after a process was killed at work."""
    subprocess.run([sys.executable, "-c", _KILLED, str(folder)], check=False, timeout=30)
    return list(folder.iterdir())


def test_what_is_started_keeps_its_files_there_and_they_go_with_us(tmp_path: Path) -> None:
    told = [sys.executable, "-c", "import tempfile; print(tempfile.mkdtemp())"]
    with scratch(tmp_path / "scratch"):
        made = Path(subprocess.run(told, check=True, capture_output=True, text=True, timeout=30).stdout.strip())
        assert made.is_dir()
        assert made.parent.parent == tmp_path / "scratch"
    assert list((tmp_path / "scratch").iterdir()) == []


def test_what_a_killed_one_left_goes_when_another_begins(tmp_path: Path) -> None:
    (left,) = killed(tmp_path)
    with scratch(tmp_path):
        assert not left.exists()


def test_what_a_killed_one_left_goes_when_another_ends(tmp_path: Path) -> None:
    with scratch(tmp_path):
        assert len(killed(tmp_path)) == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [".DS_Store", "notes.txt", "-1", "7"])
def test_a_strange_file_keeps_nobody_from_starting(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with scratch(tmp_path):
        assert "TMPDIR" in os.environ


def test_what_another_keeps_that_is_at_work_stays(tmp_path: Path) -> None:
    with scratch(tmp_path):
        (own,) = tmp_path.iterdir()
        subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False, timeout=30)
        assert own.is_dir()


def test_where_none_can_be_made_the_systems_own_place_serves(tmp_path: Path) -> None:
    (tmp_path / "scratch").write_text("no folder")
    before = os.environ.get("TMPDIR")
    with scratch(tmp_path / "scratch"):
        assert os.environ.get("TMPDIR") == before


@pytest.mark.parametrize("before", [None, "/elsewhere"])
def test_the_place_of_before_serves_again(
    tmp_path: Path, before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    if before is not None:
        monkeypatch.setenv("TMPDIR", before)
    with scratch(tmp_path):
        assert os.environ["TMPDIR"] != before
    assert os.environ.get("TMPDIR") == before
