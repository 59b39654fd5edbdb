"""Each fault: how it is brought about from outside, and how it ends. Nothing in the bots knows of it."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import psutil

from bench.faults.consoles import THIRD, PracticeScene
from bench.faults.lane import Lane, limit_files, resident, send
from practice.client import LOOKS
from storage.ledger import Ledger

# How often what goes on in another process is looked at.
_GLANCE = 0.01
# Pages whose driver is dead have ended by then, or never will.
_ENDS_SECONDS = 5.0
_EVERYWHERE = (*LOOKS, THIRD)

# What is there already can be written anew on a full disk; a ledger is longer than this.
_PAGE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is struck; `throw` decides what is left open, the same for the same seed."""

    lane: Lane
    shop: str
    throw: random.Random


# Called while the worker stands still; lets it go on once the fault is there, and returns when the fault is over.
Strike = Callable[[Target], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind. `wide`: it strikes all shops of a worker at once; `person`: only a person can end it."""

    strike: Strike
    wide: bool = False
    person: bool = False
    consoles: tuple[str, ...] = _EVERYWHERE


# --- processes ---------------------------------------------------------------------------------------------------


async def _renderer_crash(at: Target) -> None:
    send(at.lane.renderers(), signal.SIGKILL)
    at.lane.thaw()


async def _browser_crash(at: Target) -> None:
    send(at.lane.browsers(), signal.SIGKILL)
    at.lane.thaw()


async def _memory_limit(at: Target) -> None:
    """The limit of their service is reached: the kernel ends the largest of what attends the shops."""
    attending = at.lane.workers() + at.lane.drivers() + at.lane.browsers() + at.lane.renderers()
    send([max(attending, key=resident)], signal.SIGKILL)
    at.lane.thaw()


async def _driver_death(at: Target) -> None:
    """Over once the pages are gone, which end with their driver: until then they take what is sent."""
    pages = at.lane.renderers()
    send(at.lane.drivers(), signal.SIGKILL)
    at.lane.thaw()
    await asyncio.to_thread(psutil.wait_procs, pages, _ENDS_SECONDS)


async def _worker_killed(at: Target) -> None:
    send(at.lane.workers()[:1], signal.SIGKILL)
    at.lane.thaw()


async def _supervisor_killed(at: Target) -> None:
    at.lane.process.kill()
    at.lane.thaw()
    await at.lane.process.wait()
    await at.lane.start()


async def _suspended(at: Target) -> None:
    """The machine sleeps: all that belongs to the bots stands still, and time goes on."""
    tree = at.lane.tree()
    send(tree, signal.SIGSTOP)
    await asyncio.sleep(at.throw.uniform(1, 6))
    send(tree, signal.SIGCONT)


# --- the page and its console ------------------------------------------------------------------------------------


async def _page_stuck(at: Target) -> None:
    """Over once the page hangs: until then it takes what is sent, and from then on it is the bots' to notice."""
    await _practice(at).practice.control("disturb", shop=at.shop, how="stuck")
    at.lane.thaw()


async def _navigation(at: Target) -> None:
    """Over once the pages are gone: until then they take what is sent."""
    practice = _practice(at).practice
    gone = set((await practice.control("disturb", shop=at.shop, how="away"))["pages"])
    at.lane.thaw()
    while gone & set((await practice.control("pages", shop=at.shop))["pages"]):  # noqa: ASYNC110 - in another process
        await asyncio.sleep(_GLANCE)


async def _kicked(at: Target) -> None:
    """A person logs in with the bot's account, and is through after a while."""
    await _practice(at).practice.control("kick", shop=at.shop)
    at.lane.thaw()
    await asyncio.sleep(at.throw.uniform(1, 3))
    await at.lane.come_back([at.shop])


async def _captcha(at: Target) -> None:
    """The platform wants a captcha solved, which a person does after a while."""
    practice = _practice(at).practice
    await practice.control("wall", shop=at.shop, up=True)
    at.lane.thaw()
    await asyncio.sleep(at.throw.uniform(2, 6))
    await practice.control("wall", shop=at.shop, up=False)


async def _drift(at: Target) -> None:
    """A release in which rows have their ids elsewhere, taken back after a while."""
    practice = _practice(at).practice
    await practice.control("drift", names=["[data-uid]"])
    at.lane.thaw()
    await asyncio.sleep(at.throw.uniform(2, 8))
    await practice.control("drift", names=[])


async def _session_lost(at: Target) -> None:
    await at.lane.scene.end_sessions(at.shop)
    at.lane.thaw()


async def _console_restart(at: Target) -> None:
    for wire in at.lane.wires.values():
        wire.cut(silent=False)
    at.lane.thaw()
    await asyncio.gather(at.lane.scene.restart(), asyncio.sleep(at.throw.uniform(0.5, 3)))
    for wire in at.lane.wires.values():
        wire.mend()


async def _network_cut(at: Target) -> None:
    wire = at.lane.wires[at.shop]
    wire.cut(silent=at.throw.random() < 0.5)
    at.lane.thaw()
    await asyncio.sleep(at.throw.uniform(0.5, 5))
    wire.mend()


async def _network_slow(at: Target) -> None:
    wire = at.lane.wires[at.shop]
    wire.slow(at.throw.uniform(0.2, 1.5))
    at.lane.thaw()
    await asyncio.sleep(at.throw.uniform(2, 6))
    wire.mend()


# --- the ledger and the clock ------------------------------------------------------------------------------------


async def _disk_full(at: Target) -> None:
    """The kernel refuses to let any file of theirs grow."""
    struck = at.lane.tree()[:1] + at.lane.workers()
    limit_files(struck, _PAGE)
    at.lane.thaw()
    await asyncio.sleep(at.throw.uniform(1, 5))
    limit_files(struck, None)


async def _database_locked(at: Target) -> None:
    """Another program holds the ledger, at times for longer than is waited for."""
    seconds = at.throw.uniform(1, 8)
    held = asyncio.Event()
    holder = asyncio.create_task(at.lane.hold(seconds, held))
    await held.wait()
    at.lane.thaw()
    await holder


async def _database_corrupted(at: Target) -> None:
    """Found at a start, which refuses; a person puts the backup in its place, as the message says."""
    lane = at.lane
    backup = lane.home.backups / "ledger-2026-01-01.db"
    await lane.ledger(Ledger.backup, backup)
    lane.thaw()
    await lane.stop()
    await lane.look_away()
    data = bytearray(lane.home.ledger.read_bytes())
    data[4096:12_288] = at.throw.randbytes(8192)
    lane.home.ledger.write_bytes(data)
    await lane.start()
    code = await asyncio.wait_for(lane.process.wait(), 30)
    said = (lane.home.folder / "up.log").read_text("utf-8", "replace")
    if code != 2 or str(backup) not in said:
        raise RuntimeError(f"a damaged ledger was taken for a good one: exit code {code}")
    for path in lane.home.ledger.parent.glob("ledger.db*"):
        path.unlink()
    lane.home.ledger.write_bytes(backup.read_bytes())
    await lane.look()
    await lane.start()


async def _clock_jump(at: Target) -> None:
    """The wall clock is wrong by up to two hours for a while."""
    shift = at.lane.shift
    shift.write_text(f"{at.throw.choice((-1, 1)) * at.throw.uniform(30, 7200)}", "ascii")
    at.lane.thaw()
    await asyncio.sleep(at.throw.uniform(1, 3))
    shift.unlink()


def _practice(at: Target) -> PracticeScene:
    scene = at.lane.scene
    assert isinstance(scene, PracticeScene)  # noqa: S101 - the fault's own list of consoles says so
    return scene


FAULTS: Mapping[str, Fault] = {
    "renderer_crash": Fault(strike=_renderer_crash, wide=True),
    "browser_crash": Fault(strike=_browser_crash, wide=True),
    "memory_limit": Fault(strike=_memory_limit, wide=True),
    "driver_death": Fault(strike=_driver_death, wide=True),
    "page_stuck": Fault(strike=_page_stuck, consoles=LOOKS),
    "navigation": Fault(strike=_navigation, consoles=LOOKS),
    "console_restart": Fault(strike=_console_restart, wide=True),
    "network_cut": Fault(strike=_network_cut),
    "network_slow": Fault(strike=_network_slow),
    "disk_full": Fault(strike=_disk_full, wide=True),
    "database_locked": Fault(strike=_database_locked, wide=True),
    "database_corrupted": Fault(strike=_database_corrupted, wide=True, person=True),
    "clock_jump": Fault(strike=_clock_jump, wide=True),
    "suspended": Fault(strike=_suspended, wide=True),
    "worker_killed": Fault(strike=_worker_killed, wide=True),
    "supervisor_killed": Fault(strike=_supervisor_killed, wide=True),
    "session_lost": Fault(strike=_session_lost),
    "drift": Fault(strike=_drift, wide=True, person=True, consoles=("plain",)),
    "captcha": Fault(strike=_captcha, person=True, consoles=("pinduoduo",)),
    "kicked": Fault(strike=_kicked, person=True, consoles=("pinduoduo",)),
}
