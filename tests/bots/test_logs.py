"""The log: one line an event, nothing in it that is a person's or a secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from base.errors import ConfigError
from base.masking import keep_secret
from bots.logs import start_log
from flows.trail import trail
from storage.records import Sender
from tests.flows.paper import BEYOND, KNOWN, furnished


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
