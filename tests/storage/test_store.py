"""The file: made, checked, and what an operator is told when something is wrong with it."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from base.errors import LedgerUnavailable
from storage import store
from storage.ledger import Ledger
from storage.migrations import KNOWN, migrations
from storage.records import ShopState
from tests.storage.hands import HandClock, ask, draft, say

_NOBODY = 65534


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Permissions mean nothing to root: be nobody for a while."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


def refused(path: Path, clock: HandClock) -> str:
    with pytest.raises(LedgerUnavailable) as caught:
        Ledger.open(path, clock)
    assert str(path) in str(caught.value)
    assert "建议：" in str(caught.value)
    return str(caught.value)


def test_new_file_and_opened_again(path: Path, clock: HandClock) -> None:
    for _ in range(2):
        ledger = Ledger.open(path, clock)
        ledger.put_shop("tea", title="茶叶店", console="plain", platform="practice")
        ledger.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma journal_mode").fetchone() == ("wal",)
        assert {name for (name,) in db.execute("select name from _sqlite_migrations")} == KNOWN
        with pytest.raises(sqlite3.IntegrityError, match="cannot store BLOB"):
            db.execute("update shops set title = x'00'")


def test_every_migration_is_known() -> None:
    with closing(Database(memory=True)) as db:
        assert {migration.name for migration in migrations.pending(db)} == KNOWN


def test_keys_are_checked(ledger: Ledger) -> None:
    assert ledger._store.rows("pragma foreign_keys") == [{"foreign_keys": 1}]
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        ledger.conversation("unknown shop", "b1")


@pytest.mark.parametrize(
    "sql",
    [
        "insert into turns (conversation_id, state, seen_at) select conversation_id, 'open', seen_at from turns",
        "insert into conversations (shop, key) select shop, key from conversations",
        "insert into replies (turn_id, conversation_id, kind, text, state, newest_key, message_key, drafted_at)"
        " select turn_id, conversation_id, kind, text, state, newest_key, message_key, drafted_at from replies",
    ],
)
def test_file_itself_refuses_a_second(ledger: Ledger, clock: HandClock, path: Path, sql: str) -> None:
    reply = draft(ledger, ask(ledger, clock))
    ledger._store.update("replies", reply.id, state="confirmed", message_key="o1")
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        db.execute(sql)


def test_failed_change_leaves_nothing(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    naive = clock.now().replace(tzinfo=None)
    with pytest.raises(ValueError, match="zone"):
        ledger.fill_turn(turn.id, [say("m1"), replace(say("m2"), at=naive)], asked_at=None)
    assert ledger.turn(turn.id) == turn
    assert ledger._store.rows("select * from messages") == []
    ledger.fill_turn(turn.id, [say("m1")], asked_at=None)


def test_not_a_database(path: Path, clock: HandClock) -> None:
    path.parent.mkdir()
    path.write_bytes(b"shops: tea\n" * 500)
    assert "已损坏，或者不是账本" in refused(path, clock)


def test_somebody_elses_database(path: Path, clock: HandClock) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.execute("create table shops (name text)")
    assert "别的程序的数据库" in refused(path, clock)


def test_damaged_page(path: Path, clock: HandClock) -> None:
    ledger = Ledger.open(path, clock)
    for number in range(300):
        ledger.event("tick", number=number, text="一行字" * 40)
    ledger.close()
    damage(path)
    assert "没有找到完好的备份" in refused(path, clock)


def test_damaged_page_and_the_last_copy_that_is_good(path: Path, clock: HandClock) -> None:
    ledger = Ledger.open(path, clock)
    ledger.put_shop("tea", title="茶叶店", console="plain", platform="practice")
    turn = ask(ledger, clock)
    folder = path.parent / "backups"
    for number in range(3):
        ledger.backup(folder / f"ledger-{number}.db")
        os.utime(folder / f"ledger-{number}.db", (number, number))
        ledger.event("tick", text="一行字" * 4000)
    ledger.close()
    (folder / "ledger-2.db").write_bytes(b"no ledger" * 1000)
    damage(path)
    told = refused(path, clock)
    *_rest, command = told.split("备份：")
    subprocess.run(["/bin/sh", "-c", command], check=True)
    assert str(folder / "ledger-1.db") in command
    with closing(Ledger.open(path, clock)) as restored:
        assert restored.open_turns("tea") == [turn]
    assert path.with_name(f"{path.name}.damaged").is_file()


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-8192:-4096] = os.urandom(4096)
    path.write_bytes(data)


def test_newer_schema(ledger: Ledger, path: Path, clock: HandClock) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('nightdesk', '0099_x', '')"
        )
    told = refused(path, clock)
    assert "0099_x" in told
    assert "升级 Nightdesk" in told


def test_folder_that_is_a_file(tmp_path: Path, clock: HandClock) -> None:
    (tmp_path / "data").write_text("")
    assert "建不了账本的文件夹" in refused(tmp_path / "data" / "ledger.db", clock)


def test_file_that_is_a_folder(path: Path, clock: HandClock) -> None:
    path.mkdir(parents=True)
    assert "打不开账本" in refused(path, clock)


def test_read_only_folder(folder: Path, clock: HandClock) -> None:
    folder.chmod(0o555)
    with ordinary_user():
        assert "建不了账本的文件夹" in refused(folder / "data" / "ledger.db", clock)
        assert "打不开账本" in refused(folder / "ledger.db", clock)


def test_read_only_file(folder: Path, clock: HandClock) -> None:
    path = folder / "ledger.db"
    Ledger.open(path, clock).close()
    path.chmod(0o444)
    folder.chmod(0o555)
    with ordinary_user():
        assert "检查这个文件和所在文件夹的权限" in refused(path, clock)


def test_locked_for_too_long(
    ledger: Ledger, path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    with closing(Ledger.open(path, clock)) as other:
        with ledger._store.write():
            with pytest.raises(LedgerUnavailable, match="锁住太久"):
                other.set_shop_state("tea", ShopState.ready)
            assert other.shop_row("tea").state is ShopState.stopped
        other.set_shop_state("tea", ShopState.ready)
    assert ledger.shop_row("tea").state is ShopState.ready


def test_new_file_held_by_another(path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin exclusive")
        assert "锁住太久" in refused(path, clock)
        other.execute("rollback")
        Ledger.open(path, clock).close()


def test_disk_full_and_free_again(ledger: Ledger, clock: HandClock) -> None:
    reply = draft(ledger, ask(ledger, clock))
    (pages,) = ledger._store.rows("pragma page_count")
    ledger._store.rows(f"pragma max_page_count = {pages['page_count']}")
    with pytest.raises(LedgerUnavailable, match="磁盘满了"):
        draft(ledger, ask(ledger, clock, "b2"), text="长" * 100_000)
    assert ledger.all_replies() == [reply]
    ledger._store.rows("pragma max_page_count = 1000000")
    draft(ledger, ask(ledger, clock, "b2"), text="长" * 100_000)
    assert len(ledger.all_replies()) == 2


def test_no_file_may_grow_and_then_it_may_again(ledger: Ledger, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        for _ in range(3):
            with pytest.raises(LedgerUnavailable, match="磁盘"):
                draft(ledger, turn)
        assert ledger.all_replies() == []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    reply = draft(ledger, turn)
    assert ledger.all_replies() == [reply]


def test_mistakes_of_ours_stay_what_they_are(ledger: Ledger) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        ledger._store.rows("select * from elsewhere")


def test_backup_is_a_whole_ledger(ledger: Ledger, tmp_path: Path, clock: HandClock) -> None:
    turn = ask(ledger, clock)
    copy = tmp_path / "backups" / "ledger-1.db"
    for _ in range(2):
        ledger.backup(copy)
    assert [each.name for each in copy.parent.iterdir()] == ["ledger-1.db"]
    with closing(Ledger.open(copy, clock)) as other:
        assert other.open_turns("tea") == [turn]


def test_a_ledger_that_is_gone_is_not_begun_anew_while_its_copy_is_there(
    ledger: Ledger, path: Path, clock: HandClock
) -> None:
    turn = ask(ledger, clock)
    copy = path.parent / "backups" / "ledger-2026-01-01.db"
    ledger.backup(copy)
    ledger.close()
    path.unlink()
    told = refused(path, clock)
    assert "账本不见了" in told
    assert f"cp {copy} {path}" in told
    assert not path.exists()
    copy.with_name("notes.txt").touch()
    path.write_bytes(copy.read_bytes())
    with closing(Ledger.open(path, clock)) as back:
        assert back.open_turns("tea") == [turn]


def test_one_that_is_gone_without_a_whole_copy_is_begun_anew(path: Path, clock: HandClock) -> None:
    copy = path.parent / "backups" / "ledger-2026-01-01.db"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"nothing")
    with closing(Ledger.open(path, clock)) as fresh:
        assert fresh.pauses() == []


def test_backup_that_fails_leaves_the_one_before(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "backups" / "ledger-1.db"
    ledger.backup(copy)
    old = copy.read_bytes()
    ledger.event("more")

    def full(source: Path, target: Path) -> Path:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(LedgerUnavailable, match="备份没有写成（no space left）"):
        ledger.backup(copy)
    assert [each.name for each in copy.parent.iterdir()] == ["ledger-1.db"]
    assert copy.read_bytes() == old


def test_backup_to_where_nobody_may_write(ledger: Ledger, folder: Path) -> None:
    folder.chmod(0o555)
    with ordinary_user(), pytest.raises(LedgerUnavailable, match="备份没有写成"):
        ledger.backup(folder / "ledger-1.db")


@pytest.mark.parametrize("another", [False, True])
def test_nothing_is_written_to_a_file_that_is_no_more_in_its_place(
    tmp_path: Path, clock: HandClock, another: bool
) -> None:
    path = tmp_path / "ledger.db"
    ledger = Ledger.open(path, clock)
    for name in (path, path.with_name("ledger.db-wal"), path.with_name("ledger.db-shm")):
        name.unlink(missing_ok=True)
    if another:
        Ledger.open(path, clock).close()
    for act in (lambda: ledger.command("tea", "read"), lambda: ledger.event("disk")):
        with pytest.raises(LedgerUnavailable, match="删掉或换掉"):
            act()
    ledger.close()
