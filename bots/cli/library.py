"""The knowledge that a command works on, and the versions of it that the ledger keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from base.clock import SystemClock
from bots.cli.opened import open_ledger
from bots.home import Home
from bots.settings import load_settings
from flows.scoring import Scorer
from knowledge.changes import changes
from knowledge.learning import Judged, question_in
from knowledge.model import Knowledge, load_knowledge
from knowledge.proposals import NAME
from knowledge.versions import restore
from storage.ledger import Ledger
from storage.records import Exchange, KnowledgeNote

# What real buyers asked in the last weeks says how they will ask tomorrow.
WEEKS = timedelta(weeks=4)


def knowledge_path(home: Home, file: Path | None = None) -> Path:
    """The file given, else the one that `shops.yaml` names, else `knowledge.yaml`."""
    if file is not None or not home.shops.exists():
        return file or home.knowledge
    return home.folder / load_settings(home.shops).knowledge


def proposals_path(home: Home) -> Path:
    """Where proposals wait, beside the knowledge."""
    return knowledge_path(home).with_name(NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The knowledge as its file says now, with a scorer that judges questions by it."""

    path: Path
    knowledge: Knowledge
    scorer: Scorer

    @classmethod
    def load(cls, path: Path) -> Known:
        """Raises `ConfigError`."""
        knowledge = load_knowledge(path)
        return cls(path=path, knowledge=knowledge, scorer=Scorer(knowledge))

    @property
    def ids(self) -> list[str]:
        """The ids of all entries."""
        return [entry.id for entry in self.knowledge.entries]

    def judge(self, text: str) -> Judged:
        """What the knowledge makes of a question; what it leaves to people on purpose counts as answered."""
        score = self.scorer.score(text)
        entry = None if score.entry is None else self.knowledge.entry(score.entry)
        left = entry is not None and entry.for_person and score.confidence >= self.scorer.sure
        return Judged(
            entry=score.entry,
            confidence=score.confidence,
            answered=bool(score.answered) or left,
            answers=() if entry is None else tuple(self.knowledge.spoken(entry)),
        )


def recent(home: Home, since: timedelta = WEEKS) -> list[Exchange]:
    """What buyers asked lately, nothing where no bot ever ran."""
    if not home.ledger.is_file():
        return []
    with open_ledger(home) as ledger:
        return ledger.exchanges(SystemClock().now() - since)


def questions_of(exchanges: Sequence[Exchange]) -> list[str]:
    """The questions in them, masked, each once."""
    asked = (question_in(exchange.text.splitlines()) for exchange in exchanges)
    return list(dict.fromkeys(text for text in asked if text is not None))


def version_before(home: Home, known: Knowledge) -> tuple[datetime, Knowledge] | None:
    """The version for all shops that was live last and differs from `known`, with when it went live."""
    if not home.ledger.is_file():
        return None
    with open_ledger(home) as ledger:
        for note in ledger.knowledge_notes():
            before = next(iter(restored(ledger, note).values()), None) if note.state == "live" else None
            if before is not None and changes(before, known):
                return note.at, before
    return None


def restored(ledger: Ledger, note: KnowledgeNote) -> dict[str, Knowledge]:
    """What each file knew then; nothing where their texts are no longer kept."""
    return restore(ledger.knowledge_files(note.digest) or {})
