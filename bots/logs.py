"""The log: one line an event, rotated, personal data and secrets masked before they reach any sink."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from contextlib import suppress
from datetime import datetime
from multiprocessing.context import BaseContext
from pathlib import Path
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any

from loguru import logger

from base.errors import ConfigError, Problem
from base.masking import mask
from bots.home import LOG

if TYPE_CHECKING:
    from loguru import Message, Record

_MOST_BYTES = 10_000_000
_KEPT_SECONDS = 30 * 86_400
# So many lines wait for a disk that hangs, some megabytes; what comes then is only counted.
_MOST_WAITING = 2000
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
            rotation=_set_aside,
            encoding="utf-8",
            enqueue=True,
            context=_InProcess(),
            watch=True,  # several processes write there: when one sets the file aside, all begin a new one
        )
    except OSError as error:
        why = f"写不了日志：{error.strerror}"
        raise ConfigError(Problem(message=why, path=path, hint="清出磁盘空间，检查文件夹的权限")) from None
    if terminal:
        logger.add(sys.stderr, format=_line, level="INFO")


def _set_aside(message: Message, file: IO[str]) -> bool:
    """Set a full file aside under a name of its own, and forget old ones; whether loguru is to do so: never.

    Loguru takes the file to be its own. When another process sets it aside at the same moment, it loses the line
    in hand, or a whole file that both give the same name. So the line still goes into the file that is open.
    """
    if file.seek(0, os.SEEK_END) + len(message) < _MOST_BYTES:
        return False
    path = Path(file.name)
    mine = os.fstat(file.fileno())
    with suppress(FileNotFoundError):  # another process was first
        if os.path.samestat(mine, path.stat()):
            moment = f"{datetime.now().astimezone():%Y-%m-%d_%H-%M-%S_%f}"
            path.rename(path.with_suffix(f".{moment}.{os.getpid()}{path.suffix}"))
    for old in path.parent.glob(f"{path.stem}.*{path.suffix}"):
        with suppress(FileNotFoundError):
            if old.stat().st_mtime < time.time() - _KEPT_SECONDS:
                old.unlink()
    return False


def _mask(record: Record) -> None:
    record["message"] = mask(record["message"])
    # Loguru would look at all its variables, for naught, and tell what it says wherever a line cannot be written.
    error, record["exception"] = record["exception"], None
    if error is not None and error.value is not None:
        trace = "".join(traceback.format_exception(error.value))
        record["extra"]["trace"] = mask(trace).rstrip()


def _line(record: Record) -> str:
    # Not loguru's own way of showing errors: what they say is not masked there, and may hold buyers' words.
    return _LINE + ("\n{extra[trace]}\n" if "trace" in record["extra"] else "\n")


class _InProcess(BaseContext):
    """By what loguru's writing thread hears from the others. No other process reads it: nothing is pickled."""

    def SimpleQueue(self) -> Any:
        return _Waiting()

    def Event(self) -> Any:
        return threading.Event()

    def Lock(self) -> Any:
        return threading.Lock()


class _Line(str):
    """A line as loguru hands it on."""

    record: Record


class _Waiting:
    """Lines on their way to the file, among them loguru's words to its thread: None to end, True to answer.

    `put` never waits: a disk that hangs must hold up no shop. Of lines and the end loguru puts one at a time.
    """

    def __init__(self) -> None:
        self._queue: SimpleQueue[_Line | bool | None] = SimpleQueue()
        self._lost = 0
        self._last_lost: _Line | None = None

    def put(self, item: _Line | bool | None) -> None:
        if isinstance(item, str) and self._queue.qsize() >= _MOST_WAITING:
            self._lost, self._last_lost = self._lost + 1, item
            return
        if item is not True and self._last_lost is not None:
            self._queue.put(_gap(self._lost, self._last_lost))
            self._lost, self._last_lost = 0, None
        self._queue.put(item)

    def get(self) -> _Line | bool | None:
        return self._queue.get()


def _gap(lost: int, last: _Line) -> _Line:
    """What is written instead of lines that were too many."""
    own = {"level": "WARNING", "extra": {"shop": "-", "turn": "-"}}
    why = f"lines missing here: {lost}, the disk took too long"
    line = _Line(f"{_LINE}\n".format_map({**last.record, **own, "message": why}))
    line.record = last.record
    return line
