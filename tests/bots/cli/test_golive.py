"""`golive`: nothing but a supervised reply, seen by the test buyer, lets a shop answer."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from base.clock import SystemClock
from bots.cli import golive
from storage.ledger import Ledger
from storage.records import Command, ShopState
from tests.bots.cli.conftest import SHOPS, Place, Run

Work = Callable[[Ledger, Command], None]


class Worker:
    """Stands for a worker: a thread with a ledger of its own that does with each command what it is told."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.seen: list[Command] = []

    def start(self, **work: Work) -> None:
        """Answer commands of each kind; other kinds wait for ever."""
        self._thread = threading.Thread(target=self._run, args=(work,))
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, work: dict[str, Work]) -> None:
        ledger = Ledger.open(self._place.home.ledger, SystemClock())
        while not self._over.wait(0.02):
            for command in ledger.commands_for(["tea"]):
                if command.kind in work:
                    self.seen.append(command)
                    work[command.kind](ledger, command)
        ledger.close()


@pytest.fixture
def worker(place: Place) -> Iterator[Worker]:
    worker = Worker(place)
    yield worker
    worker.stop()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often."""
    monkeypatch.setattr(golive, "_LOOK", 0.02)


def find(ledger: Ledger, command: Command) -> None:
    ledger.set_command(command.id, "doing", step="found", preview=f"你好 {command.args['code']}")


def send(ledger: Ledger, command: Command) -> None:
    ledger.set_command(command.id, "done")
    ledger.set_command(int(command.args["of"]), "done", why="")


def fail(ledger: Ledger, command: Command) -> None:
    ledger.set_command(command.id, "failed", why="后台拒绝了这条消息")


def fail_to_send(ledger: Ledger, command: Command) -> None:
    ledger.set_command(command.id, "done")
    ledger.set_command(int(command.args["of"]), "failed", why="没有看到气泡")


def unfinished(ledger: Ledger) -> list[Command]:
    return ledger.commands_for(["tea"], ["new", "doing"])


def test_found_sent_seen_and_live(run: Run, ledger: Ledger, worker: Worker) -> None:
    worker.start(golive=find, golive_send=send)
    result = run("golive", "tea", input="y\ny\n")
    assert result.exit_code == 0, result.output
    asked, sent = worker.seen
    code = asked.args["code"]
    assert f"发这几个字：{code}" in result.stdout
    assert f"找到了：你好 {code}" in result.stdout
    assert sent.args["text"] in result.stdout
    assert sent.args["of"] == asked.id
    assert "现在的方式是“回答”" in result.stdout
    assert ledger.shop_row("tea").live_since is not None


def test_an_answer_that_is_none_is_asked_for_again_in_chinese(run: Run, ledger: Ledger, worker: Worker) -> None:
    worker.start(golive=find, golive_send=send)
    result = run("golive", "tea", input="发吧\n是\nok\nY\n")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("请回答 y（是）或 n（否）") == 2
    assert "Error" not in result.output
    assert ledger.shop_row("tea").live_since is not None


@pytest.mark.parametrize(
    ("work", "answers", "said"),
    [
        ({}, "", "没有等到这句话"),
        ({"golive": fail}, "", "后台拒绝了这条消息"),
        ({"golive": find}, "n\n", "仍然只观察"),
        ({"golive": find}, "y\n", "没有确认发出"),
        ({"golive": find, "golive_send": fail}, "y\n", "后台拒绝了这条消息"),
        ({"golive": find, "golive_send": fail_to_send}, "y\n", "没有看到气泡"),
        ({"golive": find, "golive_send": send}, "y\nn\n", "仍然只观察"),
    ],
    ids=["nobody wrote", "worker failed", "not confirmed", "not sent", "refused", "unseen", "buyer saw nothing"],
)
def test_anything_less_leaves_the_shop_observing(
    run: Run,
    ledger: Ledger,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    work: dict[str, Work],
    answers: str,
    said: str,
) -> None:
    for kind, limit in (("golive", "_FIND_SECONDS"), ("golive_send", "_SEND_SECONDS")):
        if kind not in work:  # nobody will ever answer
            monkeypatch.setattr(golive, limit, 0.3)
    worker.start(**work)
    result = run("golive", "tea", input=answers)
    assert result.exit_code == 1
    assert said in result.stderr
    assert ledger.shop_row("tea").live_since is None
    assert unfinished(ledger) == []


def test_interrupted_at_the_question_nothing_is_left_to_be_sent(run: Run, ledger: Ledger, worker: Worker) -> None:
    worker.start(golive=find)
    assert run("golive", "tea", input="").exit_code == 2
    assert unfinished(ledger) == []
    assert ledger.shop_row("tea").live_since is None


def test_the_real_command_interrupted_while_it_waits(place: Place, ledger: Ledger) -> None:
    command = Path(sys.executable).with_name("nightdesk")
    process = subprocess.Popen(
        [command, "--home", place.home.folder, "golive", "tea"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What was started in the background of a shell ignores it, and so does whatever that starts.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    while "等待中" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _out, said = process.communicate(timeout=20)
    assert (process.returncode, said.strip()) == (130, "已中断")
    assert unfinished(ledger) == []


def test_without_a_worker(run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.table.BEAT_SECONDS", -1.0)
    result = run("golive", "tea")
    assert result.exit_code == 1
    assert "nightdesk up" in result.stderr
    assert unfinished(ledger) == []


def test_with_a_shop_that_is_not_ready(run: Run, ledger: Ledger) -> None:
    ledger.set_shop_state("tea", ShopState.captcha, "滑块")
    result = run("golive", "tea")
    assert result.exit_code == 1
    assert "要验证码：滑块，先处理好再来" in result.stderr


@pytest.mark.parametrize(
    ("state", "said"),
    [(ShopState.off_shift, "现在不在班，到班以后再来"), (ShopState.starting, "现在启动中，等它启动好再来")],
)
def test_with_a_shop_that_will_be_ready_by_itself(run: Run, ledger: Ledger, state: ShopState, said: str) -> None:
    ledger.set_shop_state("tea", state)
    result = run("golive", "tea")
    assert (result.exit_code, said in result.stderr) == (1, True)


def test_a_live_shop_stays_live(run: Run, ledger: Ledger) -> None:
    ledger.go_live("tea")
    result = run("golive", "tea")
    assert result.exit_code == 0
    assert "已经上线了" in result.stdout


def test_a_shop_that_is_moved_meanwhile_is_not_let_answer(run: Run, ledger: Ledger, worker: Worker) -> None:
    def send_and_move(worker_ledger: Ledger, command: Command) -> None:
        send(worker_ledger, command)
        worker_ledger.put_shop("tea", title="茶叶店", console="other-desk", platform="tea")

    worker.start(golive=find, golive_send=send_and_move)
    result = run("golive", "tea", input="y\ny\n")
    assert (result.exit_code, "刚刚换了" in result.stderr) == (1, True)
    assert ledger.shop_row("tea").live_since is None


@pytest.mark.parametrize(("mode", "said"), [("hold", "“只安抚”"), ("observe", "mode: observe")])
def test_the_mode_of_the_file_comes_after(
    run: Run, place: Place, ledger: Ledger, worker: Worker, mode: str, said: str
) -> None:
    place.write("shops.yaml", f"{SHOPS}    mode: {mode}\n")
    worker.start(golive=find, golive_send=send)
    result = run("golive", "tea", input="y\ny\n")
    assert result.exit_code == 0
    assert said in result.stdout


@pytest.mark.parametrize(("shop", "said"), [("nosuch", "现有：tea"), ("tea", "nightdesk up")])
def test_before_the_first_run(run: Run, shop: str, said: str) -> None:
    result = run("golive", shop)
    assert result.exit_code == 2
    assert said in result.stderr
