"""The folder of evidence: pictures and masked pages, each readable by its owner alone, none kept for long."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from loguru import logger

from base.privatefile import write_private

KEPT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Files under the operator's home that show people what the bots saw."""

    folder: Path

    async def keep(self, name: str, content: str | bytes) -> str | None:
        """Write a file off the loop and give its path; None, with a word in the log, when that fails."""
        path = self.folder / name
        try:
            await asyncio.to_thread(self._write, path, content)
        except OSError as error:
            logger.warning("evidence {} was not kept: {}", name, error.strerror)
            return None
        return str(path)

    async def drop(self, path: str) -> None:
        """Remove a file that is of no more use."""
        await asyncio.to_thread(Path(path).unlink, missing_ok=True)

    def _write(self, path: Path, content: str | bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, content)

    def sweep(self, before: datetime) -> int:
        """Remove what was written before a moment, whatever bots drop meanwhile; how many files that were."""
        gone = 0
        for path in list(self.folder.glob("*")):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    gone += 1
        return gone
