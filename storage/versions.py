"""Versions of the knowledge: which were live since when, what was in them, which edits were wrong."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence

from base.masking import mask
from storage.journal import Journal
from storage.records import KnowledgeNote, Severity
from storage.rows import record

# The texts of older versions go; that they were live stays.
_KEPT_TEXTS = 200


class Versions(Journal):
    """The ledger's part for versions of the knowledge. Every worker tells it; the first one is heard."""

    def knowledge_live(self, digest: str, files: Mapping[str, str], **detail: object) -> bool:
        """From now on this version is live; False when that is known.

        `files`: the text of each file by its name; `detail` goes into the event.
        """
        with self._store.write():
            before = self._note_version("live", digest, "")
            if before is None:
                return False
            packed = zlib.compress(json.dumps(dict(files), ensure_ascii=False).encode("utf-8", "replace"))
            self._store.run(
                "insert into knowledge_texts (digest, files) values (:digest, :files) on conflict do nothing",
                digest=digest,
                files=packed,
            )
            self._store.run(
                "delete from knowledge_texts where digest not in"
                " (select digest from knowledge_notes where state = 'live' order by id desc limit :kept)",
                kept=_KEPT_TEXTS,
            )
            told = {"state": "live", "digest": digest, "mended": before == "broken"} | detail
            self.event("knowledge", shop=None, severity="info", **told)
            return True

    def knowledge_broken(self, digest: str, why: str, problems: str, **detail: object) -> bool:
        """An edit is wrong, and the version before it stays live; False when that is known.

        `why`: in a sentence; `problems`: all that is wrong, with its places.
        """
        with self._store.write():
            if self._note_version("broken", digest, mask(problems)) is None:
                return False
            told = {"state": "broken", "digest": digest, "why": why, "problems": problems} | detail
            self.event("knowledge", shop=None, severity="alert", **told)
            return True

    def knowledge_notes(self, *, limit: int = 1_000) -> list[KnowledgeNote]:
        """What was live or wrong since when, newest first."""
        rows = self._store.rows("select * from knowledge_notes order by id desc limit :limit", limit=limit)
        return [record(KnowledgeNote, row) for row in rows]

    def knowledge_expires(self, entries: Sequence[str]) -> bool:
        """These answers end today or tomorrow, or none do; False when that is known."""
        with self._store.write():
            last = self._store.row(
                "select detail from events where kind = 'knowledge_expires' order by id desc limit 1"
            )
            before = json.loads(last["detail"])["entries"] if last else []
            if before == list(entries):
                return False
            why = f"今天或明天到期，到期以后不再回答：{'、'.join(entries)}" if entries else ""
            severity: Severity = "warning" if entries else "info"
            self.event("knowledge_expires", severity=severity, entries=list(entries), why=why)
            return True

    def knowledge_trouble(self) -> str:
        """What is wrong with the newest edit, empty when it is live."""
        last = self._store.row("select state, why from knowledge_notes order by id desc limit 1")
        return str(last["why"]) if last and last["state"] == "broken" else ""

    def knowledge_last(self) -> dict[str, str]:
        """The files of the version that was live last, by name; none where there was none."""
        last = self._store.row("select digest from knowledge_notes where state = 'live' order by id desc limit 1")
        return {} if last is None else self.knowledge_files(last["digest"]) or {}

    def knowledge_files(self, digest: str) -> dict[str, str] | None:
        """The files of a version by name, None for one whose text is no longer kept."""
        row = self._store.row("select files from knowledge_texts where digest = :digest", digest=digest)
        return None if row is None else dict(json.loads(zlib.decompress(row["files"])))

    def _note_version(self, state: str, digest: str, why: str) -> str | None:
        """Note it unless it is the newest note; the state before (empty for none), None when nothing is new."""
        last = self._store.row("select state, digest, why from knowledge_notes order by id desc limit 1") or {}
        if last and (last["state"], last["digest"], last["why"]) == (state, digest, why):
            return None
        self._store.insert("knowledge_notes", at=self._clock.now(), state=state, digest=digest, why=why)
        return str(last.get("state", ""))
