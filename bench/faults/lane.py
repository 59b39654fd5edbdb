"""One console with the real `nightdesk up` before it, and what a strike gets at: processes, wires, ledger."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from base.clock import SystemClock
from base.places import shared
from bench.faults.consoles import THIRD, Account, ChatUiScene, PracticeScene, Scene
from bench.faults.wire import Wire
from bots.home import Home
from bots.secrets import Kept, set_secret
from storage.ledger import Ledger
from storage.records import HandoffState, Reply, ReplyState, ShopState
from storage.store import Store
from storage.thread import LedgerThread

_HOOKS = Path(__file__).with_name("clock")
_READY_SECONDS = 60.0
_STOP_SECONDS = 25.0
_LOOK = 0.2
# A state that a reply goes through in less than this is not seen by looking at it.
_GLANCE = 0.002


@dataclass(slots=True, kw_only=True)
class Lane:
    """A console, its bots, and the eyes on their ledger. Shops by id."""

    scene: Scene
    home: Home
    wires: Mapping[str, Wire]
    ledger: LedgerThread = field(init=False)
    eyes: dict[str, LedgerThread] = field(default_factory=dict)
    frozen: Sequence[psutil.Process] = ()
    _open: list[LedgerThread] = field(default_factory=list)
    process: asyncio.subprocess.Process = field(init=False)

    @property
    def shops(self) -> Sequence[str]:
        """Its shops."""
        return list(self.wires)

    # --- the bots ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the command, as the system's own supervisor would, and come back at once."""
        with (self.home.folder / "up.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                Path(sys.executable).with_name("nightdesk"),
                "--home",
                str(self.home.folder),
                "up",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(_HOOKS), "NIGHTDESK_BENCH_SHIFT": str(self.shift)},
            )

    async def keep_up(self) -> None:
        """Start it again if it has ended."""
        if self.process.returncode is not None:
            await self.start()

    async def stop(self) -> None:
        """End it as an operator does, or by force when that takes too long."""
        if self.process.returncode is None:
            doomed = self.tree()
            self.process.terminate()
            try:
                async with asyncio.timeout(_STOP_SECONDS):
                    await self.process.wait()
            except TimeoutError:
                for one in doomed:
                    with suppress(psutil.Error):
                        one.kill()
                await self.process.wait()

    async def ready(self, seconds: float = _READY_SECONDS) -> None:
        """Return once all shops are attended; raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while any(row.state is not ShopState.ready for row in await self.ledger(Ledger.shop_rows)):
                await self.keep_up()
                await asyncio.sleep(_LOOK)

    async def come_back(self, shops: Iterable[str]) -> None:
        """As `nightdesk resume` does: whoever used the accounts does so no more."""
        for shop in shops:
            await self.ledger(Ledger.command, shop, "return")

    @property
    def shift(self) -> Path:
        """Holds by how many seconds the wall clock is wrong."""
        return self.home.folder / "shift"

    # --- processes --------------------------------------------------------------------------------------------

    def tree(self) -> list[psutil.Process]:
        """The command and everything below it, the youngest last."""
        with suppress(psutil.Error):
            top = psutil.Process(self.process.pid)
            return [top, *top.children(recursive=True)]
        return []

    def workers(self) -> list[psutil.Process]:
        """The processes that hold a browser: the command itself where it has no supervisor."""
        tree = self.tree()
        top = {self.process.pid}
        below = [one for one in tree[1:] if _parent(one) in top and "python" in Path(*_line(one)[:1]).name]
        return below or tree[:1]

    def drivers(self) -> list[psutil.Process]:
        """Playwright's."""
        return [one for one in self.tree() if "run-driver" in _line(one)]

    def browsers(self) -> list[psutil.Process]:
        """The browsers' first processes."""
        return [one for one in self._chromiums() if not any(word.startswith("--type=") for word in _line(one))]

    def renderers(self) -> list[psutil.Process]:
        """What draws the pages."""
        return [one for one in self._chromiums() if "--type=renderer" in _line(one)]

    def _chromiums(self) -> list[psutil.Process]:
        return [
            one
            for one in self.tree()
            if any(word.startswith("--user-data-dir=") for word in _line(one))
            or any(word.startswith("--type=") for word in _line(one))
        ]

    def thaw(self) -> None:
        """Let the worker go on, whoever its parent is now."""
        send(self.frozen, signal.SIGCONT)

    # --- looking ----------------------------------------------------------------------------------------------

    async def look(self) -> None:
        """Open the ledger, beside the bots."""
        for _ in range(len(self.shops) + 1):
            self._open.append(await LedgerThread.open(self.home.ledger, SystemClock()))
        self.ledger, *eyes = self._open
        self.eyes = dict(zip(self.shops, eyes, strict=True))

    async def look_away(self) -> None:
        """Close it."""
        while self._open:
            await self._open.pop().close()

    async def hold(self, seconds: float, held: asyncio.Event) -> None:
        """Lock the ledger for a while, as another program may do; `held` is set once it is."""
        loop = asyncio.get_running_loop()

        def lock() -> None:
            with closing(Store.open(self.home.ledger)) as store, store.write():
                loop.call_soon_threadsafe(held.set)
                time.sleep(seconds)

        await asyncio.to_thread(lock)

    async def caught(self, shop: str, state: ReplyState, seconds: float) -> Reply | None:
        """Freeze the worker at the moment when a reply of the shop is in `state`; who froze it lets it go on.

        The reply as the ledger then has it, which may be a step further; None when none came so far.
        """
        return await self.eyes[shop](_watch, shop, state, seconds, self._freeze)

    def _freeze(self) -> None:
        self.frozen = self.workers()
        send(self.frozen, signal.SIGSTOP)

    async def seen_to(self, keys: Iterable[str]) -> bool:
        """Whether everybody was told something or is with a person, and nothing is in the air."""
        # The console's whole record is asked for only once the ledger has nothing left to do.
        for shop in self.shops:
            turns, replies = await self.ledger(Ledger.open_turns, shop), await self.ledger(Ledger.unfinished, shop)
            if turns or replies:
                return False
        heard = await self.scene.heard(keys)
        people = {handoff.conversation_key for handoff in await self.ledger(Ledger.handoffs)}
        return all(heard[key] or key in people for key in keys)

    async def people(self) -> set[str]:
        """Whoever was ever put before a person."""
        handoffs = await self.ledger(Ledger.handoffs, states=list(HandoffState))
        return {handoff.conversation_key for handoff in handoffs}


