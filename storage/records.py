"""What the ledger holds, as values: a class for a row of each table, and the words its states are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

By = Literal["bot", "person", "robot"]
Severity = Literal["info", "warning", "alert"]
CommandState = Literal["new", "doing", "done", "failed"]


class Sender(StrEnum):
    """Who said a message; `robot` is the platform's own, not ours."""

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


class TurnState(StrEnum):
    """How far a turn is: open and handed ones still want an answer, the others have ended."""

    open = "open"
    answered = "answered"
    handed = "handed"
    ignored = "ignored"
    observed = "observed"


class ReplyState(StrEnum):
    """How far a reply is; see `storage/moves.py` for what may follow what."""

    drafted = "drafted"
    typing = "typing"
    sending = "sending"
    confirmed = "confirmed"
    failed = "failed"
    stale = "stale"
    blocked = "blocked"
    unverified = "unverified"


class ReplyKind(StrEnum):
    """What a reply does: answer, offer a choice of answers, or ask for patience."""

    answer = "answer"
    choose = "choose"
    hold = "hold"


class HandoffState(StrEnum):
    """How far a person is with a turn that was handed over."""

    open = "open"
    claimed = "claimed"
    done = "done"


class ShopState(StrEnum):
    """How a shop is."""

    starting = "starting"
    ready = "ready"
    degraded = "degraded"
    needs_login = "needs_login"
    captcha = "captcha"
    kicked = "kicked"
    no_permission = "no_permission"
    drift = "drift"
    paused = "paused"
    off_shift = "off_shift"
    stopped = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message as read from a thread; `at` is the console's time, where it shows one."""

    key: str
    sender: Sender
    kind: Kind
    text: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopRow:
    """One shop: how it is since when, when its worker last gave a sign, and since when it may answer buyers.

    `picture`: the file that shows what a person has to do, such as a QR code; None where there is none. `read_at`:
    when its list was last read. `url`, `account`: None where no worker has said them yet, empty for an account
    that a person logs in.
    """

    shop: str
    title: str
    console: str
    platform: str
    state: ShopState
    why: str
    state_since: datetime
    beat_at: datetime | None
    live_since: datetime | None
    picture: str | None
    read_at: datetime | None = None
    url: str | None = None
    account: str | None = None

    @property
    def at(self) -> tuple[str, str | None, str | None]:
        """Where it is: letting it answer there says nothing of anywhere else."""
        return self.console, self.url, self.account


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Where a person wants silence: in a conversation, a shop (no `conversation_key`), or all (no `shop`)."""

    shop: str | None
    conversation_key: str | None
    since: datetime
    by: str

    def covers(self, shop: str, key: str | None = None) -> bool:
        """Whether it holds for a shop as a whole, or for a conversation of it."""
        return self.shop in (None, shop) and self.conversation_key in (None, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One buyer in one shop.

    `handled_key` is the newest buyer message that was decided on, `silent_until` how long the bot keeps quiet
    for a person, `choices` the entries last offered.
    """

    id: int
    shop: str
    key: str
    handled_key: str | None
    silent_until: datetime | None
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a buyer says until somebody answers.

    `asked_at` is the console's time of the first unanswered message, None where it shows none; `seen_at` is
    ours. `holding_at` and `reply_at` are the first holding and the first substantive reply, with who gave it;
    `handed_at` is when it was first given to a person, `decided_at` when it was last decided on.
    """

    id: int
    conversation_id: int
    shop: str
    conversation_key: str
    state: TurnState
    seen_at: datetime
    asked_at: datetime | None
    first_key: str | None
    last_key: str | None
    text: str
    outcome: str | None
    entry: str | None
    confidence: float | None
    reason: str
    holding_at: datetime | None
    holding_by: By | None
    reply_at: datetime | None
    reply_by: By | None
    would_say: str
    handed_at: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What the meter needs of a turn; the names are those of `Turn`."""

    shop: str
    state: TurnState
    seen_at: datetime
    asked_at: datetime | None
    holding_at: datetime | None
    reply_at: datetime | None
    reply_by: By | None
    handed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One text for a buyer, decided on the buyer message `newest_key`, seen as the bubble `message_key`.

    `ended_at`: when it became stale, blocked, failed or unverified; the last may still be confirmed.
    """

    id: int
    turn_id: int
    conversation_id: int
    shop: str
    conversation_key: str
    kind: ReplyKind
    entry: str | None
    text: str
    state: ReplyState
    why: str
    newest_key: str
    message_key: str | None
    drafted_at: datetime
    typing_at: datetime | None
    sending_at: datetime | None
    confirmed_at: datetime | None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """A turn that a person gets; `text` is what the buyer said.

    `picture`: the path of a picture of the page; `seen`: masked, what stood there (see `flows/witness.py`).
    """

    id: int
    turn_id: int
    shop: str
    conversation_key: str
    state: HandoffState
    reason: str
    urgent: bool
    opened_at: datetime
    deadline_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    done_at: datetime | None
    text: str
    picture: str | None
    seen: Mapping[str, Any]

    @property
    def where(self) -> tuple[str, str]:
        """The shop and the conversation's key there, which alone says nothing."""
        return self.shop, self.conversation_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a conversation: its replies, newest first, its newest turn, and what a person has of it.

    `answered`: the keys of what its buyer said of late in turns that were replied to.
    """

    conversation: Conversation
    replies: tuple[Reply, ...]
    turn: Turn | None
    handoffs: tuple[Handoff, ...]
    answered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A span in which a pack did not fit its page: the key that broke and why.

    `page`: the path of a masked copy of the page; `report`: what was tried and is proposed (`flows/mending.py`).
    """

    id: int
    shop: str
    at: datetime
    over_at: datetime | None
    key: str
    why: str
    page: str | None
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; `detail` is masked."""

    id: int
    at: datetime
    shop: str | None
    kind: str
    severity: Severity
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeNote:
    """A version of the knowledge that went live, or an edit that was wrong, and why."""

    id: int
    at: datetime
    state: Literal["live", "broken"]
    digest: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A turn's words with what was decided on them, and what people `said` next, bubble by bubble."""

    turn_id: int
    shop: str
    seen_at: datetime
    text: str
    outcome: str
    entry: str
    reason: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a person wants of a running worker."""

    id: int
    at: datetime
    shop: str
    kind: str
    args: Mapping[str, Any]
    state: CommandState
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFigures:
    """One shop's line of the live table.

    Waiting: open turns, and handed ones with neither a holding nor a substantive reply. Answered: turns with
    a substantive reply of a bot. Handed: turns that were given to a person. p50, p95: the first reply of
    either kind, in milliseconds. Rate: met of due, None while nothing is due. Pause: of the shop or of all.
    """

    shop: str
    title: str
    state: ShopState
    waiting: int
    answered: int
    handed: int
    p50_ms: float | None
    p95_ms: float | None
    rate_3min: float | None
    met: int
    due: int
    pause: Pause | None = None
