"""What a run was worth, by the practice console's own record of who asked what and what they got. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from flows.wording import WELCOME
from knowledge.model import Knowledge
from storage.meter import percentile

THRESHOLD_MS = 180_000
_CROSSING_MS = 2_000

_SPACE = re.compile(r"\s+")
# What a buyer says who was asked to choose.
_PICK = re.compile(r"[1-9]|都不是")
_GREETING = re.compile(r"^(?:亲|您好|你好)[，,~！!]*")

Landed = tuple[str, str, str]  # shop, conversation, text without white space


class Said(StrEnum):
    """What a shop's text was."""

    answer = "answer"
    choose = "choose"
    hold = "hold"
    talk = "talk"
    unknown = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A run in figures. Times are milliseconds from a turn's first message to its first reply.

    `lost`: the waiting whom no person can see either, whatever was said to them.
    """

    turns: int
    answered: int
    chosen: int
    handed_off: int
    waiting: int
    lost: int
    duplicates: int
    misdelivered: int
    wrong: int
    first_reply_ms: Mapping[str, float | None]
    held_ms: Mapping[str, float | None]
    rate_3min: float | None
    in_scope_answered: float | None

    @property
    def shortcomings(self) -> list[str]:
        """What a run that went well must not have, in words."""
        found = {
            "重复": self.duplicates,
            "发错会话": self.misdelivered,
            "答错": self.wrong,
            "没人管": self.waiting,
        }
        return [f"{name} {count}" for name, count in found.items() if count]


class Phrasebook:
    """Tells from a text what it was and which entries it answers."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._answers: dict[str, str] = {}
        for entry in knowledge.entries:
            for spoken in knowledge.spoken(entry) if entry.live else []:
                text = plain(spoken)
                self._answers[text] = self._answers[_GREETING.sub("", text)] = entry.id
        holding = knowledge.holding

        def patterns(*texts: str) -> list[re.Pattern[str]]:
            return [_pattern(knowledge.fill(text, resume="{resume}")) for text in texts]

        self._holds = patterns(*holding.working, *holding.after_hours)
        self._rests = patterns(*holding.rest_working, *holding.rest_after_hours)
        talk = knowledge.small_talk
        self._talk = {plain(knowledge.fill(text)) for text in (*talk.greeting, *(talk.thanks or [WELCOME]))}
        self._choose = _pattern(knowledge.fill(knowledge.choose, choices="{choices}"))

    def read(self, text: str) -> tuple[Said, frozenset[str]]:
        """What `text` was, and the entries that it answers."""
        words = plain(text)
        lines = [line for line in map(plain, text.split("\n")) if not _fits(line, self._rests)]
        if len(lines) > 1:  # an answer to one question may go before a choice for the other
            lines = [line for line in lines if not self._choose.fullmatch(line)]
        entries = [self._answers.get(line) for line in lines]
        if words in self._answers:
            return Said.answer, frozenset({self._answers[words]})
        if entries and all(entries):
            return Said.answer, frozenset(entry for entry in entries if entry)
        if words in self._talk:
            return Said.talk, frozenset()
        if _fits(words, self._holds):
            return Said.hold, frozenset()
        return (Said.choose if self._choose.fullmatch("".join(lines)) else Said.unknown), frozenset()


def _fits(text: str, patterns: Sequence[re.Pattern[str]]) -> bool:
    return any(pattern.fullmatch(text) for pattern in patterns)


def plain(text: str) -> str:
    """A text without white space."""
    return _SPACE.sub("", text)


def judge(
    truth: Mapping[str, Any],
    knowledge: Knowledge,
    *,
    bots: frozenset[str],
    intended: Iterable[Landed],
    queue: frozenset[tuple[str, str]],
) -> Verdict:
    """Judge a run. `bots`: the bots' accounts; `intended`: where each of their replies was meant to go, as their
    ledger has it; `queue`: the (shop, conversation) of every handoff that a person can see.
    """
    book = Phrasebook(knowledge)
    asked = [turn for turn in truth["turns"] if turn["needs_answer"]]
    marks = [_mark(turn, book, bots, queue) for turn in asked]
    # Thanks want no answer, and yet what comes after them may be said twice or wrong.
    idle = [_mark(turn, book, bots, queue) for turn in truth["turns"] if not turn["needs_answer"]]
    in_scope = [mark for turn, mark in zip(asked, marks, strict=True) if turn["topic"]]
    landed = [
        (message["shop"], message["conversation"], plain(message["text"]))
        for message in truth["messages"]
        if message["account"] in bots
    ]
    replied = [mark.first_ms for mark in marks if mark.first_ms is not None]
    return Verdict(
        turns=len(marks),
        answered=sum(mark.said in (Said.answer, Said.choose) for mark in marks),
        chosen=sum(mark.chosen for mark in marks),
        handed_off=sum(mark.handed for mark in marks),
        # Small talk answers no question, and a word of patience only puts it off.
        waiting=sum(mark.open and not mark.handed for mark in marks),
        lost=sum(mark.open and not mark.queued for mark in marks),
        duplicates=sum(mark.extra for mark in (*marks, *idle)),
        misdelivered=(Counter(landed) - Counter(intended)).total(),
        wrong=sum(mark.wrong for mark in (*marks, *idle)),
        first_reply_ms=_times([mark.first_ms for mark in marks if mark.said in (Said.answer, Said.choose)]),
        held_ms=_times([mark.first_ms for mark in marks if mark.said is Said.hold]),
        rate_3min=_share(sum(ms <= THRESHOLD_MS for ms in replied), len(marks)),
        in_scope_answered=_share(sum(mark.right for mark in in_scope), len(in_scope)),
    )


