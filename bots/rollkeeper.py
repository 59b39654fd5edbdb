"""`shops.yaml` edited while bots work: a right edit counts at once, a wrong one changes nothing and is told."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from base.clock import Clock
from base.errors import ConfigError
from bots.filekeeper import FileKeeper
from bots.home import Home
from bots.roll import Roll, pack_folders, read_roll
from knowledge.versions import read_version
from storage.ledger import Ledger
from storage.thread import LedgerThread


class RollKeeper(FileKeeper[Roll]):
    """Keeps the newest good roll. `changed` is called with each new one; `in_charge`: whether the ledger is told
    by us, and not by another `nightdesk up` in the folder.
    """

    def __init__(
        self,
        home: Home,
        roll: Roll,
        ledger: LedgerThread,
        clock: Clock,
        *,
        changed: Callable[[Roll], None],
        in_charge: Callable[[], bool],
    ) -> None:
        super().__init__("店铺清单", ledger, clock)
        self._home = home
        self._changed = changed
        self._in_charge = in_charge
        self._roll = roll
        self._where = pack_folders(roll, home)
        self._untold = self._live_note("")  # what was wrong before the start is not wrong any more

    def roll(self) -> Roll:
        """The shops as they count now."""
        return self._roll

    @property
    def _folders(self) -> Collection[Path]:
        return self._where

    def _read(self) -> Roll:
        found = read_roll(self._home)
        knowledge = found.knowledge(self._home.folder)
        if knowledge != self._roll.knowledge(self._home.folder):
            read_version(*knowledge)
        return found

    async def _take(self, found: Roll) -> str | None:
        changes = self._roll.changes(found)
        if not changes:
            return None
        self._roll, self._where = found, pack_folders(found, self._home)
        self._changed(found)
        return changes

    async def _tell(self) -> None:
        if self._in_charge():
            await super()._tell()

    def _live_note(self, changes: str) -> Callable[[Ledger], bool]:
        return partial(Ledger.roll_live, changes=changes)

    def _broken_note(self, error: ConfigError) -> Callable[[Ledger], bool]:
        first = error.problems[0]
        return partial(
            Ledger.roll_broken,
            why=self._broken_words(error),
            problems=str(error),
            file=str(first.path or self._home.shops),
            line=first.line,
        )
