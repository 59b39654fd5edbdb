"""A shop with a past: many conversations and one long thread, to measure how fast a page can be read."""

from __future__ import annotations

from practice.desk import Desk
from practice.dice import dice
from practice.model import Kind, Via
from practice.questions import load_questions

_REPLIES = ("好的亲，这边帮您看一下。", "已经安排了，请您放心。", "嗯嗯，可以的哦。", "感谢您的耐心等待。")


def fill(desk: Desk, conversations: int, messages: int, *, waiting: int, now: int, seed: int) -> list[str]:
    """So many conversations, the first with so many messages, the last `waiting` unanswered; gives their ids."""
    throw = dice(seed, desk.shop, "fill")
    texts = [question.text for question in load_questions().known]
    account = list(desk.accounts)[1]
    uids = []
    for number in range(conversations):
        uid = desk.new_uid()
        desk.conversation(uid)
        uids.append(uid)
        if number >= conversations - waiting:
            at = now - throw.randrange(150_000)
            desk.buyer_says(uid, throw.choice(texts), kind=Kind.text, via=Via.fill, at=at)
            continue
        length = messages if number == 0 else 2
        begun = now - throw.randrange(3_600, 48 * 3_600) * 1_000
        for place in range(length):
            at = begun + place * 9_000
            # Counted from the end, since the shop has the last word.
            if (length - place) % 2:
                desk.shop_says(uid, throw.choice(_REPLIES), account=account, via=Via.fill, at=at)
            else:
                desk.buyer_says(uid, throw.choice(texts), kind=Kind.text, via=Via.fill, at=at)
    return uids
