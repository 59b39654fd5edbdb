"""The mind of a worker's shops, renewed while they work: an edit is checked first and swapped at once."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

from base.beat import Beat
from base.clock import Clock
from base.errors import ConfigError
from bots.filekeeper import FileKeeper
from flows.mind import Mind
from knowledge.changes import changes_in_all
from knowledge.versions import Version, digest_of, read_text, read_version, revive
from storage.ledger import Ledger
from storage.thread import LedgerThread

_EXPIRY_EVERY = 600.0


class MindKeeper(FileKeeper[Version]):
    """Keeps the newest good version of the operators' knowledge; all shops of a worker ask it for their mind."""

    def __init__(
        self,
        path: Path,
        shops: Mapping[str, Path],
        version: Version,
        mind: Mind,
        ledger: LedgerThread,
        clock: Clock,
    ) -> None:
        super().__init__("知识库", ledger, clock)
        self._path = path
        self._shops = shops
        self._version = version
        self._mind = mind
        self._calendar = Beat("expiring knowledge", _EXPIRY_EVERY, self._announce)

    @classmethod
    async def open(
        cls, path: Path, ledger: LedgerThread, clock: Clock, shops: Mapping[str, Path] | None = None
    ) -> MindKeeper:
        """With the version that is at `path` now, and at `shops` for those with a file of their own.

        Where that is wrong, with the one that was live last; raises `ConfigError` where there is none.
        """
        fault = None
        try:
            version = await asyncio.to_thread(read_version, path, shops)
        except ConfigError as error:
            fault, kept = error, await ledger(Ledger.knowledge_last)
            try:
                version = await asyncio.to_thread(revive, kept, path, shops or {})
            except ConfigError:  # nothing was ever live, or not for these shops
                raise error from None
        mind = await asyncio.to_thread(Mind.of, version.library)
        keeper = cls(path, shops or {}, version, mind, ledger, clock)
        _lay_aside()
        await (keeper._went_live("") if fault is None else keeper._broke(fault))
        return keeper

    def mind(self) -> Mind:
        """What the shops know now."""
        return self._mind

    async def attend(self, path: Path, shops: Mapping[str, Path]) -> None:
        """Know what stands in these files from now on; raises `ConfigError`, and then nothing has changed."""
        if (path, shops) == (self._path, self._shops):
            return
        async with self._turn:
            version = await asyncio.to_thread(read_version, path, shops)
            mind = await asyncio.to_thread(Mind.of, version.library)
            self._path, self._shops, self._version, self._mind = path, dict(shops), version, mind
            _lay_aside()
            self._follow()
            await self._went_live("")

    def start(self) -> None:
        """Begin to look after the files."""
        super().start()
        self._calendar.start()

    async def stop(self) -> None:
        """Look after them no longer."""
        await super().stop()
        await self._calendar.stop()

    @property
    def _folders(self) -> Collection[Path]:
        return self._version.folders

    def _read(self) -> Version:
        return read_version(self._path, self._shops)

    async def _take(self, found: Version) -> str | None:
        if found.digest == self._version.digest:
            return None
        mind = await asyncio.to_thread(Mind.of, found.library)
        changed = changes_in_all(self._version.books, found.books)
        self._version, self._mind = found, mind
        _lay_aside()
        return changed.words()

    async def _announce(self) -> None:
        """Tell a day before which answers end."""
        now = self._clock.now()
        ending = [entry.id for book in self._version.library.books for entry in book.expiring(now)]
        await self._ledger(Ledger.knowledge_expires, list(dict.fromkeys(ending)))

    def _live_note(self, changes: str) -> Callable[[Ledger], bool]:
        return partial(
            Ledger.knowledge_live,
            digest=self._version.digest,
            files=self._version.files,
            file=str(self._path),
            entries=len(self._version.library.default.entries),
            changes=changes,
        )

    def _broken_note(self, error: ConfigError) -> Callable[[Ledger], bool]:
        first = error.problems[0]
        return partial(
            Ledger.knowledge_broken,
            digest=digest_of({self._path.name: read_text(self._path)}),
            why=self._broken_words(error),
            problems=str(error),
            file=str(first.path or self._path),
            line=first.line,
        )


def _lay_aside() -> None:
    """Have Python's collector leave what is known alone from now on, once what was known before is gone.

    Each time it went through all of that it stopped every shop of the worker for a tenth of a second and more.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
