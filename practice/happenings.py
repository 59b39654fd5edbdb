"""What happens on a bad day: buyers go on, colleagues and robots answer, logins end, servers restart."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from functools import partial

from practice.desk import Desk
from practice.dice import dice
from practice.live import KICKED, RESTARTED
from practice.model import Json, Kind, Message, Presence, Sender, Via
from practice.web import Web

_MORE = "在吗？"
_ROBOT = "亲，您好，人工客服正在赶来，请稍等"
_COLLEAGUE = "亲，在的，我看一下您的问题哦"
_DOWN = 1.0
_EVERY = 3.0

Act = Callable[[Desk, Message, random.Random], Coroutine[None, None, None]]
Deed = Callable[[Desk], None]


class Happenings:
    """Plays the manners of `practice.manners.HAPPENING` that each shop was given, until it is given others."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._console = web.console
        self._running: dict[str, set[asyncio.Task[None]]] = {shop: set() for shop in self._console.desks}
        self._after: dict[str, Act] = {
            "interrupted": self._more,
            "robot": self._robot,
            "recalled": self._recall,
            "colleague": self._colleague,
        }
        # Once in three seconds, for ever or only once: a login that ends again and again is no life.
        self._deeds: dict[str, tuple[Deed, bool]] = {
            "away": (self._away, True),
            "restarted": (self._restart, True),
            "dead": (self._end_session, False),
            "kicked": (self._kick, False),
        }
        for desk in self._console.desks.values():
            desk.listen(partial(self._hear, desk))

    def begin(self, shop: str | None = None) -> None:
        """From now on as the manners of a shop, or of all, say; what was under way there ends."""
        desks = self._console.chosen(shop)
        for number, desk in enumerate(desks, 1):
            for task in self._running[desk.shop]:
                task.cancel()
            for name, (deed, again) in self._deeds.items():
                if name in desk.manners:
                    # Not in all shops at once.
                    self._go(desk, self._do(desk, deed, again, _EVERY * number / len(desks)))

    def _go(self, desk: Desk, doing: Coroutine[None, None, None]) -> None:
        running, task = self._running[desk.shop], asyncio.create_task(doing)
        running.add(task)
        task.add_done_callback(running.discard)

    async def _do(self, desk: Desk, deed: Deed, again: bool, first: float) -> None:
        await asyncio.sleep(first)
        deed(desk)
        while again:
            await asyncio.sleep(_EVERY)
            deed(desk)

    def _hear(self, desk: Desk, event: Json) -> None:
        acts = [(name, act) for name, act in self._after.items() if name in desk.manners]
        if not acts or event["type"] != "said":
            return
        conversation = desk.known(event["message"]["conversation"])
        message = conversation.messages[-1]
        # Once in a conversation's turn: at its first message, and not at what is done here.
        first = message.sender is Sender.buyer and conversation.waiting == message.at
        if not first or message.id != event["message"]["id"]:
            return
        for name, act in acts:
            throw = dice(self._console.seed, desk.shop, name, message.id)
            self._go(desk, act(desk, message, throw))

    # --- after a buyer spoke -------------------------------------------------------------------------------

    async def _more(self, desk: Desk, message: Message, throw: random.Random) -> None:
        """The buyer goes on while somebody may just be writing to them."""
        if throw.random() < 1 / 2:
            return
        await asyncio.sleep(throw.uniform(0.5, 2.5))
        conversation = desk.known(message.conversation)
        if self._console.truth.open_turn(conversation, desk.shop) is not None:
            self._console.ask(desk.shop, message.conversation, _MORE, via=Via.server)

    async def _robot(self, desk: Desk, message: Message, throw: random.Random) -> None:
        """The platform's own robot says something first."""
        if throw.random() < 1 / 2:
            await asyncio.sleep(throw.uniform(0.0, 0.4))
            desk.note(message.conversation, _ROBOT, sender=Sender.robot, via=Via.server)

    async def _recall(self, desk: Desk, message: Message, throw: random.Random) -> None:
        """The buyer takes back what they said."""
        if throw.random() < 1 / 4:
            await asyncio.sleep(throw.uniform(0.3, 2.0))
            if desk.known(message.conversation).waiting is not None and message.kind is Kind.text:
                desk.recall(message.conversation, message.id)

    async def _colleague(self, desk: Desk, message: Message, throw: random.Random) -> None:
        """A colleague answers, perhaps before the bot does."""
        if throw.random() < 1 / 3:
            await asyncio.sleep(throw.uniform(0.3, 2.0))
            if desk.known(message.conversation).waiting is not None:
                account = list(desk.accounts)[1]
                desk.shop_says(message.conversation, _COLLEAGUE, account=account, via=Via.server)

    # --- from time to time ---------------------------------------------------------------------------------

    def _end_session(self, desk: Desk) -> None:
        """The logins end, and nobody tells the pages: their connections stay."""
        self._console.sessions.expire(desk.shop)

    def _kick(self, desk: Desk) -> None:
        """Somebody opens the account elsewhere: its pages are told so."""
        self._web.lines[desk.shop].hang_up(KICKED)

    def _away(self, desk: Desk) -> None:
        """The platform takes the bot's account for gone."""
        desk.set_presence(next(iter(desk.accounts)), Presence.offline)

    def _restart(self, desk: Desk) -> None:
        """The shop's server starts anew; logins are kept."""
        lines = self._web.lines[desk.shop]
        lines.refuse(_DOWN)
        lines.hang_up(RESTARTED)
