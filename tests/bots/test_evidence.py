"""Evidence is for its owner's eyes, and not for ever."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bots.evidence import Evidence

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "new")
    for name, content in (("a.png", b"\x89PNG"), ("b.html", "汉")):
        path = asyncio.run(evidence.keep(name, content))
        assert path == str(tmp_path / "new" / name)
        assert Path(path).stat().st_mode & 0o077 == 0
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_written_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert asyncio.run(Evidence(tmp_path / "file").keep("a.png", b"")) is None


def test_what_is_old_goes(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)
    for name, age in (("old.png", 15), ("new.png", 13)):
        asyncio.run(evidence.keep(name, b""))
        moment = (NOW - timedelta(days=age)).timestamp()
        os.utime(tmp_path / name, (moment, moment))
    assert evidence.sweep(NOW - timedelta(days=14)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["new.png"]
    assert Evidence(tmp_path / "never").sweep(NOW) == 0


def test_a_picture_that_a_bot_drops_meanwhile_does_not_end_the_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wall's picture is renewed and dropped at any moment; what comes after it is old all the same."""
    for name in ("a-wall.png", "b-old.png"):
        (tmp_path / name).touch()
    os.utime(tmp_path / "b-old.png", (0, 0))
    listed = sorted(tmp_path.iterdir())
    monkeypatch.setattr(Path, "glob", lambda _folder, _pattern: iter(listed))
    (tmp_path / "a-wall.png").unlink()
    assert Evidence(tmp_path).sweep(NOW) == 1
    assert list(tmp_path.iterdir()) == []
