"""What a text does, apart from what it is about: it asks when, where or whether, requests, states, denies."""

from __future__ import annotations

import re

_MANNERS = {
    "when": r"什么时[候间]|几时|几号|几点|何时|多久|几天|哪天|哪年|多少天|\bwhen\b|\bhow long\b|\bhow soon\b",
    "where": r"哪里|哪儿|哪边|去哪|到哪|在哪|什么地方|什么位置|\bwhere\b",
    "how": r"怎么(?!还|这么|那么|没|不|就|都)|咋(?!还|这么|没|不)|如何|怎样|步骤|流程"
    r"|\bhow(?! long| much| many| soon)\b",
    "why": r"为什么|为啥|为何|怎么(?:还|这么|那么|没|不|就|都)|咋(?:还|这么|没|不)|\bwhy\b|\bhow come\b",
    "amount": r"多少|多[大重高长宽厚深]|几[个件支条片包瓶盒块元次岁寸层斤克折]|\bhow (?:much|many)\b",
    "which": r"哪[个款种家些一]|什么(?!时)|啥(?!时)|\bwhich\b|\bwhat",
    "who": r"谁|\bwho\b",
    "whether": r"吗|(?<![什怎那这多要])么|[不没]$|(.)[不没]\1|有木有|[是能可]否|\?$"
    r"|^(?:can|could|is|are|do|does|did|will|would|has|have|may|should)\b",
    "request": r"帮|麻烦|给我|我[要想]|(?<!申)请|(?<!要)求|快点"
    r"|\bplease\b|\bi.?(?:want|need|would like|d like|wish)\b|\bhelp\b",
}
_PATTERNS = tuple(re.compile(pattern) for pattern in _MANNERS.values())
MANNERS = tuple(_MANNERS)
REQUEST = 1 << MANNERS.index("request")
_STATES = re.compile(
    r"我[都已刚]|已经|刚刚|刚才|昨天|前天|上次|之前|[了的]$|算了|不用|知道|好的|以为|本来|没问题|觉得|应该|可能"
    r"|\balready\b|\bthanks?\b|\bi (?:think|guess|know|just|did|got|was|am)\b"
)
# Content with it whenever, wherever or however much: 几号能送到就可以了 asks nothing.
_SETTLED = re.compile(r"就(?:可以|行|好|成|够)了?吧?$")
_REFUSES = re.compile(
    r"不[要想用需必等]|[别甭]|没[说要让有]|不是|先不|[不没]退|不换"
    r"|\b(?:don.?t|do not|didn.?t|not|never|no longer)\b"
)
# 能不能, 不好意思 and the like hold the word but deny nothing; neither does one at the end, which asks.
_NO_DENIAL = re.compile(
    r"(.)[不没]\1|有木?没?有|不好意思|差不多|不错|没问题|不知道?|没事|[不没]$|\bdon.?t know\b|\bdo not know\b"
)
_DENIES = re.compile(
    r"[不没别未非无]|\b(?:not|no|never|cannot|can.?t|don.?t|doesn.?t|didn.?t|won.?t|isn.?t|without)\b"
)
_PAST = re.compile(
    r"[了过]$|[了过][的吧呀啊]|已经|刚刚|刚才|昨天|前天|上次|之前|以前|当时"
    r"|\b(?:already|yesterday|ago|was|were|did|had)\b"
)
_BACK = re.compile(r"^(?:那|可是|但是|但|不过|所以|因为|结果|而且|然后|就是|还是|那么|so|but|and|because)")
_END = "。.!~ 呢啊呀哦"


def manners(text: str) -> int:
    """The ways in which normalised text asks, a bit each in the order of `MANNERS`; 0 where it asks nothing."""
    text = text.rstrip(_END)
    if _SETTLED.search(text):
        return 0
    return sum(1 << at for at, pattern in enumerate(_PATTERNS) if pattern.search(text))


def states(text: str) -> bool:
    """Whether normalised text that asks nothing reads like a statement."""
    return bool(_STATES.search(text.rstrip("。.!~ ")))


def denies(text: str) -> bool:
    """Whether normalised text says no to something, as opposed to asking whether or not."""
    return bool(_DENIES.search(_NO_DENIAL.sub("", text)))


def refuses(text: str) -> bool:
    """Whether normalised text wants no part of what it names, or corrects a misunderstanding."""
    return bool(_REFUSES.search(_NO_DENIAL.sub("", text)))


def past(text: str) -> bool:
    """Whether normalised text tells of what has been."""
    return bool(_PAST.search(text.rstrip("。.!~? ")))


def goes_on(text: str) -> bool:
    """Whether normalised text goes on with what was said before, so that its point may stand there."""
    return bool(_BACK.search(text))
