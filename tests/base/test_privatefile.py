"""Files for their owner alone: whole, whoever writes at the same moment, and nothing beside them touched."""

from __future__ import annotations

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from base.privatefile import write_private


def test_of_two_that_write_at_once_one_stays_and_is_whole(tmp_path: Path) -> None:
    """A bot saves its session as a person saves theirs: who reads between must not find half of one."""
    path, texts, over = tmp_path / "main.sealed", ["a" * 200_000, "b" * 200_000], threading.Event()
    write_private(path, texts[0])

    def write(text: str) -> None:
        for _time in range(50):
            write_private(path, text)

    def halves() -> list[int]:
        found = []
        while not over.is_set():
            if (text := path.read_text()) not in texts:
                found.append(len(text))
        return found

    with ThreadPoolExecutor(3) as several:
        looked = several.submit(halves)
        try:
            list(several.map(write, texts))
        finally:
            over.set()
        assert looked.result() == []
    assert [each.name for each in tmp_path.iterdir()] == ["main.sealed"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_of_somebody_elses_stays(tmp_path: Path) -> None:
    other = tmp_path / "main.new"
    other.write_text("mine")
    write_private(tmp_path / "main.session", "sealed")
    assert other.read_text() == "mine"


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "main.session").mkdir()
    with pytest.raises(OSError, match="irectory"):
        write_private(tmp_path / "main.session", "sealed")
    assert [each.name for each in tmp_path.iterdir()] == ["main.session"]


def test_what_a_killed_writer_has_left_goes_and_what_another_still_writes_stays(tmp_path: Path) -> None:
    path, left, young, other = (
        tmp_path / name for name in ("a[1].json", ".a[1].json.x.new", ".a[1].json.y.new", ".a1.json.x.new")
    )
    for file in (left, young, other):
        file.write_text("half")
    for file in (left, other):
        os.utime(file, (0, 0))
    write_private(path, "whole")
    assert sorted(tmp_path.iterdir()) == sorted([path, young, other])
