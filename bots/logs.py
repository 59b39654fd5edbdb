"""The log: one line an event, rotated, personal data and secrets masked before they reach any sink."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from base.masking import mask

if TYPE_CHECKING:
    from loguru import Record

_LINE = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level:<7} {extra[shop]} {message}\n{exception}"


def start_log(folder: Path, *, terminal: bool) -> None:
    """Log to `folder`, a file a day and ten megabytes, kept 30 days; to standard error as well if `terminal`."""
    logger.remove()
    logger.configure(extra={"shop": "-"}, patcher=_mask)
    # Without diagnose: it would print the values of variables, buyers' words and cookies among them.
    logger.add(
        folder / "nightdesk.log",
        format=_LINE,
        rotation="10 MB",
        retention="30 days",
        encoding="utf-8",
        enqueue=True,
        diagnose=False,
        backtrace=False,
    )
    if terminal:
        logger.add(sys.stderr, format=_LINE, level="INFO", diagnose=False, backtrace=False)


def _mask(record: Record) -> None:
    record["message"] = mask(record["message"])
