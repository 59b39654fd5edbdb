"""A version of the knowledge: what the operators' files said at one moment, told apart by a digest."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from base.errors import ConfigError
from knowledge.library import Library
from knowledge.model import Knowledge, Shelf

_DIGEST_CHARS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What all shops know, with the files it was read from.

    `files`: text by name, the file for all shops first; `books`: what each file knows; `folders`: where they are.
    """

    library: Library
    files: Mapping[str, str]
    books: Mapping[str, Knowledge]
    folders: frozenset[Path]

    @property
    def digest(self) -> str:
        """A short name for what the files say."""
        return digest_of(self.files)


def read_version(path: Path, shops: Mapping[str, Path] | None = None) -> Version:
    """The knowledge at `path` as it is now, and at `shops` for those that have their own; raises `ConfigError`."""
    shelf = Shelf()
    default = shelf.book(path)
    library = Library(default, {shop: shelf.book(own) for shop, own in (shops or {}).items()})
    main = path.resolve()
    paths = [main, *(each for each in shelf.files if each != main)]
    names = {each: os.path.relpath(each, main.parent) for each in paths}
    return Version(
        library=library,
        files={name: read_text(each) for each, name in names.items()},
        books={name: shelf.book(each) for each, name in names.items()},
        folders=frozenset(each.parent for each in paths),
    )


def restore(files: Mapping[str, str]) -> dict[str, Knowledge]:
    """What each file of a version that was kept knows; those that can no longer be read are left out."""
    found = {}
    with _laid_out(files) as folder:
        shelf = Shelf()
        for name in files:
            try:
                found[name] = shelf.book(folder / name)
            except ConfigError:
                continue
    return found


def revive(files: Mapping[str, str], path: Path, shops: Mapping[str, Path]) -> Version:
    """The version that was kept of the files at `path` and `shops`; raises `ConfigError` if it does not load."""
    main = path.resolve()
    with _laid_out(files) as folder:
        own = {shop: folder / os.path.relpath(each.resolve(), main.parent) for shop, each in shops.items()}
        version = read_version(folder / main.name, own)
    return replace(version, folders=frozenset(each.parent.resolve() for each in (path, *shops.values())))


@contextmanager
def _laid_out(files: Mapping[str, str]) -> Iterator[Path]:
    """The files in a folder of their own, deep enough for those that stand above the first."""
    above = max((Path(name).parts.count("..") for name in files), default=0)
    with tempfile.TemporaryDirectory(prefix="nightdesk-version-") as top:
        folder = Path(top, *(["below"] * above))
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="")
        yield folder


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
