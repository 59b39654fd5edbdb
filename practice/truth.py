"""What really happened: every turn that buyers asked and what they got for it, whatever a bot believes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import groupby

from practice.desk import Desk
from practice.model import Conversation, Json, Kind, Message, Sender, Via
from practice.questions import load_questions


@dataclass(slots=True, kw_only=True)
class Asked:
    """One turn as its asker means it: `topic` is None for what no knowledge answers."""

    id: str
    shop: str
    conversation: str
    topic: str | None
    needs_answer: bool
    via: Via
    messages: list[str] = field(default_factory=list)


class Truth:
    """The record of turns; texts and times are read from the desks when somebody wants to know."""

    def __init__(self) -> None:
        self._turns: list[Asked] = []
        self._last: dict[tuple[str, str], Asked] = {}

    def begin(self, shop: str, uid: str, *, topic: str | None, needs_answer: bool, via: Via) -> Asked:
        """A new turn; messages are added to its `messages` as they are said."""
        turn = Asked(
            id=f"t{len(self._turns) + 1:05d}",
            shop=shop,
            conversation=uid,
            topic=topic,
            needs_answer=needs_answer,
            via=via,
        )
        self._turns.append(turn)
        self._last[shop, uid] = turn
        return turn

    def open_turn(self, conversation: Conversation, shop: str) -> Asked | None:
        """The conversation's last turn if nobody of the shop has spoken since it began."""
        turn = self._last.get((shop, conversation.uid))
        if turn is None:
            return None
        for message in reversed(conversation.messages):
            if message.sender is Sender.shop:
                return None
            if message.id == turn.messages[0]:
                return turn
        return None

    def report(self, desks: Sequence[Desk], now: int, *, since: int = 0) -> Json:
        """Everything said on these desks and every turn with what it got, as plain JSON; all times in epoch ms.

        `since`: only the turns that were asked from then on, and the conversations in which something was said.
        """
        of = {desk.shop: desk for desk in desks}
        begun = [turn for turn in self._turns if turn.messages and turn.shop in of]
        firsts = {turn.messages[0] for turn in begun}
        turns = [turn for turn in begun if _first(turn, of[turn.shop]).at >= since]
        return {
            "now": now,
            "shops": [{"id": desk.shop, "title": desk.title} for desk in desks],
            "messages": [
                _message(desk, message)
                for desk in desks
                for conversation in desk.conversations.values()
                if not since or (conversation.messages and conversation.messages[-1].at >= since)
                for message in _as_sent(conversation.messages)
            ],
            "turns": [_turn(turn, of[turn.shop], firsts) for turn in turns],
        }


def _first(turn: Asked, desk: Desk) -> Message:
    messages = desk.conversations[turn.conversation].messages
    return next(message for message in messages if message.id == turn.messages[0])


def _turn(turn: Asked, desk: Desk, firsts: Set[str]) -> Json:
    conversation = desk.conversations[turn.conversation]
    own = set(turn.messages)
    said = [message for message in conversation.messages if message.id in own]
    after = list(_until_next(turn, conversation, firsts))
    return {
        "id": turn.id,
        "shop": turn.shop,
        "conversation": turn.conversation,
        "buyer": conversation.name,
        "topic": turn.topic,
        "needs_answer": turn.needs_answer and _asks_still(said),
        "via": turn.via,
        "messages": turn.messages,
        "texts": [message.text for message in said],
        "asked_first": said[0].at,
        "asked_last": said[-1].at,
        "got": [_got(message) for message in _as_sent(after) if message.sender is Sender.shop],
        "transfers": [
            {"at": message.at, **message.detail["transfer"]} for message in after if "transfer" in message.detail
        ],
    }


def _asks_still(said: Sequence[Message]) -> bool:
    """Whether anything is left that wants an answer: who took back all but a greeting or a smiley wants none."""
    left = [message for message in said if message.kind is not Kind.recall]
    if len(left) == len(said):
        return True
    questions = load_questions()
    idle = {_bare(text) for text in ("", *questions.openers, *questions.tails)}
    return any(message.kind is not Kind.text or _bare(message.text) not in idle for message in left)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _until_next(turn: Asked, conversation: Conversation, firsts: Set[str]) -> Iterable[Message]:
    """The conversation from the turn's first message on, up to the first of another turn."""
    begun = False
    for message in conversation.messages:
        if message.id == turn.messages[0]:
            begun = True
        elif begun and message.id in firsts:
            return
        if begun:
            yield message


def _as_sent(messages: Iterable[Message]) -> Iterable[Message]:
    """What was sent at once as one, whatever the console made of it."""
    for _sent, parts in groupby(messages, lambda message: message.sent or message.id):
        first, *more = parts
        yield replace(first, text="\n".join(part.text for part in (first, *more))) if more else first


def _got(message: Message) -> Json:
    keys = ("id", "text", "at", "sender", "account", "via", "client", "seen")
    return {key: getattr(message, key) for key in keys}


def _message(desk: Desk, message: Message) -> Json:
    return {**message.public(), "shop": desk.shop, "via": message.via, "client": message.client}
