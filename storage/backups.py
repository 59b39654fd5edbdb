"""The copies of a ledger, in a folder beside it: which of them is the last good one."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

FOLDER = "backups"


def last_good(ledger: Path) -> Path | None:
    """The newest copy that is whole, by its contents; None where there is none."""
    copies = [(path.stat().st_mtime, path) for path in (ledger.parent / FOLDER).glob("*.db")]
    return next((path for _time, path in sorted(copies, reverse=True) if _is_good(path)), None)


def _is_good(path: Path) -> bool:
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        return bool(copy.execute("pragma quick_check(1)").fetchone() == ("ok",))
    return False
