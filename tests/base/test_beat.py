"""The background beat: it goes on, it can be poked, it ends when told and for nothing but its fatal errors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from loguru import logger

from base.beat import Beat

NEVER = 3600.0


class Work:
    """Counts its calls, each of which a test can await; fails as told."""

    def __init__(self, *errors: BaseException | None) -> None:
        self.calls = 0
        self._errors = list(errors)
        self._called = asyncio.Condition()

    async def __call__(self) -> None:
        async with self._called:
            self.calls += 1
            self._called.notify_all()
        error = self._errors.pop(0) if self._errors else None
        if error is not None:
            raise error

    async def reached(self, calls: int) -> None:
        async with asyncio.timeout(5), self._called:
            await self._called.wait_for(lambda: self.calls >= calls)


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logger.add(lambda message: lines.append(str(message)), format="{message}")
    yield lines
    logger.remove(handler)


async def test_it_beats_again_and_again() -> None:
    work = Work()
    beat = Beat("test", 0.001, work)
    beat.start()
    await work.reached(3)
    await beat.stop()


async def test_short_beats_strike_together() -> None:
    loop, struck = asyncio.get_running_loop(), dict[str, list[float]](one=[], other=[])
    beats, enough = [], asyncio.Event()
    for name, delay in (("one", 0.0), ("other", 0.13)):

        async def strike(name: str = name) -> None:
            struck[name].append(loop.time())
            if min(map(len, struck.values())) == 6:
                enough.set()

        beats.append(Beat(name, 0.4, strike, delay=delay))
        beats[-1].start()
    async with asyncio.timeout(10):
        await enough.wait()
    for beat in beats:
        await beat.stop()
    one, other = (moments[1:] for moments in struck.values())  # the first comes when it is started
    apart = sorted(abs((at - to + 0.2) % 0.4 - 0.2) for at, to in zip(one, other, strict=False))
    assert len(apart) >= 5
    assert apart[len(apart) // 2] < 0.03


async def test_work_that_takes_long_leaves_room_between_two_beats() -> None:
    loop, pauses, ended = asyncio.get_running_loop(), list[float](), list[float]()
    enough = asyncio.Event()

    async def work() -> None:
        pauses.extend(loop.time() - at for at in ended[-1:])
        await asyncio.sleep(0.19)
        ended.append(loop.time())
        if len(pauses) == 6:
            enough.set()

    beat = Beat("test", 0.2, work)
    beat.start()
    async with asyncio.timeout(10):
        await enough.wait()
    await beat.stop()
    assert min(pauses) >= 0.099


async def test_the_first_beat_waits_for_the_delay() -> None:
    work = Work()
    beat = Beat("test", NEVER, work, delay=NEVER)
    beat.start()
    await asyncio.sleep(0)
    assert work.calls == 0
    beat.poke()
    await work.reached(1)
    await beat.stop()


async def test_many_pokes_are_one_beat_and_none_is_lost() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    calls = 0

    async def work() -> None:
        nonlocal calls
        calls += 1
        begun.set()
        await go_on.wait()

    beat = Beat("test", NEVER, work)
    beat.poke()
    beat.start()
    await begun.wait()
    begun.clear()
    for _ in range(5):  # while it works: it must look once more
        beat.poke()
    go_on.set()
    async with asyncio.timeout(5):
        await begun.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    assert calls == 2
    await beat.stop()


async def test_a_poke_for_later_comes_once_unless_a_beat_was_sooner() -> None:
    work = Work()
    beat = Beat("test", NEVER, work)
    beat.start()
    await work.reached(1)
    beat.poke_in(0.01)
    beat.poke_in(NEVER)
    await work.reached(2)
    beat.poke_in(NEVER)
    later = beat._soon
    beat.poke()  # this one serves for it
    await work.reached(3)
    assert later is not None and later.cancelled()
    await beat.stop()


async def test_an_error_is_logged_and_the_beat_goes_on(log: list[str]) -> None:
    work = Work(ValueError("out of paper"), TimeoutError("late"))
    beat = Beat("printer", 0.001, work)
    beat.start()
    await work.reached(3)
    await beat.stop()
    assert any("beat printer failed: out of paper" in line for line in log)
    assert any("beat printer failed: late" in line for line in log)


async def test_a_fatal_error_ends_it_and_is_raised_where_one_waits() -> None:
    work = Work(None, LookupError("seat gone"))
    beat = Beat("seat", 0.001, work, fatal=(LookupError,))
    beat.start()
    with pytest.raises(LookupError, match="seat gone"):
        await beat.wait()
    assert work.calls == 2
    await beat.stop()  # nothing left, nothing raised


async def test_it_can_start_again_after_its_end() -> None:
    work = Work(LookupError("seat gone"))
    beat = Beat("seat", 0.001, work, fatal=(LookupError,))
    beat.start()
    with pytest.raises(LookupError):
        await beat.wait()
    beat.start()
    await work.reached(3)
    await beat.stop()


async def test_starting_twice_is_one_beat() -> None:
    work = Work()
    beat = Beat("test", NEVER, work)
    beat.start()
    beat.start()
    beat.poke()
    await work.reached(1)
    assert sum(task.get_name() == "test" for task in asyncio.all_tasks()) == 1
    await beat.stop()


async def test_stop_ends_work_in_hand_and_waits_for_its_end() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    beat = Beat("test", NEVER, work)
    beat.poke()
    beat.start()
    await begun.wait()
    waiting = asyncio.create_task(beat.wait())
    await asyncio.sleep(0)
    await beat.stop()
    assert ended.is_set()
    await waiting  # whoever waited is told of the end, not cancelled
    await beat.stop()


async def test_who_waits_may_be_cancelled_without_ending_the_beat() -> None:
    work = Work()
    beat = Beat("test", NEVER, work)
    beat.start()
    await work.reached(1)
    waiting = asyncio.create_task(beat.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    beat.poke()
    await work.reached(2)
    await beat.stop()


async def test_who_stops_it_may_be_cancelled() -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await release.wait()
            raise

    beat = Beat("test", NEVER, work)
    beat.poke()
    beat.start()
    await begun.wait()
    stopping = asyncio.create_task(beat.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    release.set()
    await asyncio.wait([task for task in asyncio.all_tasks() if task.get_name() == "test"])


async def test_a_stop_that_comes_with_a_poke_is_not_lost() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()

    beat = Beat("test", NEVER, work)
    beat.start()
    await begun.wait()
    await asyncio.sleep(0)  # it pauses now
    beat.poke()
    await asyncio.sleep(0)  # what it waits for is there, and it has not gone on yet
    async with asyncio.timeout(1):
        await beat.stop()


async def test_waiting_for_one_that_never_began_is_over_at_once() -> None:
    beat = Beat("test", NEVER, Work())
    await beat.wait()
    await beat.stop()


async def test_of_two_moments_the_earlier_one_counts() -> None:
    work = Work()
    beat = Beat("test", NEVER, work)
    beat.start()
    await work.reached(1)
    beat.poke_in(NEVER)
    beat.poke_in(0.01)
    beat.poke_in(NEVER)
    await work.reached(2)
    await beat.stop()
