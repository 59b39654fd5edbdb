"""The log: one line an event, nothing in it that is a person's or a secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from base.masking import keep_secret
from bots.logs import start_log


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
    logger.bind(shop="main").info("reply {} of turn {}: {}", 7, 3, "confirmed")
    logger.info("no shop")
    first, second = lines(log)
    assert first.endswith("INFO    main reply 7 of turn 3: confirmed")
    assert second.endswith("INFO    - no shop")


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
