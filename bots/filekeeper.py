"""Files that operators edit while bots work: an edit is checked first, and counts only when it is right."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from loguru import logger
from watchfiles import awatch

from base.beat import Beat
from base.clock import Clock
from base.errors import ConfigError, LedgerUnavailable
from storage.ledger import Ledger
from storage.thread import LedgerThread

# Quick saves in a row are one edit, which ends when nothing was written for so long.
_QUIET_MS = 200
# Who is told of changes can miss some (a network drive, a folder made anew): the files are looked at anyway.
_LOOK_EVERY = 5.0
# A file that is wrong or gone may only be half written: it is called so once it has stayed the same for a while.
_PATIENCE = 1.0
# So many times as long as it took to take an edit in, the next one waits.
_REST = 3.0

Signature = tuple[tuple[str, int, int, int], ...]
T = TypeVar("T")


class FileKeeper(ABC, Generic[T]):
    """Keeps the newest good version of some files; what became of an edit goes into the ledger.

    `name`: the files in an operator's words.
    """

    def __init__(self, name: str, ledger: LedgerThread, clock: Clock) -> None:
        self._name = name
        self._ledger = ledger
        self._clock = clock
        self._fault = ""
        self._untold: Callable[[Ledger], bool] | None = None
        self._seen: Signature = ()  # the first look sees whether anything was written just now
        self._beat = Beat(name, _LOOK_EVERY, self._look)
        self._watch: asyncio.Task[None] | None = None
        self._watched: Collection[Path] = ()
        # Held while the files are taken in.
        self._turn = asyncio.Lock()

    def start(self) -> None:
        """Begin to look after the files."""
        self._beat.start()
        self._follow()

    async def stop(self) -> None:
        """Look after them no longer."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        await self._beat.stop()
        with suppress(LedgerUnavailable):  # whoever begins next tells of the version that counts then
            await self._tell()

    # --- what kind of files they are ----------------------------------------------------------------------------

    @property
    @abstractmethod
    def _folders(self) -> Collection[Path]:
        """Where the files are."""

    @abstractmethod
    def _read(self) -> T:
        """Read and check the files, in a thread; raises `ConfigError`."""

    @abstractmethod
    async def _take(self, found: T) -> str | None:
        """Have these count from now on if they differ from those that do: the changes in words, else None."""

    @abstractmethod
    def _live_note(self, changes: str) -> Callable[[Ledger], bool]:
        """What to tell the ledger of the version that counts now."""

    @abstractmethod
    def _broken_note(self, error: ConfigError) -> Callable[[Ledger], bool]:
        """What to tell the ledger of an edit that is wrong."""

    # --- looking ------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        begun = self._clock.steady()
        async with self._turn:
            taken = await self._look_once()
        if taken:  # edits without end must leave the shops their time
            await asyncio.sleep(min(_LOOK_EVERY, _REST * (self._clock.steady() - begun)))

    async def _look_once(self) -> bool:
        """Whether something changed and was taken in; whatever changes meanwhile is left to the next look."""
        await self._tell()
        seen = await self._signature()
        if seen == self._seen:
            return False
        try:
            found = await asyncio.to_thread(self._read)
        except ConfigError as error:
            await asyncio.sleep(_PATIENCE)
            if seen == await self._signature():
                self._seen = seen
                await self._broke(error)
            return False
        if seen != await self._signature():
            return False  # it was read while it was written
        self._seen = seen
        changes = await self._take(found)
        if changes is not None:
            self._follow()
            await self._went_live(changes)
            return True
        if self._fault:
            await self._went_live("")
        return False

    def _follow(self) -> None:
        """Be told of changes in the folders as they are now."""
        if self._watched == self._folders:
            return
        if self._watch is not None:
            self._watch.cancel()
        self._watched = self._folders
        self._watch = asyncio.create_task(self._listen(self._watched), name=f"watch {self._name}")

    async def _listen(self, folders: Collection[Path]) -> None:
        try:
            async for _changed in awatch(*folders, watch_filter=_is_yaml, step=_QUIET_MS, recursive=False):
                self._beat.poke()
        except (OSError, RuntimeError) as error:
            logger.warning("{} is looked at every {} s only: {}", self._name, _LOOK_EVERY, error)

    async def _went_live(self, changes: str) -> None:
        mended, self._fault = self._fault != "", ""
        if changes or mended:
            said = "改好了，已经启用" if mended else "有改动，已经启用"
            logger.info("{}{}：{}", self._name, said, changes or "内容和出错以前一样")
        self._untold = self._live_note(changes)
        await self._tell()

    async def _broke(self, error: ConfigError) -> None:
        why = str(error)
        if why == self._fault:
            return
        self._fault = why
        logger.error("{}改错了，先用改动以前的：\n{}", self._name, why)
        self._untold = self._broken_note(error)
        await self._tell()

    def _broken_words(self, error: ConfigError) -> str:
        first = error.problems[0]
        at = f"第 {first.line} 行" if first.line else ""
        return f"{self._name}{at}改错了，先用改动以前的：{first.message}"

    async def _tell(self) -> None:
        """Tell the ledger what it does not know yet; while it cannot be written, that waits for the next look."""
        if self._untold is not None:
            await self._ledger(self._untold)
            self._untold = None

    async def _signature(self) -> Signature:
        return await asyncio.to_thread(_signature, self._folders)


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
