"""One driver per shop on one machine."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from base.clock import SystemClock
from base.errors import ConfigError
from bots.home import Home
from bots.processes import Birth, birth, boot_id, this_process
from bots.seat import Holder, Look, Seat, Seats, end_the_silent, holder_of, seat_path, seated, silent
from tests.storage.hands import HandClock

ROOT = Path(__file__).resolve().parents[2]
# Holds the seat, and drives the shop by a process of its own, as a worker does by a browser.
HOLDER = """
import subprocess, sys
from pathlib import Path
from base.clock import SystemClock
from bots.processes import birth
from bots.seat import Seat
seat = Seat(Path(sys.argv[1]), SystemClock())
assert seat.take()
browser = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, start_new_session=True)
seat.renew([birth(browser.pid)])
print(browser.pid, flush=True)
sys.stdin.read()
"""


class Later(SystemClock):
    """The machine's clock, as it will be in ten seconds: whatever was written now is old."""

    def steady(self) -> float:
        return super().steady() + 10


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return seat_path(tmp_path, "tea")


@contextmanager
def held(path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that holds the seat, and the pid of its browser."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    browser = int(holder.stdout.readline())
    try:
        yield holder, browser
    finally:
        holder.kill()
        holder.communicate()
        if birth(browser):
            os.kill(browser, signal.SIGKILL)


def test_there_is_one_holder_at_a_time(path: Path) -> None:
    first, second = Seat(path, SystemClock()), Seat(path, SystemClock())
    assert first.take() and first.held and first.sure
    assert not second.take()
    first.release()
    assert second.take()
    assert not first.renew(())
    second.release()


def test_its_file_says_who_holds_it(path: Path) -> None:
    seat = Seat(path, SystemClock())
    assert seat.take()
    holder = holder_of(path)
    assert holder is not None
    assert (holder.process, holder.boot) == (this_process(), boot_id())
    seat.release()
    assert holder_of(path) is None


def test_it_goes_with_a_killed_process_and_what_that_left_is_ended(path: Path) -> None:
    with held(path) as (holder, browser):
        seat = Seat(path, SystemClock())
        assert not seat.take()
        os.kill(browser, signal.SIGSTOP)  # it cannot notice that its worker dies
        holder.kill()
        holder.wait()
        assert seat.take()
        assert birth(browser) is None
        seat.release()


def test_a_frozen_holder_is_killed_with_all_that_it_started(path: Path) -> None:
    with held(path) as (holder, browser):
        os.kill(holder.pid, signal.SIGSTOP)
        seat = Seat(path, Later())
        assert [seat.take(), seat.take()] == [False, True]
        assert holder.wait(5) == -signal.SIGKILL
        assert birth(browser) is None
        seat.release()


async def test_whoever_begins_ends_a_frozen_holder_first(path: Path) -> None:
    with held(path) as (holder, _browser):
        await end_the_silent(path.parent, [path.stem], SystemClock())
        assert holder.poll() is None
        os.kill(holder.pid, signal.SIGSTOP)
        await end_the_silent(path.parent, [path.stem], Later())
        assert holder.wait(5) == -signal.SIGKILL


def test_a_holder_that_gives_signs_is_left_alone(path: Path) -> None:
    with held(path) as (holder, _browser):
        seat = Seat(path, SystemClock())
        assert not any(seat.take() for _ in range(3))
        assert holder.poll() is None


@pytest.mark.parametrize(
    "changed",
    [lambda one: replace(one, process=replace(one.process, moment=1.0)), lambda one: replace(one, boot="another")],
)
def test_a_stranger_is_never_killed(path: Path, changed: Callable[[Holder], Holder]) -> None:
    with held(path) as (holder, browser):
        said = holder_of(path)
        assert said is not None
        path.write_bytes(changed(replace(said, started=(Birth(browser, 1.0),))).dump())
        seat = Seat(path, Later())
        assert not any(seat.take() for _ in range(3))
        assert holder.poll() is None
        assert birth(browser) is not None


NOW = 1000.0
HOLDS = Holder(process=Birth(7, 70.0), boot=boot_id(), beat=NOW - 3.5)


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        (Look(HOLDS, NOW - 1), Look(HOLDS, NOW), True),
        (None, Look(HOLDS, NOW), False),
        (Look(None, NOW - 1), Look(HOLDS, NOW), False),
        (Look(HOLDS, NOW - 1), Look(None, NOW), False),
        # It gave a sign in between; it has been silent for less; another has it by now.
        (Look(replace(HOLDS, beat=NOW - 4), NOW - 1), Look(HOLDS, NOW), False),
        (Look(replace(HOLDS, beat=NOW - 2.9), NOW - 1), Look(replace(HOLDS, beat=NOW - 2.9), NOW), False),
        (Look(replace(HOLDS, process=Birth(8, 80.0)), NOW - 1), Look(HOLDS, NOW), False),
        # The whole machine slept, and the holder has only just woken, like us.
        (Look(HOLDS, NOW - 60), Look(HOLDS, NOW), False),
        (Look(replace(HOLDS, boot="another"), NOW - 1), Look(replace(HOLDS, boot="another"), NOW), False),
    ],
)
def test_who_is_silent(before: Look | None, now: Look, verdict: bool) -> None:
    assert silent(before, now) is verdict


def test_a_file_that_is_just_being_written_names_nobody() -> None:
    assert Holder.load(HOLDS.dump()) == HOLDS
    assert [Holder.load(raw) for raw in (b"", b"[]", b"{", HOLDS.dump()[:-3], HOLDS.dump() + b"}")] == [None] * 5


