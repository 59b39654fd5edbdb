"""The supervisor, with small scripts as workers: what dies, falls silent or grows too heavy is started anew."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from base.clock import SystemClock
from base.errors import ConfigError
from bots.processes import birth, memory
from bots.sign import Sign, refusals
from bots.supervisor import MOST_SHOPS, Supervisor, groups, pause_after
from tests.attending import eventually

# Notes its pid, then gives signs until it is told to stop or its supervisor is gone.
WORKER = """
import os, select, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
browser = subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()} {browser.pid}\\n")
try:
    while not select.select([0], [], [], 0.05)[0]:
        os.write(1, sys.argv[2].encode() + b"\\n")
finally:
    browser.kill()
"""
TELLS = """
import sys
print(sys.argv[1], flush=True)
sys.stdin.read()
"""
WELL = Sign(shops=["tea"], entered=True)
BROKEN = Sign(problems=["知识库改坏了"]).line().decode()


def script(text: str, *given: object) -> list[str]:
    return [sys.executable, "-S", "-c", text, *map(str, given)]


def worker(notes: Path, sign: Sign = WELL) -> list[str]:
    return script(WORKER, notes, sign.line().decode().strip())


def lives(notes: Path) -> list[tuple[int, int]]:
    """The pids of each worker that was started, and of its browser."""
    lines = notes.read_text("utf-8").splitlines() if notes.exists() else []
    return [(int(own), int(browser)) for own, browser in map(str.split, lines)]


@asynccontextmanager
async def supervised(*commands: Sequence[str], limit: float = 10_000) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(commands, SystemClock(), limit=limit)
    task = asyncio.create_task(supervisor.run())
    try:
        yield supervisor
    finally:
        supervisor.stop()
        await task


async def until(true: Callable[[], bool]) -> None:
    async def holds() -> bool:
        return true()

    await eventually(holds)


async def test_what_dies_is_started_anew_and_all_are_gone_at_the_end(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    async with supervised(worker(notes)):
        await until(lambda: len(lives(notes)) == 1)
        os.kill(lives(notes)[0][0], signal.SIGKILL)
        await until(lambda: len(lives(notes)) == 2)
        os.kill(lives(notes)[0][1], signal.SIGKILL)  # a browser left behind is the seat's affair
    assert [birth(pid) for pid in lives(notes)[1]] == [None, None]


async def test_that_workers_die_again_and_again_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = tmp_path / "notes"
    async with supervised(worker(notes)) as supervisor:
        for number in range(1, 4):
            assert not supervisor.restless
            await until(lambda number=number: len(lives(notes)) == number)  # type: ignore[misc]
            os.kill(lives(notes)[-1][0], signal.SIGKILL)
        await until(lambda: len(lives(notes)) == 4)
        assert supervisor.restless
        monkeypatch.setattr("bots.supervisor._CALM_SECONDS", 0.0)
        assert not supervisor.restless


async def test_what_is_frozen_is_killed_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.supervisor._SILENT_SECONDS", 0.5)
    notes = tmp_path / "notes"
    async with supervised(worker(notes)) as supervisor:
        await until(lambda: len(lives(notes)) == 1 and supervisor.entered)
        os.kill(lives(notes)[0][0], signal.SIGSTOP)
        await until(lambda: len(lives(notes)) == 2)
        assert [birth(pid) for pid in lives(notes)[0]] == [None, None]


async def test_what_grows_too_heavy_is_drained_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.supervisor._WEIGH_EVERY", 0.1)
    monkeypatch.setattr("bots.supervisor._YOUNG_SECONDS", 0.3)
    first, second = tmp_path / "first", tmp_path / "second"
    most = 0
    async with supervised(worker(first), worker(second), limit=0.001) as supervisor:

        def renewed() -> bool:
            nonlocal most
            dead = sum(birth(lives(notes)[-1][0]) is None for notes in (first, second) if lives(notes))
            most = max(most, dead)
            return min(len(lives(first)), len(lives(second))) >= 3

        await until(renewed)
        figures = supervisor.workers
    assert most <= 1
    assert [one.restarts >= 2 and one.memory > 0 for one in figures] == [True, True]


async def test_what_does_not_end_by_itself_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.supervisor._DRAIN_SECONDS", 0.3)
    notes = tmp_path / "notes"
    async with supervised(script(WORKER.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN"), notes, "{}")):
        await until(lambda: len(lives(notes)) == 1)
    assert [birth(pid) for pid in lives(notes)[0]] == [None, None]


async def test_what_an_operator_must_put_right_ends_it() -> None:
    supervisor = Supervisor(
        [script(TELLS, Sign(problems=["shops.yaml:3: 不对"]).line().decode())], SystemClock(), limit=1
    )
    with pytest.raises(ConfigError, match=r"shops\.yaml:3: 不对"):
        await supervisor.run()


async def test_when_no_shop_of_any_worker_lets_us_in_the_reasons_are_told() -> None:
    signs = [Sign(shops=[shop], refused={shop: "账号或密码不对"}) for shop in ("tea", "coffee")]
    supervisor = Supervisor([script(TELLS, sign.line().decode()) for sign in signs], SystemClock(), limit=1)
    with pytest.raises(ConfigError) as caught:
        await supervisor.run()
    assert sorted(map(str, caught.value.problems)) == ["店铺 coffee：账号或密码不对", "店铺 tea：账号或密码不对"]


async def test_once_begun_nothing_ends_it(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    broken = tmp_path / "broken"
    wrong = f"if os.path.exists({str(broken)!r}): print({BROKEN!r}); sys.exit(2)\n"
    async with supervised(script(WORKER.replace("try:", f"{wrong}try:"), notes, WELL.line().decode())) as now:
        await until(lambda: now.entered)
        broken.touch()
        os.kill(lives(notes)[0][0], signal.SIGKILL)
        await until(lambda: len(lives(notes)) >= 3)
        broken.unlink()
        await until(lambda: now.entered)


def test_memory_is_that_of_all_that_was_started() -> None:
    assert memory(os.getpid()) > 10


@pytest.mark.parametrize(
    ("shops", "sizes"), [(1, [1]), (MOST_SHOPS, [10]), (MOST_SHOPS + 1, [6, 5]), (53, [9, 9, 9, 9, 9, 8])]
)
def test_as_few_workers_as_can_be_of_about_the_same_size(shops: int, sizes: list[int]) -> None:
    found = groups([str(number) for number in range(shops)])
    assert [len(group) for group in found] == sizes
    assert sorted((shop for group in found for shop in group), key=int) == [str(number) for number in range(shops)]


@pytest.mark.parametrize(
    ("lives", "pause"),
    [
        ([], 0),
        ([500], 0),
        ([3], 0),
        ([3, 3], 0.5),
        ([3, 3, 3], 1),
        ([3] * 20, 30),
        ([3, 3, 3, 60], 0),
        ([60, 3], 0),
        ([60, 3, 3], 0.5),
    ],
)
def test_who_dies_young_again_and_again_waits(lives: list[float], pause: float) -> None:
    assert pause_after(lives) == pause


REFUSED = Sign(shops=["tea"], refused={"tea": "连不上"})


@pytest.mark.parametrize(
    ("signs", "count"),
    [
        ([REFUSED], 1),
        ([REFUSED, Sign(shops=["a", "b"], refused={"a": "x", "b": "y"})], 3),
        ([REFUSED, None], 0),
        ([REFUSED, Sign(begins=True)], 0),
        ([REFUSED, Sign(shops=["a", "b"], refused={"a": "x"})], 0),
        ([REFUSED, Sign(shops=["a"], entered=True, refused={"a": "x"})], 0),
        ([REFUSED, Sign(shops=["a"], others=["a"])], 0),
    ],
)
def test_one_shop_that_may_still_let_us_in_is_enough(signs: list[Sign | None], count: int) -> None:
    assert len(refusals(signs)) == count


def test_a_sign_travels_as_a_line() -> None:
    sign = Sign(shops=["tea"], others=[], refused={"tea": "连不上"}, problems=[])
    assert Sign.of(sign.line()) == sign
