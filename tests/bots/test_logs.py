"""The log: one line an event, nothing in it that is a person's or a secret."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from base.errors import ConfigError
from base.masking import keep_secret
from bots.logs import _MOST_WAITING, start_log
from flows.trail import trail
from storage.records import Sender
from tests.flows.paper import BEYOND, KNOWN, furnished

_SAYS_MUCH_AND_ENDS = """
import sys
from pathlib import Path
from loguru import logger
from bots.logs import start_log

start_log(Path(sys.argv[1]), terminal=False)
for number in range(500):
    logger.info("line {}", number)
sys.exit(3)
"""

_SAYS_MUCH_IN_SMALL_FILES = """
import sys
from pathlib import Path
from loguru import logger
from bots import logs

logs._MOST_BYTES = 2000
logs.start_log(Path(sys.argv[1]), terminal=False)
print(flush=True)
sys.stdin.readline()
for number in range(700):
    logger.info("line {}-{}", sys.argv[2], number)
    logger.complete()
"""


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A log in a folder of its own; read it after `logger.complete()`."""
    start_log(tmp_path, terminal=False)
    yield tmp_path / "nightdesk.log"
    logger.remove()


def lines(log: Path) -> list[str]:
    logger.complete()
    return log.read_text(encoding="utf-8").splitlines()


def test_an_event_is_one_line_with_its_shop(log: Path) -> None:
    trail("main", 3).info("reply {}: {}", 7, "confirmed")
    trail("main", None).info("no turn")
    logger.info("no shop")
    assert [line.partition(" INFO    ")[2] for line in lines(log)] == [
        "main turn=3 reply 7: confirmed",
        "main turn=- no turn",
        "- turn=- no shop",
    ]


async def test_one_id_finds_a_turn_from_its_question_to_the_seen_bubble(log: Path, tmp_path: Path) -> None:
    async with furnished(tmp_path) as room:
        room.paper.say(Sender.buyer, KNOWN)
        await room.visit()
        first = await room.turn()
        room.clock.go(60)
        room.paper.say(Sender.buyer, BEYOND)
        await room.visit()
        second = await room.turn()
    found = [line for line in lines(log) if f" turn={first.id} " in line]
    assert [line.partition(f"turn={first.id} ")[2].split(" (")[0].rstrip() for line in found] == [
        "decided after 0.000 s: answer",
        "reply 1: confirmed",
    ]
    assert [line for line in lines(log) if f" turn={second.id} handoff " in line]
    assert not any(BEYOND in line for line in lines(log))


def test_phone_numbers_and_secrets_do_not_reach_the_file(log: Path) -> None:
    keep_secret("hunter2-Pw")
    logger.info("buyer said {} and the password is {}", "打我电话13812345678", "hunter2-Pw")
    (line,) = lines(log)
    assert "13812345678" not in line
    assert "hunter2-Pw" not in line


def test_what_an_error_says_is_masked_too(log: Path) -> None:
    number = "138" + "1234" + "5678"
    try:
        raise ValueError(f"cannot read {number}")
    except ValueError as error:
        logger.opt(exception=error).error("visit broke")
    text = "\n".join(lines(log))
    assert "Traceback" in text
    assert "ValueError: cannot read" in text
    assert number not in text


def test_a_log_that_cannot_be_written_is_an_operators_error(tmp_path: Path) -> None:
    (tmp_path / "nightdesk.log").mkdir()
    with pytest.raises(ConfigError, match="写不了日志"):
        start_log(tmp_path, terminal=False)


def test_what_cannot_leave_the_process_is_logged_too(log: Path) -> None:
    logger.bind(what=threading.Lock()).info("held by a lock")
    assert lines(log)[0].endswith("held by a lock")


