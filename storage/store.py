"""The file of the ledger: opened and checked, read and written in transactions, its errors in plain words."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlite_utils import Database

from storage.faults import check_there, damaged, explain, unavailable
from storage.migrations import KNOWN, migrations
from storage.rows import cells

BUSY_SECONDS = 5.0
_WAL_PAUSE = 0.01
_AS_IT_IS = nullcontext()


class Store:
    """One connection; belongs to the thread that opened it. Texts, moments and states go in as they are."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self._keys: dict[str, str] = {}
        self._place: os.stat_result | None = None
        self._told = _Told(path)
        self.path = path

    @classmethod
    def open(cls, path: Path) -> Store:
        """The file at `path`, made if need be and brought to the newest schema.

        Raises `LedgerUnavailable` when it cannot be written, is damaged, is gone while a copy of it is there, or
        was written by a newer version.
        """
        _make_folder(path)
        check_there(path)
        with _Told(path):
            db = Database(path, execute_plugins=False)
        store = cls(db, path)
        try:
            with store._told:
                store._prepare()
            store._place = path.stat()
        except BaseException:
            db.close()
            raise
        return store

    def close(self) -> None:
        """Close the file; other connections go on."""
        self._db.close()

    def write(self, *, synced: bool = True) -> AbstractContextManager[None]:
        """One transaction, committed at the end; inside another one, a part of that.

        `synced`: on the disk when it is committed, which takes milliseconds. One that is not outlives the process
        at once, and a power cut together with the next one that is: only the last ones can be lost.
        """
        return _AS_IT_IS if self._db.conn.in_transaction else self._transaction(synced)

    @contextmanager
    def _transaction(self, synced: bool) -> Iterator[None]:
        self._check_place()
        with self._told, self._syncing() if synced else _AS_IT_IS:
            # Not a plain BEGIN: that fails at once, without waiting, if another process wrote after our read.
            self._db.conn.execute("begin immediate")
            try:
                yield
                self._db.commit()
            except BaseException:
                self._db.rollback()
                raise

    def rows(self, sql: str, **values: object) -> list[dict[str, Any]]:
        """All rows of a query."""
        with self._told:
            # Not the library's own way, which has every query in a savepoint: three statements in place of one.
            found = self._db.execute(sql, cells(values))
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found]

    def row(self, sql: str, **values: object) -> dict[str, Any] | None:
        """The first row of a query, if there is one; a number too large for SQLite names none."""
        try:
            return next(iter(self.rows(sql, **values)), None)
        except OverflowError:
            return None

    def run(self, sql: str, **values: object) -> int:
        """Run a statement that changes rows; how many it changed."""
        return self._change(sql, values).rowcount

    def run_each(self, sql: str, many: Iterable[Mapping[str, object]]) -> None:
        """Run a statement that changes rows with each of these values in turn."""
        with self.write(), self._told:
            self._db.conn.executemany(sql, map(cells, many))

    def insert(self, table: str, **values: object) -> int:
        """A new row; its id."""
        # The library's own way reads the schema, and makes a savepoint, for each row.
        names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        sql = f"insert into {table} ({names}) values ({places})"  # noqa: S608 - names of ours
        return int(self._change(sql, values).lastrowid or 0)

    def update(self, table: str, key: int | str, **values: object) -> None:
        """Change columns of the row with this primary key; raises `ValueError` if there is none."""
        # The library's own way looks up the table's key and the row before each update.
        changed = ", ".join(f"{name} = :{name}" for name in values)
        sql = f"update {table} set {changed} where {self._key_of(table)} = :its_key"  # noqa: S608 - names of ours
        if not self.run(sql, **values, its_key=key):
            raise ValueError(f"{table} has no row {key}")

    def backup(self, path: Path) -> None:
        """Write a copy of everything committed so far to `path`, whole or not at all."""
        part = path.with_name(f"{path.name}.part")
        _make_folder(path)
        try:
            with closing(sqlite3.connect(part)) as target:
                self._db.conn.backup(target)
            part.replace(path)
        except (sqlite3.Error, OSError) as error:
            hint = "清出磁盘空间，检查文件夹的权限；账本本身不受影响"
            raise unavailable(path, f"备份没有写成（{error}）", hint) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _check_place(self) -> None:
        """Raises `LedgerUnavailable` where the file is no more what was opened: who begins now reads another."""
        try:
            there = self._place is None or os.path.samestat(self.path.stat(), self._place)
        except OSError:
            there = False
        if not there:
            hint = "停下 Nightdesk，把账本（或最近的备份）放回这个位置，再启动"
            raise unavailable(self.path, "账本文件被删掉或换掉了", hint)

    def _change(self, sql: str, values: Mapping[str, object]) -> sqlite3.Cursor:
        with self.write(), self._told:
            return self._db.execute(sql, cells(values))

    def _key_of(self, table: str) -> str:
        if table not in self._keys:
            (self._keys[table],) = self._db.table(table).pks
        return self._keys[table]

    def _prepare(self) -> None:
        self._db.execute(f"pragma busy_timeout = {int(BUSY_SECONDS * 1000)}")
        self._enable_wal()
        if self._db.journal_mode != "wal":
            raise unavailable(self.path, "这个位置用不了账本的 WAL 模式", "把账本放到本机磁盘上，不要放在网络盘里")
        # In WAL mode NORMAL outlives a killed process but not a power cut. So it stands while nothing is written,
        # and in those transactions that say so: whatever writes is in one, a statement of its own as well.
        self._db.execute("pragma synchronous = normal")
        self._db.execute("pragma foreign_keys = on")
        found = next(iter(self._db.execute("pragma quick_check(1)").fetchone()))
        if found != "ok":
            raise damaged(self.path, found)
        self._check_origin()
        if migrations.pending(self._db):
            with self.write():
                migrations.apply(self._db)

    @contextmanager
    def _syncing(self) -> Iterator[None]:
        """FULL syncs each commit, a fraction of a millisecond on an SSD, a few on a disk: a `sending` that a power
        cut takes back could be sent twice. It raises if it comes too late, in the middle of a transaction.
        """
        self._db.execute("pragma synchronous = full")
        try:
            yield
        finally:
            self._db.execute("pragma synchronous = normal")

    def _enable_wal(self) -> None:
        """SQLite does not wait where two processes make a file a WAL one at once: it has to be asked again."""
        late = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                return self._db.enable_wal()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > late:
                    raise
            time.sleep(_WAL_PAUSE)

    def _check_origin(self) -> None:
        applied = {migration.name for migration in migrations.applied(self._db)}
        if not applied and self._db.table_names():
            raise unavailable(self.path, "这是别的程序的数据库，不是账本", "检查路径，或者换一个文件名")
        if newer := applied - KNOWN:
            message = f"账本是更新版本的 Nightdesk 写的（{'、'.join(sorted(newer))}）"
            raise unavailable(self.path, message, "升级 Nightdesk，或者换一个账本文件")


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "检查路径是否写对，运行 Nightdesk 的用户能不能在那里建文件夹"
        raise unavailable(path, f"建不了账本的文件夹（{error.strerror}）", hint) from None


class _Told:
    """What SQLite complains about inside it is told in the operator's words; it may be entered again and again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, sqlite3.Error) and (told := explain(error, self._path)) is not None:
            raise told from error
