"""A console on paper: what a shop's buyers, bots and people see of it, and what it remembers of all that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from base.clock import Clock
from flows.views import Latest, OpenThread, Row
from storage.meter import THREE_MINUTES
from storage.records import Kind, Said, Sender

# So many rows of buyers who do not wait stand in the list below those who do.
_LISTED = 12


class Door(StrEnum):
    """Whether the console lets the bot in, else what stands there instead: the name of the pack's signal."""

    open = "logged_in"
    login = "expired"
    kicked = "kicked"
    captcha = "captcha"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the shop said at a moment; `seen`: the buyer's newest message then."""

    text: str
    at: float
    by: str
    seen: str


@dataclass(slots=True, kw_only=True)
class Asked:
    """One turn as the console knows it. Times are seconds; `topic`: None where no knowledge answers it; `got`: all
    that was said to its buyer until they asked again.
    """

    shop: str
    key: str
    topic: str | None
    at: float
    got_at: float | None = None
    got_by: str = ""
    got: list[Word] = field(default_factory=list)


@dataclass(slots=True)
class Talk:
    """One buyer's conversation; `turn`: the question that has no reply yet."""

    key: str
    messages: list[Said] = field(default_factory=list)
    unread: int = 0
    turn: Asked | None = None
    last: Asked | None = None

    @property
    def latest(self) -> Latest:
        """Who said what last, as the gate compares it."""
        return self.thread("").latest

    def thread(self, draft: str) -> OpenThread:
        """The conversation as a page shows it."""
        return OpenThread(
            key=self.key,
            messages=tuple(self.messages),
            draft=draft,
            facts={},
            failed=frozenset(),
            unparsed=0,
            orders=(),
        )


@dataclass(slots=True)
class PaperConsole:
    """One shop's console. `heard` is told when something changed; `replied` of each reply to a turn.

    `twice`: replies by bots to a buyer who had said nothing since the same words.
    """

    shop: str
    clock: Clock
    door: Door = Door.login
    connected: bool = True
    talks: dict[str, Talk] = field(default_factory=dict)
    turns: list[Asked] = field(default_factory=list)
    twice: int = 0
    heard: Callable[[frozenset[str]], None] = lambda _changed: None
    replied: Callable[[Asked], None] = lambda _turn: None
    _said: int = 0
    _waiting: dict[str, Talk] = field(default_factory=dict)
    _recent: dict[str, Talk] = field(default_factory=dict)

    # --- what buyers and people do ---------------------------------------------------------------------------

    def ask(self, key: str, text: str, topic: str | None) -> None:
        """A buyer speaks; what is added before a reply belongs to the same turn."""
        talk = self.talks.setdefault(key, Talk(key))
        now = self.clock.steady()
        if talk.turn is None:
            talk.turn = talk.last = Asked(shop=self.shop, key=key, topic=topic, at=now)
            self.turns.append(talk.turn)
        talk.turn.topic = talk.turn.topic or topic
        talk.unread += 1
        self._waiting[key] = talk
        self._say(talk, Sender.buyer, text)

    def thank(self, key: str, text: str) -> None:
        """A buyer says a word that wants no answer: it is no turn that anybody measures."""
        talk = self.talks[key]
        talk.unread += 1
        self._say(talk, Sender.buyer, text)

    def answer(self, key: str, text: str, by: str) -> None:
        """The shop speaks: `by` is `bot`, or who it is."""
        talk = self.talks[key]
        turn, talk.turn = talk.turn, None
        own = [said for said in talk.messages if said.sender is not Sender.system]
        if by == "bot" and own and own[-1].sender is Sender.shop and own[-1].text == text:
            self.twice += 1
        talk.unread = 0
        self._waiting.pop(key, None)
        if talk.last is not None:
            seen = next(said.key for said in reversed(talk.messages) if said.sender is Sender.buyer)
            talk.last.got.append(Word(text=text, at=self.clock.steady(), by=by, seen=seen))
        self._say(talk, Sender.shop, text)
        if turn is not None:
            turn.got_at, turn.got_by = self.clock.steady(), by
            self.replied(turn)

    def waiting(self) -> list[Talk]:
        """Who has no word yet, who came first before the others."""
        return list(self._waiting.values())

    def change(self, *, door: Door | None = None, connected: bool | None = None) -> None:
        """Something befalls it."""
        self.door = self.door if door is None else door
        self.connected = self.connected if connected is None else connected
        self.heard(frozenset({"signals"}))

    # --- what a page shows -----------------------------------------------------------------------------------

    @property
    def signals(self) -> frozenset[str]:
        """What a page tells of its state."""
        out = (
            frozenset({self.door.value}) if self.door is Door.open else frozenset({self.door.value, "logged_out"})
        )
        return out if self.connected else out | {"offline"}

    def rows(self) -> tuple[Row, ...]:
        """The list: who waits, and the last of the others."""
        others = [talk for key, talk in self._recent.items() if key not in self._waiting]
        return tuple(self._row(talk) for talk in (*self._waiting.values(), *others[::-1]))

    def seen(self, key: str) -> Talk | None:
        """A conversation is opened, which takes its mark; None for one that is not there."""
        talk = self.talks.get(key)
        if talk is not None:
            talk.unread = 0
        return talk

    def _row(self, talk: Talk) -> Row:
        said = talk.messages[-1]
        left = None if talk.turn is None else THREE_MINUTES - (self.clock.steady() - talk.turn.at)
        clock = None if left is None else f"{left:.0f}秒后超时" if left > 0 else f"已超时{-left:.0f}秒"
        return Row(
            key=talk.key,
            name=talk.key,
            preview=said.text,
            time=said.key,
            unread=str(talk.unread) if talk.unread else None,
            waiting=clock,
            group="",
        )

    def _say(self, talk: Talk, sender: Sender, text: str) -> None:
        self._said += 1
        key = f"{self.shop}-{self._said}"
        talk.messages.append(Said(key=key, sender=sender, kind=Kind.text, text=text, at=self.clock.now()))
        self._recent.pop(talk.key, None)
        self._recent[talk.key] = talk
        while len(self._recent) > _LISTED:
            del self._recent[next(iter(self._recent))]
        self.heard(frozenset({"inbox", "thread"}))
