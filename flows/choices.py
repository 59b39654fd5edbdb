"""What a buyer is offered to choose from, and what their next word makes of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TAIL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An entry, be it for one of the buyer's orders (its number) or for a product that is yet to be named.

    Written as text it is what the ledger keeps of an offer.
    """

    entry: str
    order: str = ""
    asks_product: bool = False

    def __str__(self) -> str:
        """As the ledger keeps it."""
        more = "?" if self.asks_product else self.order
        return f"{self.entry}#{more}" if more else self.entry

    @classmethod
    def read(cls, text: str) -> Choice:
        """A choice as the ledger kept it."""
        entry, _, more = text.partition("#")
        return cls(entry=entry, asks_product=True) if more == "?" else cls(entry=entry, order=more)

    @property
    def tail(self) -> str:
        """The end of the order's number, by which a buyer knows it."""
        return tail_of(self.order)


_NOISE = re.compile(r"[\s，。,.!！?？~、;；]+")
_NONE = re.compile(r"^(?:都|全|一个都)?(?:不是|不对|没有)|^(?:其他|其它|别的)")
_ALL = re.compile(
    r"(?:我?(?:想|要|问)?(?:都|全部?|全都|所有的?|两个都|[23]个都|俩都|三个都|这?几个都)(?:要|想|问|是|想?知道|想?问|说|看看?|有)*)"
    r"(?:一下|下)?(?:的|了|吧|呀|啊|哦|呢)*"
)
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_NUMBER = r"(?:第)?([1-5一二三四五])(?:个|号|项|条|种|笔|单)?"
_PICK = re.compile(rf"(?:我?(?:就|要|选|问|想问|是|说)*(?:的是)?){_NUMBER}(?:那[个笔单])?(?:吧|的|呢|哦|啊|呀)*")
_PAIR = re.compile(rf"(?:选|要|是|问)?{_NUMBER}[和跟与加+/、,， ]{_NUMBER}(?:都要|都是|都问|吧|的)*")
_PLACES = (
    (re.compile(r"(?:最?前面?|上面?|前一|头一|最上面?|先头)(?:的?那)?一?(?:[个笔单条])?(?:吧|的|呢|啊)*"), 0),
    (re.compile(r"(?:最?后面?|下面?|后一|最下面?|末尾|最末)(?:的?那)?一?(?:[个笔单条])?(?:吧|的|呢|啊)*"), -1),
)
_BEFORE = re.compile(
    r"^(?:嗯+|哦|那|就|我?(?:想?要?问|想?说|要|选|看看?|想知道)?的?(?:是|就是)?|尾号是?|订单号?是?|关于)+"
)
_AFTER = re.compile(r"(?:的?(?:那|这)(?:一?[个笔单款条种]|件事)?|的?订单|的?问题|一下|的|吧|呢|呀|啊|哦|了)+$")
_LEAST = 2
# So much of a number in the middle of a text can only mean that number.
_UNMISTAKABLE = 8


def pick(text: str, names: Sequence[Sequence[str]]) -> tuple[int, ...] | None:
    """Which of the things offered the buyer chose, each known by some names: by number (`1`, `第二个`), by place
    (后面那个), by a name or a part of it (退货的), or all of them (都要). Empty for the last number, or words to
    the effect of none; None where the text chooses nothing.
    """
    if not names:
        return None
    word = _NOISE.sub("", text)
    if not word:
        return None
    number = _PICK.fullmatch(word) or _PAIR.fullmatch(text.strip())
    if number:
        return _by_number([_DIGITS.get(each) or int(each) for each in number.groups()], len(names))
    if _NONE.search(word):
        return ()
    if _ALL.fullmatch(word):
        return tuple(range(len(names)))
    place = next((at for pattern, at in _PLACES if pattern.fullmatch(word)), None)
    return (range(len(names))[place],) if place is not None else _by_name(word, names)


def _by_number(numbers: Sequence[int], count: int) -> tuple[int, ...] | None:
    if numbers == [count + 1]:
        return ()
    if max(numbers) > count:
        return None
    return tuple(dict.fromkeys(number - 1 for number in numbers))


def _by_name(word: str, names: Sequence[Sequence[str]]) -> tuple[int, ...] | None:
    bare = _AFTER.sub("", _BEFORE.sub("", word)) or word
    for wanted in (word, bare):
        if len(wanted) < _LEAST:
            continue
        for alike in (str.__eq__, str.__contains__):
            found = [number for number, known in enumerate(names) if any(alike(name, wanted) for name in known)]
            if len(found) == 1:
                return (found[0],)
    numbered = [number for number, known in enumerate(names) if any(_holds(word, name) for name in known)]
    return (numbered[0],) if len(numbered) == 1 else None


def _holds(word: str, name: str) -> bool:
    return len(name) >= _UNMISTAKABLE and any(map(str.isdigit, name)) and name in word


def tail_of(number: str) -> str:
    """The end of an order's number, by which a buyer knows it."""
    return "".join(filter(str.isalnum, number))[-_TAIL:]


def mentions(text: str, number: str) -> bool:
    """Whether a text names the order of that number, by all of it or by its end."""
    said = _NOISE.sub("", text)
    ends = re.findall(r"(?<!\d)\d{4}(?!\d)", text)
    return bool(number) and (_holds(said, number) or tail_of(number) in ends)
