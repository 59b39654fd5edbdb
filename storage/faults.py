"""What SQLite complains about, in the operator's words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from base.errors import LedgerUnavailable, Problem
from storage.backups import last_good

_FULL = ("磁盘满了，账本写不进去", "清出磁盘空间；清出来之前机器人不会发送任何消息")
_READ_ONLY = ("账本只能读，不能写", "检查这个文件和所在文件夹的权限，运行 Nightdesk 的用户要能写")
_LOCKED = ("账本被别的程序锁住太久", "关掉正在修改它的程序（数据库工具、备份、杀毒软件），然后重试")
_DAMAGED = "账本文件已损坏，或者不是账本"
_DISK = ("读写账本时磁盘出错", "检查磁盘和剩余空间；账本要放在本机磁盘上，不要放在网络盘或同步盘里")
_CLOSED = ("打不开账本", "检查文件夹是否存在、能不能写、路径里是不是把文件夹写成了文件")

_WORDS = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_PROTOCOL: _DISK,
    sqlite3.SQLITE_CANTOPEN: _CLOSED,
}


def explain(error: sqlite3.Error, path: Path) -> LedgerUnavailable | None:
    """The error as one for operators; None when it is a mistake of ours, not a state of the file."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, str(error))
    if code not in _WORDS:
        return None
    message, hint = _WORDS[code]
    return unavailable(path, f"{message}（{error}）", hint)


def damaged(path: Path, found: str) -> LedgerUnavailable:
    """A ledger whose check found something, with what puts the last good copy in its place."""
    copy = last_good(path)
    away = f"mv {path} {path}.damaged; rm -f {path}-wal {path}-shm"
    hint = f"停下 Nightdesk，换上最近一次完好的备份：{away}; cp {copy} {path}"
    if copy is None:
        hint = f"没有找到完好的备份。停下 Nightdesk，移走它，再启动时从空账本开始：{away}"
    return unavailable(path, f"{_DAMAGED}（{found}）", hint)


def check_there(path: Path) -> None:
    """Raises `LedgerUnavailable` for a ledger that is gone while a copy of it is there.

    An empty one in its place would forget which shops may speak, and nobody would notice their silence.
    """
    copy = None if path.exists() else last_good(path)
    if copy is not None:
        hint = (
            f"换上最近一次完好的备份：cp {copy} {path}；"
            f"确实要从空账本开始，就先把备份移走：mv {copy.parent} {copy.parent}.old"
        )
        raise unavailable(path, "账本不见了，它的备份还在", hint)


def unavailable(path: Path, message: str, hint: str) -> LedgerUnavailable:
    """The error with the file's name and what to do."""
    return LedgerUnavailable(str(Problem(message=message, path=path, hint=hint)))
