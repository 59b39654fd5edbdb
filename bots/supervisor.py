"""The supervisor places the shops on workers, and keeps the workers running."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from loguru import logger

from base.beat import Beat
from base.clock import Clock
from base.errors import ConfigError, Problem
from bots.moving import Moving
from bots.placing import Load, Places, placed, spread
from bots.post import Post
from bots.processes import memory
from bots.roll import Roll
from bots.sign import refusals

# Who looks again only now was frozen itself, and has heard nothing meanwhile.
_AWAKE_SECONDS = 2.0
_LOOK_EVERY = 0.5
_WEIGH_EVERY = 20.0
_MEND_SECONDS = 1.0
# One that is as heavy again so soon would only be started anew for ever.
_YOUNG_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFigures:
    """How often a worker was started anew, and what it took with its browser when last weighed, in MiB."""

    number: int
    restarts: int
    memory: float


class Supervisor:
    """Keeps workers running, each with its part of the roll's shops; `command` starts one.

    `watched`: whether a person sees how it begins. Where only a service does, which would start it anew, it goes
    on trying from the start: a wrong password ever more rarely, and people are called.
    """

    def __init__(self, command: Sequence[str], roll: Roll, clock: Clock, *, watched: bool = True) -> None:
        self._command = command
        self._roll = roll
        self._clock = clock
        self._changed = asyncio.Event()
        self._posts: list[Post] = []
        self._opened = 0
        self._keeping: dict[int, asyncio.Task[None]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._moving = Moving()
        # What was moved, in words; whoever tells it takes it away.
        self.news: list[str] = []
        self._looked_at = clock.steady()
        self._weighed = 0
        self._stopping = False
        self._begun = not watched

    @property
    def shops(self) -> list[str]:
        """The shops of the roll."""
        return list(self._roll.shops)

    @property
    def others(self) -> list[str]:
        """The shops that another `nightdesk up` drives."""
        return [shop for post in self._posts if post.sign is not None for shop in post.sign.others]

    @property
    def entered(self) -> bool:
        """Whether a shop of a worker that runs now has let its bot in."""
        return any(post.sign is not None and post.sign.entered for post in self._posts)

    @property
    def restless(self) -> bool:
        """Whether some worker dies young again and again, and it is not known for which shop."""
        return any(post.restless and len(post.shops) > 1 for post in self._posts)

    @property
    def apart(self) -> list[str]:
        """The shops that each make their worker die again and again, alone by now."""
        return [post.shops[0] for post in self._posts if post.dying and len(post.shops) == 1]

    @property
    def workers(self) -> list[WorkerFigures]:
        """Figures of each worker."""
        return [
            WorkerFigures(number=post.number, restarts=post.restarts, memory=post.memory) for post in self._posts
        ]

    def take(self, roll: Roll) -> None:
        """Go by another roll: each worker is told what is new for it, workers come and go with their shops."""
        self._roll = roll
        loads = self._loads()
        self._moving = Moving()  # what is on its way counts where it came from
        self._place(placed(list(roll.shops), loads, limit=roll.settings.memory))

    def stop(self) -> None:
        """Let every worker finish what is in hand, and come to an end."""
        self._stopping = True
        self._changed.set()

    async def run(self) -> None:
        """Keep the workers running until told to stop; then all their processes are gone.

        Raises `ConfigError` when a person watches, and there is something to put right at the start or not one
        shop lets its bot in.
        """
        self.take(self._roll)
        beats = [Beat("look", _LOOK_EVERY, self._look), Beat("weigh", _WEIGH_EVERY, self._weigh)]
        for beat in beats:
            beat.start()
        try:
            while not self._stopping:
                await self._changed.wait()
                self._changed.clear()
                self._check_begin()
        finally:
            for beat in beats:
                await beat.stop()
            await asyncio.gather(*self._leaving, *(post.stop() for post in self._posts))
            await asyncio.gather(*self._keeping.values())

    def _place(self, places: Places) -> None:
        """Have each worker attend its shops; one without any is drained."""
        for post in list(self._posts):
            shops = places.kept[post.number]
            if shops:
                post.give(self._roll.only(shops))
            else:
                self._close(post)
        for shops in places.new:
            self._open(self._roll.only(shops))

    def _loads(self) -> list[Load]:
        """What each worker bears; a shop on its way counts where it comes from."""
        slow = [post.number for post in self._posts if post.slow]
        crowded = len(slow) == len(self._posts)  # all of them: it is the machine, and no shop
        return [
            Load(
                number=post.number,
                shops=(*post.shops, *self._moving.on_its_way(post)),
                memory=post.memory,
                sick=self._sick(post, slow=post.number in slow and not crowded),
                well=post.well,
            )
            for post in self._posts
        ]

    def _sick(self, post: Post, *, slow: bool) -> str:
        if post.dying:
            return "值守进程反复退出"
        if post.age < _YOUNG_SECONDS and post.memory > self._roll.settings.memory:
            return "值守进程重新启动以后内存还是太多"
        return "值守进程反应太慢" if slow else ""

    def _open(self, roll: Roll) -> Post:
        self._opened += 1
        post = Post(self._opened, self._command, roll, self._clock, self._changed.set)
        self._posts.append(post)
        self._keeping[post.number] = asyncio.create_task(self._keep(post))
        return post

    async def _keep(self, post: Post) -> None:
        while True:
            try:
                return await post.keep()
            except Exception as error:  # a worker's place outlives any fault of ours: nobody would notice its end
                logger.opt(exception=error).error("the place of worker {} broke; it is kept on", post.number)
                await asyncio.sleep(_MEND_SECONDS)

    def _close(self, post: Post) -> None:
        self._posts.remove(post)
        task = asyncio.create_task(self._end(post))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _end(self, post: Post) -> None:
        await post.stop()
        await self._keeping.pop(post.number)

    def _check_begin(self) -> None:
        """At the start somebody watches: say what is wrong and give up. Later on the workers go on trying."""
        signs = [post.sign for post in self._posts]
        self._begun = self._begun or self.entered or bool(self.others)
        if self._begun:
            return
        problems = [Problem(message=said) for post in self._posts for said in post.problems]
        if found := problems[:1] or refusals(signs):
            raise ConfigError(*found)

    async def _look(self) -> None:
        now = self._clock.steady()
        awake, self._looked_at = now - self._looked_at < _AWAKE_SECONDS, now
        for post in list(self._posts):
            await post.check(awake=awake)
        if not self._stopping and not self._moving.go_on(self._roll, self._posts, self._open, self._close):
            self._begin_to_move()

    def _begin_to_move(self) -> None:
        """Divide a sick worker's shops, or bring together those that were divided."""
        found = spread(self._loads(), limit=self._roll.settings.memory)
        if found is None:
            return
        source = next(post for post in self._posts if post.number == found.source)
        self._moving = Moving(found, source)
        titles = "、".join(found.shops)
        said = f"{found.why}，把 {titles} 移到另一个值守进程" if found.apart else f"不再需要单独值守：{titles}"
        logger.warning("{}", said)
        self.news.append(said)

    async def _weigh(self) -> None:
        """Weigh who never was, and of the others one; start one anew that has grown too heavy, one at a time."""
        # All of them each time took 2% of a core for 53 shops: every page of every process is gone through.
        known = [post for post in self._posts if post.memory]
        following = [post for post in known if post.number > self._weighed] or known
        for post in [*(post for post in self._posts if not post.memory), *following[:1]]:
            self._weighed = post.number
            post.memory = 0.0 if post.pid is None else await asyncio.to_thread(memory, post.pid)
        if any(post.draining or post.sign is None or post.sign.begins for post in self._posts):
            return
        for post in self._posts:
            if post.age >= _YOUNG_SECONDS and post.memory > self._roll.settings.memory:
                logger.warning("worker {} takes {:.0f} MiB and is started anew", post.pid, post.memory)
                post.drain()
                return
