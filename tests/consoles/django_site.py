"""What two of the consoles share: they are Django sites with their data in one SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def end_sessions(data: Path) -> None:
    """Forget every login of the site."""
    with closing(sqlite3.connect(data / "console.sqlite3", timeout=10)) as database, database:
        database.execute("DELETE FROM django_session")
