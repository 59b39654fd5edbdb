"""What a thread means: which of the buyer's messages want an answer, which bubbles are ours, where a person spoke.

Pure: a thread and what the ledger knows of it in, conclusions out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.records import Kind, Reply, ReplyKind, ReplyState, Said, Sender

_TAG = re.compile(r"<[^<>]{0,200}>")
_NOISE = re.compile(r"[\s\u200b-\u200f\ufeff]+")
# Whatever an unanswered buyer said longer ago than this before their newest message is history.
_HISTORY = timedelta(hours=12)


def plain(text: str) -> str:
    """`text` as it compares over a console that may strip HTML, change widths, or break lines."""
    return _NOISE.sub("", _TAG.sub("", unicodedata.normalize("NFKC", text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What a thread says about who is to speak.

    `asked`: the buyer's messages since the last substantive word of the shop, and those before it that had not
    reached the page when it was said. `fresh`: those of them that were not decided on yet. `person`: the newest
    own bubble that is no reply of ours. `robot`: the word of the platform's robot, when it spoke last. `repeats`:
    how often the buyer's newest text was said before, word for word and not long ago.
    """

    asked: tuple[Said, ...]
    fresh: tuple[Said, ...]
    newest: str
    person: Said | None
    robot: Said | None
    repeats: int


def read_transcript(
    messages: Sequence[Said],
    *,
    ours: Mapping[str, Reply],
    handled_key: str | None,
    answered: Collection[str] = (),
    clock: bool = False,
) -> Transcript:
    """Judge a thread; `ours` maps the ids of own bubbles to the replies of ours that they are.

    `answered`: what is known to have had a reply, wherever a page that was loaded anew may put it. `clock`: the
    console shows that the buyer still waits. Then the words of its robot have answered nothing.
    """
    spoken = [said for said in messages if said.sender is not Sender.system and said.kind is not Kind.recall]
    asked: list[Said] = []
    robot = spoken[-1] if spoken and spoken[-1].sender is Sender.robot else None
    places = {said.key: place for place, said in enumerate(messages)}
    seen = -1
    for said in reversed(spoken):
        place, reply = places[said.key], ours.get(said.key)
        if place <= seen:
            break
        if said.sender is Sender.buyer:
            if seen < 0 or said.key not in answered:
                asked.append(said)
        elif reply is not None:
            if reply.kind is not ReplyKind.hold:  # what the buyer said while it was on its way stands before it
                seen = max(seen, min(place, places.get(reply.newest_key, place)))
        elif said.sender is not Sender.robot or (asked and not clock):
            break
    asked.reverse()
    asked = _without_history(asked)
    handled = places.get(handled_key or "", -1)
    fresh = [said for said in asked if places[said.key] > handled]
    buyers = [said for said in messages if said.sender is Sender.buyer]
    person = next((said for said in reversed(spoken) if said.sender is Sender.shop and said.key not in ours), None)
    newest = buyers[-1] if buyers else None
    return Transcript(
        asked=tuple(asked),
        fresh=tuple(fresh),
        newest=newest.key if newest else "",
        person=person,
        robot=robot,
        repeats=sum(newest is not None and said.text == newest.text for said in _without_history(buyers)[:-1]),
    )


def since(messages: Sequence[Said], key: str | None) -> list[Said]:
    """What was said after message `key`, or of late where that is not shown any more."""
    keys = [said.key for said in messages]
    return _without_history(list(messages[keys.index(key) + 1 if key in keys else 0 :]))


def _without_history(asked: list[Said]) -> list[Said]:
    moments = [said.at for said in asked if said.at is not None]
    if not moments:
        return asked
    since = max(moments) - _HISTORY
    return [said for said in asked if said.at is None or said.at >= since]


def own_bubbles(messages: Sequence[Said], replies: Sequence[Reply]) -> Mapping[str, Reply]:
    """Which own bubbles are replies of ours (newest first), by id: the confirmed ones, and what shows the words of
    one, of the newest where several have the same.

    A console that splits a text leaves bubbles of single lines.
    """
    confirmed = {reply.message_key: reply for reply in replies if reply.message_key is not None}
    said_by_us: dict[str, Reply] = {}
    for reply in replies:
        if reply.sending_at is not None:
            for line in (reply.text, *reply.text.split("\n")):
                said_by_us.setdefault(plain(line), reply)
    found = {said.key: said_by_us.get(plain(said.text)) for said in messages if said.sender is Sender.shop}
    return {key: reply for key, reply in (found | confirmed).items() if key is not None and reply is not None}


def find_bubble(text: str, messages: Sequence[Said], *, after: str | None, taken: frozenset[str]) -> str | None:
    """The id of the newest own bubble that shows `text` and comes after message `after`, or None.

    A console may split a text into several bubbles: then it is the last of the run that together shows it.
    `taken` are bubbles that already confirmed another reply.
    """
    keys = [said.key for said in messages]
    start = keys.index(after) + 1 if after in keys else 0
    own = [said for said in messages[start:] if said.sender is Sender.shop and said.key not in taken]
    wanted = plain(text)
    for end in range(len(own), 0, -1):
        joined = ""
        for said in reversed(own[:end]):
            joined = plain(said.text) + joined
            if joined == wanted:
                return own[end - 1].key
            if not wanted.endswith(joined):
                break
    return None


def settle(
    reply: Reply, messages: Sequence[Said], *, taken: frozenset[str], never_left: bool = False
) -> tuple[ReplyState, str | None]:
    """What an unfinished reply has become, by the thread: its state, and the bubble that proves it.

    A reply that never reached `sending` was not sent; one that did and shows no bubble may have been, unless the
    console itself has it that it `never_left`.
    """
    bubble = find_bubble(reply.text, messages, after=reply.newest_key, taken=taken)
    if bubble is not None and reply.state in (ReplyState.sending, ReplyState.unverified):
        return ReplyState.confirmed, bubble
    if reply.state is ReplyState.unverified or (reply.state is ReplyState.sending and not never_left):
        return ReplyState.unverified, None
    return ReplyState.failed, None


def age(said: Said, now: datetime) -> timedelta | None:
    """How long ago a message was said by the console's time, or None where it shows none."""
    return None if said.at is None else now - said.at
