"""Where a worker hangs: what each of its threads is at goes into a file before it is killed for its silence."""

from __future__ import annotations

import faulthandler
import math
import time
from pathlib import Path
from typing import TextIO

from loguru import logger

from bots.sign import Sign

FILE = "stuck.log"
# Sooner than the supervisor takes a silent worker for dead, see bots/post.py.
_SECONDS = 3.0
# To begin the time anew ends a thread and starts one. A sign that comes within this share of the time after one
# that did so, as every other does, begins nothing; for that the time is so much longer.
_SOON = 0.2
_MOST_BYTES = 1024 * 1024


class Hang:
    """Writes into `folder` when a worker has given no sign for `seconds`, or up to a fifth longer: lines of code,
    and no word of anybody's.

    A thread that needs no lock of Python's does it: not even a call that never comes back keeps it from that.
    Where the file cannot be opened, it is done without.
    """

    def __init__(self, folder: Path, seconds: float = _SECONDS) -> None:
        path = folder / FILE
        self._soon = _SOON * seconds
        self._seconds = seconds + self._soon
        self._begun_at = -math.inf
        self._file: TextIO | None = None
        try:
            full = path.exists() and path.stat().st_size > _MOST_BYTES
            self._file = path.open("w" if full else "a", encoding="ascii")
        except OSError as error:
            logger.warning("where this worker hangs, if it ever does, will not be known: {}", error)

    def note(self, sign: Sign) -> None:
        """A sign was given: the time begins anew. After one that begins or ends the next may take its time."""
        if self._file is None or sign.begins or sign.problems:
            faulthandler.cancel_dump_traceback_later()
            self._begun_at = -math.inf
        elif (now := time.monotonic()) - self._begun_at >= self._soon:
            faulthandler.dump_traceback_later(self._seconds, file=self._file)
            self._begun_at = now

    def close(self) -> None:
        """No further sign will come."""
        faulthandler.cancel_dump_traceback_later()
        if self._file is not None:
            self._file.close()
