"""What loads and yet is not as its author means: questions that two entries share, entries that nobody reaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import combinations
from typing import Literal

from knowledge.entry import Entry, Where
from knowledge.model import Knowledge
from knowledge.pinyin import sound
from knowledge.talk import Talk, talk
from knowledge.text import core, normalise

Rule = Literal[
    "shared", "near", "twice", "unreachable", "unheard", "few", "unfilled", "expired", "expiring", "draft"
]
# What makes a file bad; the rest is advice.
FAULTS: frozenset[Rule] = frozenset({"shared", "unreachable"})
_FEW = 5
_SOON = timedelta(days=3)
# Shorter questions differ in one letter without being alike.
_LEAST_NEAR, _LEAST_SOUND = 5, 4
_TALKS = {
    Talk.greeting: "是打招呼",
    Talk.thanks: "是道谢",
    Talk.nudge: "是催人",
    Talk.person: "是要找人工",
    Talk.dispute: "涉及投诉",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing to look at: where (`question` counts from 0, None: the entry as such), why, and what to do."""

    rule: Rule
    entry: str
    question: int | None
    message: str
    hint: str

    @property
    def fault(self) -> bool:
        """Whether it must be mended, not only looked at."""
        return self.rule in FAULTS


def lint(knowledge: Knowledge, now: datetime, shops: Collection[tuple[str, str]] | None = None) -> list[Remark]:
    """Remarks in the order of the file; `shops`: each shop with its platform, None where these are not known."""
    remarks = [*_doubles(knowledge.entries)]
    for entry in knowledge.entries:
        remarks += [*_unreachable(entry, now, shops), *_poor(entry, now)]
    order = {entry.id: number for number, entry in enumerate(knowledge.entries)}
    return sorted(remarks, key=lambda remark: (order[remark.entry], remark.question or 0))


def _doubles(entries: Iterable[Entry]) -> Iterator[Remark]:
    """Questions that stand in two entries, or nearly so, where a buyer could mean either; or twice in one."""
    asked = [
        (entry, number, core(normalise(question)))
        for entry in entries
        if entry.status != "draft"
        for number, question in enumerate(entry.questions)
    ]
    seen: set[tuple[int, int]] = set()
    for rule, buckets in (("shared", _same(asked)), ("near", _near(asked))):
        for places in buckets:
            for one, other in combinations(places, 2):
                if (one, other) not in seen:
                    seen.add((one, other))
                    yield from _double(rule, asked[one], asked[other])


_Question = tuple[Entry, int, str]


def _double(rule: str, one: _Question, other: _Question) -> Iterator[Remark]:
    first, second = one[0], other[0]
    if first is second:
        if rule == "shared":
            yield Remark(
                rule="twice",
                entry=second.id,
                question=other[1],
                message=f"“{second.questions[other[1]]}”写了两次",
                hint="删掉一个",
            )
    elif overlap(first, second):
        yield Remark(
            rule="shared" if rule == "shared" else "near",
            entry=second.id,
            question=other[1],
            message=f"“{second.questions[other[1]]}”和“{first.id}”的“{first.questions[one[1]]}”"
            + ("一样，买家这样问时分不清" if rule == "shared" else "几乎一样，容易认错"),
            hint="只留在一个条目里，或用 scope、active 把两个条目分开",
        )


def overlap(one: Entry, other: Entry) -> bool:
    """Whether both may hold at once, neither being the narrower one on purpose."""
    if one.after != other.after:
        return False
    if not all(_meet(getattr(one.scope, kind), getattr(other.scope, kind)) for kind in Where.model_fields):
        return False
    here, there = one.active, other.active
    apart = (here.end and there.start and here.end <= there.start) or (
        there.end and here.start and there.end <= here.start
    )
    return not apart and one.width == other.width


def _meet(one: Collection[str], other: Collection[str]) -> bool:
    return not one or not other or bool(set(one) & set(other))


def _same(asked: Iterable[_Question]) -> Iterator[list[int]]:
    return _buckets((place, [text]) for place, (_entry, _number, text) in enumerate(asked))


def _near(asked: Iterable[_Question]) -> Iterator[list[int]]:
    """One letter more, less or other, the same letters in another order, or the same sound."""

    def keys(text: str) -> Iterator[str]:
        bare = text.replace(" ", "")
        if len(bare) >= _LEAST_NEAR:
            yield "".join(sorted(bare))
            yield from (f"{bare[:place]}*{bare[place + 1 :]}" for place in range(len(bare)))
            yield from (f"{bare[:place]}*{bare[place:]}" for place in range(len(bare) + 1))
        if len(bare) >= _LEAST_SOUND:
            yield f"♪{sound(bare)}"

    return _buckets((place, set(keys(text))) for place, (_entry, _number, text) in enumerate(asked))


def _buckets(keyed: Iterable[tuple[int, Iterable[str]]]) -> Iterator[list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, keys in keyed:
        for key in keys:
            found[key].append(place)
    return (places for places in found.values() if len(places) > 1)


def _unreachable(entry: Entry, now: datetime, shops: Collection[tuple[str, str]] | None) -> Iterator[Remark]:
    """Why no buyer can get this answer."""
    unheard = [(number, why) for number, why in enumerate(map(partial(_unheard, entry), entry.questions)) if why]
    for number, why in unheard:
        yield Remark(
            rule="unreachable" if len(unheard) == len(entry.questions) else "unheard",
            entry=entry.id,
            question=number,
            message=f"“{entry.questions[number]}”{why}",
            hint="换一个说出事情的问法，或删掉",
        )
    if shops is not None and entry.status != "draft" and not any(_for_shop(entry.scope, *shop) for shop in shops):
        yield Remark(
            rule="unreachable",
            entry=entry.id,
            question=None,
            message="scope 里的店铺和平台，shops.yaml 里一家也没有",
            hint="检查店铺的代号和平台名",
        )
    if entry.active.end is not None and entry.active.end <= now:
        yield Remark(
            rule="expired", entry=entry.id, question=None, message="已经过期，不会再回答", hint="删掉，或改 active"
        )


def _unheard(entry: Entry, question: str) -> str:
    """Why the question leads nowhere, empty when it does not."""
    kind = talk(question)
    if kind is not Talk.question and not entry.for_person:
        return f"{_TALKS[kind]}，不会拿来找条目"
    barred = [word for word in entry.keywords.none if normalise(word) in normalise(question)]
    return f"里有自己的排除词“{barred[0]}”，认不到这一条" if barred else ""


def _for_shop(where: Where, shop: str, platform: str) -> bool:
    return (not where.shops or shop in where.shops) and (not where.platforms or platform in where.platforms)


def _poor(entry: Entry, now: datetime) -> Iterator[Remark]:
    if entry.status == "draft":
        yield Remark(rule="draft", entry=entry.id, question=None, message="还是草稿，不使用", hint="")
        return
    if entry.unfilled:
        yield Remark(
            rule="unfilled",
            entry=entry.id,
            question=None,
            message=f"事实还没填写：{'、'.join(entry.unfilled)}",
            hint="在 facts 里填上，没有填就不会回答",
        )
    if len(entry.questions) < _FEW:
        yield Remark(
            rule="few",
            entry=entry.id,
            question=None,
            message=f"只有 {len(entry.questions)} 个问法，认不准",
            hint="写到 10 个以上，用买家自己的话",
        )
    if entry.active.end is not None and now < entry.active.end <= now + _SOON:
        yield Remark(
            rule="expiring",
            entry=entry.id,
            question=None,
            message="三天之内到期",
            hint="到期后不再回答，要延长就改 active",
        )
