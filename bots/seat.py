"""The seat of a shop: the right to drive it, one holder at a time on one machine.

A file lock says who holds it; the file says which process that is and when it last gave a sign of life. A process
that stands by kills a holder that is silent, with all that it started, and only then takes the lock.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

from base.clock import Clock, SystemClock
from base.errors import ConfigError, Problem
from bots.processes import Birth, birth, boot_id, kill, this_process

# A holder that gave no sign for so long is dead or frozen.
STALE = 3.0
# A holder that gave none for so long must give one before it acts: with the gate's two seconds that makes three.
_SURE = 1.0
# Who looked longer ago than this was asleep itself, and so, perhaps, was the holder: it is given time to wake.
_AWAKE = 2.5
_BETWEEN = 1.0
_MOST_BYTES = 65_536
# A file is as long from the start as it will ever be: on a full disk a longer sign of life could not be written.
_ROOM = 2_048


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a seat, as its file says. `beat`: the last sign of life, in seconds of the clock that counts time
    asleep; `started`: the driver and the browser, which may outlive a process that was killed.
    """

    process: Birth
    boot: str
    beat: float
    started: tuple[Birth, ...] = ()

    def dump(self) -> bytes:
        """As the file holds it."""
        own = {"pid": self.process.pid, "born": self.process.moment, "boot": self.boot, "beat": self.beat}
        return json.dumps({**own, "started": [[one.pid, one.moment] for one in self.started]}).encode()

    @classmethod
    def load(cls, raw: bytes) -> Holder | None:
        """What a file says; None when nobody is named."""
        try:
            said = json.loads(raw)
            return cls(
                process=Birth(int(said["pid"]), float(said["born"])),
                boot=str(said["boot"]),
                beat=float(said["beat"]),
                started=tuple(Birth(int(pid), float(moment)) for pid, moment in said["started"]),
            )
        except (ValueError, TypeError, KeyError):
            return None

    @property
    def alive(self) -> bool:
        """Whether that very process is still there, running or frozen."""
        return self.boot == boot_id() and birth(self.process.pid) == self.process


@dataclass(frozen=True, slots=True)
class Look:
    """What a stand-by saw, and when."""

    holder: Holder | None
    at: float


def silent(before: Look | None, now: Look) -> bool:
    """Whether a holder has been silent for so long that it must go; takes two looks, shortly after one another."""
    if before is None or before.holder is None or now.holder is None or now.holder.boot != boot_id():
        return False
    unchanged = (before.holder.process, before.holder.beat) == (now.holder.process, now.holder.beat)
    return unchanged and now.at - now.holder.beat > STALE and now.at - before.at < _AWAKE


class Seat:
    """One seat. Held from `take` to `release`; it goes with the process, however that ends.

    `trees`: whether a silent holder is killed with all that it started, or by itself.
    """

    def __init__(self, path: Path, clock: Clock, *, trees: bool = True) -> None:
        self._path = path
        self._clock = clock
        self._trees = trees
        self._handle: int | None = None
        self._seen: Look | None = None
        self._beat = 0.0
        self._mute = False

    @property
    def held(self) -> bool:
        """Whether it is ours."""
        return self._handle is not None

    @property
    def sure(self) -> bool:
        """Whether it was proved to be ours a moment ago."""
        return self.held and self._clock.steady() - self._beat <= _SURE

    def take(self) -> bool:
        """Take it if it is free or its holder silent, and say whether it is ours now; may take some seconds.

        What a former holder left running is killed first. Raises `ConfigError` when the file cannot be made.
        """
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(Problem(message=f"建不了值守锁：{error.strerror}", path=self._path)) from None
        if not self._lock(handle):
            os.close(handle)
            return False
        former = Holder.load(os.pread(handle, _MOST_BYTES, 0))
        if former is not None and former.boot == boot_id():
            kill(former.started)
        self._handle = handle
        kept = self.renew(())
        if self._mute:  # who cannot show that it lives drives nothing; there may be room the next time
            self.release()
        return kept and self.held

    def renew(self, started: Sequence[Birth], *, lasting: bool = False) -> bool:
        """Prove that the seat is ours and write a sign of life; False when it is lost.

        One that cannot be written, on a full disk, is tried again the next time: until then nobody acts on it.

        `started`: what this process drives the shop with; `lasting`: no further sign will come, nor is needed.
        """
        now = self._clock.steady()
        return self.show(_own_sign(math.inf if lasting else now, started), now)

    def show(self, sign: bytes, now: float) -> bool:
        """As `renew`, with the sign of life made at `now`, which is the same for all seats of a process."""
        handle = self._handle
        if handle is None:
            return False
        size = self._own_size(handle)
        if size is None:  # somebody has removed the file: another process may hold a new one
            self._handle = None
            os.close(handle)
            return False
        try:
            _put(handle, sign, size)
        except OSError as error:
            if not self._mute:
                logger.error("{}: no sign of life can be written: {}", self._path.stem, error)
            self._mute = True
            return True
        self._beat, self._mute = now, False
        return True

    def release(self) -> None:
        """Give it back."""
        # The file stays: removing it would let a second holder lock a new file of the same name. Nor is it made
        # smaller: on a full disk it could not grow again.
        handle, self._handle = self._handle, None
        if handle is not None:
            with suppress(OSError):
                _put(handle, b"", os.fstat(handle).st_size)
            os.close(handle)

    def _own_size(self, handle: int) -> int | None:
        """How long our file is; None when another one, or none, is in its place."""
        try:
            own = os.fstat(handle)
            return own.st_size if os.path.samestat(own, self._path.stat()) else None
        except OSError:
            return None

    def _lock(self, handle: int) -> bool:
        if _try_lock(handle):
            return True
        before, self._seen = self._seen, Look(Holder.load(os.pread(handle, _MOST_BYTES, 0)), self._clock.steady())
        holder = self._seen.holder
        if holder is None or not silent(before, self._seen):
            return False
        logger.warning("{}: its holder (pid {}) is silent and is ended", self._path.stem, holder.process.pid)
        kill([holder.process, *holder.started], trees=self._trees)
        return _try_lock(handle)


