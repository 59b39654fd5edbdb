"""The mind of a worker's shops, renewed while they work: an edit is checked first and swapped at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

from loguru import logger
from watchfiles import awatch

from base.beat import Beat
from base.clock import Clock
from base.errors import ConfigError
from flows.mind import Mind
from knowledge.changes import Changes, changes_in_all
from knowledge.versions import Version, digest_of, read_text, read_version, revive
from storage.ledger import Ledger
from storage.thread import LedgerThread

# Quick saves in a row are one edit, which ends when nothing was written for so long.
_QUIET_MS = 200
# Who is told of changes can miss some (a network drive, a folder made anew): the files are looked at anyway.
_LOOK_EVERY = 5.0
# A file that is wrong or gone may only be half written: it is called so once it has stayed the same for a while.
_PATIENCE = 1.0
_EXPIRY_EVERY = 600.0
# So many times as long as it took to take an edit in, the next one waits.
_REST = 3.0

Signature = tuple[tuple[str, int, int, int], ...]


class MindKeeper:
    """Keeps the newest good version of the operators' files; all shops of a worker ask it for their mind."""

    def __init__(
        self,
        path: Path,
        shops: Mapping[str, Path],
        version: Version,
        mind: Mind,
        ledger: LedgerThread,
        clock: Clock,
    ) -> None:
        self._path = path
        self._shops = shops
        self._version = version
        self._mind = mind
        self._seen: Signature = ()  # the first look sees whether anything was written just now
        self._ledger = ledger
        self._clock = clock
        self._fault = ""
        self._untold: Callable[[Ledger], bool] | None = None
        self._beat = Beat("knowledge", _LOOK_EVERY, self._look)
        self._calendar = Beat("expiring knowledge", _EXPIRY_EVERY, self._announce)
        self._watch: asyncio.Task[None] | None = None

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
        await (keeper._went_live(Changes()) if fault is None else keeper._broke(fault))
        return keeper

    def mind(self) -> Mind:
        """What the shops know now."""
        return self._mind

    def start(self) -> None:
        """Begin to look after the files."""
        self._beat.start()
        self._calendar.start()
        self._watch = asyncio.create_task(self._listen(), name="watch knowledge")

    async def stop(self) -> None:
        """Look after them no longer."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        await self._calendar.stop()
        await self._beat.stop()

    async def _listen(self) -> None:
        folders = self._version.folders
        try:
            async for _changed in awatch(*folders, watch_filter=_is_yaml, step=_QUIET_MS, recursive=False):
                self._beat.poke()
        except (OSError, RuntimeError) as error:
            logger.warning("knowledge is looked at every {} s only: {}", _LOOK_EVERY, error)

    async def _look(self) -> None:
        """Take in what changed; whatever changes meanwhile is left to the next look."""
        await self._tell()
        seen = await self._signature()
        if seen == self._seen:
            return
        begun = self._clock.steady()
        try:
            version = await asyncio.to_thread(read_version, self._path, self._shops)
        except ConfigError as error:
            await asyncio.sleep(_PATIENCE)
            if seen == await self._signature():
                self._seen = seen
                await self._broke(error)
            return
        if seen != await self._signature():
            return  # it was read while it was written
        self._seen = seen
        if version.digest != self._version.digest:
            mind = await asyncio.to_thread(Mind.of, version.library)
            changed = changes_in_all(self._version.books, version.books)
            self._version, self._mind = version, mind
            await self._went_live(changed)
            # Edits without end must leave the shops their time.
            await asyncio.sleep(min(_LOOK_EVERY, _REST * (self._clock.steady() - begun)))
        elif self._fault:
            await self._went_live(Changes())

    async def _announce(self) -> None:
        """Tell a day before which answers end."""
        now = self._clock.now()
        ending = [entry.id for book in self._version.library.books for entry in book.expiring(now)]
        await self._ledger(Ledger.knowledge_expires, list(dict.fromkeys(ending)))

    async def _went_live(self, changed: Changes) -> None:
        version, mended = self._version, self._fault != ""
        self._fault = ""
        if changed or mended:
            said = "知识库改好了，已经启用" if mended else "知识库有改动，已经启用"
            logger.info("{}：{}", said, changed.words() or "内容和出错以前一样")
        self._untold = partial(
            Ledger.knowledge_live,
            digest=version.digest,
            files=version.files,
            file=str(self._path),
            entries=len(version.library.default.entries),
            changes=changed.words(),
        )
        await self._tell()

    async def _broke(self, error: ConfigError) -> None:
        why = str(error)
        if why == self._fault:
            return
        self._fault = why
        logger.error("知识库改错了，先用改动以前的：\n{}", why)
        first = error.problems[0]
        at = f"第 {first.line} 行" if first.line else ""
        self._untold = partial(
            Ledger.knowledge_broken,
            digest=digest_of({self._path.name: read_text(self._path)}),
            why=f"知识库{at}改错了，先用改动以前的：{first.message}",
            problems=why,
            file=str(first.path or self._path),
            line=first.line,
        )
        await self._tell()

    async def _tell(self) -> None:
        """Tell the ledger what it does not know yet; while it cannot be written, that waits for the next look."""
        if self._untold is not None:
            await self._ledger(self._untold)
            self._untold = None

    async def _signature(self) -> Signature:
        return await asyncio.to_thread(_signature, self._version.folders)


def _signature(folders: Collection[Path]) -> Signature:
    """Changes whenever a YAML file of the folders is written, replaced, added or removed."""
    found: list[tuple[str, int, int, int]] = []
    for path in sorted(path for folder in folders for path in folder.glob("*.y*ml")):
        try:
            stat = path.stat()
        except OSError:
            continue
        found.append((str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(found)


def _is_yaml(_change: object, path: str) -> bool:
    return path.endswith((".yaml", ".yml"))