def test_all_lines_are_there_when_a_process_ends(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", _SAYS_MUCH_AND_ENDS, str(tmp_path)], timeout=60)
    assert ended.returncode == 3
    said = (tmp_path / "nightdesk.log").read_text("utf-8").splitlines()
    assert [line.rpartition(" ")[2] for line in said] == [str(number) for number in range(500)]


def test_all_lines_are_there_when_another_log_is_begun(log: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for number in range(100):
        logger.info("line {}", number)
    start_log(tmp_path / "other", terminal=False)
    logger.info("elsewhere")
    assert len(log.read_text("utf-8").splitlines()) == 100


def test_a_new_file_that_another_process_has_begun_is_gone_on_with(log: Path) -> None:
    logger.info("old")
    logger.complete()
    log.rename(log.with_name("nightdesk.old.log"))
    logger.info("new")
    assert [line.rpartition(" ")[2] for line in lines(log)] == ["new"]


def test_no_line_is_lost_where_several_processes_begin_new_files_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SAYS_MUCH_IN_SMALL_FILES, str(tmp_path)]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    writers = [subprocess.Popen([*command, name], **pipes) for name in "abc"]
    for writer in writers:
        assert writer.stdout is not None and writer.stdout.readline()
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"\n")
        writer.stdin.flush()
    assert [writer.communicate(timeout=60)[1] for writer in writers] == [b""] * 3
    said = [
        line.rpartition(" ")[2] for file in tmp_path.iterdir() for line in file.read_text("utf-8").splitlines()
    ]
    assert sorted(said) == sorted(f"{name}-{number}" for name in "abc" for number in range(700))
    assert len(list(tmp_path.iterdir())) > 10


def test_a_full_file_is_set_aside_and_one_of_a_month_ago_is_forgotten(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, young = log.with_name("nightdesk.1.log"), log.with_name("nightdesk.2.log")
    for file, days in ((old, 31), (young, 29)):
        file.touch()
        os.utime(file, times=(0, time.time() - days * 86_400))
    monkeypatch.setattr("bots.logs._MOST_BYTES", 10)
    logger.info("full")
    logger.complete()
    monkeypatch.undo()
    assert not old.exists() and young.exists()
    logger.info("new")
    assert [line.rpartition(" ")[2] for line in lines(log)] == ["new"]


def test_a_disk_that_hangs_holds_nobody_up_and_what_it_cost_is_told(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works_again, look = threading.Event(), os.stat

    def hangs(path: Any, *given: Any, **named: Any) -> os.stat_result:
        if path == str(log):
            works_again.wait(60)
        return look(path, *given, **named)

    monkeypatch.setattr(os, "stat", hangs)
    for number in range(_MOST_WAITING + 100):
        logger.info("line {}", number)
    assert log.read_bytes() == b""
    works_again.set()
    logger.remove()
    *before, told = log.read_text("utf-8").splitlines()
    lost = _MOST_WAITING + 100 - len(before)
    assert lost in (99, 100)  # one may have been at the disk, waiting for it
    assert [line.rpartition(" ")[2] for line in before] == [str(number) for number in range(len(before))]
    assert told.endswith(f" WARNING - turn=- lines missing here: {lost}, the disk took too long")


def test_after_a_gap_the_log_goes_on(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.logs._MOST_WAITING", 0)
    logger.info("lost")
    monkeypatch.undo()
    logger.info("kept")
    assert [line.partition(" turn=- ")[2] for line in lines(log)] == [
        "lines missing here: 1, the disk took too long",
        "kept",
    ]


def test_what_a_full_disk_did_not_take_is_told_and_the_log_goes_on(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = "138" + "1234" + "5678"
    with monkeypatch.context() as full:
        full.setattr(os, "stat", no_room)
        logger.opt(exception=ValueError(f"cannot read {number}")).error("lost")
        logger.complete()
    logger.info("kept")
    assert [line.rpartition(" ")[2] for line in lines(log)] == ["kept"]
    told = capsys.readouterr().err
    assert "No space left on device" in told
    assert "cannot read" in told and number not in told


def no_room(*_given: object, **_named: object) -> None:
    """As on a full disk."""
    raise OSError(errno.ENOSPC, "No space left on device")
