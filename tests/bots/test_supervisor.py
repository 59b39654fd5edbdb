"""The supervisor, with small scripts as workers: what dies, falls silent or grows too heavy is started anew."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from base.clock import SystemClock
from base.errors import ConfigError
from bots.post import Post, pause_after
from bots.processes import birth, memory
from bots.sign import Sign, refusals
from bots.supervisor import Supervisor
from tests.attending import eventually
from tests.rolls import roll_of

# Notes its pid and what it is told to attend, then gives signs until it is told to stop or its supervisor is gone.
WORKER = """
import json, os, select, signal, subprocess, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
browser = subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
heard, shops = b"", []
try:
    while True:
        if select.select([0], [], [], 0.05)[0]:
            said = os.read(0, 65536)
            if not said:
                break
            *lines, heard = (heard + said).split(b"\\n")
            for line in lines:
                shops = [shop["id"] for shop in json.loads(line)["settings"]["shops"]]
                with open(sys.argv[1], "a") as file:
                    file.write(f"{os.getpid()} {browser.pid} {','.join(shops)}\\n")
        if shops:
            os.write(1, json.dumps({"shops": shops, "entered": True}).encode() + b"\\n")
finally:
    browser.kill()
    browser.wait()
"""
TELLS = """
import sys
import time
print(sys.argv[1], flush=True)
sys.stdin.read()
"""
BROKEN = Sign(problems=["知识库改坏了"]).line().decode()


def script(text: str, *given: object) -> list[str]:
    return [sys.executable, "-S", "-c", text, *map(str, given)]


def worker(notes: Path) -> list[str]:
    return script(WORKER, notes)


def notes_in(notes: Path) -> list[tuple[int, int, list[str]]]:
    """The pids of a worker and its browser, and the shops that it was told, each time."""
    lines = notes.read_text("utf-8").splitlines() if notes.exists() else []
    return [(int(own), int(browser), shops.split(",")) for own, browser, shops in map(str.split, lines)]


def lives(notes: Path) -> list[tuple[int, int]]:
    """The pids of each worker that was started, and of its browser."""
    return list(dict.fromkeys((own, browser) for own, browser, _shops in notes_in(notes)))


def attended(notes: Path) -> list[list[str]]:
    """The shops of each worker that is there."""
    last = {own: shops for own, _browser, shops in notes_in(notes) if birth(own) is not None}
    return list(last.values())


def numbered(count: int) -> list[str]:
    return [f"shop-{number}" for number in range(count)]


@asynccontextmanager
async def supervised(
    command: Sequence[str], shops: Sequence[str] = ("tea",), limit: int = 10_000
) -> AsyncIterator[Supervisor]:
    roll = roll_of(*shops)
    settings = roll.settings.model_copy(update={"memory": limit})  # less than a file may say
    supervisor = Supervisor(command, replace(roll, settings=settings), SystemClock())
    task = asyncio.create_task(supervisor.run())
    try:
        yield supervisor
    finally:
        supervisor.stop()
        await task


async def until(true: Callable[[], bool], seconds: float = 50.0) -> None:
    async def holds() -> bool:
        return true()

    await eventually(holds, seconds)


async def test_a_worker_gives_back_what_it_has_freed_unless_an_operator_wants_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "7")
    notes = tmp_path / "notes"
    async with supervised(worker(notes)):
        await until(lambda: len(lives(notes)) == 1)
        (own, _browser) = lives(notes)[0]
        environ = psutil.Process(own).environ()
    assert environ["MALLOC_ARENA_MAX"] == "7"
    assert int(environ["MALLOC_MMAP_THRESHOLD_"]) == int(environ["MALLOC_TRIM_THRESHOLD_"]) > 0


async def test_what_dies_is_started_anew_and_all_are_gone_at_the_end(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    async with supervised(worker(notes)):
        await until(lambda: len(lives(notes)) == 1)
        os.kill(lives(notes)[0][0], signal.SIGKILL)
        await until(lambda: len(lives(notes)) == 2)
        os.kill(lives(notes)[0][1], signal.SIGKILL)  # a browser left behind is the seat's affair
    assert [birth(pid) for pid in lives(notes)[1]] == [None, None]


@pytest.mark.parametrize(("shops", "restless", "apart"), [(["tea", "milk"], True, []), (["tea"], False, ["tea"])])
async def test_that_workers_die_again_and_again_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shops: list[str], restless: bool, apart: list[str]
) -> None:
    notes = tmp_path / "notes"
    monkeypatch.setattr("bots.placing._MOST_EXTRA", 0)  # as where the machine is at fault
    async with supervised(worker(notes), shops) as supervisor:
        for number in range(1, 4):
            assert (supervisor.restless, supervisor.apart) == (False, [])
            await until(lambda number=number: len(lives(notes)) == number)  # type: ignore[misc]
            os.kill(lives(notes)[-1][0], signal.SIGKILL)
        await until(lambda: len(lives(notes)) == 4)
        assert (supervisor.restless, supervisor.apart) == (restless, apart)
        monkeypatch.setattr("bots.post._CALM_SECONDS", 0.0)
        monkeypatch.setattr("bots.post._DEATHS_SECONDS", 0.0)
        assert (supervisor.restless, supervisor.apart) == (False, [])


async def test_what_is_frozen_is_killed_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.post._SILENT_SECONDS", 0.5)
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
    monkeypatch.setattr("bots.supervisor._YOUNG_SECONDS", 0.0)
    notes = tmp_path / "notes"
    most, heaviest = 0, 0.0
    async with supervised(worker(notes), numbered(19), limit=0) as supervisor:

        def renewed() -> bool:
            nonlocal most, heaviest
            heaviest = max([heaviest, *(one.memory for one in supervisor.workers)])
            most = max(most, 2 - len(attended(notes)) if len(lives(notes)) > 2 else 0)
            return len(lives(notes)) >= 6

        await until(renewed)
        figures = supervisor.workers
    assert most <= 1 < heaviest
    assert sum(one.restarts for one in figures) >= 4


async def test_workers_are_weighed_in_turn_and_a_new_one_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = 0.1
    monkeypatch.setattr("bots.supervisor._WEIGH_EVERY", every)
    weighed: list[tuple[int, float]] = []

    def weigh(pid: int) -> float:
        weighed.append((pid, time.monotonic()))
        return 100.0

    monkeypatch.setattr("bots.supervisor.memory", weigh)
    notes = tmp_path / "notes"
    async with supervised(worker(notes), numbered(37)):
        await until(lambda: len({pid for pid, _at in weighed}) == 3)
        await until(lambda: len(weighed) >= 9)
        last = weighed[-4:]
        assert len({pid for pid, _at in last[:3]}) == 3 and last[3][0] == last[0][0]
        assert last[3][1] - last[0][1] > 2 * every and all(b - a >= every / 2 for (_, a), (_, b) in pairwise(last))
        os.kill(last[-1][0], signal.SIGKILL)
        await until(lambda: len({pid for pid, _at in weighed}) == 4)


async def test_what_does_not_end_by_itself_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.post.DRAIN_SECONDS", 0.3)
    notes = tmp_path / "notes"
    async with supervised(script(WORKER.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN"), notes)):
        await until(lambda: len(lives(notes)) == 1)
    assert [birth(pid) for pid in lives(notes)[0]] == [None, None]


async def test_what_an_operator_must_put_right_ends_it() -> None:
    told = script(TELLS, Sign(problems=["shops.yaml:3: 不对"]).line().decode())
    supervisor = Supervisor(told, roll_of("tea"), SystemClock())
    with pytest.raises(ConfigError, match=r"shops\.yaml:3: 不对"):
        await supervisor.run()


async def test_when_no_shop_of_any_worker_lets_us_in_the_reasons_are_told() -> None:
    refuses = TELLS.replace(
        "print(sys.argv[1], flush=True)",
        "import json; shops = [one['id'] for one in json.loads(sys.stdin.readline())['settings']['shops']]\n"
        "print(json.dumps({'shops': shops, 'refused': dict.fromkeys(shops, '账号或密码不对')}), flush=True)",
    )
    supervisor = Supervisor(script(refuses), roll_of(*numbered(11)), SystemClock())
    unwatched = Supervisor(script(refuses), roll_of(*numbered(2)), SystemClock(), watched=False)
    trying = asyncio.create_task(
        unwatched.run()
    )  # started anew, it would try the wrong password every few seconds
    with pytest.raises(ConfigError) as caught:
        await supervisor.run()
    assert sorted(problem.message for problem in caught.value.problems) == sorted(
        f"店铺 {shop}：账号或密码不对" for shop in numbered(11)
    )
    await until(lambda: trying.done() or any(post.sign and post.sign.refused for post in unwatched._posts))
    await asyncio.sleep(0.1)
    assert not trying.done()
    unwatched.stop()
    await trying


async def test_once_begun_nothing_ends_it(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    broken = tmp_path / "broken"
    wrong = f"        if os.path.exists({str(broken)!r}): sys.exit(print({BROKEN!r}) or 2)\n"
    async with supervised(script(WORKER.replace("        if shops:", f"{wrong}        if shops:"), notes)) as now:
        await until(lambda: now.entered)
        broken.touch()
        os.kill(lives(notes)[0][0], signal.SIGKILL)
        await until(lambda: len(lives(notes)) >= 3)
        broken.unlink()
        await until(lambda: now.entered)


async def test_a_fault_of_our_own_ends_no_workers_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes, kept = tmp_path / "notes", Post.keep

    async def faulty(post: Post) -> None:
        monkeypatch.setattr(Post, "keep", kept)
        raise LookupError("ours")

    monkeypatch.setattr(Post, "keep", faulty)
    monkeypatch.setattr("bots.supervisor._MEND_SECONDS", 0.0)
    async with supervised(worker(notes)) as now:
        await until(lambda: now.entered)


async def test_shops_come_and_go_and_the_others_are_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    async with supervised(worker(notes), numbered(18)) as supervisor:
        await until(lambda: attended(notes) == [numbered(18)])
        (first,) = lives(notes)
        supervisor.take(roll_of(*numbered(20)))
        await until(lambda: attended(notes) == [numbered(18), ["shop-18", "shop-19"]])
        supervisor.take(roll_of(*numbered(17), "tea"))  # the second one has no shop left
        await until(lambda: attended(notes) == [[*numbered(17), "tea"]])
        supervisor.take(roll_of(*numbered(17), "tea", "milk"))
        await until(lambda: attended(notes) == [[*numbered(17), "tea"], ["milk"]])
        assert lives(notes)[0] == first
        assert [one.number for one in supervisor.workers] == [1, 3]
    assert attended(notes) == []


async def test_the_shop_that_kills_its_worker_is_found_and_put_apart(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    shops = [*numbered(9), "bad"]
    dies = '        if "bad" in shops: os._exit(3)\n'
    bad = WORKER.replace("        if shops:", f"{dies}        if shops:")

    def well() -> list[str]:
        return [shop for group in attended(notes) for shop in group if "bad" not in group]

    async with supervised(script(bad, notes), shops) as supervisor:
        await until(lambda: supervisor.apart == ["bad"], 40)
        await until(lambda: sorted(well()) == numbered(9))
        assert not supervisor.restless
        news = supervisor.news
        assert all(one.startswith("值守进程反复退出，把 ") for one in news)
        assert len(news) <= 4
        others = {own for own, _browser, told in notes_in(notes) if birth(own) is not None and "bad" not in told}
        deaths = len(lives(notes))
        await until(lambda: len(lives(notes)) > deaths)  # it dies on
        assert all(birth(own) is not None for own in others)


async def test_shops_leave_a_slow_worker_and_come_back_once_all_are_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes, slow = tmp_path / "notes", tmp_path / "slow"
    monkeypatch.setattr("bots.post._SIGNS_SECONDS", 1.5)
    monkeypatch.setattr("bots.post._FEWEST_SIGNS", 4)
    # While the file is there, a worker of more than five shops can hardly give its signs.
    drags = f'        if len(shops) > 5 and "shop-0" in shops and os.path.exists({str(slow)!r}): time.sleep(1)\n'
    dragging = WORKER.replace("        if shops:", f"{drags}        if shops:").replace(
        "import json", "import time, json"
    )
    slow.touch()
    async with supervised(script(dragging, notes), numbered(19)) as supervisor:
        await until(lambda: sorted(map(len, attended(notes))) == [5, 5, 9])
        assert [said.partition("，")[0] for said in supervisor.news] == ["值守进程反应太慢"]
        assert len(lives(notes)) == 3  # nothing had to die for it
        slow.unlink()
        monkeypatch.setattr("bots.post._WELL_SECONDS", 0.5)
        await until(
            lambda: (
                sorted(map(len, attended(notes))) == [9, 10]
                and sorted(shop for group in attended(notes) for shop in group) == sorted(numbered(19))
            )
        )
        assert supervisor.news[-1].startswith("不再需要单独值守")


async def test_what_is_too_heavy_as_soon_as_it_begins_is_divided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.supervisor._WEIGH_EVERY", 0.1)
    notes = tmp_path / "notes"
    async with supervised(worker(notes), numbered(4), limit=0):
        await until(lambda: sorted(attended(notes)) == [[shop] for shop in numbered(4)])


async def test_a_worker_that_dies_begins_anew_with_what_it_was_told_last(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    async with supervised(worker(notes)) as supervisor:
        await until(lambda: attended(notes) == [["tea"]])
        supervisor.take(roll_of("tea", "milk"))
        await until(lambda: attended(notes) == [["tea", "milk"]])
        os.kill(lives(notes)[0][0], signal.SIGKILL)
        await until(lambda: len(lives(notes)) == 2)
        assert attended(notes) == [["tea", "milk"]]


def test_memory_is_that_of_all_that_was_started() -> None:
    assert memory(os.getpid()) > 10


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