def send(processes: Iterable[psutil.Process], sign: signal.Signals) -> None:
    """A signal to each that is still there."""
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(sign)


def resident(process: psutil.Process) -> int:
    """Bytes of memory that a process has; none when it is gone."""
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def limit_files(processes: Iterable[psutil.Process], most: int | None) -> None:
    """Let no file grow beyond so many bytes, as on a full disk; None: as before."""
    for process in processes:
        with suppress(psutil.Error):
            _soft, hard = process.rlimit(resource.RLIMIT_FSIZE)
            process.rlimit(resource.RLIMIT_FSIZE, (hard if most is None else most, hard))


def _watch(ledger: Ledger, shop: str, state: ReplyState, seconds: float, act: Callable[[], None]) -> Reply | None:
    """Look again and again, act once the state is reached, and look once more."""
    end = time.monotonic() + seconds
    order = list(ReplyState)
    wanted: Reply | None = None
    while time.monotonic() < end:
        found = ledger.unfinished(shop)
        wanted = found[-1] if found else wanted
        if wanted is not None:
            now = ledger.reply(wanted.id)
            if order.index(now.state) >= order.index(state):
                act()
                return ledger.reply(wanted.id)
        time.sleep(_GLANCE)
    return None


def _line(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def _parent(process: psutil.Process) -> int | None:
    with suppress(psutil.Error):
        return process.ppid()
    return None


# --- setting up --------------------------------------------------------------------------------------------------


@asynccontextmanager
async def lane(console: str, folder: Path, *, shops: int, seed: int) -> AsyncIterator[Lane]:
    """A console with bots that are in; gone with the block."""
    data = folder / "console"
    data.mkdir(parents=True)
    async with AsyncExitStack() as stack:
        scene = await _scene(console, data, shops, seed)
        stack.push_async_callback(scene.close)
        wires: dict[str, Wire] = {}
        for account in scene.accounts:
            wires[account.shop] = await Wire.to(scene.port)
            stack.push_async_callback(wires[account.shop].close)
        opened = Lane(scene=scene, home=_home(folder / "home", scene.accounts, wires), wires=wires)
        stack.push_async_callback(opened.look_away)
        await opened.look()
        for account in scene.accounts:
            shop, console = account.shop, account.pack
            await opened.ledger(Ledger.put_shop, shop, title=shop, console=console, platform="bench")
            await opened.ledger(Ledger.go_live, shop)
        await opened.start()
        stack.push_async_callback(opened.stop)
        stack.callback(opened.thaw)
        await opened.ready()
        yield opened


async def _scene(console: str, data: Path, shops: int, seed: int) -> Scene:
    if console == THIRD:
        return await ChatUiScene.start(data)
    return await PracticeScene.start(console, shops, seed)


def _home(folder: Path, accounts: Sequence[Account], wires: Mapping[str, Wire]) -> Home:
    home = Home(folder)
    home.prepare()
    home.knowledge.write_text(shared("knowledge.yaml").read_text("utf-8"), "utf-8")
    lines = [f'people: "{_off_duty()}"', "burst: {quiet: 0.2, most: 0.6}", "shops:"]
    for account in accounts:
        pack = shared("selectors") / f"{account.pack}.yaml"
        # A marketplace's pace would make the campaign wait, not the bots better.
        text = re.sub(r"(?m)^(  shop: \{ ?messages: )\d+", r"\g<1>600", pack.read_text("utf-8"))
        (folder / pack.name).write_text(text, "utf-8")
        url = f"http://127.0.0.1:{wires[account.shop].port}{account.path}"
        lines.append(
            f"  - {{id: {account.shop}, console: {pack.name}, url: '{url}', login: {{user: {account.user}}}}}"
        )
        set_secret(Kept(name=account.shop, source="file", what=account.shop), home, account.password)
    home.shops.write_text("\n".join(lines) + "\n", "utf-8")
    return home


def _off_duty() -> str:
    """Nobody is on shift for hours, so that whoever needs a person is told something at once."""
    hour = (SystemClock().now().hour + 8 + 8) % 24
    return f"{hour:02d}:00-{(hour + 2) % 24:02d}:00"
