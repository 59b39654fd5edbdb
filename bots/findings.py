"""What is looked at before bots work, and what to do where something is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from base.errors import ConfigError, NightdeskError, Problem

_FREE_GB = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; `problem` says what is wrong and what to do, empty when all is well."""

    what: str
    found: str = ""
    problem: str = ""


def look_at(what: str, look: Callable[[], str]) -> Finding:
    """What a look finds; an error of ours says what is wrong."""
    try:
        return Finding(what=what, found=look())
    except NightdeskError as error:
        return Finding(what=what, problem=str(error))


def disk(folder: Path) -> str:
    """What is left on the disk of a folder; raises `ConfigError` when that is too little for a night."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free / 2**30
    if free < _FREE_GB:
        message = f"只剩 {free:.1f} GB，至少要 {_FREE_GB:.0f} GB"
        raise ConfigError(Problem(message=message, hint="清理磁盘或换一个文件夹"))
    return f"还有 {free:.0f} GB"
