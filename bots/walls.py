"""A shop's wait for a person: what they have to do there, watched until they are through."""

from __future__ import annotations

from loguru import logger

from base.clock import Clock
from base.errors import ConsoleError, NeedsPerson
from bots.evidence import Evidence
from flows.desk import Desk
from flows.wall import Wall, Way

_WALLED = ("captcha", "needs_login")


class WallWatch:
    """The wall that stands before one shop's bot, if any; `picture`: what shows a person what to do."""

    def __init__(self, shop: str, evidence: Evidence, clock: Clock) -> None:
        self.picture: str | None = None
        self._shop = shop
        self._evidence = evidence
        self._clock = clock
        self._wall: Wall | None = None

    @property
    def stands(self) -> bool:
        """Whether only a person can go on, and the page shows how."""
        return self._wall is not None

    async def meet(self, desk: Desk | None, error: ConsoleError) -> None:
        """Look at what an error says; where only a person can go on, that is watched from now on."""
        self._wall = self.picture = None
        if desk is None or not isinstance(error, NeedsPerson) or error.state not in _WALLED:
            return
        wall = Wall(desk.page, self._evidence, self._shop, self._clock.steady())
        try:
            await wall.look(self._clock.steady())
        except ConsoleError as failure:
            logger.bind(shop=self._shop).warning("no look at what a person has to do: {}", failure)
            return
        self.picture = wall.picture
        if wall.stands:
            self._wall = wall

    async def look(self) -> tuple[Way, bool]:
        """Whether the way is free by now, and whether the picture is another one."""
        if self._wall is None:
            return Way.shut, False
        before, way = self._wall.picture, await self._wall.look(self._clock.steady())
        self.picture = self._wall.picture
        return way, self.picture != before

    def forget(self) -> None:
        """It is not this shop's concern any more."""
        self._wall = None

    async def clear(self) -> None:
        """The shop is in: nothing has to be shown any more."""
        wall, self._wall = self._wall, None
        if wall is not None:
            await wall.clear()
