"""The copies of a ledger, in a folder beside it: which of them is the last good one, which go."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import date
from pathlib import Path

FOLDER = "backups"
_NIGHTS = 14
_NAME = "ledger-{}.db"


def last_good(ledger: Path) -> Path | None:
    """The newest copy that is whole, by its contents; None where there is none."""
    copies = [(path.stat().st_mtime, path) for path in (ledger.parent / FOLDER).glob("*.db")]
    return next((path for _time, path in sorted(copies, reverse=True) if _is_good(path)), None)


def copy_of(folder: Path, night: date) -> Path:
    """Where the copy of a night lies."""
    return folder / _NAME.format(night.isoformat())


def drop_old(folder: Path) -> None:
    """Remove the copies of all but the newest 14 nights, unless none of those is whole, and what one that was cut
    off has left; other files stay. Not while a copy is written.
    """
    for path in folder.glob(f"{_NAME.format('????-??-??')}.part*"):
        path.unlink(missing_ok=True)
    copies = sorted(folder.glob(_NAME.format("????-??-??")), reverse=True)
    kept, old = copies[:_NIGHTS], copies[_NIGHTS:]
    if old and any(map(_is_good, kept)):
        for path in old:
            path.unlink(missing_ok=True)


def _is_good(path: Path) -> bool:
    # Nobody writes to it. Opened as a file that may change, it would leave two more beside it.
    address = f"{path.resolve().as_uri()}?immutable=1"
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as copy:
        return bool(copy.execute("pragma quick_check(1)").fetchone() == ("ok",))
    return False
