"""What a shop's desk holds: accounts, conversations, messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class Sender(StrEnum):
    """Who speaks in a thread."""

    buyer = "buyer"
    shop = "shop"
    robot = "robot"
    system = "system"


class Kind(StrEnum):
    """What a message is."""

    text = "text"
    image = "image"
    card = "card"
    order = "order"
    recall = "recall"


class Presence(StrEnum):
    """Whether an account takes conversations."""

    online = "online"
    busy = "busy"
    offline = "offline"


class Via(StrEnum):
    """How a message came to the server."""

    page = "page"
    control = "control"
    buyers = "buyers"
    fill = "fill"
    server = "server"


class Refused(Exception):
    """The desk does not do this; the text is what the page shows."""


@dataclass(slots=True, kw_only=True)
class Account:
    """Somebody who may log in to a shop."""

    user: str
    name: str
    password: str
    presence: Presence = Presence.offline

    def public(self) -> Json:
        """As the page may see it."""
        return {"user": self.user, "name": self.name, "presence": self.presence}


@dataclass(slots=True, kw_only=True)
class Message:
    """One bubble; `at` in epoch ms, `detail` what a picture or card shows, `client` the page it was sent from.

    `sent`: the first bubble of what was sent at once; the same for all that it was split into. `seen`: the buyer's
    newest message that this page showed then.
    """

    id: str
    conversation: str
    sender: Sender
    kind: Kind
    text: str
    at: int
    via: Via
    account: str | None = None
    client: str | None = None
    sent: str | None = None
    seen: str | None = None
    detail: Json = field(default_factory=dict)

    def public(self) -> Json:
        """As the page may see it."""
        keys = ("id", "conversation", "sender", "kind", "text", "at", "account", "detail")
        return {key: getattr(self, key) for key in keys}

    def preview(self) -> str:
        """One line for the list."""
        marks = {Kind.image: "[图片]", Kind.card: "[商品]", Kind.order: "[订单]", Kind.recall: "[撤回了一条消息]"}
        return " ".join(self.text[:120].split()) if self.kind is Kind.text else marks[self.kind]


@dataclass(slots=True, kw_only=True)
class Conversation:
    """One buyer in one shop; `waiting` is when the first message that nobody has answered came, epoch ms."""

    uid: str
    name: str
    product: Json
    orders: list[Json]
    owner: str | None = None
    unread: int = 0
    waiting: int | None = None
    messages: list[Message] = field(default_factory=list)

    def row(self) -> Json:
        """As the list shows it."""
        last = self.messages[-1] if self.messages else None
        return {
            "uid": self.uid,
            "name": self.name,
            "preview": last.preview() if last else "",
            "at": last.at if last else 0,
            "unread": self.unread,
            "waiting": self.waiting,
            "owner": self.owner,
        }
