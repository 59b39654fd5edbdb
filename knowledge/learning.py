"""What people said to what buyers asked, made proposals: new entries, and more questions for old ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from base.masking import mask
from knowledge.chats import Exchange
from knowledge.likeness import groups
from knowledge.parts import parts
from knowledge.proposals import Draft, Evidence, Heard, Proposal, free_id
from knowledge.talk import Talk, talk
from knowledge.text import core, normalise

# Asked once is no lesson.
_LEAST_ASKED = 2
_LONGEST_QUESTION, _LONGEST_ANSWER = 40, 300
_MOST_QUESTIONS, _SHOWN = 15, 3
# Answers are longer than questions: what is meant the same shares more letters.
_ANSWERS_ALIKE, _ANSWERS_SAME = 0.5, 0.8
# 好的 or 可以的 may answer anything: only what says more shows by itself what was asked.
_LEAST_TELLING = 10
# From here on a question may well be meant for the entry that it is likest.
_NEAR = 0.2
_PATIENCE = re.compile(
    r"稍等|等一下|等下|请等|马上(?:为|帮|给|就)?[您你]?(?:查|看|核实|处理|问|回复)|(?:帮|为|给)[您你]?(?:查|看|核实|确认|问|处理)一?下"
    r"|正在(?:为|帮|给)?[您你]?(?:查|看|核实|处理)|转(?:接|给|到)|稍后|请问(?:有什么|还有)|有什么可以"
)
# What holds for one order or one day only.
_OF_THE_MOMENT = re.compile(
    r"\*\*\*|\[地址\]|(?:您|你)(?:这|的)[个单笔件]?(?:订单|快递|包裹)?(?:已经|已)|今天已|昨天已|刚刚?(?:已|给)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the knowledge makes of a question: the likeliest entry, what that says, and whether it would answer."""

    entry: str | None
    confidence: float
    answered: bool
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    asked: str
    said: str
    shop: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learnt:
    """Lessons that agree, in the order heard, with their most typical answer; `heard`: all that asked alike."""

    lessons: Sequence[_Lesson]
    answer: str
    heard: int


def propose(
    exchanges: Sequence[Exchange], source: str, judge: Callable[[str], Judged], taken: Collection[str]
) -> list[Proposal]:
    """Proposals from what was asked more than once and answered by people, the most asked first.

    `judge`: what the knowledge makes of a question now; what it answers teaches nothing. `taken`: ids in use.
    """
    lessons = [lesson for exchange in exchanges if (lesson := _lesson(exchange)) is not None]
    judged = {asked: judge(asked) for asked in dict.fromkeys(lesson.asked for lesson in lessons)}
    lessons = [lesson for lesson in lessons if not judged[lesson.asked].answered]
    ids = set(taken)
    found = []
    for learnt in sorted(_merged(list(_agreed(lessons))), key=lambda learnt: -len(learnt.lessons)):
        proposal = _proposal(learnt, source, judged, ids)
        found.append(proposal)
        ids |= {proposal.entry.id} if proposal.entry else set()
    return found


def _agreed(lessons: Sequence[_Lesson]) -> Iterator[_Learnt]:
    """Questions alike that got answers alike: what was answered otherwise was meant otherwise."""
    for group in groups([lesson.asked for lesson in lessons]):
        alike = [lessons[place] for place in group]
        for answers in groups([lesson.said for lesson in alike], _ANSWERS_ALIKE):
            if len(answers) >= _LEAST_ASKED:
                typical = alike[answers[0]].said
                yield _Learnt(
                    lessons=[alike[place] for place in sorted(answers)], answer=typical, heard=len(alike)
                )


def _merged(learnt: Sequence[_Learnt]) -> list[_Learnt]:
    """Where just the same was said at length, it was the same that was asked, in other words."""
    found = []
    for group in groups([each.answer for each in learnt], _ANSWERS_SAME):
        same = [learnt[place] for place in group]
        if len(core(normalise(same[0].answer))) < _LEAST_TELLING:
            found += same
            continue
        lessons = [lesson for each in same for lesson in each.lessons]
        found.append(_Learnt(lessons=lessons, answer=same[0].answer, heard=sum(each.heard for each in same)))
    return found


def question_in(texts: Sequence[str]) -> str | None:
    """What a buyer asks in these messages, masked and without small talk; None where that is not one thing."""
    asked = [part for text in texts for part in parts(text) if talk(part) is Talk.question]
    whole = "，".join(asked)
    if not asked or len(whole) > _LONGEST_QUESTION or mask(whole) != whole:
        return None
    return whole


def answer_in(bubbles: Sequence[str]) -> str | None:
    """What a person answered, without small talk and pleas for patience; None where that helps one buyer only."""
    told = [text.strip() for text in bubbles if talk(text) in (Talk.question, Talk.dispute)]
    told = [text for text in told if text and not _PATIENCE.search(text)]
    whole = "".join(text if text[-1] in "。！？!?~～" else f"{text}。" for text in told[:-1]) + "".join(told[-1:])
    if not whole or len(whole) > _LONGEST_ANSWER or _OF_THE_MOMENT.search(mask(whole)) or mask(whole) != whole:
        return None
    return whole


def _lesson(exchange: Exchange) -> _Lesson | None:
    asked, said = question_in(exchange.asked), answer_in(exchange.said)
    return None if asked is None or said is None else _Lesson(asked=asked, said=said, shop=exchange.shop)


def _proposal(learnt: _Learnt, source: str, judged: dict[str, Judged], taken: Collection[str]) -> Proposal:
    evidence = Evidence(
        source=source,
        count=len(learnt.lessons),
        shops=tuple(sorted({lesson.shop for lesson in learnt.lessons if lesson.shop})),
        agree=f"{learnt.heard} 次相近的提问里 {len(learnt.lessons)} 次这样回答",
        heard=tuple(Heard(asked=lesson.asked, said=lesson.said) for lesson in learnt.lessons[:_SHOWN]),
    )
    different = {core(normalise(lesson.asked)): lesson.asked for lesson in reversed(learnt.lessons)}
    questions = tuple(different.values())[::-1][:_MOST_QUESTIONS]
    into = _meant(learnt, judged)
    if into is not None:
        return Proposal.of(into=into, questions=questions, evidence=evidence)
    draft = Draft(id=free_id(questions[0], taken), questions=questions, answer=(learnt.answer,))
    return Proposal.of(entry=draft, evidence=evidence)


def _meant(learnt: _Learnt, judged: dict[str, Judged]) -> str | None:
    """The entry that these questions were meant for: the likeliest one, if people said what it would have said."""
    best = max((judged[lesson.asked] for lesson in learnt.lessons), key=lambda each: each.confidence)
    if best.entry is None or best.confidence < _NEAR:
        return None
    same = any(len(groups([learnt.answer, said], _ANSWERS_ALIKE)) == 1 for said in best.answers)
    return best.entry if same else None
