"""What holds for every command: help in Chinese with an example, exit codes, and never a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from base.errors import LedgerUnavailable
from bots.cli import main, page, status
from bots.cli.words import Command, Group
from storage.ledger import Ledger
from tests.bots.cli.conftest import Place, Run

ROOT = click.Context(main)


def commands(group: Group, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    for name in group.list_commands(ROOT):
        command = group.get_command(ROOT, name)
        if isinstance(command, Group):
            yield from commands(command, *path, name)
        else:
            assert isinstance(command, Command)
            yield (*path, name)


assert isinstance(main, Group)
ALL = list(commands(main))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_is_chinese_fits_the_terminal_and_ends_in_an_example(run: Run, path: tuple[str, ...]) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert not re.search(r"Usage|Options|Commands|Show this|Error|\[OPTIONS\]", result.output)
    example = result.output.rpartition("例子：")[2]
    assert f"nightdesk {' '.join(path)}".strip() in example
    assert max(map(cell_len, result.output.splitlines())) <= 80


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["statsu"], "没有命令 statsu，是不是想写 status？"),
        (["status", "--jso"], "没有选项 --jso，是不是想写 --json？"),
        (["handoffs", "claim"], "缺少 ID"),
        (["handoffs", "claim", "x"], "ID 写得不对：要写整数"),
        (["handoffs", "claim", "1", "2"], "多写了 2"),
        (["demo", "--shops", "0"], "--shops 写得不对：要写 1 到 50 的数"),
        (["ask"], "缺少 问题"),
        ([], "缺少命令"),
        (["handoffs", "claim", "1", "--by"], "选项 --by 后面要写一个值"),
    ],
)
def test_a_wrong_command_line_is_told_in_chinese(run: Run, args: list[str], said: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "--help" in result.stderr


@pytest.mark.parametrize("number", [99, 2**63, 10**20])
@pytest.mark.parametrize(
    "args",
    [
        ["trace"],
        ["trace", "--handoff"],
        ["handoffs", "show"],
        ["handoffs", "claim"],
        ["handoffs", "done"],
        ["morning", "right"],
        ["morning", "wrong"],
    ],
    ids=" ".join,
)
def test_a_number_that_is_none_of_ours_however_large(
    run: Run, ledger: Ledger, args: list[str], number: int
) -> None:
    result = run(*args, number)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"没有编号为 {number} 的" in result.stderr


def test_no_command_shows_the_help() -> None:
    result = CliRunner().invoke(main)
    assert result.exit_code == 2
    assert "knowledge" in result.stderr


def test_a_fault_of_ours_leaves_one_line_and_a_log(
    run: Run, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: object) -> None:
        raise RuntimeError("call 13812345678 back")

    place.home.prepare()
    monkeypatch.setattr(status, "load_settings", fail)
    result = run("status")
    assert result.exit_code == 70
    log = place.home.logs / "nightdesk-crash.log"
    assert result.stderr == f"程序出了意外的错误（RuntimeError），详细记录在 {log}\n"
    assert "call 138****5678 back" in log.read_text("utf-8")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [(KeyboardInterrupt(), 130, "已中断"), (LedgerUnavailable("磁盘满了"), 2, "磁盘满了")],
)
def test_how_other_ends_are_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    def fail(_path: object) -> None:
        raise error

    monkeypatch.setattr(status, "load_settings", fail)
    result = run("status")
    assert result.exit_code == code
    assert said in result.stderr


def test_a_question_that_nobody_can_answer(run: Run, place: Place) -> None:
    (place.home.shops).unlink()
    result = run("init", input="")
    assert result.exit_code == 2
    assert "没有输入可读" in result.stderr


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("一二三四五", ["一二三四", "五"]),
        ("一二三四。五", ["一二三", "四。五"]),
        ("一 word 二", ["一 word", "二"]),
        ("abcdefghijkl 一", ["abcdefghijkl", "一"]),
        ("", []),
    ],
)
def test_lines_are_folded_by_columns(text: str, lines: list[str]) -> None:
    assert list(page.fold(text, 8)) == lines
