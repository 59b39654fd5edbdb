"""What a text does, apart from what it is about: it asks when, where or whether, requests, states, denies."""

from __future__ import annotations

import re

_MANNERS = {
    "when": r"什么时[候间]|几时|几号|几点|何时|多久|几天|哪天|哪年|多少天|when|how long",
    "where": r"哪里|哪儿|哪边|去哪|到哪|在哪|什么地方|什么位置|where",
    "how": r"怎么(?!还|这么|那么|没|不|就|都)|咋(?!还|这么|没|不)|如何|怎样|步骤|流程|how(?! long| much| many)",
    "why": r"为什么|为啥|为何|怎么(?:还|这么|那么|没|不|就|都)|咋(?:还|这么|没|不)|why",
    "amount": r"多少|多[大重高长宽厚深]|几[个件支条片包瓶盒块元次岁寸层斤克折]|how m(?:uch|any)",
    "which": r"哪[个款种家些一]|什么(?!时)|啥(?!时)|which|what",
    "who": r"谁|who",
    "whether": r"吗|(?<![什怎那这多要])么|[不没]$|(.)[不没]\1|有木有|[是能可]否|\?$|^(?:can|is|are|do|will)\b",
    "request": r"帮|麻烦|给我|我[要想]|请|求|快点|please",
}
_PATTERNS = {manner: re.compile(pattern) for manner, pattern in _MANNERS.items()}
_STATES = re.compile(
    r"我[都已刚]|已经|刚刚|刚才|昨天|前天|上次|之前|[了的]$|算了|不用|知道|好的|没问题|觉得|应该|可能"
)
_REFUSES = re.compile(r"不[要想用需必等]|[别甭]|没[说要让有]|不是|先不|[不没]退|不换")
# 能不能, 不好意思 and the like hold the word but deny nothing; neither does one at the end, which asks.
_NO_DENIAL = re.compile(r"(.)[不没]\1|有木?没?有|不好意思|差不多|不错|没问题|不知道?|没事|[不没]$")
_DENIES = re.compile(r"[不没别未非无]")
_END = "。.!~ 呢啊呀哦"


def manners(text: str) -> frozenset[str]:
    """The ways in which normalised text asks; none for a statement or a bare noun."""
    text = text.rstrip(_END)
    return frozenset(manner for manner, pattern in _PATTERNS.items() if pattern.search(text))


def states(text: str) -> bool:
    """Whether normalised text that asks nothing reads like a statement."""
    return bool(_STATES.search(text.rstrip("。.!~ ")))


def denies(text: str) -> bool:
    """Whether normalised text says no to something, as opposed to asking whether or not."""
    return bool(_DENIES.search(_NO_DENIAL.sub("", text)))


def refuses(text: str) -> bool:
    """Whether normalised text wants no part of what it names, or corrects a misunderstanding."""
    return bool(_REFUSES.search(_NO_DENIAL.sub("", text)))
