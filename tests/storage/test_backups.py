"""The copies of many nights: which go, and which never do."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from storage.backups import copy_of, drop_old
from storage.ledger import Ledger

FIRST = date(2026, 11, 24)


def nights(folder: Path, count: int) -> list[Path]:
    """Copies of so many nights on end, none of them whole."""
    folder.mkdir()
    copies = [copy_of(folder, FIRST + timedelta(days=night)) for night in range(count)]
    for copy in copies:
        copy.write_bytes(b"no ledger" * 100)
    return copies


def test_the_newest_stay_and_so_does_what_is_no_nights_copy(ledger: Ledger, tmp_path: Path) -> None:
    copies = nights(tmp_path / "backups", 16)
    ledger.backup(copies[-14])
    mine = tmp_path / "backups" / "ledger-before-the-move.db"
    mine.write_bytes(b"")
    for end in (".part", ".part-journal"):
        copies[3].with_name(copies[3].name + end).write_bytes(b"cut off")
    drop_old(tmp_path / "backups")
    assert sorted((tmp_path / "backups").iterdir()) == [*copies[2:], mine]


def test_none_goes_while_none_of_the_newest_is_whole(ledger: Ledger, tmp_path: Path) -> None:
    copies = nights(tmp_path / "backups", 16)
    ledger.backup(copies[0])
    drop_old(tmp_path / "backups")
    assert sorted((tmp_path / "backups").iterdir()) == copies