class Seats:
    """The seats of a worker's shops."""

    def __init__(self, folder: Path, shops: Iterable[str], clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._seats: dict[str, Seat] = {}
        self.cover(shops)
        self._renewed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._seats)

    @property
    def held(self) -> list[str]:
        """The shops that are ours."""
        return [shop for shop, seat in self._seats.items() if seat.held]

    @property
    def shops(self) -> list[str]:
        """All that are taken when they can be."""
        return list(self._seats)

    def cover(self, shops: Iterable[str]) -> None:
        """Take the seats of these shops from now on; those of others are given back."""
        wanted = list(shops)
        for shop in self._seats.keys() - wanted:
            self._seats.pop(shop).release()
        for shop in wanted:
            if shop not in self._seats:
                self._seats[shop] = Seat(seat_path(self._folder, shop), self._clock)

    async def take(self) -> None:
        """Take every seat that can be taken now."""
        for seat in list(self._seats.values()):
            if not seat.held:
                await asyncio.to_thread(seat.take)

    def renew(self, started: Sequence[Birth]) -> bool:
        """Give a sign of life for every seat held; False when one is lost."""
        now = self._clock.steady()  # before the proofs: no seat must seem proved later than it was
        sign = _own_sign(now, started)
        kept = [seat.show(sign, now) for seat in self._seats.values() if seat.held]
        self._renewed.set()  # wakes all who wait now
        self._renewed.clear()
        return all(kept)

    async def sure(self, shop: str) -> None:
        """Return once the seat of `shop` was proved to be ours a moment ago."""
        while not self._seats[shop].sure:
            await self._renewed.wait()

    def release(self) -> None:
        """Give all back."""
        for seat in self._seats.values():
            seat.release()


async def end_the_silent(folder: Path, shops: Iterable[str], clock: Clock) -> None:
    """End who holds one of these shops' seats and gives no sign of life: frozen, it may hold the ledger too."""
    seats = Seats(folder, shops, clock)
    try:
        await seats.take()
        if len(seats.held) < len(seats):
            await asyncio.sleep(_BETWEEN)
            await seats.take()
    finally:
        seats.release()


@contextmanager
def seated(folder: Path, shop: str) -> Iterator[None]:
    """Hold a shop's seat for a command that is soon done; raises `ConfigError` when somebody drives the shop."""
    seat = Seat(seat_path(folder, shop), SystemClock())
    if not seat.take():
        holder = holder_of(seat_path(folder, shop))
        hint = "先停掉那一个；同一家店两个机器人会互相踢下线"
        pid = "未知" if holder is None else holder.process.pid
        raise ConfigError(Problem(message=f"店铺 {shop} 正被另一个 nightdesk 进程（pid {pid}）值守", hint=hint))
    seat.renew((), lasting=True)
    try:
        yield
    finally:
        seat.release()


def seat_path(folder: Path, shop: str) -> Path:
    """Where the seat of a shop is."""
    return folder / f"{shop}.lock"


def holder_of(path: Path) -> Holder | None:
    """The living holder of a seat, looked at from outside."""
    try:
        holder = Holder.load(path.read_bytes())
    except OSError:
        return None
    return holder if holder is not None and holder.alive else None


def _own_sign(beat: float, started: Sequence[Birth]) -> bytes:
    return Holder(process=this_process(), boot=boot_id(), beat=beat, started=tuple(started)).dump()


def _put(handle: int, text: bytes, size: int) -> None:
    """Write over all that stands there, at once: whoever reads meanwhile, or after a kill, reads a whole one."""
    os.pwrite(handle, text.ljust(max(_ROOM, size)), 0)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
