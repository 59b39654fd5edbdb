"""The whole practice console: its shops, its sessions and the truth about what was asked."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from itertools import count

from practice.desk import ROWS, Desk
from practice.dialects import PLAIN, Dialect
from practice.dice import Moments
from practice.model import Account, Json, Kind, Message, Presence, Via
from practice.sessions import Sessions
from practice.truth import Asked, Truth


class Console:
    """Shops by id, in the order of their numbers."""

    def __init__(self, *, shops: int, seed: int, dialect: Dialect = PLAIN, rows: int = ROWS) -> None:
        self.seed = seed
        self.dialect = dialect
        self.token = secrets.token_urlsafe(24)
        self.moments = Moments()
        self.sessions = Sessions()
        self.truth = Truth()
        ids = count(1)
        self.drift: Mapping[str, str] = {}
        self.desks = {
            f"shop-{number}": Desk(
                f"shop-{number}",
                number,
                _accounts(number),
                seed=seed,
                moments=self.moments,
                ids=ids,
                dialect=dialect,
                rows=rows,
            )
            for number in range(1, shops + 1)
        }

    def chosen(self, shop: str | None) -> list[Desk]:
        """The desk of a shop, or (None) all of them; raises `KeyError` for a shop that there is not."""
        return list(self.desks.values()) if shop is None else [self.desks[shop]]

    def misbehave(self, manners: tuple[str, ...], shop: str | None = None) -> None:
        """From now on with these bad manners, and no others, in a shop or in all; open pages begin anew."""
        for desk in self.chosen(shop):
            desk.misbehave(manners)

    def release(self, names: Mapping[str, str]) -> None:
        """From now on with other names in the pages, and no others changed; pages that are open begin anew."""
        self.drift = names
        for desk in self.desks.values():
            desk.misbehave(desk.manners)

    def ask(
        self,
        shop: str,
        uid: str,
        text: str,
        *,
        via: Via,
        kind: Kind = Kind.text,
        topic: str | None = None,
        needs_answer: bool = True,
        turn: Asked | None = None,
    ) -> tuple[Message, Asked]:
        """A buyer speaks: in the turn given, else in the one nobody has answered yet, else in a new one."""
        desk = self.desks[shop]
        conversation = desk.conversation(uid)
        turn = turn or self.truth.open_turn(conversation, shop)
        if turn is None:
            turn = self.truth.begin(shop, uid, topic=topic, needs_answer=needs_answer, via=via)
        message = desk.buyer_says(uid, text, kind=kind, via=via, clock=needs_answer)
        turn.messages.append(message.id)
        if topic is not None:
            turn.topic = topic
        return message, turn

    def ready_line(self, url: str) -> Json:
        """What whoever started the console needs to know: addresses, token, logins."""
        return {
            "url": url,
            "dialect": self.dialect.name,
            "token": self.token,
            "shops": [_login(desk, url) for desk in self.desks.values()],
        }


def _accounts(number: int) -> list[Account]:
    def password() -> str:
        return os.environ.get("PRACTICE_PASSWORD") or secrets.token_urlsafe(9)

    bot = Account(user=f"bot-{number}", name="值班客服", password=password())
    # A colleague who is there, so that a transfer has somewhere to go.
    colleague = Account(user=f"xiaoli-{number}", name="小李", password=password(), presence=Presence.online)
    away = Account(user=f"xiaozhou-{number}", name="小周", password=password())
    return [bot, colleague, away]


def _login(desk: Desk, url: str) -> Json:
    bot, colleague, *_ = desk.accounts.values()
    return {
        "id": desk.shop,
        "title": desk.title,
        "url": f"{url}/{desk.shop}/",
        "user": bot.user,
        "password": bot.password,
        "colleague": {"user": colleague.user, "name": colleague.name, "password": colleague.password},
    }
