"""The list of shops as it changed while bots worked: which edits counted, which were wrong."""

from __future__ import annotations

import json
from typing import Any

from storage.journal import Journal

_KIND = "shops"


class Rolls(Journal):
    """The ledger's part for edits of the list of shops; each is told once."""

    def roll_live(self, changes: str) -> bool:
        """The list counts as it is now, with these changes in words (none: as before); False when known."""
        with self._store.write():
            mended = bool(self._last_roll().get("problems"))
            if not changes and not mended:
                return False
            why = f"店铺清单{'改好了' if mended else '有改动'}，已经启用：{changes or '和出错以前一样'}"
            self.event(_KIND, severity="info", state="live", why=why, changes=changes)
            return True

    def roll_broken(self, why: str, problems: str, file: str, line: int | None) -> bool:
        """An edit is wrong, and the list before it counts on; False when that is known.

        `why`: in a sentence; `problems`: all that is wrong, with its places.
        """
        with self._store.write():
            if self._last_roll().get("why") == why:
                return False
            self.event(_KIND, severity="alert", state="broken", why=why, problems=problems, file=file, line=line)
            return True

    def roll_trouble(self) -> str:
        """What is wrong with the newest edit, empty when it counts."""
        return str(self._last_roll().get("problems", ""))

    def _last_roll(self) -> dict[str, Any]:
        last = self._store.row("select detail from events where kind = :kind order by id desc limit 1", kind=_KIND)
        return {} if last is None else dict(json.loads(last["detail"]))
