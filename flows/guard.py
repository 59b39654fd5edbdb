"""The guard: what a bot must not say, on which platform, about which goods. Pure; the lists are in `guard.yaml`.

A text is looked at in three views, so that `微 信`, `薇信`, `V❤` or `１３８ 零零…` are seen for what they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from base.patterns import compiled
from base.yamlfile import load_model, read_yaml

Action = Literal["send", "block", "handoff"]
ViewName = Literal["plain", "tight", "digits"]

_LISTS = Path(__file__).with_name("guard.yaml")
_MARKS = frozenset(",。!?;、/|\n\r")  # ends of clauses, after NFKC
_KEPT = frozenset("%+")  # signs that carry meaning
# A bot says the same few texts all day: the verdicts on so many are kept.
_TEXTS = 1024
_NUMERALS = {char: str(value) for value, char in enumerate("零一二三四五六七八九")}
_NUMERALS |= {char: str(value) for value, char in enumerate("〇壹贰叁肆伍陆柒捌玖")} | {"幺": "1", "两": "2"}


def _pattern(text: str) -> str:
    if compiled(text).search(""):
        raise ValueError("正则表达式不能匹配空的文字")
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]
Char = Annotated[str, Field(min_length=1, max_length=1)]


class Part(BaseModel):
    """Base of the parts of the lists' file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Banned(Part):
    """One list: what hits, what makes a hit harmless, and what follows."""

    rule: str
    why: str
    action: Literal["block", "handoff"]
    view: ViewName = "tight"
    words: tuple[str, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    unless: tuple[Pattern, ...] = ()


class Platform(Part):
    """A platform: its own names, which only its shops may say, and its own lists."""

    title: str
    names: tuple[str, ...]
    lists: tuple[Banned, ...] = ()


def _with_general(categories: dict[str, tuple[Banned, ...]]) -> dict[str, tuple[Banned, ...]]:
    if "general" not in categories:
        raise ValueError("缺少 general：对所有商品都适用的那一组")
    return categories


class GuardLists(Part):
    """All lists, as `guard.yaml` holds them."""

    fold: dict[Char, Char]
    common: tuple[Banned, ...]
    elsewhere: Banned
    platforms: dict[str, Platform]
    categories: Annotated[dict[str, tuple[Banned, ...]], AfterValidator(_with_general)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What may be done with a text; `rule`, `found` (as it stands in the text) and `reason` are empty for send."""

    allowed: bool
    action: Action
    rule: str = ""
    found: str = ""
    reason: str = ""


_SEND = Verdict(allowed=True, action="send")


def load_lists(path: Path = _LISTS) -> GuardLists:
    """Read and check the lists; raises `ConfigError` with file, line and key."""
    return load_model(GuardLists, read_yaml(path))


class Guard:
    """Checks texts against the lists and the shop's own never-say words."""

    def __init__(self, lists: GuardLists, never_say: Iterable[str] = ()) -> None:
        self._lists = lists
        words = tuple(never_say)
        own = Banned(rule="不能说的话", why="知识库的 never_say 里写了它", action="block", words=words)
        self._always = [_Rule(own, lists.fold), *(_Rule(banned, lists.fold) for banned in lists.common)]
        self._platforms = {name: self._for_platform(name) for name in ("", *lists.platforms)}
        self._categories = {
            name: [_Rule(banned, lists.fold) for banned in group] for name, group in lists.categories.items()
        }
        self._judged = lru_cache(maxsize=_TEXTS)(self._judge)

    def check(self, text: str, *, platform: str, category: str | None = None) -> Verdict:
        """Whether `text` may be said in a shop on `platform` about goods of `category`.

        An unknown platform may name none; a category without lists of its own gets the lists of all.
        """
        return self._judged(text, platform, category)

    def check_all(self, texts: Iterable[str], *, platform: str = "", category: str | None = None) -> list[Verdict]:
        """The verdict on each text, in their order: for all answers at once when the knowledge is loaded."""
        return [self.check(text, platform=platform, category=category) for text in texts]

    def _judge(self, text: str, platform: str, category: str | None) -> Verdict:
        views = _Views(text, self._lists.fold)
        handoff = _SEND
        for rule in self._rules(platform, category):
            verdict = rule.check(views)
            if verdict.action == "block":
                return verdict
            if handoff.allowed:
                handoff = verdict
        return handoff

    def _rules(self, platform: str, category: str | None) -> Iterator[_Rule]:
        yield from self._always
        yield from self._platforms.get(platform, self._platforms[""])
        yield from self._categories["general"]
        if category is not None and category != "general":
            unknown = category not in self._categories
            for name, rules in self._categories.items():
                if name == category or (unknown and name != "general"):
                    yield from rules

    def _for_platform(self, platform: str) -> list[_Rule]:
        lists = self._lists
        foreign = [name for key, other in lists.platforms.items() if key != platform for name in other.names]
        elsewhere = lists.elsewhere.model_copy(update={"words": (*lists.elsewhere.words, *foreign)})
        own = lists.platforms[platform].lists if platform in lists.platforms else ()
        return [_Rule(banned, lists.fold) for banned in (elsewhere, *own)]


@dataclass(frozen=True, slots=True)
class _View:
    """A text made simpler, with the place in the original of each of its characters."""

    text: str
    places: list[int]


class _Views:
    """The views of one text, each made when it is first needed."""

    def __init__(self, text: str, fold: Mapping[str, str]) -> None:
        self.original = text
        self._fold = fold

    def view(self, name: ViewName) -> _View:
        found: _View = getattr(self, name)
        return found

    @cached_property
    def plain(self) -> _View:
        chars: list[tuple[str, int]] = []
        for place, char in enumerate(self.original):
            for part in unicodedata.normalize("NFKC", char).lower():
                # Marks that show nothing by themselves: zero-width characters, variation selectors, accents.
                if unicodedata.category(part) not in ("Cf", "Mn", "Me"):
                    chars.append((self._fold.get(part, part), place))
        return _as_view(chars)

    @cached_property
    def tight(self) -> _View:
        pieces: list[list[tuple[str, int]]] = [[]]
        for char, place in zip(self.plain.text, self.plain.places, strict=True):
            if char in _MARKS:
                pieces.append([])
            elif char in _KEPT or unicodedata.category(char)[0] in "LN":
                pieces[-1].append((char, place))
            elif _is_letter(pieces[-1], -1):
                pieces[-1].append((" ", place))
        return _as_view(_joined([_spaced(piece) for piece in pieces if piece]))

    @cached_property
    def digits(self) -> _View:
        text = "".join(_NUMERALS.get(char, char) for char in self.tight.text)
        return _View(text, self.tight.places)


def _is_letter(chars: list[tuple[str, int]], index: int) -> bool:
    return -len(chars) <= index < len(chars) and "a" <= chars[index][0] <= "z"


def _spaced(piece: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Without its spaces, but for those between Latin words; `v x` is no two words."""

    def kept(index: int) -> bool:
        between = _is_letter(piece, index + 1)
        return between and (_is_letter(piece, index + 2) or (index > 1 and _is_letter(piece, index - 2)))

    return [char for index, char in enumerate(piece) if char[0] != " " or kept(index)]


def _joined(pieces: list[list[tuple[str, int]]]) -> list[tuple[str, int]]:
    """Clauses with one "，" between them; a clause of a single character is no clause but a word cut up."""
    chars: list[tuple[str, int]] = []
    for number, piece in enumerate(pieces):
        if number and len(piece) > 1 and len(pieces[number - 1]) > 1:
            chars.append(("，", piece[0][1]))
        chars += piece
    return chars


def _as_view(chars: list[tuple[str, int]]) -> _View:
    return _View("".join(char for char, _ in chars), [place for _, place in chars])


class _Rule:
    """One list made ready for matching."""

    def __init__(self, banned: Banned, fold: Mapping[str, str]) -> None:
        self._banned = banned
        words = sorted({_word(word, fold) for word in banned.words} - {""}, key=len, reverse=True)
        self._find = _any_of([*words, *banned.patterns])
        self._unless = [re.compile(pattern) for pattern in banned.unless]

    def check(self, views: _Views) -> Verdict:
        view = views.view(self._banned.view)
        for start, end in self._hits(view.text):
            if not any(_covers(pattern, view.text, start, end) for pattern in self._unless):
                found = views.original[view.places[start] : view.places[end - 1] + 1]
                return self._verdict(found)
        return _SEND

    def _hits(self, text: str) -> Iterator[tuple[int, int]]:
        if self._find is None:
            return
        position = 0
        while hit := self._find(text, position):
            if hit.end() > hit.start():
                yield hit.span()
            position = hit.start() + 1

    def _verdict(self, found: str) -> Verdict:
        banned = self._banned
        ending = "不能发出" if banned.action == "block" else "转给人工"
        reason = f"含有“{found}”（{banned.rule}）：{banned.why}，{ending}"
        return Verdict(allowed=False, action=banned.action, rule=banned.rule, found=found, reason=reason)


def _word(word: str, fold: Mapping[str, str]) -> str:
    """A word as a pattern in the tight view; one of Latin letters must stand alone."""
    tight = re.escape(_Views(word, fold).tight.text)
    return rf"(?<![a-z]){tight}(?![a-z])" if tight.isascii() and tight else tight


def _any_of(patterns: list[str]) -> Callable[[str, int], re.Match[str] | None] | None:
    if not patterns:
        return None
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)).search


def _covers(pattern: re.Pattern[str], text: str, start: int, end: int) -> bool:
    position = 0
    while hit := pattern.search(text, position):
        if hit.start() > start:
            return False
        if hit.end() >= end:
            return True
        position = hit.start() + 1
    return False
