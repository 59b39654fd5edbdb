"""A version of the knowledge: what the operators' files said at one moment, told apart by a digest."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.model import Knowledge, load_knowledge

_DIGEST_CHARS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Knowledge with the files it was read from; `files`: text by name, the first one is the file to load."""

    knowledge: Knowledge
    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        """A short name for what the files say."""
        return digest_of(self.files)


def read_version(path: Path) -> Version:
    """The knowledge at `path` as it is now; raises `ConfigError`."""
    knowledge = load_knowledge(path)
    return Version(knowledge=knowledge, files={path.name: read_text(path)})


def restore(files: Mapping[str, str]) -> Knowledge:
    """The knowledge of a version that was kept; raises `ConfigError` where it can no longer be read."""
    with tempfile.TemporaryDirectory(prefix="nightdesk-version-") as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8", newline="")
        return load_knowledge(Path(folder) / next(iter(files)))


def digest_of(files: Mapping[str, str]) -> str:
    """A short name for texts, the same wherever they stand."""
    told = hashlib.sha256()
    for name, text in sorted(files.items()):
        told.update(f"{name}\0{text}\0".encode("utf-8", "replace"))
    return told.hexdigest()[:_DIGEST_CHARS]


def read_text(path: Path) -> str:
    """The file's text, whatever is wrong with it; empty for one that cannot be read."""
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
