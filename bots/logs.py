"""The log: one line an event, rotated, personal data and secrets masked before they reach any sink."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from base.errors import ConfigError, Problem
from base.masking import mask
from bots.home import LOG

if TYPE_CHECKING:
    from loguru import Record

_LINE = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level:<7} {extra[shop]} turn={extra[turn]} {message}"


def start_log(folder: Path, *, terminal: bool) -> None:
    """Log to `folder`, a new file every ten megabytes, kept 30 days; to standard error as well if `terminal`.

    Raises `ConfigError` when the file cannot be written.
    """
    logger.remove()
    logger.configure(extra={"shop": "-", "turn": "-"}, patcher=_mask)
    path = folder / LOG
    try:
        logger.add(
            path,
            format=_line,
            rotation="10 MB",
            retention="30 days",
            encoding="utf-8",
            enqueue=True,
            watch=True,  # several processes write there: when one begins a new file, the others follow
        )
    except OSError as error:
        why = f"写不了日志：{error.strerror}"
        raise ConfigError(Problem(message=why, path=path, hint="清出磁盘空间，检查文件夹的权限")) from None
    if terminal:
        logger.add(sys.stderr, format=_line, level="INFO")


def _mask(record: Record) -> None:
    record["message"] = mask(record["message"])
    error = record["exception"]
    if error is not None and error.value is not None:
        trace = "".join(traceback.format_exception(error.value))
        record["extra"]["trace"] = mask(trace).rstrip()


def _line(record: Record) -> str:
    # Not loguru's own way of showing errors: what they say is not masked there, and may hold buyers' words.
    return _LINE + ("\n{extra[trace]}\n" if "trace" in record["extra"] else "\n")
