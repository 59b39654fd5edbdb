"""Where a worker's browser keeps its files while it runs: a folder that goes with the worker, however it ends."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loguru import logger

from bots.processes import Birth, birth, this_process

_VARIABLE = "TMPDIR"


@contextmanager
def scratch(folder: Path) -> Iterator[None]:
    """Have whatever this process starts keep its passing files in a folder of our own within `folder`.

    It is removed at the end, and so is, before and after, what processes left that were killed: a browser then
    leaves its profile, with what its pages kept. Where no folder can be made the system's own place serves.
    """
    before, own = os.environ.get(_VARIABLE), folder / _name(this_process())
    try:
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder)
    except OSError as error:
        logger.warning("the browser's files go to the system's own place: {}", error)
        yield
        return
    os.environ[_VARIABLE] = str(own)
    try:
        yield
    finally:
        os.environ.pop(_VARIABLE)
        if before is not None:
            os.environ[_VARIABLE] = before
        shutil.rmtree(own, ignore_errors=True)
        _sweep(folder)


def _sweep(folder: Path) -> None:
    for left in list(folder.iterdir()):
        pid = left.name.partition("-")[0]
        living = birth(int(pid)) if pid.isdecimal() else None
        if living is None or _name(living) != left.name:
            shutil.rmtree(left, ignore_errors=True)


def _name(process: Birth) -> str:
    return f"{process.pid}-{process.moment:.0f}"