def heard(turn: Mapping[str, Any]) -> bool:
    """Whether a turn got a word, and another one where its buyer then chose among what was offered."""
    got, texts = turn["got"], turn.get("texts") or [""]
    if not got:
        return False
    return turn["asked_last"] <= got[-1]["at"] or _PICK.fullmatch(plain(texts[-1])) is None


def blemished(
    truth: Mapping[str, Any], knowledge: Knowledge, *, bots: frozenset[str], queue: frozenset[tuple[str, str]]
) -> list[Mapping[str, Any]]:
    """The turns in which something was said too often or was wrong, or whose buyer was told nothing; as for
    `judge`.
    """
    book = Phrasebook(knowledge)
    found = []
    for turn in truth["turns"]:
        mark = _mark(turn, book, bots, queue)
        left = turn["needs_answer"] and mark.open and not mark.handed
        if mark.extra or mark.wrong or left:
            found.append(turn)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """One turn judged; `said`: the best that it got from the bot."""

    said: Said | None
    chosen: bool
    first_ms: float | None
    right: bool
    wrong: bool
    queued: bool
    extra: int
    person: bool

    @property
    def open(self) -> bool:
        """Whether its question was answered neither by the bot nor by a colleague."""
        return not self.person and self.said in (None, Said.talk, Said.hold)

    @property
    def handed(self) -> bool:
        """Whether the buyer was told that a person comes, and one can see it."""
        return self.said is Said.hold and self.queued


def _mark(
    turn: Mapping[str, Any], book: Phrasebook, bots: frozenset[str], queue: frozenset[tuple[str, str]]
) -> _Mark:
    got = [(message, *book.read(message["text"])) for message in turn["got"] if message["account"] in bots]
    kinds = [said for _message, said, _entries in got]
    said = [message for message, said, _entries in got if said is not Said.hold]
    entries = frozenset(entry for _message, _said, entries in got for entry in entries)
    # One word of patience and one answer are a conversation, and so is one more word once the page showed that the
    # buyer had spoken again (a choice was offered and made); anything else was said twice.
    extra = sum(old["seen"] == new["seen"] for old, new in pairwise(said)) + max(0, len(kinds) - len(said) - 1)
    repeated = len(got) - len({plain(message["text"]) for message, _said, _entries in got})
    people = [message["at"] for message in turn["got"] if message["account"] not in bots]
    # Said over a colleague who had answered: what crossed on its way is nobody's fault, and where the buyer spoke
    # again after the colleague, the clock runs for the bot too.
    since = min((at for at in people if at >= turn["asked_last"]), default=math.inf)
    over = sum(message["at"] > since + _CROSSING_MS for message, _said, _entries in got)
    best = Said.answer if Said.answer in kinds else kinds[-1] if kinds else None
    if best is Said.choose and not heard(turn):  # who chose and was told nothing more has no answer
        best = Said.hold if Said.hold in kinds else None
    return _Mark(
        said=best,
        chosen=Said.choose in kinds,
        first_ms=got[0][0]["at"] - turn["asked_first"] if got else None,
        right=best is Said.answer and entries == {turn["topic"]},
        wrong=Said.unknown in kinds or (bool(entries) and entries != {turn["topic"]}),
        queued=(turn["shop"], turn["conversation"]) in queue,
        extra=max(extra, repeated) + over,
        person=bool(people),
    )


def _pattern(template: str) -> re.Pattern[str]:
    """A text with one blank as a pattern that matches it filled in."""
    parts = re.split(r"\{(?:resume|choices)\}", plain(template))
    return re.compile(".+".join(re.escape(part) for part in parts))


def _times(values: Sequence[float | None]) -> Mapping[str, float | None]:
    ordered = sorted(value for value in values if value is not None)
    return {f"p{share}": percentile(ordered, share) for share in (50, 95, 99)}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
