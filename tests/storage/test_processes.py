"""The ledger between processes: killed ones, several writers, and readers with other tools."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO

from storage.ledger import Ledger
from storage.records import ReplyState, TurnState
from tests.storage.hands import HandClock, ask

Child = Callable[..., "subprocess.Popen[str]"]

SENDER = """
import sys
from pathlib import Path
from base.clock import SystemClock
from storage.ledger import Ledger
from storage.records import ReplyKind, ReplyState

clock = SystemClock()
ledger = Ledger.open(Path(sys.argv[1]), clock)
ledger.put_shop("tea", title="t", console="c", platform="p")
turn = ledger.open_turn("tea", "b1", seen_at=clock.now())
reply = ledger.draft(turn.id, kind=ReplyKind.answer, entry="ship", text="今天发", newest_key="m1")
for state in sys.argv[2].split(","):
    ledger.move(reply.id, ReplyState(state))
print("committed", flush=True)
if sys.argv[3:]:
    with ledger._store.write():
        ledger.close_turn(turn.id, "ignored")
        print("in a transaction", flush=True)
        sys.stdin.read()
sys.stdin.read()
"""

WRITER = """
import sys
from pathlib import Path
from base.clock import SystemClock
from storage.ledger import Ledger

clock = SystemClock()
print("ready", flush=True)
sys.stdin.readline()
ledger = Ledger.open(Path(sys.argv[1]), clock)
ledger.put_shop("tea", title="t", console="c", platform="p")
for number in range(50):
    turn = ledger.open_turn("tea", f"b{number}", seen_at=clock.now())
    ledger.event("tick", by=sys.argv[2])
ledger.close()
print("done", flush=True)
"""

READER = """
import sqlite3, sys

db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, isolation_level=None)
for line in sys.stdin:
    for statement in line.strip().split(";"):
        found = db.execute(statement).fetchone()
    print(found and found[0], flush=True)
"""


def pipe(end: IO[str] | None) -> IO[str]:
    assert end is not None
    return end


def test_killed_while_sending(path: Path, clock: HandClock, child: Child) -> None:
    for states, wanted in [("typing", ReplyState.typing), ("typing,sending", ReplyState.sending)]:
        file = path.with_name(f"{wanted}.db")
        process = child(SENDER, file, states)
        assert pipe(process.stdout).readline() == "committed\n"
        process.kill()
        process.wait()
        with closing(Ledger.open(file, clock)) as ledger:
            (reply,) = ledger.unfinished("tea")
            assert (reply.state, reply.text) == (wanted, "今天发")
            assert reply.typing_at is not None
            assert (reply.sending_at is not None) == (wanted is ReplyState.sending)


def test_killed_in_a_transaction(path: Path, clock: HandClock, child: Child) -> None:
    process = child(SENDER, path, "typing", "and on")
    assert [pipe(process.stdout).readline() for _ in range(2)] == ["committed\n", "in a transaction\n"]
    process.kill()
    process.wait()
    with closing(Ledger.open(path, clock)) as ledger:
        (turn,) = ledger.open_turns("tea")
        assert turn.state is TurnState.open
        assert ledger.unfinished("tea")[0].state is ReplyState.typing
        assert ask(ledger, clock).id == turn.id


def test_several_processes_make_and_fill_one_ledger(path: Path, clock: HandClock, child: Child) -> None:
    writers = [child(WRITER, path, number) for number in range(4)]
    assert [pipe(writer.stdout).readline() for writer in writers] == ["ready\n"] * 4
    for writer in writers:
        print("go", file=pipe(writer.stdin), flush=True)
    assert [pipe(writer.stdout).readline() for writer in writers] == ["done\n"] * 4
    with closing(Ledger.open(path, clock)) as ledger:
        assert len(ledger.events(limit=1000)) == 200
        assert len(ledger.open_turns("tea")) == 50


def test_reader_sees_what_is_committed_and_holds_nobody_up(ledger: Ledger, path: Path, child: Child) -> None:
    reader = child(READER, path)

    def read(sql: str) -> str:
        print(sql, file=pipe(reader.stdin), flush=True)
        return pipe(reader.stdout).readline().strip()

    count = "select count(*) from events"
    ledger.event("one")
    assert read(count) == "1"
    with ledger._store.write():
        ledger.event("two")
        assert read(count) == "1"
    assert read(count) == "2"
    assert read(f"begin;{count}") == "2"
    for number in range(20):
        ledger.event("more", number=number)
    assert read(count) == "2"
    assert read(f"commit;{count}") == "22"
