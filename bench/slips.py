"""How people write what others put plainly: slips of the keyboard, other words for it, words around it."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence

from pypinyin import lazy_pinyin

from knowledge.synonyms import SAID

_LEAST_ABOUT = 2


def _split(words: str) -> list[str]:
    return words.split("|")


# Words around a question that change nothing about it.
_BEFORE = _split(
    "请问|你好,|亲,|我想问下|客服|在吗,|那|请问一下|老板|您好|我的|我这个|我买的|我昨天买的|这个|这款|"
    "那个|你们|你们家|我想问问|麻烦问下|那我|那这个|我这边|我的订单|我这个订单|我在你家买的|"
    "我上周买的东西|我刚下单的|还有就是|就是|你好我想问下|请问你们这边|帮我看下|帮我看一下|请教下|"
    "对了|想咨询一下|你好|亲亲|哈喽,|另外|我要|我想|你好请问|问一下"
)
_AFTER = _split(
    "呢|啊|呀|哦|亲|谢谢|?|。|了|吗|哈|~|!!|急|啊亲|呢?|啊?|麻烦了|谢谢啦|的|嘛|哦?|我比较急|帮我看看|"
    "帮忙查一下|您看看|可以吗|行吗|啊急用|呢亲|??|,|吧|,谢谢|,我着急|,在线等"
)
# What asks in a question, and what a talk makes of the rest: told, refused, known, already done.
_ASKING = re.compile(
    r"吗|呢|么$|啊|什么时候|啥时候|几时|多久|怎么(?:办|样|弄|操作)?|如何|咋|哪里|在哪|为什么|请问|麻烦|帮我|帮忙|可以|可不可以|能不能|能否"
    r"|多少|几天|想要|我想|有没有|是不是|^能|^有|^是"
)
_TOLD = _split(
    "我已经{}了|不用{}了|我没说要{}|我以为{}|{}的我知道|之前{}过了|我问的不是{}|{}了谢谢|刚才{}了|"
    "说好{}的|你不是说{}吗|别{}|我不{}|不{}也行|他说{}|没{}|等{}再说|{}就行|{}我看到了|要不是{}|"
    "{}没问题|还以为{}呢|那就{}吧|{}的事不着急|不是要{}|算了不{}了|好的{}"
)
_LATIN_BEFORE = _split(
    "hi, |hello |hey |please |i'd like to know |can you tell me |could you help me, |"
    "i have a question, |so |um |i was wondering |i need to know |tell me |question: |sorry, "
)
_LATIN_AFTER = _split("?| please| thanks|??|, thank you| asap| pls|!| for me|, any idea?")


class Slips:
    """The slips of people who type in a hurry: a character of the same sound, one too few, too many or swapped."""

    def __init__(self, texts: Sequence[str], throw: random.Random) -> None:
        self._throw = throw
        self._alike: defaultdict[str, list[str]] = defaultdict(list)
        for char in sorted({char for text in texts for char in text if "\u4e00" <= char <= "\u9fa5"}):
            self._alike[lazy_pinyin(char)[0]].append(char)

    def slip(self, text: str) -> str:
        """`text` with one slip, now and then all in pinyin."""
        throw = self._throw
        if throw.random() < 0.08 and not text.isascii():
            return throw.choice(("", " ", " ")).join(lazy_pinyin(text))
        at, kind = throw.randrange(len(text)), throw.random()
        before, char, after = text[:at], text[at], text[at + 1 :]
        if kind < 0.55 and not text.isascii():
            spoken = lazy_pinyin(char)[0]
            return (
                before + throw.choice([each for each in self._alike[spoken] if each != char] or [spoken]) + after
            )
        if kind < 0.65 and len(text) > 3:
            return before + after
        if kind < 0.75:
            return before + char + char + after
        return before + after[:1] + char + after[1:]

    def dress(self, text: str) -> str:
        """`text` in other words that mean the same, with words around it that add nothing."""
        throw = self._throw
        before, after = (_LATIN_BEFORE, _LATIN_AFTER) if text.isascii() else (_BEFORE, _AFTER)
        if throw.random() < 0.3:
            text = self._otherwise(text)
        if throw.random() < 0.6:
            text = throw.choice(before) + text
        return text + throw.choice(after) if throw.random() < 0.6 else text

    def twist(self, text: str) -> str:
        """Told instead of asked: what it is about stays, but nobody wants an answer; empty where that can't be."""
        about = _ASKING.sub("", text)
        return "" if text.isascii() or len(about) < _LEAST_ABOUT else self._throw.choice(_TOLD).format(about)

    def _otherwise(self, text: str) -> str:
        """One word put in another way, as people do."""
        ways = [(word, others) for word, others in SAID.items() if word in text]
        if not ways:
            return text
        word, others = self._throw.choice(ways)
        return text.replace(word, self._throw.choice(others), 1)
