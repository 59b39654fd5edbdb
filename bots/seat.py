"""The seat of a shop: the right to drive it, one holder at a time on one machine."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from base.errors import ConfigError, Problem
from bots.home import Home


class Seat:
    """A file lock, held while the block runs; it goes with the process, however that ends.

    Entering raises `ConfigError` when another process holds it. `home.prepare()` comes first.
    """

    def __init__(self, home: Home, shop: str) -> None:
        self.shop = shop
        self._path: Path = home.seats / f"{shop}.lock"
        self._handle: int | None = None

    def __enter__(self) -> Seat:
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(Problem(message=f"建不了值守锁：{error.strerror}", path=self._path)) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "未知"
            os.close(handle)
            hint = "先停掉那一个；同一家店两个机器人会互相踢下线"
            message = f"店铺 {self.shop} 正被另一个 nightdesk 进程（pid {holder}）值守"
            raise ConfigError(Problem(message=message, hint=hint)) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._handle = handle
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The file stays: removing it would let a second holder lock a new file of the same name.
        handle, self._handle = self._handle, None
        if handle is not None:
            os.ftruncate(handle, 0)
            os.close(handle)