def test_a_holder_that_drives_with_less_is_read_whole_at_every_moment(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = Seat(path, SystemClock())
    assert seat.take()
    assert seat.renew([this_process()] * 9)

    def killed(_handle: int, _length: int) -> None:
        raise SystemExit

    monkeypatch.setattr(os, "ftruncate", killed)  # a kill hits between any two calls
    assert seat.renew([this_process()])
    holder = holder_of(path)
    assert holder is not None and holder.started == (this_process(),)
    monkeypatch.undo()
    seat.release()
    assert holder_of(path) is None


def test_on_a_full_disk_nobody_acts_until_there_is_room(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    first, second = Seat(path, clock), Seat(path.with_name("other.lock"), clock)
    assert first.take()
    written = path.stat().st_size
    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", fails)
        first._beat -= 2
        assert first.renew(())  # it is not lost, and a sign of life may go out
        assert not first.sure
        assert not second.take()
        assert not second.held
    assert first.renew(()) and first.sure
    assert second.take()
    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", fails)
        first.release()
    second.release()
    assert path.stat().st_size == written  # it needs no more room than it had
    assert first.take()
    first.release()


def test_no_sign_of_life_needs_more_room_than_the_first(path: Path) -> None:
    """How long one is depends on the digits of its moment, and on what the shop is driven with."""
    clock = HandClock()
    seat = Seat(path, clock)
    sizes = set()
    assert seat.take()
    for seconds in (0.5, 0.123456789, 100_000.000001):
        clock.go(seconds)
        assert seat.renew([Birth(pid, 1.0) for pid in range(100_000, 100_020)])
        sizes.add(path.stat().st_size)
    seat.release()
    assert sizes == {path.stat().st_size}


def fails(*_given: object) -> int:
    """As on a disk without room."""
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_seat_whose_file_was_removed_is_lost(path: Path) -> None:
    first, second = Seat(path, SystemClock()), Seat(path, SystemClock())
    assert first.take()
    path.unlink()
    assert second.take()
    assert not first.renew(())
    assert not first.sure
    second.release()


async def test_who_was_frozen_waits_for_the_proof(tmp_path: Path) -> None:
    clock = Later()
    seats = Seats(tmp_path, ["tea"], clock)
    await seats.take()
    await seats.sure("tea")
    clock.steady = lambda: SystemClock().steady() + 12  # type: ignore[method-assign]
    waiting = asyncio.create_task(seats.sure("tea"))
    await asyncio.sleep(0)
    assert not waiting.done()
    assert seats.renew(())
    await asyncio.wait_for(waiting, 5)
    seats.release()


async def test_the_seats_of_a_worker_come_and_go_with_its_shops(tmp_path: Path) -> None:
    mine, other = Seats(tmp_path, ["tea", "milk"], SystemClock()), Seats(tmp_path, ["milk"], SystemClock())
    await mine.take()
    await other.take()
    assert (mine.held, other.held) == (["tea", "milk"], [])
    mine.cover(["tea", "wine"])
    await mine.take()
    await other.take()
    assert (mine.held, other.held) == (["tea", "wine"], ["milk"])
    mine.release()
    other.release()


async def test_a_worker_gives_one_sign_for_all_its_shops_but_for_the_one_it_has_lost(tmp_path: Path) -> None:
    clock = HandClock()
    seats = Seats(tmp_path, ["tea", "milk", "wine"], clock)
    await seats.take()
    seat_path(tmp_path, "milk").unlink()
    clock.go(0.5)
    assert not seats.renew([this_process()] * 2)
    assert seats.held == ["tea", "wine"]
    said = [holder_of(seat_path(tmp_path, shop)) for shop in seats.held]
    wanted = Holder(process=this_process(), boot=boot_id(), beat=clock.steady(), started=(this_process(),) * 2)
    assert said == [wanted, wanted]
    assert seats.renew(())
    seats.release()


async def test_a_proof_is_as_old_as_its_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stands by counts from the sign: a slow disk must not make the holder surer than that."""
    clock = HandClock()
    seats = Seats(tmp_path, ["tea", "milk"], clock)
    await seats.take()
    write = os.pwrite

    def slow(handle: int, text: bytes, place: int) -> int:
        clock.go(0.8)
        return write(handle, text, place)

    monkeypatch.setattr(os, "pwrite", slow)
    begun = clock.steady()
    assert seats.renew(())
    for shop in seats.held:
        holder = holder_of(seat_path(tmp_path, shop))
        assert holder is not None and holder.beat == begun
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(seats.sure(shop), 0.01)
    monkeypatch.undo()
    seats.release()


def test_a_command_holds_it_for_as_long_as_it_takes(tmp_path: Path, path: Path) -> None:
    with seated(tmp_path, "tea"):
        seat = Seat(path, Later())
        assert not any(seat.take() for _ in range(3))
        with pytest.raises(ConfigError) as caught, seated(tmp_path, "tea"):
            pass
    assert f"店铺 tea 正被另一个 nightdesk 进程（pid {os.getpid()}）值守" in str(caught.value)
    assert seat.take()
    seat.release()


def test_a_seat_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="值守锁"):
        Seat(seat_path(Home(tmp_path / "nowhere").seats, "tea"), SystemClock()).take()


def test_a_pid_alone_is_nobody() -> None:
    assert birth(os.getpid()) == this_process()
    assert birth(2**30) is None
