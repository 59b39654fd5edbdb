"""What the commands open: the ledger of their folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from base.clock import SystemClock
from base.errors import ConfigError, Problem
from bots.home import Home
from storage.ledger import Ledger


@contextmanager
def open_ledger(home: Home) -> Iterator[Ledger]:
    """The ledger of this folder, also while bots write it; raises `ConfigError` where none ever ran."""
    if not home.ledger.is_file():
        hint = "先运行 nightdesk up；如果已经在运行，用 --home 指定它的文件夹"
        raise ConfigError(Problem(message="这里还没有运行过机器人，没有记录", path=home.folder, hint=hint))
    ledger = Ledger.open(home.ledger, SystemClock())
    try:
        yield ledger
    finally:
        ledger.close()
